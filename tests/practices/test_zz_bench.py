import time, pytest, io
from django.core.management import call_command
from tests.practices.test_import import *
@pytest.mark.django_db
def test_b():
    call_command("import_collectivities", verbosity=0)
    codes = list(Collectivity.objects.filter(kind="commune").values_list("code", flat=True))[:500]
    editor = make_staff()
    names=["summary","problem","results","steps","indicators","principles","start","other"]
    rows=[]
    for n,c in enumerate(codes):
        rows.append(["fr", f"Titre numéro {n}", c, "Résumé "*20, "mot "*700, "mot "*700, "2022-10 | Réunion | texte\n2023 | Vote | texte", "Sessions | 1 | 2 | u | 2023 | s", "participation;access", "10/2022", 4500])
    header=[*HEADER,"Résumé","Problème","Résultats","Étapes","Indicateurs","Principes","Début","Budget"]
    data=workbook(header,*rows)
    print("size",len(data))
    t=time.process_time(); f=checked(data); print("check", time.process_time()-t, len(f.proposals), f.problems[:2])
    bad=workbook(header,*[[*r[:2],f"Inconnue {i}",*r[3:]] for i,r in enumerate(rows)])
    t=time.process_time(); f=checked(bad); print("check unknown", time.process_time()-t, len(f.problems))
    up=keep(data,editor)
    t=time.process_time(); print(create_drafts(upload=up, person=editor, only_right=False), "create", time.process_time()-t)
    big=csv_of(HEADER,*[["fr","x","01"]]*1)

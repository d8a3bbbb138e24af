"""
The four languages, and in each a home page with its list of practices.

All four must exist from the start: without one, Wagtail serves another language's home under its
address.
"""

import uuid

from django.db import migrations

HOMES = {
    "ar": {
        "title": "الشبكة المغربية للجماعات الترابية المنفتحة",
        "practices": "الممارسات ودراسات الحالة",
        "introduction": "ما جربته الجماعات الترابية لتنفتح على ساكنتها: كيف، ومع من، وبأي نتيجة.",
        "heading": "ما ينجح في جماعة، تستفيد منه كل الجماعات",
        "lead": "هنا تجدون ما فعلته الجهات والعمالات والأقاليم والجماعات لتنفتح على ساكنتها، "
        "بنتائجه وصعوباته، حتى يأخذ به غيرها مع الجمعيات المحلية.",
        "about_heading": "شبكة يجمعها ميثاق واحد",
        "about_text": "أُحدثت الشبكة يوم 21 أكتوبر 2022 ضمن برنامج دعم الجماعات الترابية "
        "المنفتحة، بشراكة بين المديرية العامة للجماعات الترابية وجمعية جهات المغرب وجمعية أمباكت "
        "للتنمية. كل جماعة عضو تضع مع جمعياتها برنامج عمل للانفتاح مدته سنتان، ثم تتتبعه وتقيمه "
        "معها.",
    },
    "fr": {
        "title": "Réseau marocain des collectivités territoriales ouvertes",
        "practices": "Pratiques et études de cas",
        "introduction": "Ce que des collectivités ont essayé pour s’ouvrir à leurs habitants : "
        "comment, avec qui et avec quel résultat.",
        "heading": "Ce qui marche dans une commune profite à toutes",
        "lead": "Ce que régions, préfectures, provinces et communes ont fait pour s’ouvrir à leurs "
        "habitants, résultats et difficultés compris, pour que d’autres le reprennent avec leurs "
        "associations.",
        "about_heading": "Un réseau, une même charte",
        "about_text": "Le réseau est né le 21 octobre 2022 au sein du programme d’appui aux "
        "collectivités territoriales ouvertes, porté par la Direction générale des collectivités "
        "territoriales, l’Association des régions du Maroc et l’association Impact pour le "
        "développement. Chaque membre écrit avec ses associations un programme d’action "
        "d’ouverture de deux ans, puis le suit et l’évalue avec elles.",
    },
    "en": {
        "title": "Moroccan Network of Open Territorial Collectivities",
        "practices": "Practices and case studies",
        "introduction": "What collectivities have tried in order to open up to their residents: "
        "how, with whom and with what result.",
        "heading": "What works in one commune can work in all",
        "lead": "What regions, prefectures, provinces and communes have done to open up to their "
        "residents, results and difficulties included, so that others can take it over with their "
        "associations.",
        "about_heading": "One network, one charter",
        "about_text": "The network was created on 21 October 2022 within the national support "
        "programme for open territorial collectivities, by the Directorate General of Territorial "
        "Collectivities, the Association of the Regions of Morocco and the association Impact for "
        "Development. Each member writes a two-year openness action programme with its "
        "associations, then follows and evaluates it with them.",
    },
    # Nobody has translated these yet: the page shows the French, and says that it is French.
    "zgh": {
        "title": "ⵜⴰⵎⴰⵣⵉⵖⵜ",
        "practices": "Pratiques et études de cas",
        "introduction": "",
        "heading": "",
        "lead": "",
        "about_heading": "",
        "about_text": "",
    },
}


def create(apps, schema_editor):
    content_type_model = apps.get_model("contenttypes", "ContentType")
    locale_model = apps.get_model("wagtailcore", "Locale")
    page_model = apps.get_model("wagtailcore", "Page")
    site_model = apps.get_model("wagtailcore", "Site")
    home_model = apps.get_model("home", "HomePage")
    index_model = apps.get_model("practices", "PracticeIndexPage")

    site_model.objects.all().delete()
    page_model.objects.filter(depth__gt=1).delete()  # Wagtail's welcome page
    root = page_model.objects.get(depth=1)
    root.numchild = len(HOMES)
    root.save()
    home_type, _ = content_type_model.objects.get_or_create(app_label="home", model="homepage")
    index_type, _ = content_type_model.objects.get_or_create(
        app_label="practices", model="practiceindexpage"
    )
    home_key, index_key = uuid.uuid4(), uuid.uuid4()
    for number, (language, texts) in enumerate(HOMES.items(), start=1):
        locale, _ = locale_model.objects.get_or_create(language_code=language)
        path = f"{root.path}{number:04d}"
        home = home_model.objects.create(
            path=path,
            depth=2,
            numchild=1,
            slug=language,
            url_path=f"/{language}/",
            title=texts["title"],
            draft_title=texts["title"],
            content_type=home_type,
            locale=locale,
            translation_key=home_key,
            live=True,
            **{name: texts[name] for name in ("heading", "lead", "about_heading", "about_text")},
        )
        index_model.objects.create(
            path=f"{path}0001",
            depth=3,
            numchild=0,
            slug="practices",
            url_path=f"/{language}/practices/",
            title=texts["practices"],
            draft_title=texts["practices"],
            introduction=texts["introduction"],
            content_type=index_type,
            locale=locale,
            translation_key=index_key,
            live=True,
        )
        if language == "ar":
            site_model.objects.create(
                hostname="localhost", port=80, is_default_site=True, root_page_id=home.pk
            )


def delete(apps, schema_editor):
    """Take the pages away. The welcome page of Wagtail does not come back; the root stays."""
    apps.get_model("wagtailcore", "Site").objects.all().delete()
    page_model = apps.get_model("wagtailcore", "Page")
    page_model.objects.filter(depth__gt=1).delete()
    page_model.objects.filter(depth=1).update(numchild=0)


class Migration(migrations.Migration):
    dependencies = [
        ("home", "0001_initial"),
        ("practices", "0001_initial"),
        ("wagtailcore", "0097_baselogentry_uuid_action_timestamp_indexes"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0003_principles"),
    ]

    operations = [migrations.RunPython(create, delete)]

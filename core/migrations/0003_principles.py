"""The five principles of openness. They are part of the programme, not of the demo."""

from django.db import migrations

# code: label and description in Arabic, French and English; in Tamazight only words that are
# attested (information: service-public.ma; electronic administration: the same).
PRINCIPLES = {
    "transparency": (
        ("الشفافية", "Transparence", "Transparency", ""),
        (
            "تقول الجماعة ما تفعله وما تنفقه وما تقرره، قبل أن يُطلب منها ذلك.",
            "La collectivité dit ce qu’elle fait, dépense et décide, avant qu’on le lui demande.",
            "The collectivity says what it does, spends and decides before anyone asks.",
        ),
    ),
    "accountability": (
        ("المساءلة", "Redevabilité", "Accountability", ""),
        (
            "تشرح قراراتها، وتقدم الحساب عن نتائجها أمام الساكنة.",
            "Elle explique ses décisions et rend compte de leurs résultats aux habitants.",
            "It explains its decisions and answers to residents for their results.",
        ),
    ),
    "participation": (
        ("المشاركة المواطنة", "Participation citoyenne", "Citizen participation", ""),
        (
            "للمواطنات والمواطنين والجمعيات كلمة في كل مرحلة، من الفكرة إلى التقييم.",
            "Citoyennes, citoyens et associations ont leur mot à dire, de l’idée à l’évaluation.",
            "Citizens and associations have their say at every stage, from idea to evaluation.",
        ),
    ),
    "access": (
        ("الولوج إلى المعلومة", "Accès à l’information", "Access to information", "ⵉⵏⵖⵎⵉⵙⵏ"),
        (
            "من طلب معلومة وجدها منشورة، أو جاءه الجواب في الأجل الذي يحدده القانون 31.13.",
            "Qui cherche une information la trouve en ligne, ou reçoit une réponse dans les délais "
            "de la loi 31-13.",
            "Whoever seeks information finds it published, or is answered within the time limits "
            "of law 31-13.",
        ),
    ),
    "digital": (
        ("الرقمنة", "Digitalisation", "Digitalisation", "ⵜⴰⵎⵙⵙⴰⴳⵓⵔⵜ ⵜⴰⵍⵉⴽⵟⵕⵓⵏⵉⵜ"),
        (
            "خدمات رقمية بسيطة يستطيعها الجميع، ولو بهاتف قديم.",
            "Des services en ligne simples, utilisables par chacun, même avec un vieux téléphone.",
            "Simple online services that everyone can use, even on an old phone.",
        ),
    ),
}


def create(apps, schema_editor):
    principle_model = apps.get_model("core", "Principle")
    for order, (code, (labels, descriptions)) in enumerate(PRINCIPLES.items()):
        principle_model.objects.update_or_create(
            slug=code,
            defaults={
                "name": code,
                "sort_order": order,
                **dict(zip(("label_ar", "label_fr", "label_en", "label_zgh"), labels, strict=True)),
                **dict(
                    zip(
                        ("description_ar", "description_fr", "description_en"),
                        descriptions,
                        strict=True,
                    )
                ),
            },
        )


def delete(apps, schema_editor):
    apps.get_model("core", "Principle").objects.filter(slug__in=PRINCIPLES).delete()


class Migration(migrations.Migration):
    dependencies = [("core", "0002_initial")]

    operations = [migrations.RunPython(create, delete)]

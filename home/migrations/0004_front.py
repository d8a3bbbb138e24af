"""In each language a list of news, and the links that every page begins and ends with."""

import uuid

from django.db import migrations
from treebeard.numconv import NumConv

STEP = 4  # signs of a treebeard path for each level
NUMBERS = NumConv("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

NEWS = {
    "ar": ("الأخبار", "أخبار الشبكة وأعضائها، والمواعيد المقبلة."),
    "fr": ("Actualités", "La vie du réseau et de ses membres, et les prochaines dates."),
    "en": ("News", "The life of the network and its members, and the next dates."),
    "zgh": ("Actualités", ""),
}
PRACTICES = ("/practices/", "الممارسات", "Pratiques", "Practices")
COLLECTIVITIES = (
    "/collectivities/",
    "الجماعات الترابية",
    "Collectivités",
    "Collectivities",
)
NEWS_LINK = ("/news/", "الأخبار", "Actualités", "News")
CONTENT = (
    ("/practices/?kind=practice", "الممارسات الجيدة", "Bonnes pratiques", "Good practices"),
    ("/practices/?kind=case-study", "دراسات الحالة", "Études de cas", "Case studies"),
    COLLECTIVITIES,
    NEWS_LINK,
)
SITE = (("/contact/", "اتصلوا بنا", "Nous écrire", "Write to us"),)
FOOTER = {
    "footer_ar": "أُحدثت الشبكة يوم 21 أكتوبر 2022 بمبادرة من المديرية العامة للجماعات الترابية "
    "وجمعية جهات المغرب وجمعية أمباكت للتنمية.",
    "footer_fr": "Le réseau a été créé le 21 octobre 2022 par la Direction générale des "
    "collectivités territoriales, l’Association des régions du Maroc et l’association Impact pour "
    "le développement.",
    "footer_en": "The network was created on 21 October 2022 by the Directorate General of "
    "Territorial Collectivities, the Association of the Regions of Morocco and the association "
    "Impact for Development.",
}


def create(apps, schema_editor):
    page_model = apps.get_model("wagtailcore", "Page")
    home_model = apps.get_model("home", "HomePage")
    index_model = apps.get_model("home", "NewsIndexPage")
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="home", model="newsindexpage"
    )
    key = uuid.uuid4()
    for home in home_model.objects.select_related("locale"):
        title, introduction = NEWS[home.locale.language_code]
        below = page_model.objects.filter(path__startswith=home.path, depth=home.depth + 1)
        last = below.order_by("-path").values_list("path", flat=True).first()
        number = NUMBERS.str2int(last[-STEP:]) + 1 if last else 1
        index_model.objects.create(
            path=home.path + NUMBERS.int2str(number).rjust(STEP, "0"),
            depth=home.depth + 1,
            numchild=0,
            slug="news",
            url_path=f"{home.url_path}news/",
            title=title,
            draft_title=title,
            introduction=introduction,
            content_type=content_type,
            locale=home.locale,
            translation_key=key,
            live=True,
        )
        page_model.objects.filter(pk=home.pk).update(numchild=home.numchild + 1)

    navigation = apps.get_model("home", "Navigation").objects.create(**FOOTER)
    links = {
        "SectionLink": (PRACTICES, COLLECTIVITIES, NEWS_LINK),
        "FooterContentLink": CONTENT,
        "FooterSiteLink": SITE,
    }
    for name, rows in links.items():
        for order, (address, ar, fr, en) in enumerate(rows):
            apps.get_model("home", name).objects.create(
                navigation=navigation,
                sort_order=order,
                address=address,
                label_ar=ar,
                label_fr=fr,
                label_en=en,
            )
    apps.get_model("home", "FrontPage").objects.create()


def delete(apps, schema_editor):
    """Take the lists of news and the links away; news below the lists goes with them."""
    page_model = apps.get_model("wagtailcore", "Page")
    index_model = apps.get_model("home", "NewsIndexPage")
    for index in index_model.objects.all():
        page_model.objects.filter(path__startswith=index.path).delete()
        home = page_model.objects.get(path=index.path[:-STEP])
        page_model.objects.filter(pk=home.pk).update(numchild=home.numchild - 1)
    for name in ("Navigation", "FrontPage"):
        apps.get_model("home", name).objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("home", "0003_pages")]

    operations = [migrations.RunPython(create, delete)]

"""
Things to test with: required fields only, everything else by keyword.

`many_practices` makes thousands at once, for counting queries and for benchmarks.
"""

import itertools
from io import BytesIO

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from wagtail.models import Locale, Page

from core.files import SiteImage
from core.vocabularies import Principle, Theme
from home.models import ContactMessage, ContentPage, HomePage, NewsIndexPage, NewsPage
from home.models.pages import EditorialPage
from members.models import Collectivity, User
from practices.models import (
    PracticeCollectivity,
    PracticeIndexPage,
    PracticeIndicator,
    PracticePage,
    PracticePrinciple,
    PracticeTheme,
)
from search.documents import BATCH, index_groups

number = itertools.count(1)


def make_user(**fields) -> User:
    n = next(number)
    return User.objects.create_user(**{"email": f"person-{n}@example.org", **fields})


def make_staff(role: str = "Editors", **fields) -> User:
    """A member of staff with a second step, who may enter the administration."""
    user = make_user(is_superuser=role == "Administrators", **fields)
    # Made anew after a test that commits, which leaves nothing of what migrations made.
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "A" * 16})
    return user


def make_contact_message(**fields) -> ContactMessage:
    n = next(number)
    return ContactMessage.objects.create(
        **{
            "name": f"Person {n}",
            "email": f"person-{n}@example.org",
            "subject": f"Subject {n}",
            "text": "A few words",
            "language": "fr",
            "digest": f"digest {n}",
        }
        | fields
    )


def make_region(**fields) -> Collectivity:
    n = next(number)
    region = Collectivity(
        **{"code": f"R{n}", "kind": "region", "name_ar": f"جهة {n}", "name_fr": f"Région {n}"}
        | fields
    )
    region.save()
    region.region = region
    region.save()
    return region


def make_commune(*, region: Collectivity | None = None, **fields) -> Collectivity:
    """A commune in a province in a region."""
    region = region or make_region()
    n = next(number)
    province = Collectivity.objects.create(
        code=f"P{n}", kind="province", name_ar=f"إقليم {n}", name_fr=f"Ville {n}", parent=region,
        region=region,
    )  # fmt: skip
    return Collectivity.objects.create(
        **{
            "code": f"C{n}",
            "kind": "commune",
            "name_ar": f"الجماعة {n}",
            "name_fr": f"Bourg {n}",
            "parent": province,
            "region": region,
        }
        | fields
    )


def make_theme(slug: str = "", **fields) -> Theme:
    slug = slug or f"theme-{next(number)}"
    return Theme.objects.create(
        **{"slug": slug, "name": slug, "label_ar": f"موضوع {slug}", "label_fr": f"Thème {slug}"}
        | fields
    )


def make_practice(
    *,
    language: str = "ar",
    published: bool = True,
    principles: tuple[str, ...] = ("transparency",),
    themes: tuple[Theme, ...] = (),
    collectivities: tuple[Collectivity, ...] = (),
    translation_of: PracticePage | None = None,
    **fields,
) -> PracticePage:
    """A practice in a language, published by default."""
    index = PracticeIndexPage.objects.get(locale__language_code=language)
    page = PracticePage(
        **{
            "title": f"ممارسة {next(number)}",
            "summary": "خلاصة",
            "locale": index.locale,
            "live": False,
        }
        | fields
    )
    if translation_of:
        page.translation_key, page.slug = translation_of.translation_key, translation_of.slug
    page.principles.set(list(Principle.objects.filter(slug__in=principles)))
    page.themes.set(list(themes))
    page.collectivity_links = [PracticeCollectivity(collectivity=one) for one in collectivities]
    index.add_child(instance=page)
    if published:
        page.save_revision().publish()
        page.refresh_from_db()
    return page


def make_page(
    *,
    model: type[EditorialPage] = ContentPage,
    language: str = "ar",
    published: bool = True,
    translation_of: EditorialPage | None = None,
    parent: Page | None = None,
    **fields,
) -> EditorialPage:
    """A free page, or an editors' page of another kind, published by default."""
    parent = parent or HomePage.objects.get(locale__language_code=language)
    n = next(number)
    page = model(
        **{"title": f"صفحة {n}", "slug": f"page-{n}", "locale": parent.locale, "live": False}
        | fields
    )
    return _put_below(parent, page, translation_of, published)


def make_news(
    *,
    language: str = "ar",
    published: bool = True,
    translation_of: NewsPage | None = None,
    **fields,
) -> NewsPage:
    """A news item in a language, published by default."""
    index = NewsIndexPage.objects.get(locale__language_code=language)
    page = NewsPage(
        **{"title": f"خبر {next(number)}", "locale": index.locale, "live": False} | fields
    )
    return _put_below(index, page, translation_of, published)


def _put_below(parent: Page, page, translation_of, published: bool):
    if translation_of:
        page.translation_key, page.slug = translation_of.translation_key, translation_of.slug
    parent.add_child(instance=page)
    if published:
        page.save_revision().publish()
        page.refresh_from_db()
    return page


def make_image(**fields) -> SiteImage:
    content = BytesIO()
    Image.new("RGB", (64, 40), "navy").save(content, "PNG")
    file = ContentFile(content.getvalue(), name="picture.png")
    return SiteImage.objects.create(**{"title": "Picture", "file": file} | fields)


def many_practices(count: int, *, languages: tuple[str, ...] = ("ar", "fr")) -> None:
    """
    Make many published practices, each in several languages, with tags, places and a figure.

    Rows are written in bulk, without signals, and indexed at the end.
    """
    content_type = ContentType.objects.get_for_model(PracticePage)
    principles = list(Principle.objects.all())
    themes = list(Theme.objects.all()) or [make_theme() for _ in range(10)]
    communes = list(Collectivity.objects.filter(kind="commune")) or [
        make_commune() for _ in range(12)
    ]
    now = timezone.now()
    first = next(number)
    for language in languages:
        locale = Locale.objects.get(language_code=language)
        index = PracticeIndexPage.objects.get(locale=locale)
        pages = []
        for n in range(count):
            pages.append(
                Page(
                    path=f"{index.path}{_step(index.numchild + n + 1)}",
                    depth=index.depth + 1,
                    title=f"{language} practice {first + n}",
                    draft_title="",
                    slug=f"many-{first}-{n}",
                    url_path=f"{index.url_path}many-{first}-{n}/",
                    locale=locale,
                    translation_key=_key(first, n),
                    content_type=content_type,
                    live=True,
                    first_published_at=now,
                    last_published_at=now,
                )
            )
        pages = Page.objects.bulk_create(pages)
        index.numchild += count
        Page.objects.filter(pk=index.pk).update(numchild=index.numchild)
        links = {"p": [], "t": [], "c": [], "i": []}
        for n, page in enumerate(pages):
            PracticePage(
                page_ptr=page,
                summary=f"summary {n}",
                kind="case-study" if n % 5 == 0 else "practice",
                status=("running", "completed", "planned", "")[n % 4],
                start=str(2015 + n % 10),
                problem="<p>problem</p>",
                **{name: getattr(page, name) for name in _page_columns()},
            ).save_base(raw=True, force_insert=True)
            links["p"].append(PracticePrinciple(content_object_id=page.pk, tag=principles[n % 5]))
            links["t"].append(PracticeTheme(content_object_id=page.pk, tag=themes[n % len(themes)]))
            links["c"].append(
                PracticeCollectivity(practice_id=page.pk, collectivity=communes[n % len(communes)])
            )
            links["i"].append(
                PracticeIndicator(
                    practice_id=page.pk, locale=locale, name="figure", baseline=1, value=n
                )
            )
        PracticePrinciple.objects.bulk_create(links["p"])
        PracticeTheme.objects.bulk_create(links["t"])
        PracticeCollectivity.objects.bulk_create(links["c"])
        PracticeIndicator.objects.bulk_create(links["i"])
    keys = [str(_key(first, n)) for n in range(count)]
    for start in range(0, count, BATCH):
        index_groups("practices", keys[start : start + BATCH])


def _page_columns() -> list[str]:
    return [field.attname for field in Page._meta.concrete_fields]


def _key(first: int, n: int):
    from uuid import UUID

    return UUID(int=first * 10_000_000 + n + 1)


def _step(n: int) -> str:
    """Return a step of a treebeard path: a number in base 36, four signs wide."""
    return Page._int2str(n).rjust(Page.steplen, "0")

import json
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Case, IntegerField, OuterRef, Subquery, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import uri_to_iri
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core import languages
from core.charts import Bar, bar_chart
from core.downloads import keep_uncompressed
from core.text import plain_text
from core.vocabularies import Theme
from members.models import Association, Collectivity, User
from members.templatetags.collectivities import collectivity_name
from practices.adoption import adoptions_of
from practices.cards import (
    DRAWN_LANGUAGES,
    card_file,
    card_of,
    card_url,
    fingerprint,
    load_card,
    request_card,
)
from practices.citation import citation_response, citations
from practices.enums import Audience, Stage
from practices.freshness import freshness_of
from practices.hidden import names_of
from practices.models import (
    NEWEST_FIRST,
    PracticeCollectivity,
    PracticeIndexPage,
    PracticePage,
    PracticeParticipant,
)
from practices.partner_words import partner_words_of
from practices.recognition import award_of
from practices.sharing import qr_code, share
from practices.views.retired import retired_page
from search.services import filters_in, page_number, search

RELATED = 3
SITE_CARD = "img/card.png"
CITATION_FORMS = (("ris", "RIS"), ("bib", "BibTeX"), ("json", "JSON"))


@require_safe
def practice_list(request):
    """
    The list of practices: searched, filtered, sorted, paged. The address holds all of it.
    """
    return show_list(request)


def show_list(request, reader: User | None = None):
    """:param reader: somebody of the network, who finds what is told to it alone as well"""
    language = languages.current()
    results = search(
        request.GET.get("q", ""),
        language,
        filters_in(request.GET, "practices"),
        sort=request.GET.get("sort", ""),
        page=page_number(request.GET.get("page", "1")),
        kind="practices",
        reader=reader,
    )
    if any(name == "theme" for name, _value in results.ignored) and (
        address := _address_without_retired_themes(request)
    ):
        return redirect(address, permanent=True)
    index = PracticeIndexPage.objects.filter(locale__language_code=language).live().first()
    principles = [choice for facet, choice in results.chosen if facet.name == "principle"]
    followed = principles[0] if len(principles) == 1 else None
    return render(
        request,
        "practices/list.html",
        {
            "index": index,
            "results": results,
            "followed": followed,
            "feed_path": "" if reader else feed_path(followed.value if followed else ""),
            "for_network": reader is not None,
        },
    )


def _address_without_retired_themes(request) -> str:
    """
    Return the address of the list with what stands for its retired themes, "" where it has none.
    """
    asked = request.GET.getlist("theme")
    known = {theme.slug: theme for theme in Theme.objects.all()}
    if not any(slug in known and known[slug].retired_at for slug in asked):
        return ""
    destinations = Theme.objects.destinations()
    slugs = {theme.pk: theme.slug for theme in known.values()}
    # What nobody knows stays, and is said on the page.
    today = [slugs.get(destinations[known[slug].pk]) if slug in known else slug for slug in asked]
    query = request.GET.copy()
    query.setlist("theme", list(dict.fromkeys(slug for slug in today if slug)))
    return f"{request.path}?{query.urlencode()}".removesuffix("?")


def feed_path(principle: str = "") -> str:
    """Return the address of a principle's feed in the active language, of all practices' for ""."""
    if principle:
        return reverse("practice_feed_of_principle", args=[principle])
    return reverse("practice_feed")


@require_safe
def practice(request, slug: str):
    """
    One practice. Where the reader's language has no version, the nearest one with a word on it.

    What is told to the network alone is shown to its people at the same address; the others are
    told that there is nothing. Nobody's session is looked at for what is public.
    """
    versions = versions_of(slug)
    if not versions and settings.SESSION_COOKIE_NAME in request.COOKIES:
        versions = versions_of(slug, request.user)
    if not versions:
        return _moved(request, slug)
    return show_practice(request, versions[0], versions=versions)


def versions_of(slug: str, reader: User | None = None) -> list[PracticePage]:
    """
    Return the versions of a practice that may be read, the nearest to the reader first.

    :param reader: None for what everybody may read
    """
    order = languages.FALLBACKS[languages.current()]
    pages = PracticePage.objects
    readable = pages.visible_to(reader) if reader else pages.visible()
    versions = readable.filter(slug=slug).select_related("locale")
    return sorted(versions, key=lambda version: order.index(version.language))


def _moved(request, slug: str):
    """Lead on an address whose number is right and whose words are not."""
    number = slug.rpartition("-")[2]
    page = (
        PracticePage.objects.visible().filter(slug__endswith=f"-{number}").first()
        if number.isascii() and number.isdecimal()
        else None
    )
    if not page:
        if retired := retired_page(request, slug):
            return retired
        raise Http404("No practice has this address.")
    return redirect("practice", slug=page.slug, permanent=True)


def show_practice(request, page: PracticePage, *, versions: list[PracticePage]):
    """
    Show one version of a practice.

    :param versions: all that may be read, this one among them
    """
    fuller = [one for one in versions if one.tells_all] if not page.tells_all else []
    principles = [link.tag for link in page.principle_links.select_related("tag")]
    links = page.collectivity_links.select_related("collectivity__parent", "collectivity__region")
    collectivities = [link.collectivity for link in links]
    indicators = list(page.indicators.all())
    steps = list(page.steps.all())
    proof = page.proof_among(indicators)
    names = names_of(page, collectivities)
    for_network = page.audience == Audience.NETWORK
    canonical = settings.SITE_URL + practice_url(page)
    drawn = card_of(page, collectivities=collectivities, principles=principles, proof=proof)
    context = {
        "page": page,
        "for_network": for_network,
        "translated": page.language == languages.current(),
        "versions": versions,
        "fuller": fuller,
        "principles": principles,
        "themes": [link.tag for link in page.theme_links.select_related("tag")],
        "collectivities": collectivities,
        "regions": list(dict.fromkeys(one.region for one in collectivities if one.region)),
        "challenges": list(page.challenges.all()),
        "steps": steps,
        "steps_dated": any(step.date for step in steps),
        "participants": participants(page),
        "indicators": indicators,
        "charts": [chart(row, page.language) for row in indicators if row.baseline is not None],
        "proof": proof,
        "attachments": list(page.attachments.select_related("document")),
        "photos": list(page.photos.select_related("image").prefetch_related("image__renditions")),
        "related": related_practices(page, principles, collectivities),
        "citation_forms": CITATION_FORMS,
        "citations": citations(page, names, canonical, timezone.localdate()),
        "canonical": canonical,
        "card_path": card_url(page, drawn) or static(SITE_CARD),
        "share": share(page, who=names, proof=proof, url=canonical),
        "qr_code": qr_code(canonical),
        "source_address": uri_to_iri(page.source_url),
        **adoptions_of(page),
        **partner_words_of(page),
        **award_of(page),
        **freshness_of(page),
    }
    context["sections"] = sections(page, context)
    context["structured_data"] = structured_data(context)
    response = render(request, "practices/practice.html", context)
    if for_network:
        response["Cache-Control"] = "private, no-store"
    return response


def chart(row, language: str):
    """Draw an indicator that has a baseline: before and after. Its table stands below."""
    bars = [
        Bar(_("Before"), row.baseline, is_baseline=True),
        Bar(_("After"), row.value),
    ]
    return bar_chart(row.name, row.unit, bars, language).html(with_table=False)


def participants(page: PracticePage) -> list[tuple[str, PracticeParticipant, Association | None]]:
    """Return who took part, by stage, with the association where it has a page of its own."""
    rows = sorted(page.participants.all(), key=_by_stage)
    keys = {row.association_id for row in rows if row.association_id}
    public = Association.objects.once_public().in_bulk(keys) if keys else {}
    return [(Stage(row.stage).label, row, public.get(row.association_id)) for row in rows]


def _by_stage(row) -> int:
    return Stage.values.index(row.stage)


def practice_url(page: PracticePage) -> str:
    """Return a version's own address, in its own language."""
    return languages.path_in(page.language, reverse("practice", args=[page.slug]))


def sections(page: PracticePage, context: dict) -> list[tuple[str, str]]:
    """Return the parts of the page that have something to say, as (anchor, title)."""
    parts = [
        ("problem", _("The problem"), page.problem),
        ("objectives", _("Objectives"), page.objectives),
        ("approach", _("What was done"), page.approach or context["steps"]),
        ("participants", _("Who took part, and how"), context["participants"]),
        ("resources", _("Resources"), page.resources or page.legal_basis),
        ("results", _("Results"), page.results or context["indicators"]),
        ("lessons", _("Difficulties and lessons"), page.difficulties or page.lessons),
        ("transfer", _("For another collectivity"), page.transfer_conditions or page.how_to),
        ("photos", _("Photos"), context["photos"]),
        ("words", _("What the associations say"), context["partner_words"]),
        ("adoptions", _("Taken over by others"), not context["for_network"]),
        ("documents", _("Documents and source"), _has_documents(page, context)),
    ]
    return [(anchor, title) for anchor, title, content in parts if content]


def _has_documents(page: PracticePage, context: dict) -> bool:
    """Whether the last part says something: what is public can always be cited and handed on."""
    contact = page.contact_name or page.contact_email or page.contact_phone
    source = page.source_title or page.source_url
    return bool(not context["for_network"] or context["attachments"] or contact or source)


def related_practices(page: PracticePage, principles, collectivities) -> Iterable[PracticePage]:
    """
    Return a few practices near to one: of the same collectivities, then of the same principles.
    Those that hide their collectivity stand beside none, and none beside them: nobody is to wonder
    at a name on their page.

    One query, whatever the number of practices: each comes with its first collectivity's names.
    """
    if page.hides_collectivity:
        return []
    first = PracticeCollectivity.objects.filter(practice=OuterRef("pk")).order_by("sort_order")
    who = {
        f"who_{column}": Subquery(first.values(f"collectivity__{column}")[:1])
        for column in ("kind", "name_ar", "name_fr", "name_en", "name_zgh")
    }
    same_place = PracticeCollectivity.objects.filter(
        collectivity__in=[one.pk for one in collectivities]
    ).values("practice_id")
    found = (
        PracticePage.objects.visible()
        .nearest_to(languages.current())
        .exclude(translation_key=page.translation_key)
        .exclude(hides_collectivity=True)
        .filter(principle_links__tag=principles[0] if principles else None)
        .annotate(
            near=Case(
                When(pk__in=same_place, then=Value(0)),
                default=Value(1),
                output_field=IntegerField(),
            ),
            **who,
        )
        .select_related("locale")
        .order_by("near", *NEWEST_FIRST)[:RELATED]
    )
    for other in found:
        # Not saved: a collectivity with just the names, to name it without another query.
        names = {f"name_{code}": getattr(other, f"who_name_{code}") for code in languages.CODES}
        other.who = (
            collectivity_name(Collectivity(kind=other.who_kind, **names)) if other.who_kind else ""
        )
    return found


def structured_data(context: dict) -> str:
    """Return what search engines read (schema.org), safe to stand inside a script element."""
    page = context["page"]
    data = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": page.title,
        "description": plain_text(page.summary),
        "inLanguage": page.language,
        "url": context["canonical"],
        "license": page.licence_url or None,
        "datePublished": page.first_published_at and page.first_published_at.date().isoformat(),
        "dateModified": page.last_published_at and page.last_published_at.date().isoformat(),
        "about": names_of(page, context["collectivities"]),
        "keywords": [one.label for one in [*context["principles"], *context["themes"]]],
        "isBasedOn": page.source_url or None,
        "publisher": {"@type": "Organization", "name": str(_("REMACTO")), "url": settings.SITE_URL},
    }
    text = json.dumps({k: v for k, v in data.items() if v}, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@require_safe
def cite(request, slug: str, form: str):
    """The reference of a practice, for reference managers: RIS, BibTeX or CSL JSON."""
    found = versions_of(slug)
    if not found or form not in dict(CITATION_FORMS):
        raise Http404("No such reference.")
    page = found[0]
    links = page.collectivity_links.select_related("collectivity")
    authors = names_of(page, [link.collectivity for link in links])
    return citation_response(page, authors, settings.SITE_URL + practice_url(page), form)


@require_safe
def card(request, slug: str, mark: str):
    """
    The drawn card of a practice. A request never draws: it leaves that to the worker.

    Until the card is drawn, and for a fingerprint that it no longer has, the site's card stands in.
    """
    page = (
        PracticePage.objects.visible()
        .filter(slug=slug, locale__language_code=languages.current())
        .select_related("locale")
        .first()
    )
    if not page or page.language not in DRAWN_LANGUAGES:
        raise Http404("No practice has this card.")
    try:
        content = card_file(page.pk, mark).read_bytes()
    except OSError:  # not drawn, or a name longer than the file system allows
        if mark == fingerprint(load_card(page)):
            request_card(page.pk)
        response = redirect(static(SITE_CARD))
        response["Cache-Control"] = "no-store"
        return response
    keep_uncompressed(request)
    response = HttpResponse(content, content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response

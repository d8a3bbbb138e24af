"""Practices that are kept to the network, or hide which collectivity tells them."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext, override
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

from contributions.models import Authorship
from core.files import SiteDocument
from members.models import Association
from members.permissions import is_of_network
from practices.cards import load_card
from practices.enums import Audience, PracticeKind, Stage
from practices.hidden import nameless, problems_of_hidden
from practices.models import (
    PracticeAttachment,
    PracticeChallenge,
    PracticeCollectivity,
    PracticePage,
    PracticeParticipant,
    PracticePhoto,
    PracticeStep,
)
from search.models import SearchDocument
from search.services import search
from tests.conftest import index_waiting
from tests.contributions.factories import make_draft
from tests.factories import make_commune, make_image, make_practice, make_staff, make_user
from tests.members.factories import make_contributor, make_member_collectivity

pytestmark = pytest.mark.django_db

FAILURE = {"kind": PracticeKind.DID_NOT_WORK}
HIDDEN = {**FAILURE, "hides_collectivity": True}
FOR_NETWORK = {**FAILURE, "audience": Audience.NETWORK}


def make_hidden(**fields) -> PracticePage:
    return make_practice(language="fr", **HIDDEN | fields)


def make_for_network(**fields) -> PracticePage:
    return make_practice(language="fr", **FOR_NETWORK | fields)


@pytest.fixture
def member():
    return make_contributor(make_member_collectivity()).person


def address(page, language="fr") -> str:
    with override(language):
        return reverse("practice", args=[page.slug])


# --- What a page that hides its collectivity holds ----------------------------------------------


def test_hidden_page_is_saved_without_what_tells_whose_it_is():
    commune, association = make_commune(), Association.objects.create(name_fr="Amis")
    page = make_hidden(
        published=False,
        collectivities=(commune,),
        contact_name="Service",
        contact_email="a@example.org",
        contact_phone="0537000000",
    )
    page.participants = [
        PracticeParticipant(
            stage=Stage.DESIGN, who="Une association", association=association, locale=page.locale
        )
    ]
    document = SiteDocument.objects.create(title="R", file=ContentFile(b"%PDF", name="r.pdf"))
    page.attachments = [PracticeAttachment(title="R", document=document, locale=page.locale)]
    revision = page.save_revision()
    content = revision.content
    assert content["collectivity_links"] == []
    assert content["contact_name"] == content["contact_email"] == content["contact_phone"] == ""
    assert [row["association"] for row in content["participants"]] == [None]
    assert len(content["attachments"]) == 1, "its authors see what stands against submitting it"
    revision.publish()
    page = PracticePage.objects.get(pk=page.pk)
    assert not page.collectivity_links.exists()
    assert not page.attachments.exists()
    [row] = page.participants.all()
    assert (row.who, row.association) == ("Une association", None)


def test_page_that_hides_nothing_keeps_all():
    commune = make_commune()
    page = make_practice(language="fr", **FAILURE, collectivities=(commune,), contact_name="S")
    assert (page.contact_name, page.collectivities) == ("S", [commune])


@pytest.mark.parametrize("kept_back", [HIDDEN, FOR_NETWORK])
def test_only_what_did_not_work_can_be_kept_back(kept_back):
    page = make_practice(**kept_back)
    assert page.live
    page.kind = PracticeKind.PRACTICE
    with pytest.raises(ValidationError) as refusal:
        page.save()
    assert "kind" in refusal.value.message_dict


# --- Names in texts -----------------------------------------------------------------------------


@pytest.fixture
def commune():
    return make_commune(
        name_ar="تامصلوحت",
        name_fr="Aït Mélloul-Tamésloht",
        name_en="Tameslouht",
        name_zgh="ⵜⴰⵎⵚⵍⵓⵃⵜ",
    )


@pytest.fixture
def short():
    """Communes whose names are parts of other words."""
    return make_commune(name_ar="فاس", name_fr="Fès", name_en="Fez")


def told(commune, **texts) -> list[str]:
    page = make_hidden(published=False, **texts)
    return [field for field, _words in problems_of_hidden(page, [commune])]


@pytest.mark.parametrize(
    "text",
    [
        "À Aït Mélloul-Tamésloht, rien n’a marché",
        "ait melloul tamesloht",
        "AITMELLOUL  TAMESLOHT",
        "في تامصلوحت لم ينجح شيء",
        "بتَامْصَلُوحْت",
        "لتامصلوحـــت",
        "in Tameslouht, nothing",
        "tameslouhtis",
        "ⵜⴰⵎⵚⵍⵓⵃⵜ",
    ],
)
def test_name_in_any_writing_is_found(commune, text):
    assert told(commune, title=text, summary="خلاصة") == ["title"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("À Fès", True),
        ("fes", True),
        ("في فاس", True),
        ("بفاس", True),
        ("وفاس", True),
        ("un professeur", False),
        ("les fesses", False),
        ("أنفاس", False),
        ("فاسد", False),
    ],
)
def test_short_name_is_found_as_a_word_only(short, text, found):
    assert told(short, title="x", summary=text) == (["summary"] if found else [])


@pytest.mark.parametrize(
    "text",
    [
        "écrire à budget@example.org",
        "appeler le 05 37 12 34 56",
        "+212 5 37 12 34 56",
        "voir https://example.org/x",
        "voir www.example.org",
        "sur example.ma",
    ],
)
def test_ways_to_reach_somebody_are_found(commune, text):
    assert told(commune, title="x", summary=text) == ["summary"]


@pytest.mark.parametrize(
    "text", ["en 2023, 450 000 dirhams", "de 12 à 1200 habitants, 10/2022", "35 % – 420.50", "فشل"]
)
def test_figures_and_dates_are_no_telephone(commune, text):
    assert told(commune, title="x", summary=text) == []


def test_all_that_a_page_says_is_looked_at(commune):
    name = commune.name_en
    page = make_hidden(
        published=False,
        title=name,
        summary=name,
        problem="<p>Ta<b>mes</b>louht</p>",
        lessons='<p><a href="https://tameslouht.example/">ici</a></p>',
        source_title=name,
        source_url="https://example.org/",
        seo_title=name,
        search_description=name,
    )
    own = {"locale": page.locale}
    page.challenges = [PracticeChallenge(text=name, **own)]
    page.steps = [PracticeStep(title="a", **own), PracticeStep(title=name, text=name, **own)]
    page.participants = [PracticeParticipant(stage=Stage.DESIGN, who=name, role=name, **own)]
    page.photos = [PracticePhoto(image=make_image(), description=name, caption=name, **own)]
    page.attachments = [PracticeAttachment(title="a", url="https://example.org/", **own)]
    assert [field for field, _words in problems_of_hidden(page, [commune])] == [
        "title",
        "summary",
        "seo_title",
        "search_description",
        "source_title",
        "problem",
        "lessons",
        "challenges-0-text",
        "steps-1-title",
        "steps-1-text",
        "participants-0-who",
        "participants-0-role",
        "photos-0-description",
        "photos-0-caption",
        "source_url",
        "attachments-0-title",
    ]


def test_nothing_is_looked_for_where_nothing_is_hidden(commune):
    page = make_practice(language="fr", published=False, title=commune.name_fr, **FAILURE)
    assert problems_of_hidden(page, [commune]) == []


def test_another_kind_cannot_be_kept_back(commune):
    page = make_hidden(published=False)
    page.kind = PracticeKind.PRACTICE
    assert [field for field, _words in problems_of_hidden(page, [commune])] == ["kind"]


# --- The address --------------------------------------------------------------------------------


def test_name_of_an_early_title_does_not_stay_in_the_address():
    page = make_hidden(published=False, title="Le marché de Tamesloht")
    assert page.slug == f"le-marche-de-tamesloht-{page.pk}"
    page.title = "Un marché vide"
    revision = page.save_revision()
    revision.publish()
    page = PracticePage.objects.get(pk=page.pk)
    assert page.slug == f"un-marche-vide-{page.pk}"
    assert page.url_path == f"{page.get_parent().url_path}{page.slug}/"
    assert not Redirect.objects.exists()
    assert page.get_latest_revision_as_object().slug == page.slug
    page.get_latest_revision().publish()
    assert PracticePage.objects.get(pk=page.pk).slug == page.slug


def test_address_stays_once_it_was_public():
    page = make_hidden(title="Un marché")
    slug = page.slug
    page.title = "Un autre marché"
    page.save_revision().publish()
    page.unpublish()
    page.title = "Encore un autre"
    page.save_revision().publish()
    assert PracticePage.objects.get(pk=page.pk).slug == slug


def test_translation_takes_the_new_address_along():
    page = make_hidden(published=False, title="Le marché de Tamesloht")
    arabic = make_practice(language="ar", published=False, translation_of=page, **HIDDEN)
    page.title = "Un marché vide"
    page.save_revision().publish()
    arabic = PracticePage.objects.get(pk=arabic.pk)
    assert arabic.slug == f"un-marche-vide-{page.pk}"
    arabic.get_latest_revision_as_object().save_revision().publish()
    assert PracticePage.objects.get(pk=arabic.pk).slug == f"un-marche-vide-{page.pk}"
    assert Page.objects.get(pk=arabic.pk).url_path.endswith(f"/un-marche-vide-{page.pk}/")


def test_first_publication_under_its_title_asks_nothing_more():
    page = make_hidden(published=False, title="Un marché")
    other = make_hidden(published=False, title="Un autre")
    other.title = "Ailleurs"
    counts = []
    for one in (page, other):
        revision = one.save_revision()
        with CaptureQueriesContext(connection) as captured:
            revision.publish()
        counts.append(
            len([q for q in captured.captured_queries if "translationsource" in q["sql"]])
        )
    assert counts == [0, 1]


# --- What stands in place of the name -----------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", "cite.ris", "cite.bib", "cite.json"],
)
def test_page_and_references_show_words_in_place_of_the_name(client, path):
    page = make_hidden()
    shown = client.get(f"{address(page)}{path}").content.decode()
    assert nameless("fr") in shown


def test_list_feed_and_card_show_words_in_place_of_the_name(client):
    page = make_hidden()
    with override("fr"):
        assert nameless() in client.get(reverse("practices")).content.decode()
        assert nameless() in client.get(reverse("practice_feed")).content.decode()
    assert load_card(page).who == nameless("fr")
    index_waiting()
    assert SearchDocument.objects.get(key=str(page.pk)).caption == nameless("fr")


def test_hidden_page_stands_beside_no_other(client):
    hidden = make_hidden()
    other, third = make_practice(language="fr"), make_practice(language="fr")
    shown = client.get(address(other)).content.decode()
    assert address(third) in shown
    assert hidden.slug not in shown
    assert address(third) not in client.get(address(hidden)).content.decode()


# --- For the network only -----------------------------------------------------------------------


def test_people_of_the_network_read_what_is_told_to_them(client, member):
    page = make_for_network(title="Un échec rare")
    assert client.get(address(page)).status_code == 404
    client.force_login(member)
    response = client.get(address(page))
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    shown = response.content.decode()
    with override("fr"):
        assert gettext("For people of the network only.") in shown
    assert '<meta name="robots" content="noindex">' in shown
    for absent in ("og:title", "cite.ris", "wa.me", 'rel="canonical"', "ld+json", "/adopt/"):
        assert absent not in shown
    assert client.head(address(page)).status_code == 200


def test_who_is_not_of_the_network_finds_nothing(client):
    page = make_for_network()
    stranger = make_user()
    left = make_contributor(make_commune()).person
    for person in (stranger, left):
        assert not is_of_network(person)
        client.force_login(person)
        for ask in (client.get, client.head):
            assert ask(address(page)).status_code == 404


def test_wrong_words_before_the_number_lead_nobody_to_it(client, member):
    page = make_for_network()
    assert client.get(f"/fr/practices/x-{page.pk}/").status_code == 404


def test_visitor_touches_no_session(client):
    page, public = make_for_network(), make_practice(language="fr")
    for one in (page, public):
        response = client.get(address(one))
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


def test_public_page_is_the_same_for_everybody(client, member):
    page = make_practice(language="fr")
    before = client.get(address(page))
    client.force_login(member)
    after = client.get(address(page))
    assert after.content == before.content
    assert "no-store" not in after.get("Cache-Control", "")


@pytest.mark.parametrize(
    "path", ["cite.ris", "card-0123456789abcdef.png", "label/", "adoptions/", "label/print/"]
)
def test_parts_of_it_are_there_for_nobody(client, member, path):
    page = make_for_network()
    client.force_login(member)
    assert client.get(f"{address(page)}{path}").status_code == 404


def test_lists_and_counts_of_visitors_do_not_change(client, member):
    make_practice(language="fr", **FAILURE)
    with override("fr"):
        before = client.get(reverse("practices"))
        make_for_network(title="Un échec rare")
        after = client.get(reverse("practices"))
        assert after.content == before.content
        for path in (reverse("practice_feed"), "/sitemap-fr.xml", "/fr/"):
            response = client.get(path)
            assert response.status_code == 200
            assert "chec-rare" not in response.content.decode()
            assert "Un échec rare" not in response.content.decode()
        assert search("rare", "fr").total == 0
        assert search("rare", "fr", reader=member).total == 1


def test_language_facet_counts_no_version_that_the_reader_cannot_find():
    page = make_practice(language="ar", **FAILURE)
    make_practice(language="fr", translation_of=page, **FOR_NETWORK)
    index_waiting()
    arabic = SearchDocument.objects.get(key=str(page.pk))
    assert [one.value for one in arabic.labels.filter(name="language")] == ["ar"]


def test_what_becomes_kept_back_is_found_no_more_at_once(member):
    page = make_practice(language="fr", title="Un échec rare", **FAILURE)
    index_waiting()
    assert search("rare", "fr").total == 1
    page.audience = Audience.NETWORK
    page.save_revision().publish()
    assert search("rare", "fr").total == 0
    index_waiting()
    assert search("rare", "fr").total == 0
    assert search("rare", "fr", reader=member).total == 1


def test_network_list_shows_it_to_the_network(client, member):
    page = make_for_network(title="Un échec rare")
    with override("fr"):
        listed = reverse("network_practices")
    response = client.get(listed)
    assert (response.status_code, "/login/" in response["Location"]) == (302, True)
    client.force_login(make_user())
    assert client.get(listed).status_code == 403
    client.force_login(make_contributor(make_commune()).person)
    assert client.get(listed).status_code == 403
    client.force_login(member)
    response = client.get(listed, {"kind": "did-not-work"})
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    shown = response.content.decode()
    assert address(page) in shown
    assert "application/atom+xml" not in shown


def test_space_leads_to_what_did_not_work(client, member):
    page = make_for_network(title="Un échec rare")
    place = member.affiliations.get()
    client.force_login(member)
    with override("fr"):
        space = reverse("space_home", args=[place.collectivity.key])
        shown = client.get(space).content.decode()
        assert address(page) in shown
        assert f"{reverse('network_practices')}?kind=did-not-work" in shown


# --- The editors' form --------------------------------------------------------------------------


def edit_form(client, page, **changes):
    from wagtail.test.utils.form_data import querydict_from_html

    at = reverse("wagtailadmin_pages:edit", args=[page.pk])
    data = querydict_from_html(client.get(at).content.decode(), form_id="page-edit-form")
    data["hides_collectivity"] = "on" if page.hides_collectivity else ""
    for name, value in changes.items():
        data[name] = value
    return client.post(at, data)


@pytest.mark.usefixtures("wagtails_own_templates")
def test_editor_publishes_a_page_that_hides_its_collectivity(client):
    page = make_hidden(published=False)
    client.force_login(make_staff("Editors"))
    response = edit_form(client, page, **{"action-publish": "1"})
    assert response.status_code == 302, response.context["form"].errors
    assert PracticePage.objects.get(pk=page.pk).live


@pytest.mark.usefixtures("wagtails_own_templates")
def test_editor_is_told_of_names_before_publishing(client):
    draft = make_draft(language="fr", kind=PracticeKind.DID_NOT_WORK)
    commune = Authorship.objects.get(contribution=draft).collectivity
    french = PracticePage.objects.get(pk=draft.page_id)
    PracticePage.objects.filter(pk=french.pk).update(live=True)  # a review has let it through
    arabic = make_practice(
        language="ar", published=False, translation_of=french, title=commune.name_ar, **HIDDEN
    )
    client.force_login(make_staff("Editors"))
    response = edit_form(client, arabic, **{"action-publish": "1"})
    assert response.status_code == 200
    assert response.context["form"].has_error("title")
    assert not PracticePage.objects.get(pk=arabic.pk).live
    response = edit_form(client, arabic, **{"action-publish": "1", "title": "سوق فارغ"})
    assert response.status_code == 302, response.context["form"].errors


@pytest.mark.usefixtures("wagtails_own_templates")
def test_page_with_a_name_still_asks_for_collectivities(client):
    page = make_practice(language="fr", published=False, **FAILURE)
    client.force_login(make_staff("Editors"))
    response = edit_form(client, page, **{"action-publish": "1"})
    assert response.status_code == 200
    link = PracticeCollectivity(collectivity=make_commune())
    page.collectivity_links = [link]
    page.save_revision()
    response = edit_form(client, page, **{"action-publish": "1"})
    assert response.status_code == 302, response.context["form"].errors


@pytest.mark.usefixtures("wagtails_own_templates")
def test_moderators_come_to_no_history_of_a_practice(client):
    page = make_hidden()
    client.force_login(make_staff("Moderators"))
    for name in ("edit", "history", "workflow_history", "usage"):
        answer = client.get(reverse(f"wagtailadmin_pages:{name}", args=[page.pk]))
        assert answer.status_code in (302, 403), name
    revision = page.get_latest_revision()
    at = reverse("wagtailadmin_pages:revisions_view", args=[page.pk, revision.pk])
    assert client.get(at).status_code in (302, 403)
    client.force_login(make_staff("Editors"))
    at = reverse("wagtailadmin_pages:history", args=[page.pk])
    assert client.get(at).status_code == 200


@pytest.mark.usefixtures("wagtails_own_templates")
def test_log_of_all_pages_is_the_editors(client):
    make_hidden()
    at = reverse("wagtailadmin_reports:site_history")
    client.force_login(make_staff("Moderators"))
    assert client.get(at).status_code == 302
    assert client.get(at, {"export": "csv"}).status_code == 302
    client.force_login(make_staff("Editors"))
    assert client.get(at).status_code == 200

"""What the demo's members write and say: made once, and every text of it an example."""

import tomllib

import pytest
from django.urls import reverse
from django.utils.translation import override

from contributions.enums import AuthorState, State
from contributions.models import Authorship, Contribution
from contributions.states import state_of, with_states
from core.models import Upload
from core.outbox.models import OutboxJob
from home.demo import loader
from home.demo.accounts import prepare_accounts
from home.demo.contributions import FOLDER, key_of, load_contributions
from home.demo.network import COMMUNES, NEIGHBOUR, load_network
from home.demo.practice_writer import PracticeWriter
from home.demo.versions import LANGUAGES
from home.models import DemoRecord
from members.models import Affiliation, Collectivity, User
from notifications.models import Notice
from practices.enums import Audience, Origin, PracticeKind, Word
from practices.freshness import freshness_of
from practices.lineage import lineage_of
from practices.models import Adoption, Award, PartnerWord, PracticePage
from tests.factories import make_commune, make_region

MARKS = ("مثال", "xemple")
DRAFTS = sorted((FOLDER / "drafts").glob("*.toml"))


@pytest.fixture
def network(db, settings, tmp_path):
    """The demo before anybody has written: accounts, members, and the practice that is adopted."""
    settings.DATA_DIR = tmp_path
    for code in COMMUNES:
        make_commune(code=code)
    Collectivity.objects.filter(code=NEIGHBOUR).update(name_ar="أكادير", name_fr="Agadir")
    for code in ("02", "03", "05", "08"):
        make_region(code=code)
    loader.load_themes()
    list(loader.load_files([FOLDER / "practices" / "p064.toml"], PracticeWriter()))
    prepare_accounts()
    load_network()


@pytest.fixture
def told(network, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):  # the picture is copied then
        assert load_contributions() == len(DRAFTS) == 7


def draft(name: str) -> Contribution:
    return Contribution.objects.select_related("page").get(key=key_of(name))


def page_of(name: str) -> PracticePage:
    return PracticePage.objects.get(contribution__key=key_of(name))


def is_marked(text: str) -> bool:
    return any(mark in text for mark in MARKS)


def strings(part):
    if isinstance(part, dict):
        part = list(part.values())
    if isinstance(part, list):
        return [text for one in part for text in strings(one)]
    return [part] if isinstance(part, str) else []


def test_drafts_stand_where_their_stories_leave_them(told):
    states = {one.key: state_of(one) for one in with_states(Contribution.objects.all())}
    assert states == {
        key_of("market-listening"): State.DRAFT,
        key_of("neighbourhood-sessions"): State.SUBMITTED,
        key_of("street-lights"): State.CHANGES_ASKED,
        key_of("maintenance-budget"): State.PUBLISHED,
        key_of("council-on-the-radio"): State.PUBLISHED,
        key_of("unused-application"): State.PUBLISHED,
        key_of("online-consultation"): State.PUBLISHED,
    }
    notes = draft("street-lights").notes
    assert set(notes.exclude(told_at=None).values_list("field", flat=True)) == {
        "summary",
        "indicators",
    }


def test_two_collectivities_write_a_draft_and_one_is_asked(told):
    authors = Authorship.objects.filter(contribution=draft("market-listening"))
    assert [(one.leads, one.state) for one in authors] == [
        (True, AuthorState.WRITES),
        (False, AuthorState.WRITES),
        (False, AuthorState.ASKED),
    ]
    revisions = draft("market-listening").page.revisions
    assert revisions.values("user").distinct().count() == 2


def test_published_example_has_a_whole_sheet_and_its_history(told):
    page = page_of("maintenance-budget")
    assert all(getattr(page, name) for name in PracticePage.TEXTS)
    rows = (page.steps, page.participants, page.indicators, page.photos, page.attachments)
    assert [one.count() for one in rows] == [4, 3, 2, 1, 1]
    assert [one.kind for one in draft("maintenance-budget").steps.all()] == [
        "started",
        "submitted",
        "taken",
        "changes-asked",
        "submitted",
        "taken",
        "published",
    ]
    assert not draft("maintenance-budget").notes.open_ones().exists()


@pytest.mark.parametrize("name", ["maintenance-budget", "council-on-the-radio"])
def test_published_example_is_told_in_both_languages(told, name):
    page = page_of(name)
    facts = tomllib.loads((FOLDER / "drafts" / f"{name}.toml").read_text("utf-8"))["translated"]
    there = PracticePage.objects.get(
        translation_key=page.translation_key, live=True, title=facts["title"]
    )
    assert there.locale.language_code == facts["language"] != page.locale.language_code
    assert [bool(getattr(there, name)) for name in PracticePage.TEXTS] == [
        bool(getattr(page, name)) for name in PracticePage.TEXTS
    ]
    for rows in ("challenges", "steps", "participants", "indicators", "attachments", "photos"):
        texts = [str(one) for one in getattr(there, rows).all()]
        assert len(texts) == getattr(page, rows).count() == len(facts.get(rows, []))
        assert not set(texts) & {str(one) for one in getattr(page, rows).all()}


def test_words_adoptions_and_label_of_the_demo(told):
    words = PartnerWord.objects.values_list("practice", "state")
    assert set(words) == {
        (page_of("maintenance-budget").pk, Word.CORRECTED),
        (page_of("council-on-the-radio").pk, Word.ASKED),
    }
    adopted = PracticePage.objects.get(pk=DemoRecord.objects.get(key="P064").page_id)
    lineage = lineage_of(adopted)
    assert [one.adoption.state for one in lineage.branches] == [
        "in-place",
        "under-way",
        "intention",
        "given-up",
    ]
    assert lineage.branches[0].page == page_of("maintenance-budget")
    assert [one.adoption.state for one in lineage.branches[0].children] == ["in-place"]
    award = Award.objects.standing().get()
    assert award.practice == page_of("maintenance-budget")
    assert award.reviews.count() == 2
    shown = freshness_of(page_of("council-on-the-radio"))["freshness"]
    assert (shown.is_ageing, shown.is_confirmed) == (True, True)


def test_second_load_changes_nothing(told):
    models = (Contribution, Adoption, Award, PartnerWord, Notice, User, Affiliation, Upload)
    count = [one.objects.count() for one in (*models, PracticePage, OutboxJob)]
    Contribution.objects.get(key=key_of("market-listening")).page.specific.delete()
    assert load_contributions() == 0
    after = [one.objects.count() for one in (*models, PracticePage)]
    assert after == [count[0] - 1, *count[1:-2], count[-2] - 1]  # what a person drops stays away


def test_nothing_is_told_in_a_network_that_people_have_changed(network):
    Affiliation.objects.filter(person__email="focal@example.org").delete()
    assert load_contributions() == 0
    assert not Contribution.objects.exists()
    load_network()
    assert load_contributions() == len(DRAFTS)


def test_example_people_of_the_regions_cannot_log_in(told):
    people = User.objects.exclude(email__in=prepare_accounts())
    assert people.count() == 4
    assert [one.has_usable_password() for one in people] == [False] * 4
    assert all(is_marked(one.name) for one in people)


@pytest.mark.parametrize("file", DRAFTS, ids=lambda file: file.stem)
def test_texts_of_a_draft_say_that_they_are_an_example(file):
    text = file.read_text(encoding="utf-8")
    facts = tomllib.loads(text)
    begun, written = facts["begun"], facts.get("written", {})
    translated = facts.get("translated", {})
    alone = [facts["title"], begun["summary"], begun.get("contact_name", "مثال")]
    alone += strings(facts.get("photo", {})) + strings(facts.get("review", {}).get("published"))
    alone += [translated[name] for name in ("title", "summary", "contact_name") if translated]
    for part in (begun, written, translated):
        alone += [row["text"] for row in part.get("challenges", [])]
        alone += [row["name"] for row in part.get("indicators", [])]
        alone += [row["who"] for row in part.get("participants", [])]
        alone += [row["title"] for row in part.get("attachments", [])]
    assert [one for one in alone if not is_marked(one)] == []
    assert is_marked(begun["problem"])
    assert not set("٠١٢٣٤٥٦٧٨٩") & set(text)


def test_all_that_members_say_to_each_other_is_marked(told):
    said = strings(list(Adoption.objects.values("kept", "changed", "result", "steps__words")))
    said += strings(list(PartnerWord.objects.values("words")))
    said += strings(list(Award.objects.values("reasons", "reviews__words")))
    said += strings(list(PracticePage.objects.filter(origin=Origin.MEMBER).values("title")))
    assert [one for one in said if one and not is_marked(one)] == []


def test_what_did_not_work_is_kept_back_as_it_asks(told, client):
    failures = PracticePage.objects.filter(kind=PracticeKind.DID_NOT_WORK, live=True)
    network = failures.get(audience=Audience.NETWORK)
    assert [one.code for one in network.collectivities] == ["01.571.01.11"]
    assert client.get(reverse("practice", args=[network.slug])).status_code == 404
    hidden = failures.get(hides_collectivity=True)
    assert hidden.collectivities == []
    text = client.get(reverse("practice", args=[hidden.slug])).content.decode()
    page = text.partition('<article class="card"')[0]  # before the practices of others
    assert hidden.title in page
    assert [name in page for name in ("أكادير", "Agadir", "neighbour")] == [False] * 3


# Wagtail leaves the file of a new rendition open for the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_public_pages_of_the_examples_open_in_three_languages(told, client):
    pages = PracticePage.objects.visible().filter(origin=Origin.MEMBER)
    assert len(pages) == 5  # three, of which two are told in both languages
    for page in pages:
        for language in LANGUAGES:
            with override(language):
                answer = client.get(reverse("practice", args=[page.slug]))
            assert answer.status_code == 200

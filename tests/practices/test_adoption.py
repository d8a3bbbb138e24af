"""A collectivity takes a practice over: declared, told on, linked, told to others, hidden."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from contributions.drafts import newest, read_rows
from contributions.enums import AuthorState
from contributions.models import Authorship, Contribution
from contributions.registry import kinds
from core.audit import AuditEntry
from members.models import Membership
from notifications.models import Notice
from practices.enums import NEXT_ADOPTION_STATES, AdoptionState
from practices.models import Adoption, AdoptionStep, PracticePage, PracticeStep
from practices.services.adoption import (
    AdoptionRefused,
    change_state,
    declare_adoption,
    hide_adoption,
    link_own_practice,
    show_adoption,
    start_own_practice,
)
from search.services import search
from tests.conftest import index_waiting
from tests.factories import make_commune, make_practice, make_staff
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
)

pytestmark = pytest.mark.django_db

TOLD = {"since": "2024", "kept": "الفكرة", "changed": "", "result": "", "language": "ar"}


def url(name, *args) -> str:
    with override("fr"):
        return reverse(name, args=args)


@pytest.fixture
def author():
    return make_member_collectivity()


@pytest.fixture
def practice(author):
    return make_practice(
        collectivities=(author,), title="ميزانية تشاركية", problem="<p>لا أحد يعلم</p>"
    )


@pytest.fixture
def commune():
    return make_member_collectivity()


@pytest.fixture
def official(commune):
    return make_contributor(commune).person


def declare(practice, commune, official, **fields) -> Adoption:
    return declare_adoption(
        **{
            "practice": practice,
            "collectivity": commune,
            "person": official,
            "state": "intention",
            "fields": TOLD,
        }
        | fields
    )[0]


@pytest.fixture
def adoption(practice, commune, official):
    return declare(practice, commune, official)


def kinds_told(person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("kind", flat=True))


# --- Declared -----------------------------------------------------------------------------------


def test_a_visitor_is_sent_to_the_login_and_back(client, practice):
    address = url("practice_adopt", practice.slug)
    response = client.get(address)
    assert response.status_code == 302
    assert response["Location"] == f"{url('account_login')}?next={address}"


def test_an_official_declares_with_one_line_and_the_authors_are_told(
    client, practice, author, commune, official
):
    told = make_contributor(author).person
    client.force_login(official)
    address = url("practice_adopt", practice.slug)
    assert client.get(address).status_code == 200
    sent = {"state": "under-way", "since": "10/2024", "kept": "الفكرة", "language": "ar"}
    response = client.post(address, sent)
    adoption = Adoption.objects.get()
    assert response["Location"] == url("space_adoption", commune.key, adoption.pk)
    assert (adoption.practice_id, adoption.collectivity, adoption.state, adoption.since) == (
        practice.pk,
        commune,
        "under-way",
        "2024-10",
    )
    assert [step.state for step in adoption.steps.all()] == ["under-way"]
    assert kinds_told(told) == ["adoption-declared"]
    assert kinds_told(official) == []
    assert AuditEntry.objects.get(kind="adoption.declared").actor == official


def test_sent_twice_it_declares_once(client, practice, author, commune, official):
    told = make_contributor(author).person
    client.force_login(official)
    sent = {"state": "intention", "language": "ar"}
    answers = {client.post(url("practice_adopt", practice.slug), sent)["Location"] for _n in "12"}
    assert answers == {url("space_adoption", commune.key, Adoption.objects.get().pk)}
    assert len(kinds_told(told)) == AdoptionStep.objects.count() == 1


def test_who_declares_after_a_colleague_sees_both_and_loses_nothing(
    client, practice, commune, official
):
    address, sent = url("practice_adopt", practice.slug), {"state": "intention", "language": "ar"}
    for person, kept in ((make_focal_point(commune).person, "الأولى"), (official, "الثانية")):
        client.force_login(person)
        response = client.post(address, sent | {"kept": kept})
    page = response.content.decode()
    assert response.status_code == 422
    assert "الأولى" in page
    assert "الثانية" in page
    adoption = Adoption.objects.get()
    assert adoption.kept == "الأولى"
    stamp = re.search(r'name="seen" value="(\w+)"', page)[1]
    again = {"kept": "الثانية", "language": "ar", "seen": stamp}
    saved = client.post(url("space_adoption", commune.key, adoption.pk), again)
    assert saved.status_code == 302
    adoption.refresh_from_db()
    assert adoption.kept == "الثانية"


def test_who_has_several_collectivities_chooses(client, practice, commune, official):
    other = make_member_collectivity()
    make_focal_point(other, person=official)
    client.force_login(official)
    address = url("practice_adopt", practice.slug)
    sent = {"state": "intention", "language": "ar"}
    assert client.post(address, sent).status_code == 422
    stranger = make_member_collectivity()
    assert client.post(address, sent | {"collectivity": stranger.pk}).status_code == 422
    assert client.post(address, sent | {"collectivity": other.pk}).status_code == 302
    assert Adoption.objects.get().collectivity == other
    # The other one can still be declared for, and the first is named with its page.
    page = client.get(address).content.decode()
    assert url("space_adoption", other.key, Adoption.objects.get().pk) in page
    offered = re.findall(r'name="collectivity" value="(\d+)"[^>]*\bchecked', page)
    assert offered == [str(commune.pk)]
    assert client.post(address, sent | {"collectivity": offered[0]}).status_code == 302
    assert Adoption.objects.get(collectivity=commune).practice == practice


@pytest.mark.parametrize("who", ["author", "no member", "association", "nobody", "editor"])
def test_whoever_else_is_refused(client, practice, author, who):
    people = {
        "author": lambda: make_focal_point(author).person,
        "no member": lambda: make_focal_point(make_commune()).person,
        "association": lambda: make_focal_point(make_association()).person,
        "nobody": make_person,
        "editor": make_staff,
    }
    client.force_login(people[who]())
    address = url("practice_adopt", practice.slug)
    assert client.get(address).status_code == 403
    assert client.post(address, {"state": "intention", "language": "ar"}).status_code in (403, 422)
    assert Adoption.objects.count() == 0


def test_who_writes_what_hides_its_collectivity_cannot_take_it_over(client):
    writer, other = make_member_collectivity(), make_member_collectivity()
    masked = make_practice(kind="did-not-work", hides_collectivity=True)
    contribution = Contribution.objects.create(
        page=masked, kind="practice", started_by=make_person()
    )
    Authorship.objects.create(
        contribution=contribution, collectivity=writer, state=AuthorState.WRITES, leads=True
    )
    address = url("practice_adopt", masked.slug)
    insider, outsider = make_contributor(writer).person, make_contributor(other).person
    client.force_login(insider)
    assert client.get(address).status_code == 403
    client.force_login(outsider)
    response = client.post(address, {"state": "intention", "language": "ar"})
    assert response.status_code == 302
    # The authors are told, and are named nowhere.
    assert kinds_told(insider) == ["adoption-declared"]
    adoption = Adoption.objects.get()
    for page in (
        url("practice_adoptions", masked.slug),
        url("space_adoption", other.key, adoption.pk),
        url("practice_adopt", masked.slug),
        url("collectivity_exchanges", other.slug),
    ):
        assert writer.name_fr not in client.get(page).content.decode()
    assert (
        masked.title not in client.get(url("collectivity_exchanges", writer.slug)).content.decode()
    )


def test_only_what_everybody_may_read_is_taken_over(client, commune, official):
    kept = make_practice(kind="did-not-work", audience="network")
    draft = make_practice(published=False)
    client.force_login(official)
    for page in (kept, draft):
        for answer in (client.get, client.post):
            assert answer(url("practice_adopt", page.slug)).status_code == 404
    with pytest.raises(AdoptionRefused):
        declare(kept, commune, official)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "given-up"},
        {"state": "arrived"},
        {"state": ""},
        {"since": "soon"},
        {"since": "2024-13"},
        {"kept": "a" * 1501},
        {"language": "xx"},
        {"since": "1" * 300},
    ],
)
def test_what_is_wrong_comes_back_with_words_and_nothing_lost(client, practice, official, wrong):
    client.force_login(official)
    sent = {"state": "intention", "language": "ar", "result": "نتيجة"} | wrong
    response = client.post(url("practice_adopt", practice.slug), sent)
    assert response.status_code == 422
    page = response.content.decode()
    assert 'class="error-summary"' in page
    assert "نتيجة" in page
    assert Adoption.objects.count() == 0


# --- Told on ------------------------------------------------------------------------------------


def test_for_other_spaces_an_adoption_does_not_exist(client, adoption, commune, official):
    other = make_member_collectivity()
    stranger = make_contributor(other).person
    names = ("space_adoption", "space_adoption_state", "space_adoption_link")
    client.force_login(stranger)
    for name in names:
        for key in (commune.key, other.key):
            assert client.post(url(name, key, adoption.pk)).status_code == 404
    client.force_login(official)
    for name in names[1:]:
        assert client.get(url(name, commune.key, adoption.pk)).status_code == 405
    assert client.get(url("space_adoption", commune.key, adoption.pk)).status_code == 200
    assert client.get(url("space_adoption", commune.key, 2**70)).status_code == 404


def test_editors_look_at_a_space_and_write_nothing_in_it(client, adoption, commune):
    client.force_login(make_staff())
    assert client.get(url("space_adoptions", commune.key)).status_code == 200
    assert client.get(url("space_adoption", commune.key, adoption.pk)).status_code == 403


def seen_in(client, address) -> str:
    return re.search(r'name="seen" value="(\w+)"', client.get(address).content.decode())[1]


def test_the_second_of_two_colleagues_sees_both(client, adoption, commune, official):
    client.force_login(official)
    address = url("space_adoption", commune.key, adoption.pk)
    seen = seen_in(client, address)
    assert client.post(address, TOLD | {"kept": "الأولى", "seen": seen}).status_code == 302
    second = client.post(address, TOLD | {"kept": "الثانية", "seen": seen})
    page = second.content.decode()
    assert second.status_code == 422
    assert "الأولى" in page
    assert "الثانية" in page
    adoption.refresh_from_db()
    assert adoption.kept == "الأولى"
    stamp = re.search(r'name="seen" value="(\w+)"', page)[1]
    assert client.post(address, TOLD | {"kept": "الثانية", "seen": stamp}).status_code == 302
    adoption.refresh_from_db()
    assert adoption.kept == "الثانية"


def test_a_state_follows_its_order_and_the_authors_are_told(
    client, adoption, author, commune, official
):
    told = make_contributor(author).person
    client.force_login(official)
    address = url("space_adoption_state", commune.key, adoption.pk)
    assert client.post(address, {"state": "in-place"}).status_code == 422
    assert client.post(address, {"state": "elsewhere"}).status_code == 422
    for state in ("under-way", "in-place"):
        assert client.post(address, {"state": state, "words": "تم"}).status_code == 302
    # Sent once more it is as it is; other words are not dropped unseen.
    for words in ("", "تم"):
        assert client.post(address, {"state": "in-place", "words": words}).status_code == 302
    refused = client.post(address, {"state": "in-place", "words": "كلمات أخرى"})
    assert refused.status_code == 422
    assert "كلمات أخرى" in refused.content.decode()
    adoption.refresh_from_db()
    assert adoption.state == "in-place"
    steps = list(adoption.steps.values_list("state", "words", "by"))
    assert steps == [
        ("intention", "", official.pk),
        ("under-way", "تم", official.pk),
        ("in-place", "تم", official.pk),
    ]
    assert kinds_told(told) == ["adoption-state", "adoption-state"]


def test_giving_up_needs_words(client, adoption, commune, official):
    client.force_login(official)
    address = url("space_adoption_state", commune.key, adoption.pk)
    refused = client.post(address, {"state": "given-up", "words": "  "})
    assert refused.status_code == 422
    assert client.post(address, {"state": "given-up", "words": "لا ميزانية"}).status_code == 302


def test_everybody_reads_why_it_was_given_up_until_it_is_taken_up_again(
    client, adoption, practice, commune, official
):
    own = make_practice(collectivities=(commune,))
    link_own_practice(adoption=adoption, practice=own)
    change_state(
        adoption=adoption, person=official, state="given-up", words="لا ميزانية\nهذه السنة"
    )
    addresses = (
        url("practice_adoptions", practice.slug),
        url("practice_differences", practice.slug, own.slug),
    )
    for address in addresses:
        page = client.get(address).content.decode()
        assert "لا ميزانية<br>هذه السنة" in page
        assert f'datetime="{timezone.localdate().isoformat()}"' in page
    change_state(adoption=adoption, person=official, state="under-way")
    for address in addresses:
        assert "لا ميزانية" not in client.get(address).content.decode()


@pytest.mark.parametrize("before", AdoptionState)
def test_no_forged_state_passes_the_service(adoption, official, before):
    for state in AdoptionState:
        Adoption.objects.filter(pk=adoption.pk).update(state=before)
        if state in NEXT_ADOPTION_STATES[before] or state == before:
            change_state(adoption=adoption, person=official, state=state, words="سبب")
        else:
            with pytest.raises(AdoptionRefused):
                change_state(adoption=adoption, person=official, state=state, words="سبب")


# --- One's own practice -------------------------------------------------------------------------


def test_an_own_practice_is_linked_and_taken_away(client, adoption, commune, official):
    own = make_practice(collectivities=(commune,))
    client.force_login(official)
    address = url("space_adoption_link", commune.key, adoption.pk)
    assert client.post(address, {"practice": own.pk}).status_code == 302
    adoption.refresh_from_db()
    assert adoption.own_practice == own
    assert client.post(address, {"practice": ""}).status_code == 302
    adoption.refresh_from_db()
    assert adoption.own_practice is None


def test_what_is_not_ones_own_or_not_public_is_not_linked(client, adoption, commune, official):
    foreign = make_practice(collectivities=(make_commune(),))
    draft = make_practice(collectivities=(commune,), published=False)
    masked = make_practice(collectivities=(commune,), kind="did-not-work", hides_collectivity=True)
    kept = make_practice(collectivities=(commune,), kind="did-not-work", audience="network")
    client.force_login(official)
    address = url("space_adoption_link", commune.key, adoption.pk)
    make_practice(collectivities=(commune,))
    for page in (foreign, draft, masked, kept, adoption.practice):
        assert client.post(address, {"practice": page.pk}).status_code == 422
        with pytest.raises(AdoptionRefused):
            link_own_practice(adoption=adoption, practice=page)
    adoption.refresh_from_db()
    assert adoption.own_practice is None


def test_an_own_version_begins_as_a_copy_without_what_is_anothers(
    client, adoption, practice, commune, official
):
    page = PracticePage.objects.get(pk=practice.pk)
    page.steps = [PracticeStep(title="خطوة", date="2022", locale=page.locale)]
    page.contact_name, page.contact_email = "مصلحة", "author@example.org"
    page.population_reached, page.results = 900, "<p>نتائج الغير</p>"
    page.save_revision().publish()
    client.force_login(official)
    address = url("space_adoption_write", commune.key, adoption.pk)
    response = client.post(address, {"language": "ar"})
    contribution = Contribution.objects.get()
    assert response["Location"] == url("contribution", contribution.pk)
    assert contribution.parent_id == practice.pk
    assert contribution.provenance == {"kind": "adaptation", "practice": practice.pk}
    draft = newest(contribution)
    assert (draft.title, draft.problem) == (practice.title, practice.problem)
    assert (draft.contact_name, draft.contact_email, draft.population_reached, draft.results) == (
        "",
        "",
        None,
        "",
    )
    assert draft.collectivities == [commune]
    steps = next(
        rows for s in kinds["practice"].sections for rows in s.rows if rows.name == "steps"
    )
    assert [(row["title"], row["date"]) for row in read_rows(draft, steps)] == [("خطوة", "")]
    adoption.refresh_from_db()
    assert adoption.own_practice_id == draft.pk
    # Sent twice, it begins one; and nobody else sees anything of it.
    assert client.post(address, {"language": "ar"})["Location"] == response["Location"]
    client.logout()
    for name in ("practice_adoptions", "practice"):
        assert (
            f"practices/{draft.slug}" not in client.get(url(name, practice.slug)).content.decode()
        )
    differing = client.get(url("practice_differences", practice.slug, draft.slug))
    assert differing.status_code == 404


def test_an_own_version_that_is_written_keeps_its_place(client, adoption, commune, official):
    published = make_practice(collectivities=(commune,))
    begun = start_own_practice(adoption=adoption, person=official, language="ar")
    client.force_login(official)
    page, link = (
        url(name, commune.key, adoption.pk) for name in ("space_adoption", "space_adoption_link")
    )
    assert link not in client.get(page).content.decode()
    for chosen in ("", published.pk):
        assert client.post(link, {"practice": chosen}).status_code == 422
    adoption.refresh_from_db()
    assert adoption.own_practice_id == begun.page_id
    begun.page.specific.delete()
    assert client.post(link, {"practice": published.pk}).status_code == 302


def test_a_linked_practice_that_is_no_longer_public_can_be_let_go(
    client, adoption, commune, official
):
    own = make_practice(collectivities=(commune,))
    link_own_practice(adoption=adoption, practice=own)
    own.unpublish()
    client.force_login(official)
    page, link, write = (
        url(f"space_adoption{name}", commune.key, adoption.pk) for name in ("", "_link", "_write")
    )
    shown = client.get(page).content.decode()
    assert (link in shown, write in shown) == (True, False)
    assert client.post(link, {"practice": ""}).status_code == 302
    assert write in client.get(page).content.decode()


def test_an_own_version_is_written_in_a_language_that_can_be_copied(adoption, official):
    with pytest.raises(AdoptionRefused):
        start_own_practice(adoption=adoption, person=official, language="en")
    assert Contribution.objects.count() == 0


def test_the_differences_are_shown_where_both_are_public(client, adoption, practice, commune):
    own = make_practice(collectivities=(commune,), title="ميزانية أخرى", problem="<p>غيره</p>")
    address = url("practice_differences", practice.slug, own.slug)
    assert client.get(address).status_code == 404
    link_own_practice(adoption=adoption, practice=own)
    page = client.get(address)
    assert page.status_code == 200
    assert "غيره" in page.content.decode()
    assert page.cookies == {}
    Adoption.objects.update(hidden_at=timezone.now())
    assert client.get(address).status_code == 404


# --- Shown to everybody -------------------------------------------------------------------------


def test_the_page_of_adoptions_sets_no_cookie_and_shows_what_was_told(client, adoption, practice):
    response = client.get(url("practice_adoptions", practice.slug))
    page = response.content.decode()
    assert response.cookies == {}
    assert "csrf" not in page
    assert "الفكرة" in page
    assert adoption.collectivity.name_fr in page
    assert "<svg" in page


def test_the_page_of_adoptions_puts_up_with_any_address(client, adoption, practice):
    address = url("practice_adoptions", practice.slug)
    for query in ("?like=nowhere", "?state=xx", "?page=zz", "?like=" + "a" * 500):
        assert client.get(address + query).status_code == 200
    shown = client.get(address + "?state=in-place").content.decode()
    assert "الفكرة" not in shown
    assert client.get(url("practice_adoptions", "nothing-999999")).status_code == 404


def test_those_like_a_collectivity_come_first(client, practice, commune, official):
    far = make_member_collectivity()
    declare(practice, far, make_contributor(far).person, state="in-place")
    declare(practice, commune, official)
    mine = make_commune(region=commune.region, population=commune.population)
    page = client.get(
        url("practice_adoptions", practice.slug) + f"?like={mine.slug}"
    ).content.decode()
    listed = page[page.index("adoptions__list") :]
    assert listed.index(commune.slug) < listed.index(far.slug)
    assert f'value="{mine.slug}" selected' in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_adoptions_asks_no_more_for_more(
    client, practice, count, django_assert_num_queries
):
    for _n in range(count):
        one = make_member_collectivity()
        declare(practice, one, make_contributor(one).person)
    address = url("practice_adoptions", practice.slug)
    client.get(address)  # what is asked once per process
    with django_assert_num_queries(4):
        client.get(address)


# --- Search -------------------------------------------------------------------------------------


def adopted_order() -> list[int]:
    return [one.pk for one in search("", "ar", kind="practices", sort="adopted").hits]


def test_the_most_adopted_come_first_and_the_index_follows(adoption, practice, official):
    other = make_practice()
    index_waiting()
    assert adopted_order() == [practice.pk, other.pk]
    change_state(adoption=adoption, person=official, state="given-up", words="سبب")
    index_waiting()
    assert adopted_order() == [other.pk, practice.pk]


def test_the_list_tells_how_many_took_a_practice_over(
    client, adoption, practice, commune, official
):
    make_practice(translation_of=practice, language="fr", title="En français")
    far = make_member_collectivity()
    declare(practice, far, make_contributor(far).person)
    make_practice()
    index_waiting()
    page = client.get("/en/practices/?sort=adopted").content.decode()
    assert page.count("Taken over by") == 1
    assert "Taken over by 2 collectivities" in page
    change_state(adoption=adoption, person=official, state="given-up", words="سبب")
    assert "Taken over by 1 collectivity" in client.get("/en/practices/").content.decode()


def test_a_hidden_adoption_does_not_count(adoption, practice):
    other = make_practice()
    editor = make_staff()
    hide_adoption(adoption=adoption, reason="سبب", editor=editor)
    index_waiting()
    assert adopted_order() == [other.pk, practice.pk]
    show_adoption(adoption=adoption, editor=editor)
    index_waiting()
    assert adopted_order() == [practice.pk, other.pk]


# --- Editors ------------------------------------------------------------------------------------


@pytest.fixture
def admin(client, wagtails_own_templates):
    client.force_login(make_staff())
    return client


def test_an_editor_hides_an_adoption_with_a_reason_and_shows_it_again(
    admin, adoption, practice, official
):
    assert admin.get(reverse("adoptions:index")).status_code == 200
    assert admin.get(reverse("adoptions:inspect", args=[adoption.pk])).status_code == 200
    address = reverse("adoptions:hide", args=[adoption.pk])
    assert admin.get(address).status_code == 200
    assert admin.post(address, {"reason": ""}).status_code == 422
    assert admin.post(address, {"reason": "غير لائق"}).status_code == 302
    adoption.refresh_from_db()
    assert adoption.hidden_at
    assert AuditEntry.objects.get(kind="adoption.hidden").note == "غير لائق"
    assert kinds_told(official) == ["adoption-hidden"]
    shown = admin.get(url("practice_adoptions", practice.slug)).content.decode()
    assert "الفكرة" not in shown
    assert admin.post(reverse("adoptions:show", args=[adoption.pk])).status_code == 302
    adoption.refresh_from_db()
    assert adoption.hidden_at is None


def test_who_is_no_editor_hides_nothing(client, adoption, official, wagtails_own_templates):
    for person in (official, make_staff("Moderators")):
        client.force_login(person)
        for name in ("hide", "show"):
            address = reverse(f"adoptions:{name}", args=[adoption.pk])
            assert client.post(address, {"reason": "سبب"}).status_code in (302, 403)
    adoption.refresh_from_db()
    assert adoption.hidden_at is None


def test_all_notices_can_be_read_in_each_language(adoption, practice, author, official):
    told = make_contributor(author).person
    change_state(adoption=adoption, person=official, state="given-up", words="سبب")
    editor = make_staff()
    hide_adoption(adoption=adoption, reason="علة", editor=editor)
    show_adoption(adoption=adoption, editor=editor)
    from notifications.registry import kinds as notice_kinds

    notices = Notice.objects.filter(person__in=[told, official])
    assert {one.kind for one in notices} == {"adoption-state", "adoption-hidden", "adoption-shown"}
    for language in ("ar", "fr", "en", "zgh"):
        with override(language):
            for one in notices:
                kind = notice_kinds[one.kind]
                assert practice.title in kind.subject(one.data)
                assert kind.text(one.data)
                assert kind.address(one.data).startswith(f"/{language}/practices/")


def test_the_membership_that_ended_declares_nothing(client, practice, commune, official):
    Membership.objects.filter(collectivity=commune).update(ended_on=timezone.localdate())
    client.force_login(official)
    assert client.get(url("practice_adopt", practice.slug)).status_code == 403

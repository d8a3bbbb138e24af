"""Associations are asked for their word on a practice, give it, and nobody speaks for them."""

import pytest
from django.db.models import F
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from contributions.enums import AuthorState
from contributions.models import Authorship, Contribution
from core import outbox
from core.audit import AuditEntry
from members.access import organisation_of
from members.enums import AttachmentState, Place
from members.models import Affiliation, Attachment
from notifications.models import Notice
from notifications.registry import kinds
from practices.enums import Word
from practices.models import PartnerWord, PracticePage, PracticeParticipant
from practices.partner_words import matters, partner_words_of
from practices.services.partner_words import JOB, ask_partners, give_word, stamp_of, tell_asked
from tests.factories import make_practice, make_staff
from tests.members.factories import (
    make_association,
    make_contributor,
    make_focal_point,
    make_member_collectivity,
    make_person,
    make_place,
)

pytestmark = pytest.mark.django_db


def naming(page: PracticePage, *associations) -> list[PracticeParticipant]:
    return [
        PracticeParticipant(
            locale=page.locale, stage="design", who="Les jeunes", role="Choisir", association=one
        )
        for one in associations
    ]


def publish(page: PracticePage, *associations) -> PracticePage:
    """Publish a new version of a practice that names associations."""
    page = PracticePage.objects.get(pk=page.pk)
    page.participants = naming(page, *associations)
    page.save_revision().publish()
    return PracticePage.objects.get(pk=page.pk)


def practice_naming(*associations, **fields) -> PracticePage:
    return publish(make_practice(published=False, **fields), *associations)


def tell_all() -> None:
    """Do what the worker does with the requests for words."""
    for job in outbox.models.OutboxJob.objects.filter(kind=JOB):
        tell_asked(job.payload)


def answered(word: PartnerWord, state=Word.CONFIRMED, words="", **fields) -> PartnerWord:
    PartnerWord.objects.filter(pk=word.pk).update(
        state=state, words=words, answered_at=timezone.now(), **fields
    )
    word.refresh_from_db()
    return word


def address(word: PartnerWord) -> str:
    return reverse("partner_word", args=[word.association.key, word.pk])


def sent(word: PartnerWord, state="confirmed", words="", language="fr") -> dict:
    return {"state": state, "words": words, "language": language, "seen": stamp_of(word)}


@pytest.fixture
def association():
    return make_association()


@pytest.fixture
def speaker(association):
    return make_contributor(association).person


# --- Asked ----------------------------------------------------------------------------------------


def test_a_published_practice_asks_each_association_that_it_names_once(association):
    other = make_association()
    page = practice_naming(association, other, association)
    words = PartnerWord.objects.filter(practice=page)
    assert [(one.association, one.state) for one in words.order_by("association")] == [
        (association, Word.ASKED),
        (other, Word.ASKED),
    ]
    before = list(words.values_list("pk", "asked_at"))
    ask_partners(practice=page, made_at=page.latest_revision.created_at)
    assert list(words.values_list("pk", "asked_at")) == before


def test_a_draft_a_scheduled_version_and_free_words_ask_nobody(association):
    page = make_practice(published=False)
    page.participants = naming(page, association, None)
    page.save_revision()
    assert not PartnerWord.objects.exists()
    page.go_live_at = timezone.now() + timezone.timedelta(days=1)
    page.save_revision().publish()
    assert not PartnerWord.objects.exists()


def test_an_association_that_left_the_network_is_not_asked():
    gone = make_association(left_on=timezone.localdate())
    practice_naming(gone)
    assert not PartnerWord.objects.exists()


def test_a_practice_that_hides_its_collectivity_asks_nobody_and_shows_no_word(association):
    page = practice_naming(association, kind="did-not-work", hides_collectivity=True)
    assert not PartnerWord.objects.exists()
    PartnerWord.objects.create(practice=page, association=association)
    assert partner_words_of(page) == {"partner_words": []}


def test_the_people_of_the_association_are_told_and_mailed(association, speaker):
    make_focal_point(make_association())
    page = practice_naming(association)
    tell_all()
    tell_all()
    notice = Notice.objects.get()
    assert (notice.person, notice.kind) == (speaker, "partner-word-asked")
    assert notice.data["titles"] == {"ar": page.title}
    mails = outbox.models.OutboxJob.objects.filter(kind="notice-mail")
    assert [job.payload for job in mails] == [{"notice": notice.pk}]


def test_who_may_not_give_the_word_is_not_asked_for_it(association, speaker):
    commune = make_member_collectivity()
    both = make_contributor(association).person
    make_contributor(commune, person=both)
    practice_naming(association, collectivities=(commune,))
    tell_all()
    assert [one.person for one in Notice.objects.all()] == [speaker]


def test_a_word_that_was_given_meanwhile_is_not_asked_for(association, speaker):
    practice_naming(association)
    answered(PartnerWord.objects.get())
    tell_all()
    assert not Notice.objects.exists()


def test_a_new_version_asks_those_again_that_have_answered_and_keeps_their_word(
    association, speaker
):
    page = practice_naming(association)
    tell_all()
    word = answered(PartnerWord.objects.get(), Word.DISSENTED, "Pas nous", language="fr")
    publish(page, association)
    word.refresh_from_db()
    assert (word.is_open, word.state, word.words) == (True, Word.DISSENTED, "Pas nous")
    assert list(PartnerWord.objects.open_ones()) == [word]
    tell_all()
    first, again = Notice.objects.order_by("pk")
    assert (first.data["again"], again.data["again"]) == (False, True)
    kind = kinds["partner-word-asked"]
    for notice in (first, again):
        assert page.title in kind.subject(notice.data)
        assert association.name in kind.text(notice.data)
        assert kind.address(notice.data) == address(word)


def test_the_same_version_published_again_asks_nobody_again(association):
    page = practice_naming(association)
    answered(PartnerWord.objects.get())
    page.latest_revision.publish()
    assert not PartnerWord.objects.open_ones().exists()


def test_a_translation_asks_whom_it_names_first_and_nobody_again(association):
    page = practice_naming(association)
    answered(PartnerWord.objects.get())
    other = make_association()
    french = make_practice(language="fr", translation_of=page, published=False)
    publish(french, association, other)
    assert [(one.practice, one.association) for one in PartnerWord.objects.open_ones()] == [
        (page, other)
    ]


def test_who_is_no_longer_named_is_no_longer_asked(association):
    silent, old = make_association(), make_association()
    page = practice_naming(association, silent, old)
    word = answered(PartnerWord.objects.get(association=association), Word.DISSENTED, "Non")
    old_word = answered(PartnerWord.objects.get(association=old))
    PartnerWord.objects.filter(pk=old_word.pk).update(asked_at=timezone.now())
    page = publish(page)
    assert list(PartnerWord.objects.order_by("pk")) == [word, old_word]
    assert not PartnerWord.objects.open_ones().exists()
    # What was said stays: nobody gets rid of a dissent.
    shown = partner_words_of(page)["partner_words"]
    assert [(one.state, one.is_named) for one in shown] == [
        (Word.DISSENTED, False),
        (Word.CONFIRMED, False),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_asking_takes_the_same_queries_for_one_and_three(number, django_assert_num_queries):
    associations = [make_association() for _ in range(number)]
    page = make_practice()
    page.participants = naming(page, *associations)
    page.save()
    with django_assert_num_queries(9):  # with two savepoints
        ask_partners(practice=page, made_at=timezone.now())
    assert PartnerWord.objects.count() == number


def test_a_practice_that_names_nobody_costs_two_queries(django_assert_num_queries):
    page = make_practice()
    with django_assert_num_queries(4):  # with the savepoint
        ask_partners(practice=page, made_at=timezone.now())


# --- Answered -------------------------------------------------------------------------------------


def test_the_association_confirms_and_the_authors_are_told(client, association, speaker):
    commune = make_member_collectivity()
    author = make_focal_point(commune).person
    page = practice_naming(association, collectivities=(commune,))
    word = PartnerWord.objects.get()
    client.force_login(speaker)
    asked = client.get(address(word))
    assert asked.status_code == 200
    assert [row.who for _stage, row in asked.context["named"]] == ["Les jeunes"]
    data = sent(word)
    assert client.post(address(word), data).url == address(word)
    assert client.post(address(word), data).url == address(word)
    word.refresh_from_db()
    assert (word.state, word.answered_by, word.language) == (Word.CONFIRMED, speaker, "")
    assert not word.is_open
    entry = AuditEntry.objects.get(kind="partner-word.given")
    assert (entry.actor, entry.before["state"], entry.after["state"]) == (
        speaker,
        "asked",
        "confirmed",
    )
    notice = Notice.objects.get()
    assert (notice.person, notice.kind, notice.data["slug"]) == (
        author,
        "partner-word-given",
        page.slug,
    )


@pytest.mark.parametrize("state", ["corrected", "dissented"])
def test_a_correction_and_a_dissent_need_words(client, association, speaker, state):
    commune = make_member_collectivity()
    make_focal_point(commune)
    practice_naming(association, collectivities=(commune,))
    word = PartnerWord.objects.get()
    client.force_login(speaker)
    refused = client.post(address(word), sent(word, state, "  "))
    assert refused.status_code == 422
    assert list(refused.context["form"].errors) == ["words"]
    word.refresh_from_db()
    assert word.state == Word.ASKED
    assert client.post(address(word), sent(word, state, "Ce n’était pas nous")).status_code == 302
    word.refresh_from_db()
    assert (word.state, word.words, word.language) == (state, "Ce n’était pas nous", "fr")
    notice = Notice.objects.get(kind="partner-word-given")
    kind = kinds[notice.kind]
    assert association.name in kind.subject(notice.data)
    assert "Ce n’était pas nous" in kind.text(notice.data)
    assert kind.address(notice.data) == reverse("practice", args=[word.practice.slug])


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"state": "asked"},
        {"state": "forged"},
        {"state": "confirmed", "words": "x" * 1501},
        {"state": "confirmed", "words": "x", "language": "xx"},
        {"state": "confirmed", "words": "x", "language": ""},
    ],
)
def test_what_is_no_answer_is_refused_in_words(client, association, speaker, bad):
    practice_naming(association)
    word = PartnerWord.objects.get()
    client.force_login(speaker)
    answer = client.post(address(word), {"seen": stamp_of(word), **bad})
    assert answer.status_code == 422
    word.refresh_from_db()
    assert word.state == Word.ASKED


def test_a_word_may_be_changed_later(client, association, speaker):
    practice_naming(association)
    word = answered(PartnerWord.objects.get(), Word.DISSENTED, "Non", language="fr")
    client.force_login(speaker)
    form = client.get(address(word)).context["form"]
    assert (form["state"].value(), form["words"].value()) == ("dissented", "Non")
    client.post(address(word), sent(word))
    word.refresh_from_db()
    assert (word.state, word.words) == (Word.CONFIRMED, "")


def test_the_same_word_on_a_new_version_is_an_answer(client, association, speaker):
    page = practice_naming(association)
    word = answered(PartnerWord.objects.get())
    publish(page, association)
    word.refresh_from_db()
    client.force_login(speaker)
    assert client.post(address(word), sent(word)).status_code == 302
    word.refresh_from_db()
    assert not word.is_open


def test_who_writes_while_a_colleague_answers_sees_both_and_loses_nothing(
    client, association, speaker
):
    practice_naming(association)
    word = PartnerWord.objects.get()
    data = sent(word, "confirmed", "Oui")
    answered(word, Word.DISSENTED, "Non", language="fr", answered_by=make_person())
    client.force_login(speaker)
    answer = client.post(address(word), data)
    assert answer.status_code == 422
    assert "Non" in answer.content.decode()
    form = answer.context["form"]
    assert form["words"].value() == "Oui"
    word.refresh_from_db()
    assert word.state == Word.DISSENTED
    again = data | {"seen": form["seen"].value()}
    assert client.post(address(word), again).status_code == 302
    word.refresh_from_db()
    assert (word.state, word.words) == (Word.CONFIRMED, "Oui")


def test_a_new_version_while_one_writes_is_looked_at_first(client, association, speaker):
    page = practice_naming(association)
    word = answered(PartnerWord.objects.get())
    data = sent(word, "corrected", "Plus tard")
    publish(page, association)
    client.force_login(speaker)
    assert client.post(address(word), data).status_code == 422
    word.refresh_from_db()
    assert (word.state, word.is_open) == (Word.CONFIRMED, True)


# --- Nobody of the author's collectivity speaks for them ------------------------------------------


def concerned(commune):
    return {"collectivities": (commune,)}


def test_nobody_of_a_collectivity_of_the_practice_speaks_for_the_association(client, association):
    commune = make_member_collectivity()
    practice_naming(association, collectivities=(commune,))
    word = PartnerWord.objects.get()
    place = make_contributor(commune)
    make_focal_point(association, person=place.person)
    client.force_login(place.person)
    asked = client.get(address(word))
    assert (asked.status_code, asked.context["form"]) == (200, None)
    assert commune.full_name in asked.context["why_not"]
    assert client.post(address(word), sent(word)).status_code == 403
    word.refresh_from_db()
    assert word.state == Word.ASKED
    Affiliation.objects.filter(pk=place.pk).update(ended_at=timezone.now())
    assert client.post(address(word), sent(word)).status_code == 302


@pytest.mark.parametrize("state", list(AuthorState))
def test_nobody_of_a_collectivity_that_wrote_it_speaks_for_the_association(
    client, association, state
):
    page = practice_naming(association)
    author = make_contributor(make_member_collectivity())
    contribution = Contribution.objects.create(page=page, kind="practice", started_by=make_person())
    Authorship.objects.create(
        contribution=contribution, collectivity=author.collectivity, state=state
    )
    make_contributor(association, person=author.person)
    word = PartnerWord.objects.get()
    client.force_login(author.person)
    assert client.post(address(word), sent(word)).status_code == 403


def test_who_began_the_draft_does_not_speak_for_the_association(client, association, speaker):
    page = practice_naming(association)
    Contribution.objects.create(page=page, kind="practice", started_by=speaker)
    word = PartnerWord.objects.get()
    client.force_login(speaker)
    assert client.get(address(word)).context["form"] is None
    assert client.post(address(word), sent(word)).status_code == 403


def test_who_comes_to_the_page(client, association, speaker):
    practice_naming(association)
    word = PartnerWord.objects.get()
    other = make_association()
    stranger = make_focal_point(other).person
    member = make_focal_point(make_member_collectivity()).person
    assert "/account/login/" in client.get(address(word)).url
    for person, status in (
        (speaker, 200),
        (make_staff(), 403),
        (stranger, 404),
        (member, 404),
    ):
        client.force_login(person)
        assert client.get(address(word)).status_code == status
    client.force_login(stranger)
    not_theirs = reverse("partner_word", args=[other.key, word.pk])
    assert client.get(not_theirs).status_code == 404
    assert client.post(not_theirs, sent(word)).status_code == 404
    client.force_login(speaker)
    for pk in (word.pk + 1, 2**63, 10**30):
        assert client.get(reverse("partner_word", args=[association.key, pk])).status_code == 404
    assert client.put(address(word)).status_code == 405


def test_a_practice_that_is_no_longer_published_is_told_of(client, association, speaker):
    page = practice_naming(association)
    word = PartnerWord.objects.get()
    page.unpublish()
    client.force_login(speaker)
    assert client.get(address(word)).status_code == 410
    assert client.post(address(word), sent(word)).status_code == 410
    assert page.title not in client.get(address(word)).content.decode()
    assert matters(association, speaker) == []
    word.refresh_from_db()
    assert word.state == Word.ASKED


def test_nothing_is_said_beside_a_practice_that_hides_its_collectivity_by_now(
    client, association, speaker
):
    page = practice_naming(association, kind="did-not-work")
    word = answered(PartnerWord.objects.get())
    client.force_login(speaker)
    assert client.get(address(word)).status_code == 200
    PracticePage.objects.filter(pk=page.pk).update(hides_collectivity=True)
    assert client.get(address(word)).status_code == 410
    assert client.post(address(word), sent(word, "dissented", "Non")).status_code == 410
    assert matters(association, speaker) == []
    word.refresh_from_db()
    assert word.state == Word.CONFIRMED


def test_what_is_kept_to_the_network_exists_for_associations_of_the_network_only(
    client, association, speaker
):
    practice_naming(association, kind="did-not-work", audience="network")
    word = PartnerWord.objects.get()
    client.force_login(speaker)
    assert client.get(address(word)).status_code == 410
    Attachment.objects.create(
        association=association,
        collectivity=make_member_collectivity(),
        state=AttachmentState.CONFIRMED,
    )
    assert client.get(address(word)).status_code == 200


# --- Shown ----------------------------------------------------------------------------------------


def section(page) -> str:
    request = RequestFactory().get("/ar/practices/")
    context = partner_words_of(page) | {"page": page}
    return render_to_string("practices/partner_words/section.html", context, request)


def test_words_stand_beside_the_practice_with_their_language_and_say_who_is_silent(association):
    silent = make_association(name_fr="Les Muets")
    page = practice_naming(association, silent)
    word = PartnerWord.objects.get(association=association)
    answered(word, Word.CORRECTED, "Nous étions <b>deux</b>", language="fr")
    html = section(page)
    assert 'lang="fr" dir="auto"><p>Nous étions &lt;b&gt;deux&lt;/b&gt;</p>' in html
    assert html.index(association.name_fr) < html.index("Les Muets")
    # Neither has a page of its own before a collectivity has confirmed it.
    assert "<a href" not in html
    Attachment.objects.create(
        association=association,
        collectivity=make_member_collectivity(),
        state=AttachmentState.CONFIRMED,
    )
    assert section(page).count(f'<a href="{association.get_absolute_url()}"') == 1


def test_a_practice_that_names_nobody_shows_nothing():
    assert section(make_practice()).strip() == ""


@pytest.mark.parametrize("number", [1, 3])
def test_words_take_one_query_however_many(number, django_assert_num_queries):
    page = practice_naming(*[make_association() for _ in range(number)])
    with django_assert_num_queries(1):
        words = partner_words_of(page)["partner_words"]
        assert [one.association.name for one in words] == [one.association.name for one in words]
    assert len(words) == number


def test_words_are_the_same_beside_each_language(association):
    page = practice_naming(association)
    french = make_practice(language="fr", translation_of=page)
    for one in (page, french):
        assert [word.association for word in partner_words_of(one)["partner_words"]] == [
            association
        ]


@pytest.mark.parametrize("number", [1, 3])
def test_the_space_lists_what_waits_first_in_two_queries(
    association, speaker, number, django_assert_num_queries
):
    pages = [practice_naming(association) for _ in range(number)]
    done = practice_naming(association)
    answered(PartnerWord.objects.get(practice=done))
    list(matters(association, speaker))
    with django_assert_num_queries(2):
        lines = matters(association, speaker)
    assert [(one.text, one.is_open) for one in lines] == [
        *[(page.title, True) for page in reversed(pages)],
        (done.title, False),
    ]
    assert matters(make_member_collectivity(), speaker) is None


def test_the_panel_stands_in_the_space(client, association, speaker):
    page = practice_naming(association)
    client.force_login(speaker)
    home = client.get(reverse("space_home", args=[association.key]))
    assert [one.text for one in home.context["waiting"] if one.text == page.title] == [page.title]
    assert organisation_of(association.key) == association


# --- Drafts of later versions ---------------------------------------------------------------------


def test_a_partner_sees_drafts_from_the_request_on_while_it_is_named(association, speaker):
    stranger = make_contributor(make_association()).person
    page = make_practice(published=False)
    contribution = Contribution.objects.create(page=page, kind="practice", started_by=make_person())
    page.participants = naming(page, association)
    page.save_revision()

    def seen_by(person) -> bool:
        return Contribution.objects.visible_to(person).filter(pk=contribution.pk).exists()

    assert (seen_by(speaker), seen_by(stranger)) == (False, False)
    page = publish(page, association)
    assert (seen_by(speaker), seen_by(stranger)) == (True, False)
    answered(PartnerWord.objects.get())
    assert seen_by(speaker)
    publish(page)
    assert not seen_by(speaker)


def test_a_partner_sees_the_draft_of_another_language(association, speaker):
    page = practice_naming(association)
    french = make_practice(language="fr", translation_of=page, published=False)
    contribution = Contribution.objects.create(
        page=french, kind="practice", started_by=make_person()
    )
    assert list(Contribution.objects.visible_to(speaker)) == [contribution]


def test_who_has_left_the_association_sees_no_draft(association):
    page = practice_naming(association)
    Contribution.objects.create(page=page, kind="practice", started_by=make_person())
    place = make_place(association, Place.CONTRIBUTOR)
    assert Contribution.objects.visible_to(place.person).count() == 1
    Affiliation.objects.filter(pk=place.pk).update(ended_at=F("began_at"))
    left = type(place.person).objects.get(pk=place.person_id)
    assert Contribution.objects.visible_to(left).count() == 0


def test_the_service_refuses_too(association):
    from practices.services.partner_words import WordRefused

    commune = make_member_collectivity()
    practice_naming(association, collectivities=(commune,))
    word = PartnerWord.objects.get()
    with pytest.raises(WordRefused):
        give_word(
            word=word,
            answer={"state": "confirmed", "words": "", "language": ""},
            seen=stamp_of(word),
            person=make_contributor(commune).person,
        )

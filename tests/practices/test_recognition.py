import uuid
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format

from contributions.enums import AuthorState
from contributions.models import Authorship, Contribution
from core.audit import AuditEntry
from members.enums import AttachmentState
from members.models import Association, Attachment, Membership
from notifications.models import Notice
from practices.models import Award, AwardReview, PartnerWord, PracticePage
from practices.recognition import (
    CRITERIA,
    NEWEST,
    TOLD_BEFORE,
    award_of,
    codes_of,
    mark_holders,
)
from practices.services.recognition import (
    AwardRefused,
    Judges,
    Review,
    give_award,
    months_from,
    tell_of_expiry,
    withdraw_award,
)
from tests.factories import make_commune, make_practice, make_region, make_staff
from tests.members.factories import (
    make_contributor,
    make_focal_point,
    make_member_collectivity,
)

pytestmark = pytest.mark.django_db

ALL = codes_of(NEWEST)
WORDS = "كلمات المراجع"


def make_reviewer(**fields):
    """Somebody of a member collectivity far away."""
    place = make_contributor(make_member_collectivity(), office="رئيس مصلحة", **fields)
    place.person.first_name = f"Rachid-{place.pk}"
    place.person.save()
    return place.person


def later(months: int = 24) -> date:
    return months_from(timezone.localdate(), months)


def award(practice=None, *, reviewers=None, met=ALL, **fields) -> Award:
    practice = practice or make_practice(collectivities=(make_commune(),))
    reviewers = reviewers or [make_reviewer(), make_reviewer()]
    return give_award(
        **{
            "key": uuid.uuid4(),
            "practice": practice,
            "reviews": [Review(one, met, WORDS) for one in reviewers],
            "reasons": "لأنها ممارسة جيدة",
            "language": "ar",
            "expires_on": later(),
            "editor": make_staff(),
        }
        | fields
    )


def run_out(one: Award) -> None:
    """Let an award have been given two years ago, and run out yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Award.objects.filter(pk=one.pk).update(
        awarded_on=months_from(yesterday, -24), expires_on=yesterday
    )
    one.refresh_from_db()


def refusal(**fields) -> str:
    with pytest.raises(AwardRefused) as refused:
        award(**fields)
    assert not Award.objects.standing().exists()
    return str(refused.value)


# --- The criteria ---------------------------------------------------------------------------------


def test_the_criteria_have_codes_titles_and_words():
    for criteria in CRITERIA.values():
        assert len({one.code for one in criteria}) == len(criteria) == 7
        assert all(str(one.title) and str(one.looked_at) for one in criteria)


def test_the_page_of_the_label_tells_criteria_and_holders_and_leaves_others_out(client):
    held, over, _plain = (make_practice(collectivities=(make_commune(),)) for _ in range(3))
    award(held)
    run_out(award(over))
    response = client.get(reverse("label_criteria"))
    assert response.status_code == 200
    assert [page.pk for _award, page in response.context["holders"]] == [held.pk]
    text = response.content.decode()
    assert [str(one.title) in text for one in CRITERIA[NEWEST]] == [True] * 7
    assert response.cookies == {}
    assert client.post(reverse("label_criteria")).status_code == 405


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_of_the_label_takes_the_same_queries_with_one_and_three_holders(
    client, number, django_assert_num_queries
):
    for _ in range(number):
        award()
    client.get(reverse("label_criteria"))
    with django_assert_num_queries(5):
        client.get(reverse("label_criteria"))


def test_a_practice_that_is_no_longer_public_holds_no_label_before_readers(client):
    page = make_practice(collectivities=(make_commune(),))
    one = award(page)
    proof = reverse("award_proof", args=[one.key])
    own = reverse("practice_label", args=[page.slug])
    assert client.get(proof).status_code == client.get(own).status_code == 200
    page.unpublish()
    gone = client.get(proof)
    assert gone.status_code == 410
    assert page.title not in gone.content.decode()
    assert client.get(own).status_code == 404
    assert client.get(reverse("practice_label_print", args=[page.slug])).status_code == 404
    assert client.get(reverse("label_criteria")).context["holders"] == []


def test_what_is_kept_to_the_network_is_named_nowhere(client):
    page = make_practice(collectivities=(make_commune(),))
    one = award(page)
    PracticePage.objects.filter(pk=page.pk).update(kind="did-not-work", audience="network")
    for address, status in (
        (reverse("award_proof", args=[one.key]), 410),
        (reverse("practice_label", args=[page.slug]), 404),
        (reverse("practice_label_print", args=[page.slug]), 404),
        (reverse("label_criteria"), 200),
    ):
        response = client.get(address)
        assert (response.status_code, page.title in response.content.decode()) == (status, False)


def test_a_public_practice_that_hides_its_collectivity_shows_no_label(client):
    page = make_practice()
    one = award(page)
    PracticePage.objects.filter(pk=page.pk).update(kind="did-not-work", hides_collectivity=True)
    page.refresh_from_db()
    assert client.get(reverse("award_proof", args=[one.key])).status_code == 410
    assert client.get(reverse("practice_label", args=[page.slug])).status_code == 404
    assert award_of(page) == {"award": None}


# --- Given ----------------------------------------------------------------------------------------


def test_an_award_keeps_criteria_reviews_and_the_reviewers_collectivities():
    page = make_practice(collectivities=(make_commune(),))
    first, second = make_reviewer(), make_reviewer()
    editor = make_staff()
    one = award(page, reviewers=[first, second], editor=editor)
    assert (one.practice, one.criteria_version, one.awarded_by) == (page, NEWEST, editor)
    assert one.stands
    kept = one.reviews.values_list("reviewer", "collectivity", "words")
    assert list(kept) == [
        (person.pk, person.affiliations.get().collectivity_id, WORDS) for person in (first, second)
    ]
    entry = AuditEntry.objects.get(kind="award.given")
    assert (entry.actor, entry.after["reviewers"]) == (editor, [first.pk, second.pk])


def test_somebody_of_the_secretariat_may_review_and_has_no_collectivity():
    one = award(reviewers=[make_staff(), make_reviewer()])
    assert [row.collectivity is None for row in one.reviews.all()] == [True, False]


def test_an_award_hangs_on_the_first_version_and_is_shown_with_each():
    page = make_practice(collectivities=(make_commune(),))
    french = make_practice(language="fr", translation_of=page)
    one = award(french)
    assert one.practice_id == page.pk
    assert award_of(page) == award_of(french) == {"award": one}


def test_a_list_asks_once_which_practices_hold_the_label(django_assert_num_queries):
    held, plain, over = (make_practice() for _ in range(3))
    award(held)
    run_out(award(over))
    pages = list(PracticePage.objects.filter(pk__in=[held.pk, plain.pk, over.pk]).order_by("pk"))
    with django_assert_num_queries(1):
        mark_holders(pages)
    assert [page.holds_label for page in pages] == [True, False, False]


def test_the_authors_are_told_and_nobody_else():
    commune = make_member_collectivity()
    author = make_focal_point(commune).person
    award(make_practice(collectivities=(commune,)))
    notice = Notice.objects.get(kind="label-given")
    assert notice.person == author
    assert notice.address == reverse("award_proof", args=[Award.objects.get().key])
    for code in ("ar", "fr", "en"):
        with translation.override(code):
            assert PracticePage.objects.get().title in notice.subject + notice.text


def test_the_same_form_sent_twice_gives_one_award():
    page, key = make_practice(), uuid.uuid4()
    assert award(page, key=key) == award(page, key=key)
    assert (Award.objects.count(), AwardReview.objects.count()) == (1, 2)


def test_one_award_stands_at_a_time():
    page = make_practice()
    award(page)
    with pytest.raises(AwardRefused):
        award(page)
    with pytest.raises(IntegrityError), transaction.atomic():
        Award.objects.create(
            practice=page,
            criteria_version=1,
            language="ar",
            expires_on=later(),
            awarded_by=make_staff(),
        )


def test_one_that_ran_out_is_followed_by_a_new_one_and_was_not_withdrawn(client):
    page = make_practice()
    old = award(page)
    run_out(old)
    new = award(page)
    old.refresh_from_db()
    assert (old.stands, old.was_withdrawn, new.stands) == (False, False, True)
    response = client.get(reverse("award_proof", args=[old.key]))
    assert list(response.context["others"]) == [new]
    assert (old.was_renewed, old.replaced_on) == (False, timezone.localdate())
    assert client.get(reverse("practice_label", args=[page.slug])).context["award"] == new


def test_one_that_is_about_to_run_out_is_given_anew_without_a_day_between(client):
    page = make_practice()
    old, until = award(page), timezone.localdate() + timedelta(days=TOLD_BEFORE)
    Award.objects.filter(pk=old.pk).update(expires_on=until)
    new = award(page)
    old.refresh_from_db()
    assert (old.stands, old.was_withdrawn, old.was_renewed) == (False, False, True)
    assert list(Award.objects.standing()) == [new]
    assert old.expires_on == until
    shown = client.get(reverse("award_proof", args=[old.key])).content.decode()
    assert reverse("practice_label", args=[page.slug]) in shown
    assert "notice--warning" not in shown
    assert client.get(reverse("practice_label", args=[page.slug])).context["award"] == new
    with pytest.raises(AwardRefused):
        withdraw_award(award=old, reason="سبب", editor=make_staff())
    Notice.objects.all().delete()
    tell_of_expiry()
    assert not Notice.objects.exists()


def test_one_that_holds_for_longer_is_not_given_anew():
    page = make_practice()
    old, begin = award(page), timezone.localdate() + timedelta(days=1)
    Award.objects.filter(pk=old.pk).update(expires_on=begin + timedelta(days=TOLD_BEFORE))
    with pytest.raises(AwardRefused) as refused:
        award(page)
    assert date_format(begin) in str(refused.value)
    assert list(Award.objects.standing()) == [old]


def test_one_that_was_withdrawn_may_be_followed_by_a_new_one():
    page = make_practice()
    withdraw_award(award=award(page), reason="سبب", editor=make_staff())
    assert award(page).stands


@pytest.mark.parametrize(
    ("months", "days", "holds"), [(0, 0, False), (0, 1, True), (36, 0, True), (36, 1, False)]
)
def test_the_last_day_lies_within_three_years(months, days, holds):
    day = later(months) + timedelta(days=days)
    if holds:
        assert award(expires_on=day).expires_on == day
    else:
        refusal(expires_on=day)


def test_months_end_on_the_last_day_of_a_shorter_month():
    assert months_from(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert months_from(date(2024, 2, 29), 24) == date(2026, 2, 28)
    assert months_from(date(2025, 12, 15), 12) == date(2026, 12, 15)


@pytest.mark.parametrize(
    "fields",
    [
        {"published": False},
        {"kind": "did-not-work"},
        {"kind": "did-not-work", "audience": "network"},
        {"kind": "did-not-work", "hides_collectivity": True},
    ],
)
def test_only_what_everybody_may_read_with_its_names_gets_the_label(fields):
    refusal(practice=make_practice(**fields))
    assert award(make_practice(kind="case-study")).stands


def test_each_criterion_has_to_be_met_according_to_two():
    page, editor = make_practice(), make_staff()
    first, second, third = (make_reviewer() for _ in range(3))

    def attempt(*reviews):
        return give_award(
            key=uuid.uuid4(), practice=page, reviews=reviews, reasons="لأن", language="ar",
            expires_on=later(), editor=editor,
        )  # fmt: skip

    with pytest.raises(AwardRefused):
        attempt(Review(first, ALL, WORDS), Review(second, ALL[1:], WORDS))
    with pytest.raises(AwardRefused):
        attempt(Review(first, ALL, WORDS))
    with pytest.raises(AwardRefused):
        attempt(Review(first, ALL, WORDS), Review(first, ALL, WORDS))
    one = attempt(
        Review(first, ALL, WORDS), Review(second, ALL[1:], WORDS), Review(third, ALL[:1], WORDS)
    )
    assert [row.met for row in one.reviews.all()] == [ALL, ALL[1:], ALL[:1]]


# --- Who may judge --------------------------------------------------------------------------------


def hindrance(practice, person) -> bool:
    return bool(Judges(practice).hindrance(person))


def person_of(collectivity):
    Membership.objects.get_or_create(collectivity=collectivity)
    return make_contributor(collectivity).person


def test_nobody_of_the_same_collectivity_or_province_judges_a_practice_of_a_commune():
    region = make_region()
    commune, elsewhere = make_commune(region=region), make_commune(region=region)
    neighbour = make_commune(region=region, parent=commune.parent)
    page = make_practice(collectivities=(commune,))
    assert [
        hindrance(page, person_of(one))
        for one in (commune, neighbour, commune.parent, elsewhere, elsewhere.parent, region)
    ] == [True, True, True, False, False, False]


def test_nobody_of_a_province_judges_its_practice_and_nobody_of_a_region_its():
    region = make_region()
    commune, elsewhere, far = (
        make_commune(region=region),
        make_commune(region=region),
        make_commune(),
    )
    people = [person_of(one) for one in (commune, commune.parent, region, elsewhere, far)]
    of_province = make_practice(collectivities=(commune.parent,))
    of_region = make_practice(collectivities=(region,))
    assert [hindrance(of_province, one) for one in people] == [True, True, False, False, False]
    assert [hindrance(of_region, one) for one in people] == [True, True, True, True, False]


def test_each_collectivity_of_a_practice_counts_in_all_its_languages_and_drafts():
    commune, other, author = make_commune(), make_commune(), make_commune()
    page = make_practice(collectivities=(commune,))
    make_practice(language="fr", translation_of=page, collectivities=(other,))
    contribution = Contribution.objects.create(
        page=page.page_ptr, kind="practice", started_by=make_staff()
    )
    Authorship.objects.create(contribution=contribution, collectivity=author, leads=False)
    assert [
        hindrance(page, person_of(make_commune(parent=one.parent, region=one.region)))
        for one in (commune, other, author)
    ] == [True, True, True]
    assert not hindrance(page, make_reviewer())


def test_somebody_of_an_association_near_to_the_practice_does_not_judge():
    commune, far = make_commune(), make_commune()
    neighbour = make_commune(parent=commune.parent, region=commune.region)
    page = make_practice(collectivities=(commune,))
    found = []
    for attached, state in (
        (neighbour, AttachmentState.CONFIRMED),
        (neighbour, AttachmentState.ENDED),
        (far, AttachmentState.CONFIRMED),
    ):
        association = Association.objects.create(name_fr="Association")
        Attachment.objects.create(association=association, collectivity=attached, state=state)
        found.append(hindrance(page, make_contributor(association).person))
    assert found == [True, False, False]


def test_who_had_a_part_in_it_does_not_judge_even_after_leaving():
    commune = make_commune()
    page = make_practice(collectivities=(commune,))
    before = make_contributor(commune, ended_at=timezone.now()).person
    starter = make_reviewer()
    partner = Association.objects.create(name_fr="Association")
    PartnerWord.objects.create(practice=page, association=partner)
    contribution = Contribution.objects.create(
        page=page.page_ptr, kind="practice", started_by=starter
    )
    author = make_commune()
    Authorship.objects.create(
        contribution=contribution, collectivity=author, state=AuthorState.ENDED
    )
    co_author = make_contributor(author, ended_at=timezone.now()).person
    people = [before, starter, make_contributor(partner).person, co_author, make_reviewer()]
    assert [hindrance(page, one) for one in people] == [True, True, True, True, False]


def test_the_editor_who_gives_it_has_no_part_in_it_and_is_no_reviewer():
    commune = make_commune()
    page = make_practice(collectivities=(commune,))
    editor, near = make_staff(), make_staff()
    make_contributor(commune, person=near)
    refusal(practice=page, editor=near)
    refusal(practice=page, editor=editor, reviewers=[editor, make_reviewer()])
    assert award(page, editor=editor).stands


def test_somebody_outside_the_network_does_not_judge():
    outsider = make_contributor(make_commune()).person
    page = make_practice()
    refusal(practice=page, reviewers=[outsider, make_reviewer()])
    Membership.objects.create(collectivity=outsider.affiliations.get().collectivity)
    outsider = type(outsider).objects.get(pk=outsider.pk)
    assert award(page, reviewers=[outsider, make_reviewer()]).stands


# --- Withdrawn, and run out -----------------------------------------------------------------------


def test_withdrawing_keeps_the_reason_and_tells_the_authors(client):
    commune = make_member_collectivity()
    author = make_focal_point(commune).person
    page = make_practice(collectivities=(commune,))
    one, editor = award(page), make_staff()
    withdraw_award(award=one, reason="لم تعد قائمة", editor=editor)
    withdraw_award(award=one, reason="سبب آخر", editor=editor)
    one.refresh_from_db()
    assert (one.was_withdrawn, one.withdrawn_by, one.withdrawn_because) == (
        True,
        editor,
        "لم تعد قائمة",
    )
    notice = Notice.objects.get(kind="label-withdrawn")
    assert (notice.person, "لم تعد قائمة" in notice.text) == (author, True)
    assert AuditEntry.objects.filter(kind="award.withdrawn").count() == 1
    response = client.get(reverse("practice_label", args=[page.slug]))
    assert "لم تعد قائمة" in response.content.decode()
    assert award_of(page) == {"award": None}


def test_what_has_run_out_is_not_withdrawn():
    one = award()
    run_out(one)
    with pytest.raises(AwardRefused):
        withdraw_award(award=one, reason="سبب", editor=make_staff())
    one.refresh_from_db()
    assert one.withdrawn_at is None


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (61, []),
        (60, ["label-runs-out", "label-runs-out-editors"]),
        (0, ["label-runs-out", "label-runs-out-editors"]),
        (-1, ["label-ended", "label-ended-editors"]),
        (-61, []),
    ],
)
def test_authors_and_editors_are_told_once_before_it_runs_out_and_once_after(days, told):
    commune = make_member_collectivity()
    author = make_focal_point(commune).person
    one = award(make_practice(collectivities=(commune,)))
    day = timezone.localdate() + timedelta(days=days)
    Award.objects.filter(pk=one.pk).update(awarded_on=months_from(day, -24), expires_on=day)
    Notice.objects.all().delete()
    tell_of_expiry()
    tell_of_expiry()
    notices = Notice.objects.order_by("kind")
    assert sorted({notice.kind for notice in notices}) == told
    assert [notice.person for notice in notices if notice.kind == (told or [""])[0]] == (
        [author] if told else []
    )
    for notice in notices:
        assert notice.subject
        assert notice.text
        assert notice.address
    editors = [notice for notice in notices if notice.kind.endswith("-editors")]
    assert {notice.person for notice in editors} == ({one.awarded_by} if told else set())
    assert len(editors) == len({notice.person for notice in editors})


def test_a_label_that_was_withdrawn_is_told_of_no_more():
    one = award()
    Award.objects.filter(pk=one.pk).update(expires_on=timezone.localdate() + timedelta(days=9))
    withdraw_award(award=one, reason="سبب", editor=make_staff())
    Notice.objects.all().delete()
    tell_of_expiry()
    assert not Notice.objects.exists()


# --- Proof and print ------------------------------------------------------------------------------


def test_the_proof_names_the_reviewers_with_their_place_of_that_day(client):
    reviewer = make_reviewer()
    page = make_practice(collectivities=(make_commune(),))
    award(page, reviewers=[reviewer, make_staff(first_name="Amina")])
    place = reviewer.affiliations.get()
    place.ended_at = timezone.now() + timedelta(days=1)
    place.save()
    moved = make_contributor(make_member_collectivity(), person=reviewer, office="منصب جديد")
    moved.began_at = timezone.now() + timedelta(days=1)
    moved.save()
    text = client.get(reverse("practice_label", args=[page.slug])).content.decode()
    told = [reviewer.name, "رئيس مصلحة", place.collectivity.name_ar, WORDS, "Amina", "منصب جديد"]
    assert [words in text for words in told] == [True, True, True, True, True, False]


def test_the_proof_has_the_same_under_its_key_and_takes_no_more_queries_for_more_reviewers(
    client, django_assert_num_queries
):
    for number in (2, 4):
        page = make_practice(collectivities=(make_commune(),))
        one = award(page, reviewers=[make_reviewer() for _ in range(number)])
        by_key = client.get(reverse("award_proof", args=[one.key]))
        assert (by_key.status_code, by_key.context["award"]) == (200, one)
        with django_assert_num_queries(6):
            client.get(reverse("practice_label", args=[page.slug]))


def test_a_practice_without_a_label_has_no_page_of_one(client):
    page = make_practice()
    assert client.get(reverse("practice_label", args=[page.slug])).status_code == 404
    assert client.get(reverse("practice_label", args=["nothing-0"])).status_code == 404
    assert client.get(reverse("award_proof", args=[uuid.uuid4()])).status_code == 404
    award(page)
    assert client.get(reverse("practice_label", args=[page.slug])).status_code == 200


def test_the_number_of_a_practice_leads_to_its_label(client):
    page = make_practice()
    award(page)
    response = client.get(reverse("practice_label", args=[page.number]))
    assert (response.status_code, response["Location"]) == (
        301,
        reverse("practice_label", args=[page.slug]),
    )


def test_what_was_typed_is_shown_as_text(client):
    page = make_practice()
    award(page, reasons="<script>alert(1)</script>")
    text = client.get(reverse("practice_label", args=[page.slug])).content.decode()
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_printed_label_bears_practice_dates_and_the_code_of_its_proof(client, settings):
    page = make_practice(collectivities=(make_commune(),))
    one = award(page)
    address = reverse("practice_label_print", args=[page.slug])
    response = client.get(address)
    text = response.content.decode()
    short = settings.SITE_URL + reverse("practice_label", args=[page.number])
    assert [words in text for words in (page.title, short, 'class="qr"')] == [True] * 3
    run_out(one)
    response = client.get(address)
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("practice_label", args=[page.slug]),
    )


# --- The administration ---------------------------------------------------------------------------


def sent(reviewers, *, key=None, **fields) -> dict:
    data = {
        "key": str(key or uuid.uuid4()),
        "reasons": "لأنها ممارسة جيدة",
        "language": "ar",
        "expires_on": later().isoformat(),
        "reviews-TOTAL_FORMS": str(len(reviewers)),
        "reviews-INITIAL_FORMS": "0",
    }
    for number, typed in enumerate(reviewers):
        data |= {
            f"reviews-{number}-reviewer": typed,
            f"reviews-{number}-met": ALL,
            f"reviews-{number}-words": WORDS,
            f"reviews-{number}-agreed": "on",
        }
    return data | fields


@pytest.fixture
def editor(client, wagtails_own_templates):
    person = make_staff()
    client.force_login(person)
    return person


def test_an_editor_finds_the_practice_and_gives_the_label(client, editor):
    page = make_practice(title="ميزانية تشاركية للشباب")
    draft = make_practice(title="ميزانية تشاركية أخرى", published=False)
    found = client.get(reverse("awards:choose"), {"q": "ميزانيه تشاركية"})
    assert [one.pk for one in found.context["found"]] == [page.pk]
    address = reverse("awards:give", args=[page.pk])
    assert client.get(address).status_code == 200
    of_draft = client.get(reverse("awards:give", args=[draft.pk]), follow=True)
    assert of_draft.status_code == 404
    first, second = make_reviewer(), make_reviewer()
    response = client.post(address, sent([first.email.upper(), second.name]))
    one = Award.objects.get()
    inspected = reverse("awards:inspect", args=[one.pk])
    assert (response.status_code, response["Location"]) == (302, inspected)
    assert [row.reviewer for row in one.reviews.all()] == [first, second]
    assert client.get(inspected).status_code == 200
    assert client.get(reverse("awards:index")).status_code == 200
    assert client.get(reverse("awards:index"), {"state": "standing"}).status_code == 200


def test_the_form_sent_twice_leads_to_the_one_award(client, editor):
    page = make_practice()
    data = sent([make_reviewer().email, make_reviewer().email])
    address = reverse("awards:give", args=[page.pk])
    assert client.post(address, data)["Location"] == client.post(address, data)["Location"]
    assert Award.objects.count() == 1


def test_nothing_that_was_typed_is_lost_when_it_is_refused(client, editor):
    commune = make_commune()
    page = make_practice(collectivities=(commune,))
    near, far = person_of(commune), make_reviewer()
    address = reverse("awards:give", args=[page.pk])
    response = client.post(address, sent([near.email, far.email]))
    assert response.status_code == 422
    assert [bool(form.errors) for form in response.context["reviews"]] == [True, False]
    text = response.content.decode()
    assert [words in text for words in (near.email, far.email, WORDS, "لأنها ممارسة جيدة")] == (
        [True] * 4
    )
    assert not Award.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"reasons": ""},
        {"language": "de"},
        {"expires_on": "2020-01-01"},
        {"expires_on": "tomorrow"},
        {"key": "no key"},
        {"reviews-0-agreed": ""},
        {"reviews-0-words": ""},
        {"reviews-0-met": ALL[1:]},
        {"reviews-0-met": ["nothing"]},
        {"reviews-0-reviewer": ""},
        {"reviews-0-reviewer": "nobody@example.org"},
        {"reviews-TOTAL_FORMS": "1"},
        {"reviews-TOTAL_FORMS": "many"},
        {"reviews-TOTAL_FORMS": "9999"},
    ],
)
def test_what_is_wrong_in_the_form_is_said_and_gives_nothing(client, editor, wrong):
    page = make_practice()
    people = [make_reviewer().email, make_reviewer().email]
    address = reverse("awards:give", args=[page.pk])
    assert client.post(address, sent(people, **wrong)).status_code == 422
    assert not Award.objects.exists()
    assert client.post(address, sent(people)).status_code == 302


def test_a_name_that_several_have_and_a_person_named_twice_are_said(client, editor):
    page = make_practice()
    one = make_reviewer()
    for _ in range(2):
        person = make_reviewer()
        person.first_name = "Fatima"
        person.save()
    address = reverse("awards:give", args=[page.pk])
    response = client.post(address, sent([one.email, "fatima"]))
    assert person.email in response.content.decode()
    assert client.post(address, sent([one.email, one.email])).status_code == 422
    assert not Award.objects.exists()


def test_a_third_reviewer_is_added_with_all_that_was_typed(client, editor):
    page = make_practice()
    address = reverse("awards:give", args=[page.pk])
    people = ["a@example.org", "b@example.org"]
    response = client.post(address, sent(people, another="1"))
    assert (response.status_code, len(response.context["reviews"].forms)) == (200, 3)
    assert [one in response.content.decode() for one in people] == [True, True]
    # A row that stays empty is no reviewer.
    people = [make_reviewer().email, make_reviewer().email]
    assert client.post(address, sent(people) | {"reviews-TOTAL_FORMS": "3"}).status_code == 302
    assert AwardReview.objects.count() == 2


def test_an_editor_withdraws_with_a_reason_and_not_without(client, editor):
    one = award()
    address = reverse("awards:withdraw", args=[one.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"reason": " "}).status_code == 422
    assert Award.objects.standing().exists()
    assert client.post(address, {"reason": "لم تعد قائمة"}).status_code == 302
    assert not Award.objects.standing().exists()
    assert client.get(address).status_code == 302
    assert client.get(reverse("awards:inspect", args=[one.pk])).status_code == 200


def test_a_practice_that_holds_the_label_is_given_no_second_one(client, editor):
    page = make_practice()
    award(page)
    response = client.get(reverse("awards:give", args=[page.pk]))
    assert (response.status_code, response["Location"]) == (302, reverse("awards:choose"))


def test_an_editor_comes_to_give_it_anew_in_the_days_before_it_runs_out(client, editor):
    page = make_practice(title="ميزانية تشاركية")
    one, last_day = award(page), timezone.localdate() + timedelta(days=TOLD_BEFORE)
    to_give = reverse("awards:give", args=[page.pk])
    for until, may_give in ((last_day + timedelta(days=1), False), (last_day, True)):
        Award.objects.filter(pk=one.pk).update(expires_on=until)
        found = client.get(reverse("awards:choose"), {"q": "ميزانية"})
        assert (to_give in found.content.decode()) is may_give
        inspected = client.get(reverse("awards:inspect", args=[one.pk]))
        assert (to_give in inspected.content.decode()) is may_give
    assert client.get(to_give).status_code == 200
    new = award(page)
    inspected = client.get(reverse("awards:inspect", args=[one.pk]))
    assert to_give not in inspected.content.decode()
    assert client.get(reverse("awards:inspect", args=[new.pk])).status_code == 200
    assert client.get(reverse("awards:index")).status_code == 200


@pytest.mark.usefixtures("wagtails_own_templates")
@pytest.mark.parametrize(("role", "may_give"), [("Editors", True), ("Moderators", False)])
def test_who_gives_the_label(client, role, may_give):
    one, page = award(), make_practice()
    client.force_login(make_staff(role))
    answers = {
        client.get(reverse(f"awards:{name}", args=arguments)).status_code == 200
        for name, arguments in (
            ("choose", []),
            ("give", [page.pk]),
            ("withdraw", [one.pk]),
            ("inspect", [one.pk]),
            ("index", []),
        )
    }
    assert answers == {may_give}
    # Awards are neither made, nor changed, nor deleted by Wagtail's own pages.
    for name, arguments in (("add", []), ("edit", [one.pk]), ("delete", [one.pk])):
        assert client.get(reverse(f"awards:{name}", args=arguments)).status_code != 200

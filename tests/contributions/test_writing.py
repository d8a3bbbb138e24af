"""Beginning a draft, its form, what two people write at once."""

import uuid

import pytest
from django.urls import reverse
from django.utils.translation import override

from contributions.drafts import newest, problems_of
from contributions.models import Contribution
from tests.contributions.conftest import begin, colleague_of, url
from tests.contributions.factories import make_draft, make_editor
from tests.factories import make_commune

pytestmark = pytest.mark.django_db


def test_a_draft_is_begun_once_however_often_its_form_is_sent(client, commune, official):
    client.force_login(official)
    key = str(uuid.uuid4())
    sent = {"title": "Un budget discuté", "language": "fr", "key": key}
    address = url("space_contribution_start", commune.key)
    assert client.get(address).status_code == 200
    first = client.post(address, sent)
    second = client.post(address, sent)
    contribution = Contribution.objects.get()
    assert first.url == second.url == url("contribution_section", contribution.pk, "quick")
    assert newest(contribution).title == "Un budget discuté"
    assert not contribution.page.live


def test_every_page_of_a_draft_opens(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    for name in (
        "contribution",
        "contribution_check",
        "contribution_history",
        "contribution_authors",
        "contribution_take_back",
        "contribution_drop",
        "contribution_preview",
    ):
        assert client.get(url(name, contribution.pk)).status_code == 200, name
    from contributions.drafts import kind_of

    for section in kind_of(contribution).sections:
        if section.name != "readers":
            answer = client.get(url("contribution_section", contribution.pk, section.name))
            assert answer.status_code == 200, section.name


# --- Saving -------------------------------------------------------------------------------------


def write(client, contribution, section, sent, *, json_wanted=True, seen=None):
    """Send the form of a section, as it was handed out or with what was seen before."""
    address = url("contribution_section", contribution.pk, section)
    if seen is None:
        seen = seen_in(client.get(address))
    headers = {"accept": "application/json"} if json_wanted else {}
    return client.post(address, {"seen": seen, **sent}, headers=headers)


def seen_in(response) -> str:
    return response.context["form"].seen_as_text


LESSONS = {"difficulties": "", "lessons": ""}


def test_what_is_typed_is_saved_and_shown_again(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    answer = write(client, contribution, "lessons", LESSONS | {"lessons": "- tôt\n- **souvent**"})
    assert answer.json()["errors"] == {}
    page = newest(contribution)
    assert page.lessons == "<ul><li>tôt</li><li><b>souvent</b></li></ul>"
    shown = client.get(url("contribution_section", contribution.pk, "lessons"))
    assert "- tôt\n- **souvent**" in shown.content.decode()


def test_what_an_editor_formed_stays_where_nobody_touched_it(client, commune, official):
    contribution = begin(commune, official)
    page = newest(contribution)
    page.lessons = '<p data-block-key="a1">Un <b>mot</b></p>'
    page.save_revision(clean=False)
    client.force_login(official)
    write(client, contribution, "lessons", {"lessons": "Un **mot**", "difficulties": "Le temps"})
    page = newest(contribution)
    assert page.lessons == '<p data-block-key="a1">Un <b>mot</b></p>'
    assert page.difficulties == "<p>Le temps</p>"


def test_two_who_change_different_answers_both_have_them_kept(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    seen = seen_in(client.get(url("contribution_section", contribution.pk, "lessons")))
    write(client, contribution, "lessons", LESSONS | {"lessons": "La mienne"}, seen=seen)
    client.force_login(colleague_of(commune))
    answer = write(
        client, contribution, "lessons", LESSONS | {"difficulties": "La leur"}, seen=seen
    )
    assert answer.json()["differing"] == []
    page = newest(contribution)
    assert (page.lessons, page.difficulties) == ("<p>La mienne</p>", "<p>La leur</p>")


def test_a_form_that_stays_open_does_not_take_back_what_a_colleague_wrote(
    client, commune, official
):
    contribution = begin(commune, official)
    client.force_login(official)
    seen = seen_in(client.get(url("contribution_section", contribution.pk, "lessons")))
    client.force_login(colleague_of(commune))
    write(client, contribution, "lessons", LESSONS | {"difficulties": "La leur"}, seen=seen)
    client.force_login(official)
    # The script saves twice; the form still shows the empty answer that it was opened with.
    for text in ("La mienne", "La mienne encore"):
        answer = write(client, contribution, "lessons", LESSONS | {"lessons": text}, seen=seen)
        seen = answer.json()["seen"]
    page = newest(contribution)
    assert (page.lessons, page.difficulties) == ("<p>La mienne encore</p>", "<p>La leur</p>")


def test_two_who_change_the_same_answer_see_both_and_choose(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    seen = seen_in(client.get(url("contribution_section", contribution.pk, "lessons")))
    write(client, contribution, "lessons", LESSONS | {"lessons": "La première"}, seen=seen)
    client.force_login(colleague_of(commune))
    second = LESSONS | {"lessons": "La seconde"}
    assert write(client, contribution, "lessons", second, seen=seen).json()["differing"] == [
        "lessons"
    ]
    assert newest(contribution).lessons == "<p>La première</p>"

    both = write(client, contribution, "lessons", second, seen=seen, json_wanted=False)
    assert both.status_code == 422
    text = both.content.decode()
    assert "La première" in text
    assert "La seconde" in text

    now = seen_in(both)
    theirs = second | {"decided": "lessons", "theirs": "lessons"}
    write(client, contribution, "lessons", theirs, seen=now, json_wanted=False)
    assert newest(contribution).lessons == "<p>La première</p>"
    write(client, contribution, "lessons", second | {"decided": "lessons"}, seen=now)
    assert newest(contribution).lessons == "<p>La seconde</p>"


def test_a_form_without_what_was_seen_writes_over_nothing(client, commune, official):
    contribution = begin(commune, official, lessons="Ce qui est là")
    client.force_login(official)
    for seen in ("", "[]", "{", '{"lessons": 3}'):
        answer = write(client, contribution, "lessons", LESSONS | {"lessons": "Autre"}, seen=seen)
        assert answer.json()["differing"] == ["lessons"]
    assert newest(contribution).lessons == "<p>Ce qui est là</p>"


def test_what_cannot_be_kept_is_told_and_the_rest_is_saved(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    sent = {"status": "running", "start": "le printemps", "end": "٢١/١٠/٢٠٢٣"}
    assert set(write(client, contribution, "where", sent).json()["errors"]) == {"start"}
    page = newest(contribution)
    assert (page.status, page.start, page.end) == ("running", "", "2023-10-21")
    again = write(client, contribution, "where", sent, json_wanted=False)
    assert again.status_code == 422
    assert "le printemps" in again.content.decode()


def test_too_long_is_kept_told_and_not_submitted(client, commune, official):
    from contributions.drafts import problems_of

    contribution = begin(commune, official)
    client.force_login(official)
    sent = {"kind": "practice", "title": "Un titre", "summary": "x" * 301, "challenges-count": "0"}
    assert write(client, contribution, "about", sent).json()["errors"] == {}
    page = newest(contribution)
    assert len(page.summary) == 301
    assert "summary" in dict(problems_of(contribution, page))


def steps(*titles, keys=None) -> dict:
    sent = {"approach": "", "steps-count": str(len(titles))}
    for place, title in enumerate(titles):
        sent |= {
            f"steps-{place}-row": keys[place] if keys else "",
            f"steps-{place}-title": title,
            f"steps-{place}-date": "",
            f"steps-{place}-text": "",
        }
    return sent


def titles(contribution) -> list[str]:
    return [row.title for row in newest(contribution).steps.all()]


@pytest.mark.parametrize(
    ("action", "after"),
    [
        ("steps:add", ["un", "deux"]),
        ("steps:remove:0", ["deux"]),
        ("steps:up:1", ["deux", "un"]),
        ("steps:down:0", ["deux", "un"]),
        ("steps:up:0", ["un", "deux"]),
        ("steps:remove:9", ["un", "deux"]),
        ("other:remove:0", ["un", "deux"]),
        ("steps:fly:x", ["un", "deux"]),
    ],
)
def test_rows_are_added_removed_and_ordered_without_script(
    client, commune, official, action, after
):
    contribution = begin(commune, official)
    client.force_login(official)
    sent = steps("un", "deux") | {"row_action": action}
    shown = write(client, contribution, "steps", sent, json_wanted=False)
    assert shown.status_code == 200
    assert titles(contribution) == after
    rows = shown.context["parts"][0]["rows"][0]["shown"]
    assert len(rows) == len(after) + (action == "steps:add")


def test_rows_keep_what_they_are_when_they_are_ordered(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    write(client, contribution, "steps", steps("un", "deux"))
    keys = [row.translation_key for row in newest(contribution).steps.all()]
    write(client, contribution, "steps", steps("deux", "un", keys=["place-1", "place-0"]))
    assert titles(contribution) == ["deux", "un"]
    assert [row.translation_key for row in newest(contribution).steps.all()] == keys[::-1]


def test_saving_in_one_sitting_makes_one_version(client, commune, official):
    contribution = begin(commune, official)
    client.force_login(official)
    for text in ("a", "ab", "abc"):
        write(client, contribution, "lessons", LESSONS | {"lessons": text})
    page = newest(contribution)
    # The one that it began with is named by a step, and stays.
    assert page.revisions.count() == 2
    client.force_login(colleague_of(commune))
    write(client, contribution, "lessons", LESSONS | {"lessons": "abcd"})
    assert page.revisions.count() == 3


def test_main_principle_stands_first(client, commune, official):
    from core.vocabularies import Principle

    contribution = begin(commune, official)
    client.force_login(official)
    first, second = Principle.objects.order_by("pk")[:2]
    sent = {"principles": [first.slug, second.slug], "main_principle": second.slug}
    sent = {"principles": [first.pk, second.pk], "main_principle": second.slug}
    assert write(client, contribution, "principles", sent).json()["errors"] == {}
    assert [tag.slug for tag in newest(contribution).principle_tags] == [second.slug, first.slug]
    write(client, contribution, "principles", {"principles": [first.pk], "main_principle": ""})
    assert [tag.slug for tag in newest(contribution).principle_tags] == [first.slug]


# --- Who may ------------------------------------------------------------------------------------


def test_outsiders_do_not_see_a_draft_and_colleagues_do(client, commune, official):
    contribution = begin(commune, official)
    outsider = colleague_of(make_commune())
    addresses = [
        url(name, contribution.pk)
        for name in ("contribution", "contribution_preview", "contribution_history",
                     "contribution_check", "contribution_authors")
    ] + [url("contribution_section", contribution.pk, "lessons")]  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 302
        client.force_login(outsider)
        assert client.get(address).status_code == 404
        assert client.head(address).status_code == 404
        client.force_login(colleague_of(commune))
        assert client.get(address).status_code == 200
        client.logout()


def test_an_editor_reads_a_draft_and_does_not_write_it(client, commune, official):
    from tests.factories import make_staff

    contribution = begin(commune, official)
    client.force_login(make_staff())
    assert client.get(url("contribution", contribution.pk)).status_code == 200
    address = url("contribution_section", contribution.pk, "lessons")
    assert client.get(address).status_code == 403
    assert client.post(address, {"lessons": "x"}).status_code == 403
    client.force_login(official)
    assert client.get(address).status_code == 200


# --- Queries ------------------------------------------------------------------------------------

PLAIN_SAVE = 23  # of Wagtail's `save_revision`, on a page of two fields
MORE = 25


def test_saving_asks_the_database_little_however_many_rows(
    client, commune, official, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from contributions.drafts import kind_of
    from contributions.services.drafts import save_draft
    from members.models import User

    def queries(count: int) -> int:
        contribution = begin(commune, official, steps=[{"title": f"n° {n}"} for n in range(count)])
        section = kind_of(contribution).section("steps")
        person = User.objects.get(pk=official.pk)
        contribution = Contribution.objects.get(pk=contribution.pk)
        with CaptureQueriesContext(connection) as captured:
            save_draft(
                contribution=contribution,
                person=person,
                sections=[section],
                answers={"approach": "Comme ceci"},
                seen={"approach": "no"} | _seen(contribution, section),
            )
        return len(captured)

    few, many = queries(1), queries(12)
    assert few == many
    assert few <= PLAIN_SAVE + MORE


def _seen(contribution, section):
    from contributions.drafts import digests_of

    return digests_of(newest(contribution), [section])


# --- A session that ends, a token that is old ---------------------------------------------------


def test_what_was_sent_after_the_session_ended_is_kept_and_sent_again(client, draft, official):
    address = url("contribution_section", draft.pk, "lessons")
    client.force_login(official)
    seen = seen_in(client.get(address))
    del client.cookies["sessionid"]
    sent = {"seen": seen, "lessons": "Un texte <b>long</b>", "difficulties": ""}
    kept = client.post(address, sent)
    assert kept.status_code == 403
    assert "Un texte &lt;b&gt;long&lt;/b&gt;" in kept.content.decode()
    assert kept.context["login_url"] == url("account_login")
    client.force_login(official)
    assert client.post(address, dict(kept.context["sent"])).status_code == 302
    assert newest(draft).lessons == "<p>Un texte &lt;b&gt;long&lt;/b&gt;</p>"


def test_what_was_sent_with_an_old_token_is_kept(draft, official):
    from django.test import Client

    careful = Client(enforce_csrf_checks=True)
    careful.force_login(official)
    address = url("contribution_section", draft.pk, "lessons")
    careful.get(address)
    sent = {"csrfmiddlewaretoken": "x" * 64, "lessons": "Gardé"}
    kept = careful.post(address, sent)
    assert (kept.status_code, kept.context["sent"]) == (403, [("lessons", "Gardé")])
    assert kept.context["login_url"] == ""


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        ({"lessons": "x"}, {"sec-fetch-site": "cross-site"}),
        ({"password": "secret", "lessons": "x"}, {}),
        ({}, {}),
    ],
)
def test_nothing_is_offered_again_of_other_sites_secrets_or_nothing(draft, official, sent, headers):
    from django.test import Client

    careful = Client(enforce_csrf_checks=True)
    careful.force_login(official)
    address = url("contribution_section", draft.pk, "lessons")
    careful.get(address)
    refused = careful.post(address, sent, headers=headers)
    assert refused.status_code == 403
    assert "sent" not in (refused.context or {})


# --- Answers that only practices know -----------------------------------------------------------


def named(*names) -> dict:
    sent = {"collectivity_links-count": str(len(names))}
    for place, name in enumerate(names):
        sent |= {
            f"collectivity_links-{place}-row": "",
            f"collectivity_links-{place}-collectivity": name,
        }
    return sent


def concerned(draft) -> list:
    return [link.collectivity for link in newest(draft).collectivity_links.all()]


def test_collectivities_are_named_by_name_or_code(client, commune, draft, official):
    other = make_commune(name_fr="Sidi Exemple", name_ar="سيدي مثال")
    client.force_login(official)
    for name in ("sidi exemple", "سيدي مثال", f"n'importe ({other.code})", other.code):
        answer = write(client, draft, "collectivities", named(f"({commune.code})", name))
        assert answer.json()["errors"] == {}, name
        assert concerned(draft) == [commune, other]
        write(client, draft, "collectivities", named(f"({commune.code})"))


def test_a_name_of_several_or_of_none_is_told(client, commune, draft, official):
    make_commune(name_fr="Oulad Un")
    make_commune(name_fr="Oulad Deux")
    client.force_login(official)
    for name in ("oulad", "nulle part", "x" * 5000):
        told = write(client, draft, "collectivities", named(f"({commune.code})", name)).json()[
            "errors"
        ]
        assert list(told) == ["collectivity_links-1-collectivity"]


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("12000", 12000),
        ("12 000", 12000),
        ("12.000", 12000),
        ("1.250.000", 1250000),
        ("12,000", 12000),
        ("١٢٠٠٠", 12000),
        ("12\u202f000", 12000),
    ],
)
def test_numbers_are_read_as_people_write_them(client, draft, official, typed, read):
    client.force_login(official)
    sent = {"budget_mad": typed, "resources": "", "legal_basis": ""}
    assert write(client, draft, "resources", sent).json()["errors"] == {}
    assert newest(draft).budget_mad == read


def test_what_is_missing_is_told_with_the_question_and_the_row(commune, official):
    draft = begin(commune, official, steps=[{"title": "Un"}, {"text": "Deux"}], status="")
    with override("en"):
        told = dict(problems_of(draft, newest(draft)))
    assert told["status"] == "Missing: “How far is it?”."
    assert told["steps-1-title"] == "Missing: “Step 2: Title of the step”."
    assert "steps-0-title" not in told


def test_check_shows_what_is_said_and_the_button_when_nothing_is_missing(client, commune, official):
    client.force_login(official)
    lacking, whole = begin(commune, official, status=""), make_draft(author=official)
    pages = {}
    for draft in (lacking, whole):
        answer = client.get(url("contribution_check", draft.pk))
        pages[draft] = answer.content.decode()
        shown = {one["section"].name: one for one in answer.context["answers"]}
        assert shown["lessons"]["fields"] == shown["steps"]["rows"] == []
        assert "title" in [field.name for field, _text in shown["about"]["fields"]]
    button = '<button class="button" type="submit">'
    assert button not in pages[lacking]
    assert 'href="#missing"' in pages[lacking]
    assert button in pages[whole]
    assert 'href="#missing"' not in pages[whole]


def test_preview_leads_back_to_the_draft(client, draft, official):
    client.force_login(official)
    page = client.get(url("contribution_preview", draft.pk)).content.decode()
    assert f'href="{url("contribution", draft.pk)}"' in page


def test_files_are_sent_among_their_rows_by_a_form_of_their_own(client, draft, official):
    client.force_login(official)
    page = client.get(url("contribution_section", draft.pk, "quick")).content.decode()
    form = page[page.index('id="draft"') : page.index("</form>", page.index('id="draft"'))]
    assert 'type="file" multiple name="files" form="form-photos"' in form
    send = url("contribution_send", draft.pk, "photos")
    assert f'action="{send}" id="form-photos"' in page.replace(form, "")


def test_a_space_begins_with_the_way_to_write(client, commune, official):
    start = reverse("space_contribution_start", args=[commune.key])
    space = reverse("space_home", args=[commune.key])
    for person, shown in ((official, True), (make_editor(), False)):
        client.force_login(person)
        assert (f'href="{start}"' in client.get(space).content.decode()) is shown

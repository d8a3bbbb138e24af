import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import segno
from django.utils.translation import override

from practices.models import PracticeIndicator
from practices.sharing import qr_code, share, share_text
from tests.factories import make_commune, make_practice

pytestmark = pytest.mark.django_db

URL = "https://example.org/ar/practices/open-budget-7/"


def indicator(**fields) -> PracticeIndicator:
    return PracticeIndicator(**{"name": "du budget publié", "value": 62, "unit": "%"} | fields)


def test_text_in_arabic_puts_the_figure_before_its_words():
    page = make_practice(title="الميزانية المفتوحة", summary="نشرت الجماعة ميزانيتها.")
    proof = indicator(name="من السكان يعرفون الميزانية", baseline=9)
    assert share_text(page, who=["جماعة أكادير"], proof=proof, url=URL) == (
        "جماعة أكادير\n"
        "الميزانية المفتوحة\n"
        "9% ← 62%: من السكان يعرفون الميزانية\n"
        "نشرت الجماعة ميزانيتها.\n"
        f"{URL}"
    )


def test_text_in_french():
    page = make_practice(language="fr", title="Le budget ouvert", summary="La commune publie.")
    assert share_text(page, who=["Commune d’Agadir"], proof=indicator(baseline=9), url=URL) == (
        "Commune d’Agadir\n"
        "Le budget ouvert\n"
        "9\u00a0% → 62\u00a0%\u00a0: du budget publié\n"
        "La commune publie.\n"
        f"{URL}"
    )


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"baseline": None}, "62\u00a0%\u00a0: du budget publié"),
        (
            {"value": 1450, "baseline": 120, "unit": "demandes", "name": "reçues"},
            "120 → 1\u202f450 demandes\u00a0: reçues",
        ),
        ({"value": 3, "unit": "", "name": "réunions"}, "3\u00a0: réunions"),
    ],
)
def test_figure_has_its_unit_and_no_arrow_without_a_before(fields, line):
    page = make_practice(language="fr")
    text = share_text(page, who=[], proof=indicator(**fields), url=URL)
    assert text.splitlines()[1] == line


def test_text_speaks_the_language_of_the_practice_whatever_the_reader_reads():
    page = make_practice(language="fr", title="T", summary="S")
    with override("ar"):
        text = share_text(page, who=list("ABCDE"), proof=indicator(), url=URL)
    assert text.splitlines()[0] == "A, B, C et 2 autres"
    assert text.splitlines()[2] == "62\u00a0%\u00a0: du budget publié"


def test_text_without_names_and_figure_has_no_empty_line():
    page = make_practice(title="عنوان", summary="خلاصة")
    assert share_text(page, who=[], proof=None, url=URL) == f"عنوان\nخلاصة\n{URL}"


def test_long_summary_is_cut_between_words_and_stays_on_one_line():
    page = make_practice(summary="mot\n" * 70)
    line = share_text(page, who=[], proof=None, url=URL).splitlines()[1]
    assert line == " ".join(["mot"] * 50) + "…"


@pytest.mark.parametrize(
    ("summary", "line"),
    [
        (f"{'mot ' * 20}fin. {'mot ' * 40}", "mot " * 20 + "fin."),
        (f"{'كلمة ' * 20}؟ {'كلمة ' * 20}", "كلمة " * 20 + "؟"),
        (f"Non. {'mot ' * 60}", "Non. " + " ".join(["mot"] * 48) + "…"),
    ],
)
def test_long_summary_ends_with_a_sentence_where_one_is_long_enough(summary, line):
    page = make_practice(summary=summary)
    assert share_text(page, who=[], proof=None, url=URL).splitlines()[1] == line


def test_addresses_open_an_app_with_the_same_text():
    page = make_practice(title="A & B? #1", summary="100% = +1")
    shared = share(page, who=["جماعة"], proof=None, url=URL)
    address = urlsplit(shared.whatsapp)
    assert (address.scheme, address.netloc, address.fragment) == ("https", "wa.me", "")
    assert parse_qs(address.query, strict_parsing=True) == {"text": [shared.text]}
    mail = urlsplit(shared.email)
    subject, body = (unquote(part.partition("=")[2]) for part in mail.query.split("&"))
    assert (mail.scheme, mail.path, mail.fragment, subject) == ("mailto", "", "", "A & B? #1")
    assert body == shared.text.replace("\n", "\r\n")


def test_page_gives_the_text_to_select_and_hides_what_needs_javascript(client):
    practice = make_practice(title="<b>عنوان", collectivities=(make_commune(name_ar="أكادير"),))
    page = client.get(f"/ar/practices/{practice.slug}/").content.decode()
    url = f"http://127.0.0.1:8000/ar/practices/{practice.slug}/"
    assert re.search(r'<p id="share-text">(.*?)</p>', page, re.DOTALL)[1] == (
        f"جماعة أكادير\n&lt;b&gt;عنوان\nخلاصة\n{url}"
    )
    for control in ("data-copy=", "data-copy-of=", "data-print"):
        for before in page.split(control)[:-1]:
            assert before.rpartition("<button")[0].rstrip().endswith((" hidden>", "<li hidden>"))


@pytest.mark.parametrize("path", ["open-budget-7", "x" * 60])
def test_code_on_paper_is_small_plain_and_of_level_m(path):
    url = f"https://remacto.example.org/ar/practices/{path}/"
    drawn = qr_code(url)
    assert "style=" not in drawn
    assert drawn.count("<path") == 1
    assert len(drawn.encode()) < 3500
    size = segno.make_qr(url, error="m", boost_error=False).symbol_size(border=4)[0]
    assert f'viewBox="0 0 {size} {size}"' in drawn
    # The quiet zone: nothing is drawn before the fifth row and column.
    assert 'd="M4 4.5h7' in drawn


def test_address_of_the_source_is_printed_in_its_own_letters(client):
    source = "https://example.org/%D9%84%D9%82%D8%A7%D8%A1?a=%22%26"
    titled = make_practice(source_title="الموقع", source_url=source)
    bare = make_practice(source_url=source)
    readable = "https://example.org/لقاء?a=%22%26"
    page = client.get(f"/ar/practices/{titled.slug}/").content.decode()
    assert f'href="{source}" data-address="{readable}" rel="noopener">الموقع</a>' in page
    page = client.get(f"/ar/practices/{bare.slug}/").content.decode()
    assert f'href="{source}" rel="noopener">{readable}</a>' in page


def test_code_on_paper_leads_to_the_version_that_is_read(client):
    practice = make_practice(language="fr")
    page = client.get(f"/zgh/practices/{practice.slug}/").content.decode()
    own = f"http://127.0.0.1:8000/fr/practices/{practice.slug}/"
    assert page.count(qr_code(own)) == 1

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.rich_text import RichText

from core.blocks import (
    AddressBlock,
    CallToActionBlock,
    CleanTextBlock,
    LineBlock,
    LinkBlock,
    PictureBlock,
    TextBlock,
)
from tests.factories import make_image, make_page

WORD = """
<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><title>Document</title>
<style>p.MsoNormal {font-family: Calibri}</style>
<!--[if gte mso 9]><xml><o:OfficeDocumentSettings/></xml><![endif]--></head>
<body lang=FR style='tab-interval:35.4pt'>
<h2 style='mso-margin-top-alt:auto' class=MsoTitle>Le budget<o:p></o:p></h2>
<p class=MsoNormal style='text-align:justify'><b style='mso-bidi-font-weight:normal'>Ouvert</b>
\u202eà tous\u202c <span lang=AR-MA dir=RTL>مفتوح</span><o:p>&nbsp;</o:p></p>
<ul type=disc><li class=MsoNormal style='mso-list:l0 level1'>un</li><li>deux</li></ul>
<p><a href="https://example.org/" onclick="alert(1)" style="color:blue">le rapport</a>
<a href="javascript:alert(1)">ici</a></p>
<script>alert(document.cookie)</script>
<img src="https://tracker.example/pixel.gif" width=1 height=1>
<iframe src="https://tracker.example/"></iframe></body></html>
"""
CLEAN = (
    "<h2>Le budget</h2>"
    "<p><b>Ouvert</b> à tous مفتوح&nbsp;</p>"
    "<ul><li>un</li><li>deux</li></ul>"
    '<p><a href="https://example.org/" rel="noopener">le rapport</a>'
    ' <a rel="noopener">ici</a></p>'
)


def lines_joined(html: str) -> str:
    """Without the line breaks between the marks of a text, which say nothing."""
    return (
        " ".join(html.split())
        .replace("> <h", "><h")
        .replace("> <p", "><p")
        .replace("> <ul", "><ul")
    )


def test_text_of_a_word_processor_comes_out_clean_with_its_meaning_kept():
    cleaned = CleanTextBlock().clean(RichText(WORD)).source
    assert lines_joined(cleaned) == CLEAN
    assert lines_joined(CleanTextBlock().clean(RichText(cleaned)).source) == CLEAN


def test_text_that_no_form_cleaned_is_cleaned_when_it_is_written():
    assert lines_joined(CleanTextBlock().get_prep_value(RichText(WORD))) == CLEAN


def test_text_block_cleans_its_heading_and_its_text():
    block = TextBlock()
    value = block.clean(block.to_python({"heading": "a\u202eb\x08", "text": "<p onclick=x>c</p>"}))
    assert (value["heading"], value["text"].source) == ("ab", "<p>c</p>")


@pytest.mark.parametrize(
    ("typed", "kept"), [("a\u2066b\u2069", "ab"), ("\x00a", "a"), ("a\u200fb", "a\u200fb")]
)
def test_line_loses_what_turns_it_and_keeps_the_rest(typed, kept):
    assert LineBlock().clean(typed) == kept


def test_line_of_controls_alone_is_refused_where_one_is_needed():
    with pytest.raises(ValidationError):
        LineBlock().clean("\u202e")
    assert LineBlock(required=False).clean("\u202e") == ""


@pytest.mark.parametrize(
    ("refused", "allowed"),
    [
        ("javascript:alert(1)", "https://example.org/"),
        ("//example.org/", "/"),
        ("data:text/html,x", "http://example.org/a?b=c"),
        ("practices/", "/practices/"),
        ("ftp://example.org/", "/practices/?principle=access#list"),
        ("mailto:a@example.org", "https://xn--mgba3a4f16a.ma/"),
    ],
)
def test_address_within_the_site_or_on_the_web_is_taken_and_others_are_not(refused, allowed):
    block = AddressBlock()
    with pytest.raises(ValidationError):
        block.clean(refused)
    assert block.clean(allowed) == allowed


def test_address_may_be_missing_where_it_is_not_needed():
    assert AddressBlock(required=False).clean("") == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("decorative", "alt", "draft", "refused"),
    [
        (False, "", False, True),
        (False, "", True, False),
        (True, "", False, False),
        (False, "Une fontaine", False, False),
    ],
    ids=["published", "draft", "decorative", "described"],
)
def test_picture_is_published_with_a_description_or_as_decoration(decorative, alt, draft, refused):
    block = PictureBlock()
    value = block.to_python({"image": make_image(alt_fr=alt).pk, "decorative": decorative})
    block.is_deferred_validation = draft
    if refused:
        with pytest.raises(StructBlockValidationError) as error:
            block.clean(value)
        assert list(error.value.block_errors) == ["image"]
        assert error.value.block_errors["image"].code == "undescribed"
    else:
        assert block.clean(value)["image"] == value["image"]


@pytest.mark.django_db
def test_call_to_action_leads_somewhere_once_it_is_published():
    block = CallToActionBlock()

    def written(draft: bool = False, **link):
        facts = {"heading": "h", "label": "l", "link": {"page": None, "address": ""} | link}
        block.is_deferred_validation = draft
        return block.clean(block.to_python(facts))

    with pytest.raises(StructBlockValidationError) as error:
        written()
    assert list(error.value.block_errors) == ["link"]
    assert written(draft=True)["link"].href == ""
    assert written(address="/practices/")["link"].href == "/ar/practices/"
    page = make_page(slug="about")
    assert written(page=page.pk)["link"].href == "/ar/about/"


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["ar", "fr", "en", "zgh"])
def test_link_leads_into_the_readers_language(language):
    block = LinkBlock()
    page = make_page(language="fr", slug="about")

    def href(**facts) -> str:
        return block.to_python({"page": None, "address": ""} | facts).href

    with translation.override(language):
        assert href(page=page.pk) == f"/{language}/about/"
        assert href(address="/practices/?kind=practice") == f"/{language}/practices/?kind=practice"
        assert href(address="/fr/practices/") == f"/{language}/practices/"
        assert href(address="https://example.org/fr/") == "https://example.org/fr/"
        assert href() == ""

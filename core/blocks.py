"""
The blocks that free pages are built from.

Text is cleaned when it is written (`core.text`), and rich text once more when it is shown.
"""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.documents.blocks import DocumentChooserBlock
from wagtail.images.blocks import ImageChooserBlock
from wagtail.rich_text import RichText

from core import languages
from core.fields import CleanRichTextField
from core.text import clean_html, without_controls


class LineBlock(blocks.CharBlock):
    """A line of plain text."""

    def clean(self, value):
        return super().clean(without_controls(value or ""))


class CleanTextBlock(blocks.RichTextBlock):
    """Rich text with the few forms of `core.fields.CleanRichTextField`, and headings if asked."""

    def __init__(self, features=CleanRichTextField.FEATURES, **kwargs) -> None:
        super().__init__(features=list(features), **kwargs)

    def get_prep_value(self, value):
        return clean_html(super().get_prep_value(value) or "")

    def clean(self, value):
        return RichText(clean_html(super().clean(value).source))


class AddressBlock(LineBlock):
    """An address within the site ("/practices/") or elsewhere ("https://…")."""

    ELSEWHERE = URLValidator(schemes=["http", "https"])

    def clean(self, value):
        value = super().clean(value)
        if value and not (value.startswith("/") and not value.startswith("//")):
            self.ELSEWHERE(value)
        return value


class LinkValue(blocks.StructValue):
    @property
    def href(self) -> str:
        """The link's address in the reader's language; "" where it has none."""
        page, address = self.get("page"), self.get("address") or ""
        if page:
            return languages.path_in(languages.current(), page.url_path)
        return languages.path_in(languages.current(), address) if address[:1] == "/" else address


class LinkBlock(blocks.StructBlock):
    """Where a link leads: to a page of the site, or to an address."""

    page = blocks.PageChooserBlock(required=False, label=_("page"))
    address = AddressBlock(
        required=False,
        label=_("or address"),
        help_text=_("Within the site like /practices/, or elsewhere like https://example.org/."),
    )

    class Meta:
        value_class = LinkValue


class TextBlock(blocks.StructBlock):
    heading = LineBlock(required=False, max_length=120, label=_("heading"))
    text = CleanTextBlock(features=[*CleanRichTextField.FEATURES, "h3"], label=_("text"))

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "blocks/text.html"


class PictureBlock(blocks.StructBlock):
    """A picture. What it shows is told with the image itself, once for all its uses."""

    image = ImageChooserBlock(label=_("image"))
    decorative = blocks.BooleanBlock(
        required=False,
        label=_("only decorates"),
        help_text=_("Tick it where the picture says nothing that the text does not say."),
    )
    caption = LineBlock(required=False, max_length=250, label=_("caption"))

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "blocks/picture.html"

    def clean(self, value):
        value = super().clean(value)
        # A draft may wait for its words; what is published may not.
        if not self.is_deferred_validation and not value["decorative"]:
            error = undescribed(value["image"])
            if error:
                raise StructBlockValidationError({"image": error})
        return value


def undescribed(image) -> ValidationError | None:
    """Return what to answer where an image has no description in any language."""
    if image is None or image.default_alt_text:
        return None
    return ValidationError(
        _(
            "This picture has no description for those who do not see it. "
            "Write one with the image, or say that it only decorates."
        ),
        code="undescribed",
    )


class FigureBlock(blocks.StructBlock):
    number = LineBlock(max_length=20, label=_("figure"))
    label = LineBlock(max_length=120, label=_("what it counts"))
    link = LinkBlock(required=False, label=_("where it can be seen"))


class FiguresBlock(blocks.StructBlock):
    heading = LineBlock(required=False, max_length=120, label=_("heading"))
    figures = blocks.ListBlock(FigureBlock(), min_num=1, max_num=6, label=_("figures"))
    source = LineBlock(required=False, max_length=250, label=_("source"))

    class Meta:
        icon = "order"
        label = _("Figures")
        template = "blocks/figures.html"


class QuotationBlock(blocks.StructBlock):
    text = blocks.TextBlock(max_length=600, label=_("words"))
    who = LineBlock(max_length=150, label=_("who said it"))
    source = LineBlock(required=False, max_length=250, label=_("where it was said"))

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "blocks/quotation.html"


class PointBlock(blocks.StructBlock):
    """A titled point: a step, a value, a strand."""

    title = LineBlock(max_length=150, label=_("title"))
    text = blocks.TextBlock(required=False, max_length=1000, rows=3, label=_("text"))

    class Meta:
        icon = "list-ul"
        label = _("Point")


class StepsBlock(blocks.StructBlock):
    heading = LineBlock(required=False, max_length=120, label=_("heading"))
    steps = blocks.ListBlock(PointBlock(label=_("step")), min_num=1, label=_("steps"))

    class Meta:
        icon = "list-ol"
        label = _("Steps")
        template = "blocks/steps.html"


class CallToActionBlock(blocks.StructBlock):
    heading = LineBlock(max_length=120, label=_("heading"))
    text = blocks.TextBlock(required=False, max_length=400, rows=2, label=_("text"))
    label = LineBlock(max_length=60, label=_("words on the button"))
    link = LinkBlock(label=_("where it leads"))

    class Meta:
        icon = "arrow-right"
        label = _("Call to action")
        template = "blocks/call_to_action.html"

    def clean(self, value):
        value = super().clean(value)
        if not self.is_deferred_validation and not (
            value["link"]["page"] or value["link"]["address"]
        ):
            raise StructBlockValidationError(
                {"link": ValidationError(_("Choose a page or write an address."))}
            )
        return value


class FilesBlock(blocks.StructBlock):
    heading = LineBlock(required=False, max_length=120, label=_("heading"))
    files = blocks.ListBlock(DocumentChooserBlock(label=_("document")), min_num=1, label=_("files"))

    class Meta:
        icon = "doc-full"
        label = _("Files")
        template = "blocks/files.html"


class QuestionBlock(blocks.StructBlock):
    question = LineBlock(max_length=200, label=_("question"))
    answer = CleanTextBlock(label=_("answer"))


class QuestionsBlock(blocks.StructBlock):
    heading = LineBlock(required=False, max_length=120, label=_("heading"))
    questions = blocks.ListBlock(QuestionBlock(), min_num=1, label=_("questions"))

    class Meta:
        icon = "help"
        label = _("Frequently asked questions")
        template = "blocks/questions.html"

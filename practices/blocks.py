"""What free pages can show of the practices."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from core import languages
from core.blocks import LineBlock
from core.vocabularies import PrincipleCode
from practices.models import NEWEST_FIRST, PracticePage
from practices.search import load


class PracticesBlock(blocks.StructBlock):
    """The newest practices, of one principle or of all."""

    heading = LineBlock(max_length=120, label=_("heading"))
    principle = blocks.ChoiceBlock(
        choices=PrincipleCode.choices,
        required=False,
        label=_("principle"),
        help_text=_("Leave it empty to show practices of all principles."),
    )
    count = blocks.IntegerBlock(default=3, min_value=1, max_value=9, label=_("how many"))

    class Meta:
        icon = "doc-full-inverse"
        label = _("Practices by principle")
        template = "blocks/practices.html"

    def get_context(self, value, parent_context=None):
        context = super().get_context(value, parent_context)
        language = languages.current()
        practices = PracticePage.objects.visible().nearest_to(language)
        if value["principle"]:
            practices = practices.filter(principle_links__tag__slug=value["principle"])
        newest = practices.order_by(*NEWEST_FIRST).values_list("pk", flat=True)
        context["practices"] = load(list(newest[: value["count"]]), language)
        return context

"""What a free page or a news item may be built from."""

from wagtail import blocks

from core.blocks import (
    CallToActionBlock,
    FiguresBlock,
    FilesBlock,
    PictureBlock,
    QuestionsBlock,
    QuotationBlock,
    StepsBlock,
    TextBlock,
)
from practices.blocks import PracticesBlock


class BodyBlock(blocks.StreamBlock):
    text = TextBlock()
    picture = PictureBlock()
    figures = FiguresBlock()
    quotation = QuotationBlock()
    steps = StepsBlock()
    call_to_action = CallToActionBlock()
    files = FilesBlock()
    practices = PracticesBlock()
    questions = QuestionsBlock()

    class Meta:
        block_counts = {"practices": {"max_num": 2}}
        required = False

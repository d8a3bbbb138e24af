"""Model fields and validators that the content shares."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import dates, formats
from django.utils.functional import lazy
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.fields import RichTextField

from core.text import clean_html

PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
ISO_DATE = re.compile(r"\d{4}(?:-\d{2}){1,2}", re.ASCII)

EMPTY = re.compile(r"(</?(p|br|ul|ol|li|b)>|\s|&nbsp;)*")


def _parts(value: str) -> tuple[int, int | None, int | None] | None:
    """Return the year, the month and the day that a partial date tells, None where it is none."""
    match = PARTIAL_DATE.fullmatch(value)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    return year, month, day


def _with_dates_apart(words) -> str:
    """Keep dates in an Arabic sentence from being turned round: 2022-10 would read 10-2022."""
    return ISO_DATE.sub("\u2066\\g<0>\u2069", str(words)) if get_language_bidi() else str(words)


with_dates_apart = lazy(_with_dates_apart, str)


def validate_partial_date(value: str) -> None:
    """Refuse what is not a year, a month or a day of the calendar in ISO 8601's form."""
    if not _parts(value):
        raise ValidationError(
            with_dates_apart(
                _("Write a year, a month or a day, like 2022, 2022-10 or 2022-10-21.")
            ),
            code="partial_date",
        )


def format_partial_date(value: str) -> str:
    """
    Return a partial date in the reader's language: "2022", "October 2022", "21 October 2022".

    :param value: what a `PartialDateField` holds; anything else is returned as it is
    """
    parts = _parts(value or "")
    if not parts:
        return value or ""
    year, month, day = parts
    if day:
        return formats.date_format(date(year, month, day), "DATE_FORMAT")
    return f"{dates.MONTHS[month]} {value[:4]}" if month else value


class PartialDateField(models.CharField):
    """
    A date known to the year, the month or the day: "2022", "2022-10" or "2022-10-21".

    What is told about public action often has no day. The text sorts as the dates do.
    """

    def __init__(self, *args, **kwargs) -> None:
        kwargs["max_length"] = 10
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, validate_partial_date]
        if not self.help_text:
            self.help_text = with_dates_apart(
                _("A year, a month or a day: 2022, 2022-10 or 2022-10-21.")
            )

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        del kwargs["max_length"]
        kwargs.pop("help_text", None)
        return name, path, args, kwargs


class PartialDateBlock(blocks.CharBlock):
    """The same in a free page."""

    def __init__(self, **kwargs) -> None:
        words = with_dates_apart(_("A year, a month or a day: 2022, 2022-10 or 2022-10-21."))
        kwargs.setdefault("help_text", words)
        super().__init__(max_length=10, validators=[validate_partial_date], **kwargs)


class CleanRichTextField(RichTextField):
    """Rich text with few forms, cleaned whenever it is written; `richtext` cleans it when shown."""

    FEATURES = ["bold", "ol", "ul", "link"]

    def __init__(self, *args, **kwargs) -> None:
        kwargs.setdefault("features", self.FEATURES)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        cleaned = clean_html(value) if value else value
        # The editor of the administration leaves an empty paragraph in each field.
        return "" if cleaned and EMPTY.fullmatch(cleaned) else cleaned

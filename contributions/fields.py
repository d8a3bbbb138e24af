"""
The sorts of things that a kind of draft asks for, as `contributions.registry.Field` declares them.

A draft keeps whatever was typed, too long or not: limits are told beside the field and hold when it
is submitted. Only what cannot be kept (a date that is none) is refused while it is written.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from contributions.registry import Field, Text
from core import languages
from core.fields import format_partial_date, validate_partial_date
from core.markup import to_html, to_plain
from core.numbers import format_number
from core.open_forms import AddressField, LineField, TextField

LONGEST = 20_000  # characters that a draft keeps of one text
DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
SPACES = str.maketrans("", "", " \u00a0\u202f\u2009٬")
TOO_MUCH = {"max_length": _("This text is too long to be kept: %(limit_value)d characters.")}


class PartialDateField(forms.CharField):
    """A year, a month or a day, typed in any of the usual ways and in any digits."""

    def to_python(self, value):
        typed = super().to_python(value).translate(DIGITS).strip().replace(".", "/")
        day = re.fullmatch(r"(?:(\d{1,2})/)?(\d{1,2})/(\d{4})", typed)
        if day:
            typed = "-".join(part.zfill(2) for part in reversed(day.groups()) if part)
        return re.sub(r"[/ ]+", "-", typed)

    def validate(self, value) -> None:
        super().validate(value)
        if value:
            validate_partial_date(value)


def plain_number(typed: str) -> str:
    """
    Return a number as Python reads it, typed in any digits: with spaces between thousands, or with
    points as Arabic groups them, or with commas as English does; "12.500" is twelve thousand.
    """
    plain = typed.translate(DIGITS).translate(SPACES).replace("٫", ",")
    if re.fullmatch(r"-?\d{1,3}(\.\d{3})+(,\d+)?", plain):
        plain = plain.replace(".", "")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    return plain.replace(",", ".")


class NumberField(forms.DecimalField):
    """A number as `plain_number` reads it."""

    def to_python(self, value):
        return super().to_python(plain_number(value) if isinstance(value, str) else value)


class WholeNumberField(forms.IntegerField):
    """The same, without decimal places."""

    def to_python(self, value):
        return super().to_python(plain_number(value) if isinstance(value, str) else value)


class WebAddressField(forms.URLField):
    """An address of the web, with or without its beginning."""

    default_validators = [URLValidator(schemes=["http", "https"])]

    def __init__(self, **kwargs) -> None:
        super().__init__(assume_scheme="https", **kwargs)


def _declare(make: Callable[[Any], forms.Field], name: str, label: Text, options: dict) -> Field:
    return Field(name=name, label=label, make=make, **options)


def line(name: str, label: Text, *, kept: int = 1000, **options) -> Field:
    """
    One line of text.

    :param kept: the longest that a draft can hold, in characters
    """
    return _declare(
        lambda contribution: LineField(
            max_length=kept, error_messages=TOO_MUCH, widget=forms.TextInput({"dir": "auto"})
        ),
        name,
        label,
        options,
    )


def text(name: str, label: Text, *, lines: int = 4, **options) -> Field:
    """A few lines of plain text."""
    return _declare(
        lambda contribution: TextField(
            max_length=LONGEST,
            error_messages=TOO_MUCH,
            widget=forms.Textarea({"rows": lines, "dir": "auto"}),
        ),
        name,
        label,
        options,
    )


def rich(name: str, label: Text, *, lines: int = 8, **options) -> Field:
    """A text of paragraphs and lists, kept as rich text and written with plain signs."""
    field = text(name, label, lines=lines, **options)

    def write(page, value: str) -> None:
        # What the form shows and nobody touched stays as an editor formed it.
        if to_plain(getattr(page, name)) != value:
            setattr(page, name, to_html(value))

    return Field(
        **{**field.__dict__, "read": lambda page: to_plain(getattr(page, name)), "write": write}
    )


def choice(name: str, label: Text, choices: Callable[[], Iterable], **options) -> Field:
    """
    One of a few, to be ticked.

    :param choices: gives (value, words) in the reader's language
    """

    def make(contribution) -> forms.Field:
        return forms.ChoiceField(choices=list(choices()), widget=forms.RadioSelect)

    def told(value) -> str:
        return str(dict(choices()).get(value, value or ""))

    return Field(name=name, label=label, make=make, told=told, **options)


def select(name: str, label: Text, choices: Callable[[], Iterable], **options) -> Field:
    """One of many, to be picked from a list; the empty one first."""

    def make(contribution) -> forms.Field:
        empty = ("", pgettext("choice", "Choose"))
        return forms.ChoiceField(choices=[empty, *choices()])

    def told(value) -> str:
        return str(dict(choices()).get(value, value or ""))

    return Field(name=name, label=label, make=make, told=told, **options)


def tick(name: str, label: Text, **options) -> Field:
    """Something that is so, or is not."""
    return Field(
        name=name,
        label=label,
        make=lambda contribution: forms.BooleanField(),
        told=lambda value: pgettext("answer", "Yes") if value else pgettext("answer", "No"),
        **options,
    )


def partial_date(name: str, label: Text, **options) -> Field:
    """A year, a month or a day."""
    return Field(
        name=name,
        label=label,
        make=lambda contribution: PartialDateField(
            max_length=30,
            widget=forms.TextInput({"dir": "ltr", "inputmode": "text", "autocomplete": "off"}),
        ),
        told=lambda value: format_partial_date(value or ""),
        **options,
    )


def whole_number(name: str, label: Text, *, most: int, **options) -> Field:
    """A number of people or dirhams."""
    return Field(
        name=name,
        label=label,
        make=lambda contribution: WholeNumberField(
            min_value=0,
            max_value=most,
            widget=forms.TextInput({"inputmode": "numeric", "dir": "ltr"}),
        ),
        told=_number,
        **options,
    )


def number(name: str, label: Text, **options) -> Field:
    """A number with up to two decimal places."""
    return Field(
        name=name,
        label=label,
        make=lambda contribution: NumberField(
            max_digits=16,
            decimal_places=2,
            widget=forms.TextInput({"inputmode": "decimal", "dir": "ltr"}),
        ),
        told=_number,
        **options,
    )


def _number(value) -> str:
    return "" if value in (None, "") else format_number(value, languages.current())


def email(name: str, label: Text, **options) -> Field:
    return Field(
        name=name,
        label=label,
        make=lambda contribution: AddressField(widget=forms.EmailInput({"dir": "ltr"})),
        **options,
    )


def phone(name: str, label: Text, **options) -> Field:
    def make(contribution) -> forms.Field:
        return PhoneField(max_length=30, widget=forms.TextInput({"dir": "ltr", "type": "tel"}))

    return Field(name=name, label=label, make=make, **options)


class PhoneField(LineField):
    """A telephone number in any digits; `+`, digits, spaces, points, dashes and brackets."""

    def to_python(self, value):
        return super().to_python(value).translate(DIGITS)

    def validate(self, value) -> None:
        super().validate(value)
        if value and not re.fullmatch(r"\+?[0-9 ().\-/]{4,30}", value):
            raise ValidationError(_("Write a telephone number, like +212 5 37 00 00 00."))


def web_address(name: str, label: Text, **options) -> Field:
    return Field(
        name=name,
        label=label,
        make=lambda contribution: WebAddressField(
            max_length=1000, widget=forms.URLInput({"dir": "ltr", "placeholder": "https://"})
        ),
        **options,
    )


def canonical(value: Any) -> Any:
    """
    Return a form's value as JSON that is the same whatever it was read from: what was typed, or
    what is stored. Two people's answers are compared by it.
    """
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, dict):
        return {name: canonical(one) for name, one in value.items()}
    if isinstance(value, list | tuple | models.QuerySet):
        return [canonical(one) for one in value]
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip()
    if isinstance(value, date):
        return value.isoformat()
    # Numbers: 12, 12.0 and 12.00 are one.
    return format(value.normalize(), "f") if hasattr(value, "normalize") else str(value)

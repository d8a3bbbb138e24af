"""Answers that only practices know: principles, themes, collectivities, associations."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext, pgettext_lazy

from core.open_forms import KnownKeys
from core.text import without_controls
from core.vocabularies import Theme
from members.models import Association, Collectivity
from practices.admin_forms import CurrentThemes
from practices.models import PracticePrinciple, PracticeTheme

LONGEST = 300  # characters of a name of a collectivity that are read


class TagsField(KnownKeys, forms.ModelMultipleChoiceField):
    """Tags to be ticked, given as a list in the order of their keys."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, tag) -> str:
        return tag.label

    def clean(self, value):
        return sorted(super().clean(value), key=lambda tag: tag.pk)


class ThemesField(TagsField):
    """The themes that are offered, by their labels."""

    iterator = CurrentThemes

    def __init__(self) -> None:
        super().__init__(Theme.objects.current())


def tagged(relation: str, link_model) -> tuple:
    """Return how tags are read from and written to the rows of a relation, the first one first."""

    def read(page):
        return sorted((link.tag for link in getattr(page, relation).all()), key=lambda tag: tag.pk)

    def write(page, tags) -> None:
        links = {link.tag_id: link for link in getattr(page, relation).all()}
        wanted = [_tag(link_model, one) for one in tags]
        # Those that stay keep their place: the first principle is the main one.
        order = [*links, *(tag.pk for tag in wanted)]
        wanted.sort(key=lambda tag: order.index(tag.pk))
        getattr(page, relation).set(
            [links.get(tag.pk) or link_model(tag=tag) for tag in dict.fromkeys(wanted)]
        )
        page.__dict__.pop("principle_tags", None)

    return read, write


def _tag(link_model, one):
    """Return a tag, given as itself or by its slug."""
    if not isinstance(one, str):
        return one
    return link_model._meta.get_field("tag").related_model.objects.get(slug=one)


def told_tags(tags) -> str:
    return pgettext("list", ", ").join(tag.label for tag in tags)


def write_all_principles(page, tags) -> None:
    """Write principles; of a list of slugs, as an import gives it, the first is the main one."""
    write_principles(page, tags)
    if tags and isinstance(tags[0], str):
        write_main_principle(page, tags[0])


def read_main_principle(page) -> str:
    first = page.principle_links.all()
    return first[0].tag.slug if len(first) > 1 else ""


def write_main_principle(page, slug: str) -> None:
    links = list(page.principle_links.all())
    if slug:
        links.sort(key=lambda link: link.tag.slug != slug)
    page.principle_links.set(links)
    page.__dict__.pop("principle_tags", None)


read_principles, write_principles = tagged("principle_links", PracticePrinciple)
read_themes, write_themes = tagged("theme_links", PracticeTheme)


class CollectivityField(forms.Field):
    """A collectivity by its name, or by its code behind its name, as the field shows it again."""

    CODE = re.compile(r"(?:.*\()?([0-9A-Za-z.]+)\)?")
    MOST_TOLD = 5

    def __init__(self) -> None:
        super().__init__(widget=forms.TextInput({"dir": "auto", "autocomplete": "off"}))

    def prepare_value(self, value):
        return written(value) if isinstance(value, Collectivity) else value

    def to_python(self, value):
        typed = " ".join(without_controls(str(value or ""))[:LONGEST].split())
        if not typed:
            return None
        code = self.CODE.fullmatch(typed)
        if code and (coded := Collectivity.objects.filter(code=code[1]).first()):
            return coded
        named = list(Collectivity.objects.named(typed).select_related("parent")[:200])
        same = [one for one in named if typed.casefold() in map(str.casefold, one_names(one))]
        found = same or named
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(
                _("No collectivity has this name: “%(typed)s”. Write it as the directory does.")
                % {"typed": typed}
            )
        told = [written(one) for one in found[: self.MOST_TOLD]]
        raise ValidationError(
            _("Several have this name. Write one of them: %(names)s.")
            % {"names": pgettext("list", ", ").join(told)}
        )


def one_names(one: Collectivity) -> list[str]:
    names = [one.name_ar, one.name_fr, one.name_en, one.name_zgh, one.full_name]
    return [name for name in names if name]


def written(one: Collectivity) -> str:
    """Return a collectivity as the field shows it and reads it again."""
    return f"{one.full_name} ({one.code})"


class AssociationField(forms.ModelChoiceField):
    """An association of the network, where the partner is one."""

    def __init__(self) -> None:
        super().__init__(
            Association.objects.listed(),
            empty_label=pgettext_lazy("association", "Not in the network"),
        )

    def label_from_instance(self, association: Association) -> str:
        return association.name

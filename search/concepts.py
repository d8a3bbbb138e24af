"""What is written to the termbase: the seed of this field, and synonyms made of missed searches."""

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import languages
from search.analysis import words
from search.models import Concept, MissedSearch, SearchPrefix, Term

SEED = Path(__file__).parent / "termbase"


def seed() -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the concepts that come with the site: the slug, and the terms by language."""
    for file in sorted(SEED.glob("*.toml")):
        for concept in tomllib.loads(file.read_text(encoding="utf-8"))["concept"]:
            yield concept["id"], {code: concept.get(code, []) for code in languages.CODES}


@transaction.atomic
def load_seed() -> int:
    """
    Add the concepts of the seed that are not there; what editors changed stays as it is.

    :returns: how many are new
    """
    known = set(Concept.objects.exclude(slug=None).values_list("slug", flat=True))
    new = {slug: terms for slug, terms in seed() if slug not in known}
    _create(new)
    return len(new)


@transaction.atomic
def keep_names(origin: str, names: Mapping[str, Mapping[str, str]]) -> None:
    """
    Let the names of things stand for each other in every language, as terms do.

    :param origin: the app or kind that keeps these; editors do not see them
    :param names: by a slug that is the thing's own, the name in each language that has one
    """
    Concept.objects.filter(origin=origin, slug__in=names).delete()
    _create(
        {slug: {code: [name] for code, name in some.items()} for slug, some in names.items()},
        origin,
    )


def forget_names(origin: str, slugs: Collection[str]) -> None:
    """Take away the names of things that are gone; see `keep_names`."""
    Concept.objects.filter(origin=origin, slug__in=slugs).delete()


def _create(concepts: Mapping[str, Mapping[str, Sequence[str]]], origin: str = "") -> None:
    made = Concept.objects.bulk_create(Concept(slug=slug, origin=origin) for slug in concepts)
    terms = []
    for concept in made:
        place = 0
        for code, texts in concepts[concept.slug].items():
            for number, text in enumerate(dict.fromkeys(texts)):
                term = Term(concept=concept, language=code, text=text[:80])
                term.preferred, term.sort_order = number == 0, place
                term.prepare()
                if term.stems:
                    terms.append(term)
                    place += 1
    Term.objects.bulk_create(terms)
    if not origin:  # what the apps keep has a page of its own, and is offered by its title
        SearchPrefix.objects.bulk_create(one for term in terms for one in term.new_prefixes())


@transaction.atomic
def make_synonym(
    *, missed: MissedSearch, text: str, language: str, same_as: str, same_as_language: str
) -> Concept:
    """
    Let what people searched in vain find what another word finds; it is counted no more.

    The word's concept gets the text as a term; a word of none gets a new concept with both.

    :param text: what people search, as it is to stand in the termbase
    :param same_as: a word that the site uses
    :raises ValidationError: where the concept has the text already
    """
    stems = " ".join(word.stem for word in words(same_as, same_as_language))
    known = Term.objects.filter(concept__origin="", language=same_as_language, stems=stems)
    first = known.order_by("-preferred", "pk").select_related("concept").first()
    if first:
        concept = Concept.objects.select_for_update().get(pk=first.concept_id)
    else:
        concept = Concept.objects.create()
        _add_term(concept, same_as_language, same_as)
    _add_term(concept, language, text)
    concept.save()  # it comes first among what was changed last
    missed.delete()
    return concept


def _add_term(concept: Concept, language: str, text: str) -> None:
    if Term.objects.filter(concept=concept, language=language, text=text).exists():
        raise ValidationError(
            _("“%(text)s” stands in the termbase already with this meaning.") % {"text": text}
        )
    last = concept.terms.aggregate(Max("sort_order"))["sort_order__max"] or 0
    term = Term(concept=concept, language=language, text=text, sort_order=last + 1)
    term.full_clean(exclude=["stems"])
    term.save()

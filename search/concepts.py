"""What is written to the termbase: the seed of this field, and synonyms made of missed searches."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from search.models import SEARCH_LANGUAGES, Concept, SearchPrefix, Term

SEED = Path(__file__).parent / "termbase"
CODES = [code for code, _name in SEARCH_LANGUAGES]


def seed() -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield the concepts that come with the site: the slug, and the terms by language."""
    for file in sorted(SEED.glob("*.toml")):
        for concept in tomllib.loads(file.read_text(encoding="utf-8"))["concept"]:
            yield concept["id"], {code: concept.get(code, []) for code in CODES}


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
def add_term(*, concept: Concept, language: str, text: str) -> Term:
    """
    Add a name to a concept, as the last of its terms.

    :raises ValidationError: where the concept has it already, or no search would find it
    """
    concept = Concept.objects.select_for_update().get(pk=concept.pk)
    last = concept.terms.aggregate(Max("sort_order"))["sort_order__max"] or 0
    term = Term(concept=concept, language=language, text=text, sort_order=last + 1)
    term.full_clean(exclude=["stems"])
    if Term.objects.filter(concept=concept, language=language, text=text).exists():
        raise ValidationError({"text": "The concept has this term already."})
    term.save()
    return term

"""
What the engines search: one table for everything that can be found, beside it the vocabulary, the
termbase, and what people searched without finding it.

No model here knows the things themselves; apps tell of them through `search.registry`.
"""

from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import Orderable

from core import languages
from search.analysis import starts, words


class SearchDocumentQuerySet(models.QuerySet):
    def found(self) -> "SearchDocumentQuerySet":
        """Those that may be found at all."""
        return self.filter(removed=False)

    def shown(self, language: str, audiences: Collection[str]) -> "SearchDocumentQuerySet":
        """
        What a reader may find: of each thing the version nearest to the language.

        The one door to documents. The engines of the databases say the same in SQL.

        :param audiences: the keys that the reader holds (`search.registry.audiences_of`)
        """
        values = shown_values(language, audiences)
        shown = SearchLabel.objects.filter(document=OuterRef("pk"), name="shown", value__in=values)
        found = self.found().filter(Exists(shown))
        if len(values) > 1:
            nearer = SearchLabel.objects.filter(
                document=OuterRef("pk"), name="nearer", value__in=values
            )
            found = found.filter(~Exists(nearer))
        return found


def shown_values(language: str, audiences: Collection[str]) -> list[str]:
    """Return the values of the labels `shown` and `nearer` that speak of a reader."""
    return sorted(f"{language}|{audience}" for audience in audiences)


class SearchDocument(models.Model):
    """
    One language version of a thing that can be found, as it was when it was last indexed.

    Its text is kept as it was written, for highlights, and analysed, for the engines: the database
    engines index these columns themselves (triggers on SQLite, a stored vector on PostgreSQL),
    Elasticsearch gets a copy. `version` grows with each change of the table and orders the copies.

    A document that must not be found any more is `removed` at once, and its texts are emptied; the
    row goes when every engine has let go of it.
    """

    # Small columns first: SQLite reads a row from its beginning, and texts are long.
    kind = models.CharField(max_length=30)
    group = models.CharField(max_length=60, help_text="The thing, whatever the language.")
    key = models.CharField(max_length=60, help_text="This version of it.")
    language = models.CharField(max_length=3)
    removed = models.BooleanField(default=False)
    copied = models.BooleanField(default=False, help_text="Whether Elasticsearch has this version.")
    narrowed = models.BooleanField(
        default=False, help_text="Whether its copy may be found by people who may no more."
    )
    version = models.BigIntegerField(default=0)
    number = models.BigIntegerField(default=0, help_text="Of two of one date the higher is newer.")
    adoptions = models.PositiveIntegerField(default=0)
    date = models.DateTimeField(null=True, blank=True)
    indexed_at = models.DateTimeField(default=timezone.now)
    length = models.PositiveIntegerField(default=0, help_text="in stems, without the others'")
    sort_title = models.CharField(max_length=120, blank=True)
    path = models.CharField(max_length=500, help_text="Its address without the language.")
    caption = models.CharField(max_length=300, blank=True, help_text="Whose it is, for lists.")
    title = models.CharField(max_length=500)
    summary = models.TextField(blank=True)
    body = models.TextField(blank=True)
    keywords = models.TextField(blank=True, help_text="Searched like the body, and not shown.")
    title_stems = models.TextField(blank=True)
    summary_stems = models.TextField(blank=True)
    body_stems = models.TextField(blank=True)
    other_stems = models.TextField(
        blank=True, help_text="Of the versions in other languages that the same readers see."
    )

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="search_document_once"),
        ]
        indexes = [
            models.Index(fields=["kind", "group"], name="search_document_group"),
            models.Index(fields=["language", "length"], name="search_document_length"),
            models.Index(
                fields=["version"], condition=Q(copied=False), name="search_document_to_copy"
            ),
            models.Index(fields=["id"], condition=Q(removed=True), name="search_document_removed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class SearchLabel(models.Model):
    """
    A value by which documents are chosen: of a facet, or one of these two.

    `shown`, value `language|audience`: to readers of the language who hold only this key of an
    audience, this version stands for the thing. `nearer`: for readers who hold this key there is
    a version nearer to the language. Both are told in `search.documents`.
    """

    document = models.ForeignKey(SearchDocument, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=20)
    value = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "name", "value"], name="search_label_once"),
        ]
        indexes = [
            models.Index(fields=["name", "value", "document"], name="search_label_documents"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class SearchWord(models.Model):
    """
    A word of the public documents, with in how many it stands: for spelling and for ranking.

    Only what every visitor may read is counted, so that no suggestion tells a restricted word.
    """

    language = models.CharField(max_length=3, help_text="in which the word is read")
    word = models.CharField(max_length=40)
    bare = models.CharField(max_length=40, help_text="without article, for spelling")
    written = models.CharField(max_length=60, help_text="The bare word, as some document has it.")
    stem = models.CharField(max_length=40)
    skeleton = models.CharField(max_length=40, blank=True)
    length = models.PositiveSmallIntegerField(help_text="of the bare word")
    documents = models.IntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "word"], name="search_word_once"),
        ]
        indexes = [
            models.Index(fields=["stem", "language"], name="search_word_stem"),
            models.Index(fields=["skeleton"], name="search_word_skeleton"),
            models.Index(fields=["language", "length"], name="search_word_length"),
        ]

    def __str__(self) -> str:
        return self.word


class Concept(ClusterableModel):
    """A thing with its names in each language; who searches one name finds the others too."""

    note = models.CharField(
        _("note for editors"), max_length=200, blank=True, help_text=_("Not shown to readers.")
    )
    slug = models.SlugField(max_length=80, unique=True, null=True, blank=True, editable=False)
    origin = models.CharField(
        max_length=30,
        blank=True,
        editable=False,
        help_text="The app that keeps it, such as of the names of collectivities; else editors do.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    panels = [
        InlinePanel(
            "terms",
            heading=_("terms"),
            label=_("term"),
            min_num=1,
            help_text=_(
                "All names of the same thing, in every language. Forms of a word need no "
                "term of their own: with and without article, plural, accents."
            ),
        ),
        FieldPanel("note"),
    ]

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")

    def __str__(self) -> str:
        terms = sorted(
            self.terms.all(), key=lambda term: (not term.preferred, term.sort_order or 0)
        )
        first = {term.language: term.text for term in reversed(terms)}
        return " · ".join(first[code] for code in languages.CODES if code in first)


class Term(Orderable):
    """A name of a concept in one language."""

    concept = ParentalKey(Concept, on_delete=models.CASCADE, related_name="terms")
    language = models.CharField(_("language"), max_length=3, choices=settings.LANGUAGES)
    text = models.CharField(_("term"), max_length=80)
    preferred = models.BooleanField(
        _("preferred"), default=False, help_text=_("The name that the network itself uses.")
    )
    stems = models.CharField(max_length=200, editable=False, db_index=True)

    panels = [FieldPanel("language"), FieldPanel("text"), FieldPanel("preferred")]

    class Meta(Orderable.Meta):
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.UniqueConstraint(fields=["concept", "language", "text"], name="term_once"),
        ]

    def __str__(self) -> str:
        return self.text

    def clean(self) -> None:
        super().clean()
        if self.text and not words(self.text, self.language):
            raise ValidationError(
                {"text": _("No search would find this: it holds only words that say nothing.")}
            )

    def save(self, *args, **kwargs) -> None:
        self.prepare()
        super().save(*args, **kwargs)
        self.prefixes.all().delete()
        SearchPrefix.objects.bulk_create(self.new_prefixes())

    def new_prefixes(self) -> "list[SearchPrefix]":
        """Return what is offered to a reader who types the term's beginning."""
        return [SearchPrefix(term=self, text=text) for text in starts(self.text)]

    def prepare(self) -> None:
        """Analyse the term; `bulk_create` must call it itself."""
        self.stems = " ".join(word.stem for word in words(self.text, self.language))[:200]


class SearchPrefix(models.Model):
    """
    A title or a term from one of its words on, folded: what a reader who types its beginning may
    mean.
    """

    document = models.ForeignKey(
        SearchDocument, null=True, on_delete=models.CASCADE, related_name="prefixes"
    )
    term = models.ForeignKey(Term, null=True, on_delete=models.CASCADE, related_name="prefixes")
    text = models.CharField(max_length=60)

    class Meta:
        indexes = [models.Index(fields=["text"], name="search_prefix_text")]
        constraints = [
            models.CheckConstraint(
                condition=Q(document__isnull=False) ^ Q(term__isnull=False),
                name="search_prefix_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.text


class MissedSearch(models.Model):
    """
    Words that people searched and nothing answered, without anything that tells who they were.

    See `search.missed` for what is never kept.
    """

    language = models.CharField(_("language"), max_length=3, choices=settings.LANGUAGES)
    folded = models.CharField(max_length=60)
    query = models.CharField(_("search"), max_length=60)
    count = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"), default=timezone.now)
    last_at = models.DateTimeField(_("last"), default=timezone.now)

    class Meta:
        verbose_name = _("search without result")
        verbose_name_plural = _("searches without result")
        ordering = ["-count", "-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["language", "folded"], name="missed_search_once"),
        ]

    def __str__(self) -> str:
        return self.query

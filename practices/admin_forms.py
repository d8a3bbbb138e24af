"""How a practice is filled in in the administration: its form, and the panels that ask for it."""

from collections.abc import Mapping

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import ORDERING_FIELD_NAME
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm, WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel, Panel
from wagtail.admin.widgets import AdminAutoHeightTextInput

from contributions.models import Authorship, ContributionFile
from core.blocks import undescribed
from core.uploads.models import Upload
from core.vocabularies import Principle, Theme
from members.models import Collectivity
from practices.hidden import LINES, ROW_TEXTS, Telltale, link_found


class CurrentThemes(forms.models.ModelChoiceIterator):
    """The themes that are offered."""

    def __iter__(self):
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        for theme in self.queryset.current().by_label():
            yield self.choice(theme)


class ThemeField(forms.ModelChoiceField):
    """One current theme, to be chosen."""

    iterator = CurrentThemes

    def __init__(self, **options) -> None:
        super().__init__(queryset=Theme.objects.current(), to_field_name="slug", **options)


class ThemesField(forms.ModelMultipleChoiceField):
    """
    Themes, to be ticked.

    One that was retired since the form was opened is taken: the page replaces it.
    """

    iterator = CurrentThemes
    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": _(
            "“%(value)s” is not a theme. Tick themes of the list; new ones are added under Themes."
        ),
    }

    def __init__(self, **options) -> None:
        super().__init__(queryset=Theme.objects.all(), to_field_name="slug", **options)


class PrinciplesField(forms.ModelMultipleChoiceField):
    """Principles, to be ticked."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "required": _("Tick at least one principle."),
        "invalid_choice": _("“%(value)s” is not a principle. Tick principles of the list."),
    }

    def __init__(self, **options) -> None:
        super().__init__(queryset=Principle.objects.all(), to_field_name="slug", **options)


class FileRowForm(WagtailAdminModelForm):
    """A row with a file: one that is public, or one that members sent and publishing makes so."""

    upload = forms.IntegerField(widget=forms.HiddenInput, required=False)
    file_field: str

    def __init__(self, *args, uploads: Mapping[int, Upload] | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.uploads = uploads or {}
        self.initial["upload"] = self.instance.upload_id

    def clean(self) -> dict:
        cleaned = super().clean()
        chosen = cleaned.get(self.file_field)
        # What an editor chooses takes the place of what was sent.
        replaced = chosen and self.file_field in self.changed_data
        upload = None if replaced else self.uploads.get(cleaned.get("upload"))
        self.instance.upload = cleaned["upload"] = upload
        return cleaned


class PhotoForm(FileRowForm):
    file_field = "image"

    def clean(self) -> dict:
        cleaned = super().clean()
        if not (cleaned.get("image") or cleaned["upload"] or self.errors):
            self.add_error("image", _("Choose a picture."))
        return cleaned


class AttachmentForm(FileRowForm):
    file_field = "document"


class FileRowsPanel(InlinePanel):
    """Rows with files, in a form of their own."""

    def __init__(self, *args, form: type[FileRowForm], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.form = form

    def clone_kwargs(self) -> dict:
        return super().clone_kwargs() | {"form": self.form}

    def get_form_options(self) -> dict:
        options = super().get_form_options()
        options["formsets"][self.relation_name]["form"] = self.form
        return options


class SentFilePanel(Panel):
    """Says of a row that members sent its file, with the way to it; it carries the file along."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "practices/admin/sent_file.html"

        @property
        def address(self) -> str:
            row = self.instance
            return row.sent_file_address if row.upload_id and row.practice_id else ""


class PracticePageForm(WagtailAdminPageForm):
    principles = PrinciplesField(label=_("Principles"))
    main_principle = forms.ModelChoiceField(
        label=_("Main principle"),
        queryset=Principle.objects.all(),
        to_field_name="slug",
        required=False,
        empty_label=_("The first one ticked"),
    )
    themes = ThemesField(label=_("Themes"), required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # A translation's form has not all fields.
        if "main_principle" in self.fields and self.initial.get("principles"):
            self.initial.setdefault("main_principle", self.initial["principles"][0].slug)
        self.bring_uploads()
        if self.hides_collectivity and "collectivity_links" in self.formsets:
            rows = self.formsets["collectivity_links"]
            rows.min_num, rows.validate_min = 0, False
            _let_be_what_is_untouched(rows)

    @property
    def hides_collectivity(self) -> bool:
        if self.is_bound and "hides_collectivity" in self.fields:
            return self["hides_collectivity"].data
        return self.instance.hides_collectivity

    def bring_uploads(self) -> None:
        """Tell the rows which files members sent for the practice."""
        formsets = [
            self.formsets[name] for name in ("photos", "attachments") if name in self.formsets
        ]
        if not formsets:
            return
        sent = ContributionFile.objects.filter(
            contribution__page__translation_key=self.instance.translation_key
        )
        uploads = {one.upload_id: one.upload for one in sent.select_related("upload")}
        for formset in formsets:
            formset.form_kwargs = {**formset.form_kwargs, "uploads": uploads}

    def defer_required_fields(self) -> None:
        """
        Let a draft be saved with a title alone.

        Wagtail lets rows be too few then, but holds on to the fields of the first row, which the
        form shows because one is needed in the end. Untouched, it holds its place alone.
        """
        super().defer_required_fields()
        for formset in self.formsets.values():
            _let_be_what_is_untouched(formset)

    def is_valid(self) -> bool:
        """Tell whether all is valid. Shown again, Wagtail sorts also the rows that were let be."""
        valid = super().is_valid()
        for formset in self.formsets.values():
            for form in formset.extra_forms:
                if hasattr(form, "cleaned_data"):
                    form.cleaned_data.setdefault(ORDERING_FIELD_NAME, None)
        return valid

    def refuse_undescribed_photos(self) -> None:
        """Refuse to publish a photo without words. A draft may wait for them."""
        photos = self.formsets.get("photos")
        if photos is None or self.is_deferred_validation:
            return
        photos.is_valid()  # so that what the rows hold is known
        for form in photos.forms:
            row = getattr(form, "cleaned_data", {})
            if row.get("DELETE") or row.get("decorative"):
                continue
            error = undescribed(row.get("image"))
            if row.get("upload") and not row.get("image") and not row.get("description"):
                error = ValidationError(
                    _("Say what is to be seen, for those who do not see the photo.")
                )
            if error:
                form.add_error("image", error)
                self.add_error(None, error)

    def refuse_names(self) -> None:
        """Refuse to publish what hides its collectivity where it tells it. A draft may wait."""
        if not self.hides_collectivity or self.is_deferred_validation:
            return
        telltale = Telltale(authors_of(self.instance))
        rows_told = False
        for name in (*LINES, *self.instance.TEXTS):
            value = self.cleaned_data.get(name)
            if words := value and telltale.told_by(value):
                self.add_error(name, words)
        if self.cleaned_data.get("source_url"):
            self.add_error("source_url", link_found())
        for name, formset in self.formsets.items():
            formset.is_valid()  # so that what the rows hold is known
            for form in formset.forms:
                row = getattr(form, "cleaned_data", {})
                if not row or row.get("DELETE"):
                    continue
                if name == "attachments":
                    form.add_error("title", link_found())
                    rows_told = True
                for field in ROW_TEXTS.get(name, ()):
                    if words := row.get(field) and telltale.told_by(row[field]):
                        form.add_error(field, words)
                        rows_told = True
        if rows_told:
            self.add_error(None, _("Some rows tell the name of the collectivity, or can tell it."))

    def clean(self) -> dict:
        """Put the main principle first: that is how a practice keeps it."""
        cleaned = super().clean()
        self.refuse_undescribed_photos()
        self.refuse_names()
        main, principles = cleaned.get("main_principle"), cleaned.get("principles")
        if main and principles is not None:
            if main not in principles:
                error = ValidationError(
                    _("Tick “%(principle)s” among the principles too, or choose another."),
                    params={"principle": main.label},
                )
                self.add_error("main_principle", error)
            cleaned["principles"] = [main, *(one for one in principles if one != main)]
        return cleaned


def authors_of(page) -> list[Collectivity]:
    """Return the collectivities that write a practice, or wrote it."""
    return list(
        Collectivity.objects.filter(
            pk__in=Authorship.objects.filter(
                contribution__page__translation_key=page.translation_key
            ).values("collectivity")
        )
    )


def _let_be_what_is_untouched(formset) -> None:
    """Let rows be empty that the form shows and nobody has filled in."""
    for form in formset.extra_forms:
        if form.changed_data == ["ORDER"]:
            form.empty_permitted = True
            form.changed_data.clear()


# In the order of the public page, with the headings that it has there.
CONTENT_PANELS = [
    FieldPanel(
        "title",
        help_text=_("What was done, in up to ten words: “Residents vote on the road budget”."),
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "kind",
                help_text=_(
                    "A good practice works and can be taken over; a case study analyses what "
                    "happened, failures included. What did not work can be kept to the network, or "
                    "hide who tells it."
                ),
            ),
            FieldRowPanel(
                [
                    FieldPanel("audience", help_text=_("Only of what did not work.")),
                    FieldPanel(
                        "hides_collectivity",
                        help_text=_(
                            "Only of what did not work. Collectivities, contact, links to "
                            "associations and documents are taken off the page."
                        ),
                    ),
                ]
            ),
            FieldPanel(
                "summary",
                widget=AdminAutoHeightTextInput,
                help_text=_("What was done and what came of it, in up to 300 characters."),
            ),
        ],
        heading=_("In short"),
    ),
    InlinePanel(
        "challenges",
        heading=_("Challenges"),
        label=_("challenge"),
        max_num=3,
        help_text=_("What it answers, as a colleague would put it; the main one first."),
    ),
    InlinePanel(
        "collectivity_links",
        heading=_("Collectivities"),
        label=_("collectivity"),
        min_num=1,
        help_text=_("Who did it, the one that led it first."),
    ),
    MultiFieldPanel(
        [
            FieldPanel("principles", help_text=_("What it opened up. One or two are usual.")),
            FieldPanel(
                "main_principle",
                help_text=_("It stands first on the page and decides which practices are near."),
            ),
        ],
        heading=_("Principles"),
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "themes",
                heading=_("Themes of this practice"),
                help_text=_("What it is about, for who filters the list. Three are plenty."),
            )
        ],
        heading=_("Themes"),
        classname="collapsed",
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "status",
                help_text=_("How far the practice itself is. Leave it empty if nobody knows."),
            ),
            FieldRowPanel(
                [
                    FieldPanel("start", help_text=_("A year, a month or a day: 2022-10.")),
                    FieldPanel("end", help_text=_("Empty while it runs.")),
                ]
            ),
            FieldRowPanel(
                [
                    FieldPanel(
                        "population_reached",
                        help_text=_("How many people, as the source counts them: 12000."),
                    ),
                    FieldPanel(
                        "budget_mad", help_text=_("What it cost in all, in dirhams: 450000.")
                    ),
                ]
            ),
        ],
        heading=_("At a glance"),
    ),
    FieldPanel(
        "problem",
        heading=_("The problem"),
        help_text=_("What did not work before, for whom, and how one knew."),
    ),
    FieldPanel(
        "objectives",
        heading=_("Objectives"),
        help_text=_("What was to be different in the end; a list reads well."),
    ),
    MultiFieldPanel(
        [
            FieldPanel("approach", help_text=_("How it was done, as you would tell a colleague.")),
            InlinePanel(
                "steps",
                heading=_("Steps"),
                label=_("step"),
                help_text=_("One thing done each, with its date where it is known."),
            ),
        ],
        heading=_("What was done"),
    ),
    InlinePanel(
        "participants",
        heading=_("Who took part, and how"),
        label=_("participant"),
        help_text=_(
            "Residents, associations, partners: at which stage, and with what say. Here stands "
            "how civil society was involved."
        ),
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "resources", help_text=_("People, tools and support that it took, and from whom.")
            ),
            FieldPanel(
                "legal_basis",
                help_text=_("The law or the council’s deliberation it rests on: law 31-13."),
            ),
        ],
        heading=_("Resources"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("results", help_text=_("What changed, for whom, and since when.")),
            InlinePanel(
                "indicators",
                heading=_("Indicators"),
                label=_("indicator"),
                help_text=_(
                    "A figure of the result, before and after. The first one that has both stands "
                    "beside the title."
                ),
            ),
        ],
        heading=_("Results"),
    ),
    MultiFieldPanel(
        [
            FieldPanel("difficulties", help_text=_("What went wrong or took longer, and why.")),
            FieldPanel("lessons", help_text=_("What you would do again, and what not.")),
        ],
        heading=_("Difficulties and lessons"),
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "transfer_conditions",
                help_text=_("What another collectivity needs to do the same."),
            ),
            FieldPanel("how_to", help_text=_("The first three steps for who begins tomorrow.")),
        ],
        heading=_("For another collectivity"),
    ),
    FileRowsPanel(
        "photos",
        panels=[
            SentFilePanel(),
            FieldPanel("image"),
            FieldPanel("description"),
            FieldPanel("decorative"),
            FieldPanel("caption"),
        ],
        form=PhotoForm,
        heading=_("Photos"),
        label=_("photo"),
        help_text=_("Of the thing itself, with the consent of the people on it."),
    ),
    MultiFieldPanel(
        [
            FileRowsPanel(
                "attachments",
                panels=[
                    SentFilePanel(),
                    FieldPanel("title"),
                    FieldPanel("document"),
                    FieldPanel("url"),
                ],
                form=AttachmentForm,
                heading=_("Documents and links"),
                label=_("document or link"),
                help_text=_("A document or an address in each row, one of the two."),
            ),
            FieldPanel(
                "origin", help_text=_("The page says it where the collectivity has not confirmed.")
            ),
            FieldPanel(
                "source_title", help_text=_("Who published it, and its title, as it stands there.")
            ),
            FieldPanel("source_url", help_text=_("Where it can be read: https://…")),
            FieldPanel(
                "source_date", help_text=_("When it was published: a year, a month or a day.")
            ),
            FieldPanel(
                "source_gaps",
                help_text=_("What a reader would ask and the source does not say."),
            ),
            FieldPanel("licence", help_text=_("What others may do with this text.")),
        ],
        heading=_("Documents and source"),
    ),
    MultiFieldPanel(
        [
            FieldPanel(
                "contact_name", help_text=_("A service rather than a person, who may move on.")
            ),
            FieldRowPanel(
                [
                    FieldPanel("contact_email", help_text=_("It is shown to everyone.")),
                    FieldPanel("contact_phone", help_text=_("For instance +212 5 37 00 00 00.")),
                ]
            ),
        ],
        heading=_("Contact"),
    ),
]

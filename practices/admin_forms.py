"""How a practice is filled in in the administration."""

from django.core.exceptions import ValidationError
from wagtail.admin.forms import WagtailAdminPageForm


class PracticePageForm(WagtailAdminPageForm):
    def defer_required_fields(self) -> None:
        """
        Let a draft be saved with a title alone.

        Wagtail lets rows be too few then, but holds on to the fields of the first row, which the
        form shows because one is needed in the end. Untouched, it holds its place alone.
        """
        super().defer_required_fields()
        for formset in self.formsets.values():
            for form in formset.extra_forms:
                if form.changed_data == ["ORDER"]:
                    form.empty_permitted = True
                    form.changed_data.clear()

    def clean_principles(self) -> list[str]:
        """Refuse where none is left: Wagtail leaves out what is none of the principles."""
        principles = self.cleaned_data["principles"]
        field = self.fields["principles"]
        if field.required and not principles:
            raise ValidationError(field.error_messages["required"], code="required")
        return principles

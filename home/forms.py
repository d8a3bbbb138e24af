"""Forms of the administration."""

from wagtail.admin.forms import WagtailAdminPageForm

from core.blocks import undescribed


class NewsPageForm(WagtailAdminPageForm):
    def clean(self):
        """Refuse to publish a picture without words. A draft may wait for them."""
        cleaned = super().clean()
        if not self.is_deferred_validation and not cleaned.get("picture_decorative"):
            error = undescribed(cleaned.get("picture"))
            if error:
                self.add_error("picture", error)
        return cleaned

"""The form in which the administration takes a picture (`WAGTAILIMAGES_IMAGE_FORM_BASE`)."""

from django.core.exceptions import ValidationError
from wagtail.images.fields import WagtailImageField
from wagtail.images.forms import BaseImageForm

from core.files import NOT_WHOLE


class WholePictureField(WagtailImageField):
    def check_image_pixel_size(self, f) -> None:
        """Refuse a picture that is cut off: Wagtail's own field fails on it with an error 500."""
        try:
            super().check_image_pixel_size(f)
        except ValidationError:
            raise
        except Exception as error:  # decoders raise whatever they stumble over
            raise ValidationError(NOT_WHOLE, code="not_whole") from error


class SiteImageForm(BaseImageForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "file" in self.fields:  # not where several were sent at once and are described now
            own = self.fields["file"]
            self.fields["file"] = WholePictureField(
                label=own.label,
                required=own.required,
                help_text=own.help_text,
                max_length=own.max_length,
                widget=own.widget,
            )

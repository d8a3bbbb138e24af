"""The field of a form that takes a file."""

from django import forms
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from core.uploads.policies import policies
from core.uploads.services import UploadRefused, judge


class UploadField(forms.FileField):
    """
    A file that a policy takes, judged by its content.

    The form's `cleaned_data` holds the file as it is to be kept, for
    `core.uploads.services.keep_upload`.
    """

    default_error_messages = {
        "required": _("Choose a file."),
        "invalid": _("No file came. Choose it again."),
        "missing": _("No file came. Choose it again."),
        "empty": _("The file is empty. Choose another one."),
    }

    def __init__(self, *, policy: str, **kwargs) -> None:
        """:param policy: the name of a registered policy; it is looked up when it is needed"""
        self.policy = policy
        kwargs.setdefault("help_text", lazystr(Hint(policy)))
        super().__init__(**kwargs)

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if file and file is not initial:
            try:
                _kind, file = judge(file, policies[self.policy])
            except UploadRefused as refusal:
                raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        return file


class Hint:
    """What a policy takes, put into words when it is shown: apps may register it later."""

    def __init__(self, policy: str) -> None:
        self.policy = policy

    def __str__(self) -> str:
        return policies[self.policy].hint

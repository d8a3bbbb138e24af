"""What Wagtail's administration shows and guards of contributions; a module for each subject."""

from contributions.admin import guards, queue  # noqa: F401 - they register themselves

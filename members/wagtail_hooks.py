"""What Wagtail's administration shows of people and collectivities; a module for each subject."""

from members.admin import applications, associations, charter, collectivities, people  # noqa: F401

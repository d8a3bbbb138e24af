"""What Wagtail's administration shows of people and collectivities; a module for each subject."""

from wagtail import hooks

from members.admin import applications, associations, charter, collectivities, people  # noqa: F401
from members.permissions import works_on_pages


@hooks.register("construct_reports_menu")
def hide_translations(request, menu_items):
    """The report on translations names pages (`members.middleware`)."""
    if not works_on_pages(request.user):
        menu_items[:] = [one for one in menu_items if "/localize/" not in one.url]

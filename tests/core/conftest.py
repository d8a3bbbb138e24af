import pytest
from django.core.management import call_command

from practices.models import PracticeIndexPage, PracticePage


@pytest.fixture(scope="session")
def catalogues():
    """The compiled messages, as `make test` leaves them."""
    call_command("compile_messages", verbosity=0)


@pytest.fixture
def add_practice(db):
    """Add a practice to the list of practices of a language, in the tree of the migrations."""

    def add(title: str = "الميزانية التشاركية", language: str = "ar", **fields) -> PracticePage:
        index = PracticeIndexPage.objects.get(locale__language_code=language)
        page = PracticePage(title=title, summary="…", locale=index.locale, **fields)
        return index.add_child(instance=page)

    return add

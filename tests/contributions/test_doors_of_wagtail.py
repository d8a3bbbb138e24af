"""What Wagtail's choosers and wagtail-localize's pages offer beside our own doors, and do not."""

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale
from wagtail_localize.models import Translation, TranslationSource

from practices.models import PracticePage
from tests.contributions.factories import make_editor, make_published
from tests.members.factories import make_contributor, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wagtails_own_templates")]


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.filterwarnings("ignore:Pagination may yield inconsistent results")  # its own
@pytest.mark.parametrize(
    ("address", "names_it"),
    [
        ("choose-page/", False),
        ("choose-page/search/?q=budget", True),
        ("choose-page/{page}/", True),
        ("choose-page/chosen-multiple/?id={page}", True),
        ("bulk/wagtailcore/page/unpublish/?id={page}", True),
        ("localize/submit/page/{page}/", True),
        ("localize/update/{source}/", True),
        ("localize/reports/translations/", True),
    ],
)
def test_what_is_not_public_is_shown_to_those_alone_who_work_on_pages(address, names_it):
    editor, moderator = make_editor(), make_staff("Moderators")
    hidden = make_published()
    source = translate(hidden, by=editor).source_id
    hidden.page.specific.unpublish()
    path = f"/admin/{address.format(page=hidden.page_id, source=source)}"
    refused = client_of(moderator).get(path)
    assert refused.status_code == 403
    assert "Un budget" not in refused.content.decode()
    shown = client_of(editor).get(path)
    assert shown.status_code == 200
    assert ("Un budget" in shown.content.decode()) == names_it


def test_menu_of_moderators_leads_to_no_report_on_pages():
    for person, is_led in ((make_editor(), True), (make_staff("Moderators"), False)):
        menu = client_of(person).get("/admin/").content.decode()
        assert ("/admin/localize/reports/translations/" in menu) == is_led


def translate(contribution, *, by) -> Translation:
    page = PracticePage.objects.get(pk=contribution.page_id)
    source, _created = TranslationSource.get_or_create_from_instance(page)
    arabic = Locale.objects.get(language_code="ar")
    translation = Translation.objects.create(source=source, target_locale=arabic)
    translation.save_target(user=by, publish=False)
    return translation


def ways_to_publish(translation: Translation) -> list[tuple[str, dict]]:
    target = translation.get_target_instance()
    update = reverse("wagtail_localize:update_translations", args=[translation.source_id])
    bulk = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    return [
        (reverse("wagtailadmin_pages:edit", args=[target.pk]), {"action": "publish"}),
        (update, {"publish_translations": "on"}),
        (f"{bulk}?id={target.pk}", {}),
    ]


@pytest.mark.parametrize("way", [0, 1, 2])
def test_nobody_publishes_a_translation_of_what_they_have_a_part_in(
    way, django_capture_on_commit_callbacks
):
    contribution, other = make_published(), make_editor()
    translation = translate(contribution, by=other)
    target = translation.get_target_instance()
    author = make_editor()
    make_contributor(contribution.collectivities.first(), person=author)
    address, fields = ways_to_publish(translation)[way]
    for editor, status, is_live in ((author, 403, False), (other, 302, True)):
        with django_capture_on_commit_callbacks(execute=True):
            assert client_of(editor).post(address, fields).status_code == status
        assert PracticePage.objects.get(pk=target.pk).live == is_live


@pytest.mark.parametrize("way", [0, 1, 2])
def test_nobody_publishes_a_translation_of_what_is_not_public(
    way, django_capture_on_commit_callbacks
):
    contribution, editor = make_published(), make_editor()
    translation = translate(contribution, by=editor)
    contribution.page.specific.unpublish()
    address, fields = ways_to_publish(translation)[way]
    with django_capture_on_commit_callbacks(execute=True):
        assert client_of(editor).post(address, fields).status_code == 403
    assert not translation.get_target_instance().live

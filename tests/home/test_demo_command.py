import json
import stat

import pytest
from django.core.management import CommandError, call_command

from home.demo.accounts import prepare_accounts
from members.models import User


@pytest.fixture
def data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


def test_demo_refuses_an_address_that_is_not_of_this_machine(settings):
    settings.SITE_IS_LOOPBACK, settings.SITE_URL = False, "https://example.org"
    with pytest.raises(CommandError, match=r"SITE_URL is https://example\.org"):
        call_command("demo", no_serve=True)


@pytest.mark.django_db
def test_accounts_have_random_passwords_that_are_kept(data_dir):
    passwords = prepare_accounts()
    assert prepare_accounts() == passwords
    assert len(set(passwords.values())) == len(passwords) == User.objects.count()
    for email, password in passwords.items():
        assert User.objects.get(email=email).check_password(password)
    file = data_dir / "demo-accounts.json"
    assert json.loads(file.read_text()) == passwords
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_account_that_was_deleted_comes_back_with_a_new_password(data_dir):
    old = prepare_accounts()
    User.objects.get(email="editor@example.org").delete()
    new = prepare_accounts()
    assert new["admin@example.org"] == old["admin@example.org"]
    assert new["editor@example.org"] != old["editor@example.org"]


@pytest.mark.django_db
def test_password_that_its_owner_changed_stays(data_dir):
    prepare_accounts()
    user = User.objects.get(email="admin@example.org")
    user.set_password("their own words")
    user.save()
    prepare_accounts()
    user.refresh_from_db()
    assert user.check_password("their own words")

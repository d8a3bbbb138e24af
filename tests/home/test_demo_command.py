import json
import stat

import pytest
from allauth.mfa.utils import is_mfa_enabled
from django.core.management import CommandError, call_command

from home.demo.accounts import prepare_accounts, recovery_code_of
from home.demo.network import load_network
from members.models import Association, User
from members.permissions import Role, roles_of
from tests.factories import make_commune

STAFF = ("admin", "editor", "moderator")


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
def test_staff_of_the_demo_have_a_second_step_and_a_code_for_it(data_dir):
    prepare_accounts()
    keys = json.loads((data_dir / "demo-second-steps.json").read_text())
    with_step = {one.email for one in User.objects.all() if is_mfa_enabled(one)}
    assert with_step == keys.keys() == {f"{who}@example.org" for who in STAFF}
    assert {one.email for one in User.objects.all() if recovery_code_of(one.email)} == with_step


@pytest.mark.django_db
def test_network_of_the_demo_is_loaded_once(data_dir):
    prepare_accounts()
    for code in ("01.571.01.11", "09.001.01.01"):
        make_commune(code=code)
    assert load_network() == 4  # two communes in two regions
    assert load_network() == 0
    focal = User.objects.get(email="focal@example.org")
    assert roles_of(focal) == {Role.FOCAL_POINT, Role.ACCOUNT}
    association = Association.objects.get()
    assert "مثال" in association.name_ar
    assert [one.state for one in association.attachments.all()] == ["confirmed"]


@pytest.mark.django_db
def test_account_that_is_gone_comes_back_with_a_new_password(data_dir):
    old = prepare_accounts()
    User.objects.filter(email="editor@example.org").update(email="other@example.org")
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

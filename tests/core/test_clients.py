import pytest
from django.test import RequestFactory

from core.clients import client_address


def address(remote: str, forwarded: str | None = None) -> str:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return client_address(RequestFactory(headers=headers).get("/", REMOTE_ADDR=remote))


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_address_without_a_proxy_is_that_of_the_connection(settings, remote, counted):
    settings.BEHIND_PROXY = False
    assert address(remote) == counted


def test_forged_header_counts_for_nothing_without_a_proxy(settings):
    settings.BEHIND_PROXY = False
    assert address("192.0.2.7", "198.51.100.9") == "192.0.2.7"


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("198.51.100.9", "198.51.100.9"),
        ("203.0.113.1, 198.51.100.9", "198.51.100.9"),
        ("203.0.113.1,198.51.100.9 ", "198.51.100.9"),
        ("2001:db8::5", "2001:db8::/64"),
        (None, "127.0.0.1"),
        ("", "127.0.0.1"),
        ("203.0.113.1, nonsense", ""),
    ],
)
def test_behind_a_proxy_the_entry_that_it_added_counts(settings, forwarded, counted):
    settings.BEHIND_PROXY = True
    assert address("127.0.0.1", forwarded) == counted

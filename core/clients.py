"""Who asks, as far as the network tells."""

from ipaddress import IPv6Address, IPv6Network, ip_address

from django.conf import settings

HOME_PREFIX = 64  # bits; a connection owns at least so many IPv6 addresses


def client_address(request) -> str:
    """
    Return the network address that a request comes from, for counting and for nothing else.

    What a visitor writes into `X-Forwarded-For` counts for nothing: without a proxy the header is
    not read, behind one only its last entry is, which the proxy has added. Of an IPv6 address the
    network is returned, as the rest of it is the visitor's to choose.

    :returns: empty where nothing is known, as on a socket of the machine itself
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        last = request.headers.get("X-Forwarded-For", "").rpartition(",")[2]
        address = last.strip() or address
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(IPv6Network((int(parsed), HOME_PREFIX), strict=False))
    return str(parsed)

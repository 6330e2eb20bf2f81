"""The guard before addresses people name: what is private stays out of reach, and the address that was looked at is the one that is
asked.
"""

from __future__ import annotations

import pytest

from libs.common.errors import PlatformError, Reason
from libs.common.outside import LIMIT, Outside
from libs.common.settings import Settings
from tests.support.outcome import outcome

PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2001:0:1::",
]
PUBLIC = ["8.8.8.8", "2606:4700::1111"]


def pinned(guard: Outside, host: str, *found: str) -> str | None:
    """The address that is asked, None when the guard refuses, always in the same words."""
    answer = outcome(lambda: guard.pin(host, 80, "x", lambda _host, _port: found))
    if isinstance(answer, PlatformError):
        assert (answer.code, answer.reason, answer.field, answer.limit, answer.details) == (422, Reason.ADDRESS_REFUSED, "x", LIMIT, {})
        return None
    return answer


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_private_is_out_of_reach_however_it_is_named(address: str) -> None:
    assert pinned(Outside(), "innocent.example", address) is None
    assert pinned(Outside(), address, address) is None
    with pytest.raises(PlatformError):
        Outside().check(address, "x")


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_public_is_asked(address: str) -> None:
    assert pinned(Outside(), "somewhere.example", address) == (f"[{address}]" if ":" in address else address)
    Outside().check(address, "x")


def test_of_several_addresses_only_one_that_may_be_asked_is_pinned() -> None:
    assert pinned(Outside(), "rebound.example", "10.0.0.1", "8.8.8.8") == "8.8.8.8"


def test_a_name_nobody_knows_is_refused_like_any_other() -> None:
    def unknown(_host: str, _port: int) -> list[str]:
        raise OSError

    with pytest.raises(PlatformError) as caught:
        Outside().pin("nowhere.example", 80, "x", unknown)
    assert (caught.value.code, caught.value.reason, caught.value.details) == (422, Reason.ADDRESS_REFUSED, {})
    assert pinned(Outside(), "odd.example", "no address") is None


@pytest.mark.parametrize(
    ("hosts", "host", "address", "asked"),
    [
        ("models.internal", "models.internal", "10.0.0.1", True),
        ("models.internal", "MODELS.internal.", "10.0.0.1", True),
        ("models.internal", "other.internal", "10.0.0.1", False),
        ("models.internal", "other.example", "8.8.8.8", False),
        ("*.internal", "a.internal", "10.0.0.1", True),
        ("*.internal", "internal", "10.0.0.1", False),
        ("*.internal", "a.internal.example", "10.0.0.1", False),
        ("10.0.0.0/24", "any.example", "10.0.0.7", True),
        ("10.0.0.0/24", "any.example", "10.0.1.7", False),
        ("127.0.0.1", "localhost", "127.0.0.1", True),
        ("localhost", "localhost", "127.0.0.1", True),
        ("metadata.internal", "metadata.internal", "169.254.169.254", False),
        ("169.254.169.254", "metadata.internal", "169.254.169.254", True),
    ],
)
def test_the_list_of_the_operator_decides(hosts: str, host: str, address: str, asked: bool) -> None:
    assert (pinned(Outside(hosts), host, address) is not None) == asked


def test_loopback_is_in_reach_only_of_a_platform_on_loopback() -> None:
    here, elsewhere = Outside.of(Settings()), Outside.of(Settings(host="0.0.0.0"))
    assert pinned(here, "localhost", "127.0.0.1") == "127.0.0.1"
    assert pinned(elsewhere, "localhost", "127.0.0.1") is None
    assert pinned(here, "x.example", "10.0.0.1") is None
    assert pinned(Outside.of(Settings(outside_hosts="a.example")), "x.example", "8.8.8.8") is None


@pytest.mark.parametrize("hosts", ["10.0.0.0/40", "http://a.example", "a b", "a.example:80"])
def test_an_entry_that_is_none_is_an_error_of_the_setting(hosts: str) -> None:
    with pytest.raises(PlatformError) as caught:
        Outside.of(Settings(outside_hosts=hosts))
    assert (caught.value.reason, caught.value.field) == (Reason.INVALID_SETTING, "MODELYARD_OUTSIDE_HOSTS")

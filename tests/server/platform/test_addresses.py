from collections.abc import Sequence
from ipaddress import ip_address, ip_network

import pytest
from starlette.requests import Request

from quantloom_server.platform.addresses import client_address, neighbourhood, parse_address

NEAR = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


def request_from(peer: str | None, *told: str) -> Request:
    headers = [(b"x-forwarded-for", line.encode()) for line in told]
    client = (peer, 1) if peer else None
    return Request({"type": "http", "headers": headers, "client": client})


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        ("203.0.113.9", (), "203.0.113.9"),
        ("203.0.113.9", ("198.51.100.1",), "203.0.113.9"),
        ("10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1, 198.51.100.1, 10.2.3.4",), "198.51.100.1"),
        ("10.0.0.1", ("1.1.1.1", "198.51.100.1"), "198.51.100.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.2, 10.0.0.3",), "10.0.0.2"),
        ("10.0.0.1", ("unknown",), "10.0.0.1"),
        ("10.0.0.1", ("198.51.100.1, evil, 10.0.0.7",), "10.0.0.7"),
        ("fd00::1", ("2001:db8::5",), "2001:db8::5"),
        ("::ffff:10.0.0.1", ("198.51.100.1",), "198.51.100.1"),
        ("10.0.0.1", ("::ffff:198.51.100.1",), "198.51.100.1"),
        (None, ("198.51.100.1",), None),
    ],
)
def test_only_trusted_proxies_are_believed(
    peer: str | None, told: Sequence[str], found: str | None
) -> None:
    address = client_address(request_from(peer, *told), NEAR)

    assert address == (ip_address(found) if found else None)


def test_a_chain_without_end_is_read_from_its_end() -> None:
    told = ", ".join(["10.0.0.2"] * 100_000)

    assert client_address(request_from("10.0.0.1", told), NEAR) == ip_address("10.0.0.2")


@pytest.mark.parametrize(
    ("address", "around"),
    [("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64")],
)
def test_a_neighbourhood_is_what_costs_nothing_to_change_within(address: str, around: str) -> None:
    assert neighbourhood(ip_address(address)) == ip_network(around)


@pytest.mark.parametrize("text", ["", "nobody", "1.2.3", "1.2.3.4:80", "01.2.3.4"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert parse_address(text) is None

"""From which address a request comes, where proxies that are trusted may stand between."""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.requests import HTTPConnection

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# A caller may be told apart by less than a whole address: a household holds a /64 of IPv6.
_TOGETHER = {4: 24, 6: 64}
_LONGEST_CHAIN = 32


def client_address(connection: HTTPConnection, trusted: Sequence[Network]) -> Address | None:
    """Find the address of whoever sent a request; None for a Unix socket.

    `X-Forwarded-For` is read from its end, as long as those who wrote it are trusted.
    """
    peer = parse_address(connection.client.host) if connection.client else None
    if peer is None or not trusted:
        return peer
    told = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")[-_LONGEST_CHAIN:]
    while _is_in(peer, trusted) and told:
        before = parse_address(told.pop().strip())
        if before is None:
            break
        peer = before
    return peer


def neighbourhood(address: Address) -> Network:
    """The /24 or /64 around an address."""
    return ip_network((address, _TOGETHER[address.version]), strict=False)


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


@lru_cache(maxsize=4096)
def parse_address(text: str) -> Address | None:
    """Read an address; None where it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address

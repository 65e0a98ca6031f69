"""Which machines may be asked: those of the public internet, and those one allows oneself.

Somebody who may name an address that this program then reads could else have it read what only
machines inside can reach: databases, routers, the service that hands a cloud's passwords out.
So every address is looked at after its name was resolved, in whatever form it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Address = IPv4Address | IPv6Address

#: Services of clouds for the machines in them; nobody ever has a catalogue there, so that not
#: even an allowed network lets one ask them.
_METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # nearly all
            "169.254.170.2",  # containers at Amazon
            "fd00:ec2::254",  # Amazon, by IPv6
            "100.100.100.200",  # Alibaba
            "168.63.129.16",  # Azure; looks like a public address
            "192.0.0.192",  # Oracle
        ),
    )
)
#: Not for everybody, whatever the standard library of the day says of them.
_CLOSED = tuple(
    map(
        ip_network,
        (
            "100.64.0.0/10",  # between a provider and its customers (RFC 6598)
            "192.0.0.0/24",  # protocol assignments (RFC 6890)
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "64:ff9b:1::/48",  # local NAT64 (RFC 8215)
            "2001::/32",  # Teredo: whom it leads to is hidden (RFC 4380)
            "fec0::/10",  # site-local (RFC 3879)
        ),
    )
)
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_HOST = re.compile(r"[a-z0-9_][a-z0-9_.-]{0,252}\Z")


@dataclass(frozen=True)
class Allowed:
    """A machine or network of one's own: a host name, an address or a network; any port if 0."""

    host: str
    port: int = 0

    @classmethod
    def of(cls, text: str) -> Allowed:
        """What ``10.0.0.0/8``, ``localhost``, ``127.0.0.1:8080`` or ``[::1]:80`` means."""
        host, port = text.strip().lower(), ""
        if host.startswith("["):
            host, _, port = host[1:].partition("]")
            if port and not port.startswith(":"):
                raise ValueError(_fault(text))
            port = port[1:]
        elif host.count(":") == 1:
            host, _, port = host.partition(":")
        if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
            raise ValueError(_fault(text))
        host = host.rstrip(".")
        if not _is_network(host) and not _HOST.match(host):
            raise ValueError(_fault(text))
        return cls(host, int(port or 0))

    def covers(self, host: str, port: int, address: Address) -> bool:
        """Whether it holds for a host, or for the address that its name came to."""
        if self.port and self.port != port:
            return False
        if host.rstrip(".").lower() == self.host:
            return True
        if not _is_network(self.host):
            return False
        network = ip_network(self.host, strict=False)
        return any(one in network for one in (address, *_inside(address)))


def allowed(texts: Iterable[str]) -> tuple[Allowed, ...]:
    """What some entries allow.  Raises :class:`ValueError` for one that means nothing."""
    return tuple(Allowed.of(text) for text in texts if text.strip())


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet, in whatever form it is written."""
    if inside := _inside(address):
        return all(map(is_public, inside))
    if any(address in network for network in _CLOSED) or address in _METADATA:
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def fault_of(host: str, port: int, address: Address, allow: Iterable[Allowed]) -> str:
    """Why a machine must not be asked; empty if it may."""
    if any(one in _METADATA for one in (address, *_inside(address))):
        return f"{address} is a service of a cloud for its own machines"
    if is_public(address) or any(one.covers(host, port, address) for one in allow):
        return ""
    return f"{address} is not an address of the public internet"


def _inside(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _fault(text: str) -> str:
    return (
        f"{text!r} is no host, address or network; write it like localhost, 127.0.0.1:8080 "
        "or 10.0.0.0/8"
    )

"""Connections to addresses that were looked at, over which time and bytes are counted."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from ipaddress import ip_address
from typing import Any

import httpcore2

from catalogue.errors import CatalogueError
from catalogue.networks import allowed, fault_of


class FetchError(CatalogueError):
    """What is at an address cannot be had.

    ``status`` is what the server answered, if it did (``answered``), and ``content`` the
    beginning of what it said with it.
    """

    status = 502
    title = "Cannot be fetched"

    def __init__(self, message: str, status: int = 0, content: bytes = b"") -> None:
        super().__init__(message)
        self.answered = bool(status)
        self.status = status or self.status
        self.content = content


class Refused(FetchError):
    """The address is one that must not be asked."""


class TooMuch(FetchError):
    """It is more, or takes longer, than is waited for."""


class Unknown(FetchError):
    """Nobody has heard of the host."""


class Meter(threading.local):
    """What the request of this thread took so far."""

    address = ""
    most = 0
    seconds = 0.0
    until = 0.0
    bytes = 0

    def begin(self, address: str, most: int, seconds: float) -> None:
        """Begin to count for a request to ``address``, as people are shown it."""
        self.address, self.most, self.seconds = address, most, seconds
        self.until, self.bytes = time.monotonic() + seconds, 0

    def left(self, timeout: float | None) -> float:
        """How long to wait for the next bytes.  Raises :class:`TooMuch` when the time is up."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TooMuch(f"{self.address} takes longer than {self.seconds:g} seconds to answer.")
        return left if timeout is None else min(left, timeout)

    def count(self, number: int) -> None:
        """Count some bytes.  Raises :class:`TooMuch` when they are too many."""
        self.bytes += number
        if self.bytes > self.most + _FOR_HEADERS:
            raise too_large(self.address, self.most)


#: What a server may say beside its content.
_FOR_HEADERS = 200_000


def too_large(address: str, most: int) -> TooMuch:
    """That an answer is larger than is read."""
    return TooMuch(
        f"{address} answers more than {most / 1e6:g} MB at once; have the source give "
        "smaller pages, or several files"
    )


class Guarded(httpcore2.NetworkBackend):
    """Resolves a name, looks at what it came to, and connects to exactly that."""

    def __init__(self, allow: Sequence[str], meter: Meter, way_out: str) -> None:
        self._allow = allowed(allow)
        self._meter = meter
        self._way_out = way_out
        self._inner = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """A connection to the first of the addresses of a host that answers."""
        addresses = self._addresses(host, port)
        for place, address in enumerate(addresses, 1):
            try:
                stream = self._inner.connect_tcp(
                    address, port, self._meter.left(timeout), local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                return Counted(stream, self._meter)
        raise Unknown(f"The host {host} has no address; check the address of the source.")

    def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host.  One that is refused is enough: that host plays tricks."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            if getattr(error, "errno", 0) == socket.EAI_AGAIN:
                raise httpcore2.ConnectError(f"the host {host} cannot be looked up now") from None
            raise Unknown(
                f"Nobody knows the host {host[:255]}; check the address of the source."
            ) from None
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        for address in addresses:
            # The zone of a link-local address (fe80::1%eth0) says nothing of who may be asked.
            plain = ip_address(address.partition("%")[0])
            if fault := fault_of(host, port, plain, self._allow):
                raise Refused(f"{host[:255]} is not asked: {fault}. {self._way_out}")
        return addresses


class Counted(httpcore2.NetworkStream):
    """A connection whose bytes and seconds are counted, TLS or not."""

    def __init__(self, inner: httpcore2.NetworkStream, meter: Meter) -> None:
        self._inner, self._meter = inner, meter

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """The next bytes."""
        read = self._inner.read(max_bytes, self._meter.left(timeout))
        self._meter.count(len(read))
        return read

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send some bytes."""
        self._inner.write(buffer, self._meter.left(timeout))

    def close(self) -> None:
        """Close it."""
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        """Go on encrypted; the name that is asked for stays the one of the address."""
        left = self._meter.left(timeout)
        return Counted(self._inner.start_tls(ssl_context, server_hostname, left), self._meter)

    def get_extra_info(self, info: str) -> Any:
        """What the connection knows of itself."""
        return self._inner.get_extra_info(info)

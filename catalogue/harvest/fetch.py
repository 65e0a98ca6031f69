"""Getting what is at an address of somebody else's, without trusting it.

Every name is resolved and every address looked at before it is connected to
(``connecting.py``); redirects are followed by hand, each like a first request.  Size is counted
on the wire and again while it is unpacked, time from the first to the last byte.  Nothing is
taken from the environment: no proxy, no ``.netrc``.
"""

from __future__ import annotations

import math
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

import httpcore2
import httpx2

from catalogue import __version__
from catalogue.harvest.connecting import FetchError, Guarded, Meter, Refused, TooMuch, too_large
from catalogue.harvest.unpacking import CODINGS, GZIP_MAGIC, Unpackable, unpacked, unpackers

__all__ = ["FetchError", "Fetched", "Fetcher", "Limits", "Refused", "TooMuch", "agent_of", "shown"]

_REDIRECTS = (301, 302, 303, 307, 308)
#: Those that may be gone at the next try.
_PASSING = (429, 502, 503, 504)
#: How long until the next try, in seconds, where the server does not say.
_PAUSES = (1.0, 4.0, 10.0, 30.0)
#: So much is kept of what a server says when it refuses.
_OF_ERRORS = 65_536
_LONGEST_ADDRESS, _LONGEST_SHOWN = 8_000, 300
_USER = re.compile(r"\A([A-Za-z][A-Za-z0-9+.-]*:/*)[^/?#]*@")
_SECRET = re.compile(
    r"([?&;][^=&;#]*(?:key|token|secret|passw|signature|sig|auth)[^=&;#]*=)[^&;#]+", re.I
)
_FAILURES = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
)


@dataclass(frozen=True)
class Limits:
    """How much of anything one request may take: bytes, seconds, redirects, tries.

    ``altogether`` are the seconds of all requests together, where somebody waits for them;
    ``way_out`` is what who asks can do where a machine must not be asked.
    """

    wire: int = 64_000_000
    size: int = 64_000_000
    seconds: float = 120.0
    silence: float = 30.0
    redirects: int = 5
    tries: int = 3
    wait: float = 60.0
    altogether: float = math.inf
    way_out: str = "If it is a machine of your own network, name it in CATALOGUE_HARVEST_ALLOW."


@dataclass(frozen=True)
class Fetched:
    """What was at an address.

    ``address`` is where it came from in the end; ``content_type`` the media type alone, in lower
    case, "" if none was said or if the content came as a packed file; ``charset`` what was said
    of the encoding; names of ``headers`` are in lower case; ``content`` is unpacked.
    """

    address: str
    status: int
    content_type: str
    headers: Mapping[str, str]
    content: bytes
    charset: str = ""


class Fetcher:
    """Asks servers.

    ``allow`` are hosts, addresses or networks of one's own that would else be refused
    (``10.0.0.0/8``, ``localhost``, ``127.0.0.1:8080``).  ``agent`` is how it calls itself.
    ``wait`` waits between tries; it may raise something to end them.
    """

    def __init__(
        self,
        allow: Sequence[str] = (),
        agent: str = "",
        limits: Limits | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.limits = limits or Limits()
        self._agent = agent or agent_of("")
        self._wait = wait
        self._meter = Meter()
        self._until = 0.0
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl.create_default_context(),  # authorities the operator trusts count
            max_connections=4,
            keepalive_expiry=20.0,
            network_backend=Guarded(allow, self._meter, self.limits.way_out),
        )

    def get(
        self, address: str, *, accept: str = "*/*", headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """What is at an address.  Raises :class:`FetchError`."""
        return self._patiently(_Question("GET", {**(headers or {}), "Accept": accept}), address)

    def post(
        self, address: str, content: bytes, content_type: str, *, accept: str = "*/*"
    ) -> Fetched:
        """What a server answers to a query; asked again like any other question."""
        said = {"Accept": accept, "Content-Type": content_type}
        return self._patiently(_Question("POST", said, content), address)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._pool.close()

    def _patiently(self, question: _Question, address: str) -> Fetched:
        """Ask again what may have failed for a moment only."""
        tried = 0
        while True:
            try:
                return self._followed(question, address)
            except _Passing as passing:
                tried += 1
                if tried >= self.limits.tries:
                    raise passing.error from None
                pause = _PAUSES[min(tried, len(_PAUSES)) - 1]
                wait = pause if passing.after is None else passing.after
            self._wait(min(wait, self.limits.wait))

    def _followed(self, question: _Question, address: str) -> Fetched:
        """Ask, and go where the answer says."""
        self._meter.begin(shown(address), self.limits.wire, self._patience(address))
        been: list[str] = []
        while True:
            url = _checked(address)
            if str(url) in been:
                raise FetchError(
                    f"{shown(been[0])} leads round in a circle: {shown(address)} was asked before."
                )
            been.append(str(url))
            if len(been) > self.limits.redirects + 1:
                raise TooMuch(
                    f"{shown(been[0])} leads on more than {self.limits.redirects} times; give "
                    "the address that it leads to in the end"
                )
            found = self._asked(question, url)
            if isinstance(found, Fetched):
                return found
            question = question.after(found.status)
            address = urljoin(str(url), found.address)

    def _patience(self, address: str) -> float:
        """How many seconds a request may take; raises :class:`TooMuch` when no more are left."""
        if math.isinf(self.limits.altogether):
            return self.limits.seconds
        now = time.monotonic()
        self._until = self._until or now + self.limits.altogether
        if now >= self._until:
            raise TooMuch(
                f"{shown(address)} is not asked: {self.limits.altogether:g} seconds went by already."
            )
        return min(self.limits.seconds, self._until - now)

    def _asked(self, question: _Question, url: httpx2.URL) -> Fetched | _Elsewhere:
        """One request, and its answer."""
        address = shown(str(url))
        try:
            with self._pool.stream(
                question.method,
                _target(url),
                headers=question.lines(url, self._agent),
                content=question.content or None,
                extensions={"timeout": dict.fromkeys(_PHASES, self.limits.silence)},
            ) as answer:
                return self._read(answer, url)
        except _FAILURES as error:
            self._meter.left(None)  # it may have been the end of all patience
            raise _failure(address, error, self.limits.silence) from None
        except OverflowError:
            raise too_large(address, self.limits.size) from None
        except Unpackable as error:
            raise FetchError(f"What {address} sends cannot be unpacked: {error}") from None

    def _read(self, answer: httpcore2.Response, url: httpx2.URL) -> Fetched | _Elsewhere:
        headers = _headers(answer.headers)
        if answer.status in _REDIRECTS and (place := headers.get("location")):
            return _Elsewhere(answer.status, place)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, headers, shown(str(url)))
        length = headers.get("content-length", "")
        if length.isdigit() and int(length[:20]) > self.limits.wire:
            raise too_large(shown(str(url)), self.limits.wire)
        content = b"".join(self._pieces(answer, headers))
        media_type, charset = _media_type(headers.get("content-type", ""))
        if content.startswith(GZIP_MAGIC):
            content, media_type = unpacked(content, self.limits.size), ""
        return Fetched(str(url), answer.status, media_type, headers, content, charset)

    def _pieces(self, answer: httpcore2.Response, headers: Mapping[str, str]) -> Iterator[bytes]:
        steps = unpackers(headers.get("content-encoding", ""), self.limits.size)
        for piece in answer.iter_stream():
            for step in steps:
                piece = step.take(piece)
            yield piece
        for step in steps:
            step.end()

    def _refusal(
        self, answer: httpcore2.Response, headers: Mapping[str, str], address: str
    ) -> Exception:
        """What it means that a server does not give what it was asked for."""
        parts: list[bytes] = []
        try:
            for piece in self._pieces(answer, headers):
                parts.append(piece)
                if sum(map(len, parts)) >= _OF_ERRORS:
                    break
        except (Unpackable, OverflowError, *_FAILURES):
            pass  # its status says enough
        content = b"".join(parts)[:_OF_ERRORS]
        error = FetchError(_words(address, answer.status), answer.status, content)
        if answer.status in _PASSING:
            return _Passing(error, _seconds(headers.get("retry-after", "")))
        return error


_PHASES = ("connect", "read", "write", "pool")


@dataclass(frozen=True)
class _Question:
    method: str
    headers: Mapping[str, str]
    content: bytes = b""

    def lines(self, url: httpx2.URL, agent: str) -> list[tuple[str, str]]:
        """The header lines of the request."""
        host = url.netloc.decode("ascii")
        said = {"Host": host, "User-Agent": agent, "Accept-Encoding": CODINGS, **self.headers}
        return list(said.items())

    def after(self, status: int) -> _Question:
        """What is asked where a redirect leads (RFC 9110, 15.4)."""
        if status in (307, 308) or self.method == "GET":
            return self
        return _Question("GET", {k: v for k, v in self.headers.items() if k != "Content-Type"})


@dataclass(frozen=True)
class _Elsewhere:
    """That something is at another address."""

    status: int
    address: str


class _Passing(Exception):
    """A failure that may be over in ``after`` seconds."""

    def __init__(self, error: FetchError, after: float | None = None) -> None:
        super().__init__(str(error))
        self.error, self.after = error, after


def agent_of(public_address: str) -> str:
    """How we call ourselves to those whom we ask."""
    about = f" (+{public_address})" if public_address else ""
    return f"outcome-catalogue/{__version__}{about}"


def shown(address: str) -> str:
    """An address as it may be shown in a message: no secrets, and not too long."""
    address = _SECRET.sub(r"\1…", _USER.sub(r"\1", address))
    return address if len(address) <= _LONGEST_SHOWN else address[: _LONGEST_SHOWN - 1] + "…"


def _checked(address: str) -> httpx2.URL:
    """The address, if it is one that may be asked at all."""
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, UnicodeError, ValueError):
        raise Refused(f"{shown(address)} is not a web address.") from None
    if url.scheme not in ("http", "https"):
        raise Refused(
            f"{shown(address)} is not asked: only https:// and http:// are, not “{url.scheme}:”."
        )
    if not url.host:
        raise Refused(f"{shown(address)} has no host name; check the address.")
    if url.userinfo:
        raise Refused(f"{shown(address)} holds a name or password, which are not sent anywhere.")
    if len(address) > _LONGEST_ADDRESS:
        raise Refused(f"{shown(address)} is longer than {_LONGEST_ADDRESS:,} characters.")
    return url.copy_with(fragment=None)


def _target(url: httpx2.URL) -> httpcore2.URL:
    return httpcore2.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )


def _headers(lines: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by their names; one that is there twice is a list (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for raw_name, raw in lines:
        name, value = raw_name.decode("latin-1").lower(), _text(raw)
        twice = name in found and name not in ("content-type", "content-length", "location")
        found[name] = f"{found[name]}, {value}" if twice else found.get(name, value)
    return found


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _media_type(said: str) -> tuple[str, str]:
    """The media type and the charset of a ``Content-Type``."""
    if not said.strip():
        return "", ""
    message = Message()
    message["Content-Type"] = said
    charset = message.get_param("charset", "")
    return said.partition(";")[0].strip().lower(), charset if isinstance(charset, str) else ""


def _seconds(said: str) -> float | None:
    """How long a ``Retry-After`` means, which may be a number or a date."""
    if said.isdigit() and len(said) < 10:
        return float(said)
    try:
        when = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - datetime.now(UTC)).total_seconds())


def _words(address: str, status: int) -> str:
    """What a status means to whoever looks after a source."""
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return f"{address} answered {phrase}; {_WAYS_OUT.get(status, _way_out(status))}"


_WAYS_OUT = {
    401: "it wants a name and password, which is not supported",
    403: "ask those who run it whether this catalogue may read it",
    404: "check the address of the source",
    410: "it is gone for good; check the address of the source",
    429: "it wants to be asked less often; read it at another time",
}


def _way_out(status: int) -> str:
    if status >= 500:
        return "something is wrong there; tell those who run it if it lasts"
    if 300 <= status < 400:
        return "it does not say where to go on"
    return "check the address and options of the source"


def _failure(address: str, error: Exception, silence: float) -> Exception:
    """What a failed connection means."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        reason = str(error).rpartition("verify failed: ")[2].partition(" (_ssl")[0]
        return FetchError(
            f"The certificate of {address} is not accepted ({reason}); it is for those who run "
            "it to renew it."
        )
    if isinstance(error, httpcore2.ConnectTimeout | httpcore2.ConnectError):
        reason = "the connection is refused" if "refused" in str(error) else _reason(error)
        said = f"{address} cannot be reached ({reason}); check that it is running."
    elif isinstance(error, httpcore2.TimeoutException):
        said = f"{address} said nothing for {silence:g} seconds."
    else:
        said = f"{address} broke off before it had said everything ({_reason(error)})."
    return _Passing(FetchError(said))


def _reason(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__

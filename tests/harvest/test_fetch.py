"""Getting what others have, from real servers: hostile, slow and broken ones too."""

from __future__ import annotations

import gzip
import os
import shutil
import socket
import ssl
import subprocess
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import pytest
from harvest.sites import Reply, Site

from catalogue.harvest.fetch import Fetcher, FetchError, Limits, Refused, TooMuch, agent_of, shown
from catalogue.networks import Allowed, allowed, fault_of, is_public

FEED = "<https://registry.example.org/dataset/1> a <http://www.w3.org/ns/dcat#Dataset> .\n"


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def fetcher(waits: list[float]) -> Iterator[Callable[..., Fetcher]]:
    """Makes fetchers that may ask this machine, and that do not really wait between tries."""
    made: list[Fetcher] = []

    def make(allow: tuple[str, ...] = ("127.0.0.1",), **limits: float) -> Fetcher:
        made.append(Fetcher(allow, "", Limits(**limits), wait=waits.append))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()


@contextmanager
def raw_server(*said: bytes, pause: float = 0.0, close: bool = True) -> Iterator[str]:
    """A server that says some bytes to everybody, with pauses between them."""
    server = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve() -> None:
        while not ended.is_set():
            try:
                connection, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.recv(65_536)
            try:
                for piece in said:
                    connection.sendall(piece)
                    ended.wait(pause)
                if not close:
                    ended.wait(20)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/feed.ttl"
    ended.set()
    server.close()


# what is there --------------------------------------------------------------------------


def test_what_is_at_an_address(site: Site, fetcher):
    address = site.put("/feed.ttl", FEED, "Text/Turtle; charset=UTF-8", headers={"ETag": '"7"'})
    found = fetcher().get(address, accept="text/turtle")
    assert found.content == FEED.encode()
    assert (found.address, found.status) == (address, 200)
    assert (found.content_type, found.charset) == ("text/turtle", "UTF-8")
    assert found.headers["etag"] == '"7"'
    assert site.asked[0].headers["accept"] == "text/turtle"
    assert site.asked[0].headers["user-agent"].startswith("outcome-catalogue/")


def test_whom_harvesters_ask_can_see_who_asks():
    said = agent_of("https://catalogue.example.org/")
    assert said.startswith("outcome-catalogue/")
    assert said.endswith(" (+https://catalogue.example.org/)")


def test_a_query_is_posted_with_its_type(site: Site, fetcher):
    address = site.put("/sparql", lambda asked: asked.body.upper(), "text/plain")
    found = fetcher().post(address, b"select", "application/sparql-query", accept="text/csv")
    assert found.content == b"SELECT"
    asked = site.asked[0]
    assert (asked.method, asked.headers["content-type"]) == ("POST", "application/sparql-query")


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "raw deflate", "deflate, gzip"])
def test_what_is_packed_is_unpacked(site: Site, fetcher, coding: str):
    plain = (FEED * 5_000).encode()
    packed = {
        "gzip": gzip.compress(plain),
        "x-gzip": gzip.compress(plain[:100]) + gzip.compress(plain[100:]),
        "deflate": zlib.compress(plain),
        "raw deflate": zlib.compress(plain, wbits=-15),
        "deflate, gzip": gzip.compress(zlib.compress(plain)),
    }[coding]
    said = {"Content-Encoding": coding.removeprefix("raw ")}
    address = site.put("/feed.ttl", packed, headers=said)
    assert fetcher().get(address).content == plain
    assert "gzip" in site.asked[0].headers["accept-encoding"]


def test_a_packed_file_is_unpacked_whatever_it_is_called(site: Site, fetcher):
    address = site.put("/dump", gzip.compress(FEED.encode()), "application/gzip")
    found = fetcher().get(address)
    assert (found.content, found.content_type) == (FEED.encode(), "")


def test_an_unknown_coding_is_named(site: Site, fetcher):
    address = site.put("/feed.ttl", b"\x0b\x02\x80", headers={"Content-Encoding": "br"})
    with pytest.raises(FetchError, match="the coding 'br' is not known here; gzip, deflate are"):
        fetcher().get(address)


def test_a_packed_answer_that_ends_in_the_middle_is_not_taken_for_whole(site: Site, fetcher):
    packed = gzip.compress((FEED * 100).encode())[:-30]
    address = site.put("/feed.ttl", packed, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="ends in the middle"):
        fetcher().get(address)


# limits ---------------------------------------------------------------------------------


def test_an_answer_is_read_up_to_the_limit(site: Site, fetcher):
    address = site.put("/feed.ttl", b"x" * 10_001)
    with pytest.raises(TooMuch, match=r"answers more than 0\.01 MB at once; have the source"):
        fetcher(wire=10_000).get(address)


def test_an_answer_without_a_length_is_read_up_to_the_limit_only(fetcher):
    pieces = [b"x" * 100_000] * 100
    with raw_server(b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n\r\n", *pieces) as address:
        one = fetcher(wire=1_000_000)
        with pytest.raises(TooMuch, match="answers more than 1 MB"):
            one.get(address)
    assert one._meter.bytes < 1_500_000


@pytest.mark.parametrize("as_file", [True, False])
def test_a_bomb_goes_off_at_the_limit(site: Site, fetcher, as_file: bool):
    bomb = gzip.compress(b"\0" * 50_000_000)
    assert len(bomb) < 60_000
    headers = {} if as_file else {"Content-Encoding": "gzip"}
    address = site.put("/feed.ttl.gz", bomb, headers=headers)
    with pytest.raises(TooMuch, match="more than 1 MB"):
        fetcher(size=1_000_000).get(address)


def test_a_bomb_in_a_bomb_goes_off_at_the_limit(site: Site, fetcher):
    bomb = gzip.compress(gzip.compress(b"\0" * 200_000_000))
    address = site.put("/feed.ttl", bomb, headers={"Content-Encoding": "gzip, gzip"})
    with pytest.raises(TooMuch):
        fetcher(size=10_000_000).get(address)


def test_a_server_that_drips_is_left(fetcher):
    with (
        raw_server(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\n\r\n", *[b"#"] * 100, pause=0.1
        ) as address,
        pytest.raises(TooMuch, match=r"takes longer than 0\.5 seconds to answer"),
    ):
        fetcher(seconds=0.5).get(address)


def test_a_server_that_drips_its_headers_is_left(fetcher):
    drips = [f"X-{n}: y\r\n".encode() for n in range(100)]
    with (
        raw_server(b"HTTP/1.1 200 OK\r\n", *drips, pause=0.1) as address,
        pytest.raises(TooMuch, match="takes longer than"),
    ):
        fetcher(seconds=0.5).get(address)


def test_a_server_that_says_nothing_is_asked_again_and_left(fetcher, waits: list[float]):
    with (
        raw_server(close=False) as address,
        pytest.raises(FetchError, match=r"said nothing for 0\.2 seconds"),
    ):
        fetcher(silence=0.2).get(address)
    assert len(waits) == 2


def test_what_breaks_off_is_not_taken_for_whole(fetcher):
    said = b"HTTP/1.1 200 OK\r\nContent-Type: text/turtle\r\nContent-Length: 1000\r\n\r\n<https://"
    with (
        raw_server(said) as address,
        pytest.raises(FetchError, match="broke off before it had said everything"),
    ):
        fetcher().get(address)


def test_what_is_no_http_at_all_is_told(fetcher):
    with (
        raw_server(b"SSH-2.0-OpenSSH_9.2\r\n") as address,
        pytest.raises(FetchError, match="broke off"),
    ):
        fetcher().get(address)


# trying again ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(site: Site, fetcher, waits: list[float], status: int):
    answers = iter([Reply("busy", status=status), Reply("busy", status=status), Reply(FEED)])
    address = site.put("/feed.ttl", lambda _: next(answers))
    assert fetcher().get(address).content == FEED.encode()
    assert waits == [1.0, 4.0]


def test_it_is_waited_as_long_as_the_server_wants_but_not_for_ever(
    site: Site, fetcher, waits: list[float]
):
    answers = iter(
        [
            Reply(status=503, headers={"Retry-After": "7"}),
            Reply(status=429, headers={"Retry-After": "Fri, 31 Dec 2099 23:59:59 GMT"}),
            Reply(FEED),
        ]
    )
    address = site.put("/feed.ttl", lambda _: next(answers))
    assert fetcher().get(address).content == FEED.encode()
    assert waits == [7.0, 60.0]


def test_after_three_tries_the_failure_is_told(site: Site, fetcher):
    address = site.put("/feed.ttl", "database is down", status=503)
    with pytest.raises(
        FetchError, match="answered 503 Service Unavailable; something is wrong"
    ) as e:
        fetcher().get(address)
    assert (e.value.status, e.value.content) == (503, b"database is down")
    assert len(site.asked) == 3


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "answered 404 Not Found; check the address of the source"),
        (410, "answered 410 Gone; it is gone for good"),
        (401, "it wants a name and password, which is not supported"),
        (403, "ask those who run it"),
        (500, "answered 500 Internal Server Error; something is wrong there"),
        (418, "check the address and options"),
        (304, "does not say where to go on"),
        (799, "answered 799;"),
    ],
)
def test_a_refusal_is_told_in_words_and_not_asked_again(site: Site, fetcher, status, words):
    address = site.put("/feed.ttl", b"" if status == 304 else "no", status=status)
    with pytest.raises(FetchError, match=words) as error:
        fetcher().get(address)
    assert error.value.status == status
    assert len(site.asked) == 1


def test_waiting_can_be_ended(site: Site):
    class Stopped(Exception):
        pass

    def stop(_: float) -> None:
        raise Stopped

    address = site.put("/feed.ttl", status=503)
    fetcher = Fetcher([site.host], wait=stop)
    with pytest.raises(Stopped):
        fetcher.get(address)
    fetcher.close()


def test_nobody_there_is_told(fetcher, waits: list[float]):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        fetcher().get(f"http://127.0.0.1:{port}/")
    assert len(waits) == 2


def test_a_host_that_nobody_knows_is_told_at_once(fetcher, waits: list[float], monkeypatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchError, match=r"Nobody knows the host registry\.example; check"):
        fetcher().get("http://registry.example/feed.ttl")
    assert waits == []


# redirects ------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(site: Site, fetcher, status: int):
    site.put("/new/feed.ttl", FEED)
    address = site.moved("/feed", "new/feed.ttl", status)
    found = fetcher().get(address)
    assert (found.content, found.address) == (FEED.encode(), site.address + "/new/feed.ttl")


def test_redirects_are_counted(site: Site, fetcher):
    for n in range(6):
        site.moved(f"/{n}", f"/{n + 1}")
    site.put("/6", FEED)
    assert fetcher(redirects=6).get(site.address + "/0").content
    with pytest.raises(TooMuch, match="leads on more than 5 times"):
        fetcher().get(site.address + "/0")


def test_a_redirect_that_goes_round_is_noticed(site: Site, fetcher):
    site.moved("/a", "/b")
    site.moved("/b", "/a")
    with pytest.raises(FetchError, match="leads round in a circle"):
        fetcher().get(site.address + "/a")
    assert len(site.asked) == 2


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "ftp://ftp.example.org/", "gopher://x/", "javascript:alert(1)"]
)
def test_a_redirect_to_something_else_than_the_web_is_refused(site: Site, fetcher, place: str):
    address = site.moved("/feed", place)
    with pytest.raises(Refused, match=r"only https:// and http:// are|not a web address"):
        fetcher().get(address)


def test_a_redirect_into_the_own_network_is_refused(site: Site, new_site, fetcher):
    inside = new_site()
    inside.put("/secret", "the password")
    address = site.moved("/feed", inside.address + "/secret")
    with pytest.raises(Refused, match=r"127\.0\.0\.1 is not an address of the public internet"):
        fetcher(allow=(site.host,)).get(address)
    assert inside.asked == []


def test_a_query_that_is_sent_on_is_a_question_only(site: Site, fetcher):
    site.put("/elsewhere", lambda asked: f"{asked.method} {asked.body!r}", "text/plain")
    address = site.moved("/sparql", "/elsewhere", 303)
    assert fetcher().post(address, b"secret", "text/plain").content == b"GET b''"
    address = site.moved("/sparql", "/elsewhere", 308)
    assert fetcher().post(address, b"query", "text/plain").content == b"POST b'query'"


# who may be asked -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.9.10", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "169.254.1.1", "100.64.0.1", "100.100.100.200", "192.0.0.192"),
        *("168.63.129.16", "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1"),
        *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:0a00:0001::"),
        *("64:ff9b::127.0.0.1", "64:ff9b:1::1", "::127.0.0.1", "2001:0:1::1"),
        *("64:ff9b::a9fe:a9fe", "2001:db8::1", "192.88.99.1", "203.0.113.5"),
    ],
)
def test_addresses_that_are_not_public_are_known_in_every_form(address: str):
    assert not is_public(ip_address(address))
    assert fault_of("x.example", 80, ip_address(address), ())


@pytest.mark.parametrize(
    "address", ["193.99.144.80", "2a02:2e0:3fe::1", "::ffff:193.99.144.80", "64:ff9b::8.8.8.8"]
)
def test_public_addresses_may_be_asked(address: str):
    assert is_public(ip_address(address))
    assert not fault_of("x.example", 80, ip_address(address), ())


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "localhost"])
def test_this_machine_is_not_asked_however_it_is_written(site: Site, fetcher, host: str):
    with pytest.raises(Refused, match="is not an address of the public internet"):
        fetcher(allow=()).get(f"http://{host}:{site.port}/feed.ttl")
    with pytest.raises(Refused):
        fetcher(allow=()).get(f"http://[::ffff:127.0.0.1]:{site.port}/feed.ttl")
    assert site.asked == []


@pytest.mark.parametrize(
    ("entry", "may"),
    [
        ("127.0.0.1", True),
        ("127.0.0.0/8", True),
        ("127.0.0.1:{port}", True),
        ("127.0.0.1:1", False),
        ("10.0.0.0/8", False),
        ("localhost", False),  # the address, not the name, was asked
        ("::1", False),
    ],
)
def test_a_network_of_ones_own_may_be_allowed(site: Site, fetcher, entry: str, may: bool):
    address = site.put("/feed.ttl", FEED)
    allow = (entry.format(port=site.port),)
    if may:
        assert fetcher(allow=allow).get(address).content
    else:
        with pytest.raises(Refused, match="CATALOGUE_HARVEST_ALLOW"):
            fetcher(allow=allow).get(address)


def test_the_passwords_of_a_cloud_are_refused_even_in_an_allowed_network():
    everything = allowed(["0.0.0.0/0", "::/0", "169.254.169.254"])
    for address in ("169.254.169.254", "fd00:ec2::254", "::ffff:169.254.169.254"):
        assert "service of a cloud" in fault_of("meta", 80, ip_address(address), everything)


def test_what_an_entry_allows():
    assert Allowed.of("[::1]:8080") == Allowed("::1", 8080)
    assert Allowed.of("Catalogue.Hospital.local.") == Allowed("catalogue.hospital.local")
    assert fault_of("mapped", 80, ip_address("::ffff:10.1.1.1"), allowed(["10.0.0.0/8"])) == ""
    for wrong in ("", "our network", "10.0.0.0/8:80:90", "localhost:0", "[::1]80", "http://x/"):
        with pytest.raises(ValueError, match="write it like"):
            Allowed.of(wrong)


def resolving(monkeypatch, addresses: dict[str, list[str]]) -> list[str]:
    """Let names come to some addresses; the names that were looked up."""
    looked_up: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        looked_up.append(host)
        found = addresses.get(host, [host])
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return looked_up


def test_a_name_that_leads_inside_is_refused(site: Site, fetcher, monkeypatch):
    resolving(monkeypatch, {"registry.example.org": ["127.0.0.1"]})
    with pytest.raises(Refused, match=r"registry\.example\.org is not asked: 127\.0\.0\.1 is not"):
        fetcher(allow=()).get(f"http://registry.example.org:{site.port}/feed.ttl")
    assert site.asked == []


def test_a_name_with_one_address_inside_is_refused_whole(site: Site, fetcher, monkeypatch):
    resolving(monkeypatch, {"registry.example.org": ["193.99.144.80", "127.0.0.1"]})
    with pytest.raises(Refused):
        fetcher(allow=()).get(f"http://registry.example.org:{site.port}/feed.ttl")


def test_a_name_is_looked_up_once_and_what_was_looked_at_is_asked(site, fetcher, monkeypatch):
    looked_up = resolving(monkeypatch, {"feed.hospital.local": ["127.0.0.1"]})
    site.put("/feed.ttl", FEED)
    one = fetcher(allow=("feed.hospital.local",))
    for _ in range(2):
        assert one.get(f"http://feed.hospital.local:{site.port}/feed.ttl").content
    # The address itself goes through getaddrinfo again inside the socket, the name does not.
    assert looked_up.count("feed.hospital.local") == 1
    assert site.asked[0].headers["host"] == f"feed.hospital.local:{site.port}"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("file:///etc/passwd", "not “file:”"),
        ("ftp://ftp.example.org/x", "not “ftp:”"),
        ("gopher://example.org/", "not “gopher:”"),
        ("javascript:alert(1)", "not “javascript:”"),
        ("registry.example.org/feed", "only https:// and http:// are"),
        ("http:///feed", "has no host name"),
        ("http://exa mple.org\x00/", "is not"),
        ("http://user:hush@registry.example.org/", "holds a name or password"),
        ("https://registry.example.org/?" + "x" * 9000, "longer than 8,000"),
    ],
)
def test_an_address_that_is_none_is_refused(fetcher, address: str, words: str):
    with pytest.raises((Refused, FetchError), match=words) as error:
        fetcher().get(address)
    assert "hush" not in str(error.value)
    assert len(str(error.value)) < 500


def test_no_secret_is_shown_in_a_message(site: Site, fetcher):
    with pytest.raises(FetchError) as error:
        fetcher().get(f"{site.address}/feed?api_key=hush&page=2&Signature=hush#x")
    assert "hush" not in str(error.value)
    assert "page=2" in str(error.value)
    assert len(shown("https://registry.example.org/?q=" + "x" * 900)) == 300


def test_nothing_is_taken_from_the_environment(
    site: Site, new_site, fetcher, monkeypatch, tmp_path
):
    proxy = new_site()
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.address)
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password hush\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    fetcher().get(site.put("/feed.ttl", FEED))
    assert proxy.asked == []
    assert "authorization" not in site.asked[0].headers


def test_no_cookie_is_kept(site: Site, fetcher):
    address = site.put("/feed.ttl", FEED, headers={"Set-Cookie": "track=1"})
    one = fetcher()
    one.get(address)
    one.get(address)
    assert "cookie" not in site.asked[1].headers


# encrypted ------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path) -> str:
    """A certificate for feed.hospital.local, and its key, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    file = tmp_path / "certificate.pem"
    said = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=feed.hospital.local"),
            *("-addext", "subjectAltName=DNS:feed.hospital.local"),
            *("-keyout", str(file), "-out", str(tmp_path / "public.pem")),
        ],
        capture_output=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    file.write_bytes(file.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return os.fspath(file)


def encrypted(site: Site, certificate: str) -> list[str | None]:
    """Let a site speak TLS; the names that it is asked under."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _, name, __: names.append(name)
    site._server.socket = context.wrap_socket(site._server.socket, server_side=True)
    return names


def test_the_certificate_is_that_of_the_name(site: Site, fetcher, monkeypatch, certificate: str):
    names = encrypted(site, certificate)
    site.put("/feed.ttl", FEED)
    resolving(
        monkeypatch,
        {"feed.hospital.local": ["127.0.0.1"], "other.hospital.local": ["127.0.0.1"]},
    )
    monkeypatch.setenv("SSL_CERT_FILE", certificate)  # an authority the operator trusts
    one = fetcher()
    assert one.get(f"https://feed.hospital.local:{site.port}/feed.ttl").content == FEED.encode()
    assert names == ["feed.hospital.local"]
    with pytest.raises(FetchError, match=r"certificate of https://other.* is not accepted"):
        one.get(f"https://other.hospital.local:{site.port}/feed.ttl")


def test_a_certificate_of_nobody_is_not_accepted(site, fetcher, monkeypatch, certificate, waits):
    encrypted(site, certificate)
    resolving(monkeypatch, {"feed.hospital.local": ["127.0.0.1"]})
    with pytest.raises(FetchError, match="is for those who run it to renew it"):
        fetcher().get(f"https://feed.hospital.local:{site.port}/feed.ttl")
    assert waits == []


def test_what_comes_encrypted_is_counted_too(site: Site, fetcher, monkeypatch, certificate: str):
    encrypted(site, certificate)
    address = f"https://feed.hospital.local:{site.port}/feed.ttl"
    site.put("/feed.ttl", b"x" * 500_000, headers={"Content-Length": "500000"})
    resolving(monkeypatch, {"feed.hospital.local": ["127.0.0.1"]})
    monkeypatch.setenv("SSL_CERT_FILE", certificate)
    with pytest.raises(TooMuch):
        fetcher(wire=100_000).get(address)

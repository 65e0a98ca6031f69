"""Mails go out by SMTP, to a real server on the loopback; what it says comes back in words."""

from __future__ import annotations

import email
import email.policy
import io
import socketserver
import ssl
import subprocess
import threading

import pytest

from catalogue.errors import FaultyTable
from catalogue.mail import ConsoleMailer, MemoryMailer, Message, NotSent, SmtpMailer, mailer_of

LETTER = Message("ada@example.org", "Größe – a subject", "Hello,\n\n.a line with a dot\nmême\n")


class Session(socketserver.StreamRequestHandler):
    """Enough of RFC 5321 for one mail."""

    def handle(self) -> None:
        server = self.server
        self.say("220 loopback")
        while line := self.rfile.readline():
            server.heard.append(line.decode().rstrip())
            verb = line.split()[0].upper().decode() if line.split() else ""
            if verb == "EHLO":
                self.say("250-loopback", *(f"250-{one}" for one in server.offers), "250 8BITMIME")
            elif verb == "STARTTLS":
                self.say("220 go")
                self.connection = server.tls.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = (
                    self.connection.makefile("rb"),
                    self.connection.makefile("wb"),
                )
            elif verb == "AUTH":
                self.say(server.auth)
            elif verb == "RCPT":
                self.say(server.rcpt)
            elif verb == "DATA":
                self.say("354 go on")
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    lines.append(line.removeprefix(b"."))
                server.mails.append(
                    email.message_from_bytes(b"".join(lines), policy=email.policy.default)
                )
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 fine")

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(line + "\r\n" for line in lines).encode())
        self.wfile.flush()


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    offers: tuple[str, ...] = ()
    auth, rcpt = "235 welcome", "250 fine"
    tls: ssl.SSLContext | None = None

    def handle_error(self, *_: object) -> None:
        """A client that turns away is what a test wanted."""


@pytest.fixture
def server():
    with Server(("127.0.0.1", 0), Session) as server:
        server.heard, server.mails = [], []
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        yield server
        server.shutdown()


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A certificate for 127.0.0.1 that this process trusts."""
    key, file = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-keyout", key, "-out", file, "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl makes no certificate here")
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key)
    return context


def mailer(server: Server, scheme: str = "smtp", who: str = "") -> SmtpMailer:
    address = f"{scheme}://{who}127.0.0.1:{server.server_address[1]}"
    return mailer_of(address, "catalogue@example.org", "Outcomes, the Catalogue")


def test_a_mail_arrives_whole(server):
    mailer(server).send(LETTER)
    (mail,) = server.mails
    assert (mail["To"], mail["Subject"]) == ("ada@example.org", "Größe – a subject")
    assert mail["From"] == '"Outcomes, the Catalogue" <catalogue@example.org>'
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().replace("\r\n", "\n") == LETTER.body


def test_a_password_is_sent_over_tls_only(server, certificate):
    with pytest.raises(NotSent, match="offers no encryption"):
        mailer(server, who="me:s%40cret@").send(LETTER)
    assert not [line for line in server.heard if line.startswith("AUTH")]
    server.offers, server.tls = ("STARTTLS", "AUTH PLAIN"), certificate
    mailer(server, who="me:s%40cret@").send(LETTER)
    assert [
        line.split()[0] for line in server.heard if line.split()[0] in ("STARTTLS", "AUTH")
    ] == [
        "STARTTLS",
        "AUTH",
    ]
    assert len(server.mails) == 1


def test_smtps_speaks_tls_from_the_first_byte(server, certificate):
    server.socket = certificate.wrap_socket(server.socket, server_side=True)
    mailer(server, "smtps").send(LETTER)
    assert len(server.mails) == 1


def test_a_server_whose_certificate_is_not_trusted_gets_nothing(server, certificate, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    server.offers, server.tls = ("STARTTLS",), certificate
    with pytest.raises(NotSent, match="certificate verify failed"):
        mailer(server).send(LETTER)
    assert server.mails == []


def test_what_the_server_refuses_is_told_without_secrets(server, certificate):
    server.rcpt = "550 no such person ada@example.org"
    with pytest.raises(NotSent, match=r"refuses the recipient \(550\)"):
        mailer(server).send(LETTER)
    server.rcpt = "250 fine"
    server.offers, server.tls, server.auth = (
        ("STARTTLS", "AUTH PLAIN"),
        certificate,
        "535 no: cGFzcw==",
    )
    with pytest.raises(NotSent) as raised:
        mailer(server, who="me:topsecret@").send(LETTER)
    assert str(raised.value) == "127.0.0.1 does not let us in (535)"
    assert "topsecret" not in repr(mailer(server, who="me:topsecret@"))


def test_a_server_that_is_not_there_is_told_and_so_is_a_subject_with_a_line_break(server):
    with pytest.raises(NotSent, match="ConnectionRefused"):
        mailer_of("smtp://127.0.0.1:1", "catalogue@example.org").send(LETTER)
    with pytest.raises(NotSent):
        mailer(server).send(Message("ada@example.org", "a\nBcc: eve@example.org", ""))
    assert server.mails == []


def test_the_console_says_plainly_that_nothing_was_sent():
    stream = io.StringIO()
    ConsoleMailer(stream).send(LETTER)
    assert "NOT SENT" in stream.getvalue()
    assert "To: ada@example.org" in stream.getvalue()
    assert isinstance(mailer_of("console", ""), ConsoleMailer)
    assert isinstance(mailer_of("memory", ""), MemoryMailer)


@pytest.mark.parametrize(
    ("setting", "sender", "words"),
    [
        ("http://me:topsecret@host", "a@b.org", "CATALOGUE_MAIL: not understood"),
        ("smtp://me:topsecret@host:port", "a@b.org", "CATALOGUE_MAIL: not understood"),
        ("smtp://", "a@b.org", "CATALOGUE_MAIL: not understood"),
        ("smtp://me:topsecret@host", "", "CATALOGUE_MAIL_FROM"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_without_repeating_it(setting, sender, words):
    with pytest.raises(FaultyTable, match=words) as raised:
        mailer_of(setting, sender)
    assert "topsecret" not in str(raised.value)

"""Sending a mail: to the terminal, into memory, or by SMTP, as the setting says.

Plain text only.  What waits to be sent, and when it is tried again, is in
``accounts/post.py``; here is one attempt.
"""

from __future__ import annotations

import smtplib
import ssl
import sys
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Protocol, TextIO
from urllib.parse import unquote, urlsplit

from catalogue.errors import FaultyTable

#: Seconds an SMTP server may take to answer.
_PATIENCE = 20


@dataclass(frozen=True)
class Message:
    """One mail.

    ``unsubscribe`` is the address at which no more of its kind are wished; ``reply_to`` is whose
    answer it asks for, if not the sender's.
    """

    recipient: str
    subject: str
    body: str
    unsubscribe: str = ""
    reply_to: str = ""


class NotSent(Exception):
    """A mail could not be sent; the message says why and holds no secret."""


class Mailer(Protocol):
    """Something that sends mails."""

    def send(self, message: Message) -> None:
        """Send one mail, or raise :class:`NotSent`."""


@dataclass
class ConsoleMailer:
    """Writes mails to the terminal: for trying things out, where no server is set up."""

    stream: TextIO | None = None

    def send(self, message: Message) -> None:
        """Write the mail, and say plainly that it went nowhere."""
        rule = "-" * 72
        print(
            f"{rule}\nNOT SENT (CATALOGUE_MAIL is console); this mail would go out:\n"
            f"To: {message.recipient}\n"
            + (f"Reply-To: {message.reply_to}\n" if message.reply_to else "")
            + f"Subject: {message.subject}\n\n{message.body}\n{rule}",
            file=self.stream or sys.stderr,
            flush=True,
        )


@dataclass
class MemoryMailer:
    """Keeps mails in a list: for tests."""

    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        """Keep the mail."""
        self.sent.append(message)


@dataclass(frozen=True)
class SmtpMailer:
    """Hands mails to an SMTP server.

    ``smtps`` speaks TLS from the first byte.  ``smtp`` turns to TLS where the server can,
    and never shows a password to a server that cannot.
    """

    host: str
    port: int
    sender: str
    title: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    encrypted: bool = False

    def send(self, message: Message) -> None:
        """Deliver the mail to the server."""
        try:
            with self._connect() as server:
                server.send_message(self._letter(message))
        except smtplib.SMTPAuthenticationError as error:
            raise NotSent(f"{self.host} does not let us in ({error.smtp_code})") from None
        except smtplib.SMTPRecipientsRefused as error:
            codes = ", ".join(str(code) for code, _ in error.recipients.values())
            raise NotSent(f"{self.host} refuses the recipient ({codes})") from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"{self.host} answers {error.smtp_code}") from None
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"{self.host}: {type(error).__name__}: {error}") from None

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.encrypted:
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=_PATIENCE, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=_PATIENCE)
        try:
            server.ehlo()
            if not self.encrypted and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
            elif self.user and not self.encrypted:
                raise NotSent(
                    f"{self.host} offers no encryption; the password was not sent. "
                    "Use smtps://, or a server with STARTTLS."
                )
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _letter(self, message: Message) -> EmailMessage:
        letter = EmailMessage(policy=SMTP)
        letter["From"] = Address(self.title, addr_spec=self.sender)
        letter["To"] = Address(addr_spec=message.recipient)
        if message.reply_to:
            letter["Reply-To"] = Address(addr_spec=message.reply_to)
        letter["Subject"] = message.subject
        letter["Date"] = formatdate()
        letter["Message-ID"] = make_msgid(domain=self.sender.rpartition("@")[2])
        # Nobody's absence should be answered to a machine (RFC 3834).
        letter["Auto-Submitted"] = "auto-generated"
        if message.unsubscribe:  # one click in the mail program itself (RFC 8058)
            letter["List-Unsubscribe"] = f"<{message.unsubscribe}>"
            letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        letter.set_content(message.body)
        return letter


def mailer_of(setting: str, sender: str, title: str = "") -> Mailer:
    """The mailer that a setting names: ``console``, ``memory``, ``smtp://…`` or ``smtps://…``.

    Raises :class:`FaultyTable`, without repeating the setting: it may hold a password.
    """
    if setting in ("", "console"):
        return ConsoleMailer()
    if setting == "memory":
        return MemoryMailer()
    try:
        address = urlsplit(setting)
        port = address.port
    except ValueError:
        address, port = urlsplit(""), None
    if address.scheme not in ("smtp", "smtps") or not address.hostname:
        raise FaultyTable(
            "CATALOGUE_MAIL: not understood; write console, smtp://user:password@host:587 "
            "or smtps://user:password@host"
        )
    if not sender:
        raise FaultyTable("CATALOGUE_MAIL_FROM: is needed where mails are sent by SMTP")
    encrypted = address.scheme == "smtps"
    return SmtpMailer(
        address.hostname,
        port or (465 if encrypted else 587),
        sender,
        title,
        unquote(address.username or ""),
        unquote(address.password or ""),
        encrypted,
    )

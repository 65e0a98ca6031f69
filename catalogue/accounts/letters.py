"""What our mails say: plain text, short, with a way out for those who did not ask.

Nothing that a stranger typed is repeated to somebody who did not type it: a mail of ours
must not carry others' advertisements.  An enquiry is the exception: who writes it has signed
in, its text stands as a quotation, and its answer goes to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from catalogue.accounts.links import utc
from catalogue.accounts.models import Mail

#: Set on a session that has mails to be sent once it is committed.
POSTED = "posted"


#: The longest subject that is kept.
_LONGEST_SUBJECT = 200
#: What steps with a record are told in a mail: subject, and what happened.
_STEPS: Mapping[str, tuple[str, str]] = {
    "submit": ("Waits for a review", "{by} handed in this description. Read it and decide:"),
    "return": (
        "Changes are asked for",
        "{by} read your description and asks for changes. The comments stand beside the fields:",
    ),
    "publish": ("Published", "{by} published your description. Everybody can find it now:"),
    "withdraw": ("Withdrawn", "{by} withdrew your description. Nobody finds it any longer:"),
    "restore": ("Restored", "{by} restored your description. Everybody can find it again:"),
}
#: The steps that are told.
TOLD_STEPS = tuple(_STEPS)


@dataclass(frozen=True)
class Letter:
    """A mail without its recipient; ``reply_to`` is whose answer it asks for."""

    subject: str
    body: str
    reply_to: str = ""


def post(session: Session, recipient: str, letter: Letter, *, unsubscribe: str = "") -> None:
    """Put a mail into the outbox; it goes out when the session is committed.

    ``unsubscribe`` is the address by which the recipient gets no more of its kind.
    """
    now = utc()
    session.add(
        Mail(
            recipient=recipient,
            reply_to=letter.reply_to,
            subject=letter.subject,
            body=letter.body,
            unsubscribe=unsubscribe,
            created=now,
            due=now,
        )
    )
    session.info[POSTED] = True


@dataclass(frozen=True)
class Letters:
    """The mails of one catalogue, signed with its name."""

    title: str
    address: str

    def confirm(self, link: str) -> Letter:
        """To somebody who wants an account."""
        return self._letter(
            "Confirm your e-mail address",
            f"""
            Somebody asked for an account at {self.title} with this address. If that was you,
            open this link within three days and choose a password:

            {link}

            If it was not you, do nothing. Without the link there will be no account.
            """,
        )

    def already(self) -> Letter:
        """To somebody who has an account and asks for one."""
        return self._letter(
            "You already have an account",
            f"""
            Somebody asked for an account at {self.title} with this address. You have one
            already. Sign in here:

            {self.address}sign-in

            Have you forgotten your password? Ask for a new one here:

            {self.address}forgotten

            If it was not you who asked, do nothing: nothing was changed.
            """,
        )

    def reset(self, link: str) -> Letter:
        """To somebody who has forgotten the password."""
        return self._letter(
            "Choose a new password",
            f"""
            Somebody asked for a new password for your account at {self.title}. If that was
            you, open this link within one hour:

            {link}

            If it was not you, do nothing: your password stays as it is.
            """,
        )

    def password_changed(self, tokens: int) -> Letter:
        """To somebody whose password was changed."""
        kept = (
            f" Tokens for programs still work ({tokens} of them); revoke on your account page those "
            "you do not know."
            if tokens
            else ""
        )
        return self._letter(
            "Your password was changed",
            f"""
            The password of your account at {self.title} was changed just now, and every other
            browser was signed out.{kept}

            If it was not you, ask for a new password at once and tell those who run the
            catalogue:

            {self.address}forgotten
            """,
        )

    def confirm_email(self, link: str) -> Letter:
        """To an address that somebody wants to move to."""
        return self._letter(
            "Confirm your new e-mail address",
            f"""
            Somebody wants to use this address for their account at {self.title}. If that was
            you, open this link within three days, signed in or not:

            {link}

            If it was not you, do nothing: the address will not be used.
            """,
        )

    def email_asked(self) -> Letter:
        """To the address that somebody wants to leave."""
        return self._letter(
            "A new e-mail address was asked for",
            f"""
            Somebody who knows your password asked to move your account at {self.title} to
            another e-mail address. It moves once that address is confirmed.

            If it was not you, change your password now; the change of address is then void:

            {self.address}account/password
            """,
        )

    def email_changed(self) -> Letter:
        """To the address that was left."""
        return self._letter(
            "Your e-mail address was changed",
            f"""
            Your account at {self.title} now uses another e-mail address. This is the last mail
            to this one.

            If it was not you, tell those who run the catalogue.
            """,
        )

    def invitation(self, organisation: str, role: str, link: str) -> Letter:
        """To somebody who is asked to join an organisation."""
        return self._letter(
            f"You are invited to work for {organisation}",
            f"""
            You are invited to join {organisation} at {self.title} as {role}, to describe
            its datasets with others. Open this link within 14 days to accept or decline:

            {link}

            If you do not know {organisation}, do nothing.
            """,
        )

    def deleted(self) -> Letter:
        """To somebody who deleted the account."""
        return self._letter(
            "Your account was deleted",
            f"""
            Your account at {self.title} was deleted as you asked, with your name, your address
            and everything that let you in. What you wrote into descriptions stays, without
            your name.
            """,
        )

    def step(self, step: str, title: str, by: str, why: str, path: str) -> Letter:
        """To those whom a step with a record concerns: reviewers, or those who look after it."""
        subject, said = _STEPS[step]
        title = " ".join(title.split())
        reason = f"\n\n{by} says: {why}" if why else ""
        return self._letter(
            f"{subject}: {title}",
            f"""
            {title}

            {said.format(by=by)}{reason}

            {self.address}{path}
            """,
        )

    def enquiry(
        self,
        by: tuple[str, str],
        purpose: str,
        text: str,
        datasets: Sequence[tuple[str, str]],
        asked: str = "",
    ) -> Letter:
        """To those who look after datasets that somebody (name, address) asks about.

        ``datasets`` are titles with paths; ``asked`` is the path of the question behind it.
        """
        name, email = (" ".join(one.split()) for one in by)
        titles = [" ".join(title.split()) for title, _ in datasets]
        more = f" and {len(titles) - 1} more" if len(titles) > 1 else ""
        listed = "\n".join(
            f"{title}\n{self.address}{path}\n"
            for title, (_, path) in zip(titles, datasets, strict=True)
        )
        question = f"\nThe question behind it:\n{self.address}{asked}\n" if asked else ""
        written = [f"Purpose: {' '.join(purpose.split())}", "", *text.strip().splitlines()]
        quoted = "\n".join(f"> {line}".rstrip() for line in written)
        letter = self._letter(
            f"Enquiry about {titles[0][:120]}{more}",
            f"""
            {name} ({email}) asks about {"data" if len(titles) == 1 else "datasets"} you describe at {self.title}:

            {listed}{question}
            What follows was written by {name}, not by the catalogue:

            {quoted}

            Answer this mail to write to {name}. Nobody else reads your answer.
            """,
        )
        return replace(letter, reply_to=email)

    def reminder(self, titles: Sequence[str], link: str, overdue: int, more: int) -> Letter:
        """To somebody who looks after descriptions that are due for their yearly check."""
        number = len(titles) + more
        what = "1 description is" if number == 1 else f"{number} descriptions are"
        listed = [f"- {' '.join(title.split())[:150]}" for title in titles]
        if more:
            listed.append(f"- and {more} more")
        those = "It is" if number == 1 else f"{overdue} of them {'is' if overdue == 1 else 'are'}"
        late = f" {those} overdue, which everybody sees." if overdue else ""
        these = "\n".join(listed)
        return self._letter(
            f"Still correct? {what} due",
            f"""
            {what} due for the yearly check.{late}

            {these}

            Say with one click each which are still correct, without signing in:

            {link}

            The link is for you alone and works for 45 days, as long as you look after these
            descriptions. Holders of health data check their descriptions at least once a year
            (Regulation (EU) 2025/327, Article 60).
            """,
        )

    def _letter(self, subject: str, text: str) -> Letter:
        return self.written(subject, [line.strip() for line in text.strip().splitlines()])

    def written(self, subject: str, lines: Sequence[str]) -> Letter:
        """A mail of some lines; its subject is one line, cut to a sane length."""
        most = max(_LONGEST_SUBJECT - len(self.title) - 3, 60)
        subject = " ".join(subject.split())
        if len(subject) > most:
            subject = subject[: most - 1].rstrip() + "…"
        body = "\n".join(["Hello,", "", *lines, "", "-- ", self.title, self.address])
        return Letter(f"{subject} – {self.title}"[:_LONGEST_SUBJECT], body + "\n")

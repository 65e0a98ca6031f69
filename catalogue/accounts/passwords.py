"""Passwords: what is asked of them, and how they are kept.

NIST SP 800-63B: length counts, rules of composition do not, and what everybody tries first is
refused.  Kept with Argon2id at the parameters OWASP names for 19 MiB.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from catalogue.errors import Problem

SHORTEST, LONGEST = 12, 200
#: Of the passwords people try first, those long enough to pass; written without case.
_COMMONEST = """
000000000000 111111111111 121212121212 123123123123 123456123456 1234567891011 123456789012
1234567890123 12345678901234 123456789012345 1234567890123456 1234567890qwerty 123456789abc
123456789qwe 123456abcdef 123qweasdzxc 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i
1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc 987654321098 a1b2c3d4e5f6 abc123abc123
abcd12345678 abcdefghijkl abcdefghijklm abcdefghijklmnop abcdefgh1234 adminadmin12
adminadminadmin administrator administrator1 asdfasdfasdf asdfghjkl123 asdfghjklqwe
azertyuiop12 azertyuiop123 basketball12 bienvenue123 changeme1234 changemenow1 chelsea12345
computer1234 contrasena123 correcthorsebatterystaple default12345 dragon123456 estrella1234
football1234 geheim123456 hello1234567 helloworld12 helloworld123 iloveyou1234 iloveyou12345
iloveyouforever internet1234 jesuschrist1 justinbieber letmein12345 letmein123456
letmeinletmein liverpool123 lovelovelove manchesterunited michael12345 mypassword12
mypassword123 motdepasse12 motdepasse123 onetwothreefour pass12345678 passw0rd1234
passwort1234 passwort12345 password0000 password1111 password1234 password12345
password123456 password1234567 password12345678 password123456789 password2024 password2025
password2026 passwordpassword passpasspass princess1234 q1w2e3r4t5y6 q1w2e3r4t5y6u7
qazwsxedc123 qazwsxedcrfv qweasdzxc123 qwerty123456 qwerty12345678 qwertyqwerty
qwertyuiop12 qwertyuiop123 qwertyuiop1234 qwertyuiop1234567890 qwertyuiopas
qwertyuiopasdfghjkl qwertyuiopasdfghjklzxcvbnm secret123456 sunshine1234 superman1234
trustno1trustno1 wachtwoord12 wachtwoord123 welcome12345 welcome123456 welcomewelcome
willkommen12 willkommen123 zaq12wsxcde3 zxcvbnm12345 zxcvbnmasdfghjkl zxcvbnmzxcvbnm
"""
COMMONEST = frozenset(_COMMONEST.split())


class Passwords:
    """Makes and checks hashes.  A hash at older parameters is good, and due to be renewed."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        # For accounts that are not there: checking must take as long as for those that are.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """What to keep of a password."""
        return self._hasher.hash(_normal(password))

    def verify(self, kept: str, password: str) -> bool:
        """Whether a password fits a hash; takes as long where there is none."""
        try:
            self._hasher.verify(kept or self._nobody, _normal(password[: LONGEST + 1]))
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept) and len(password) <= LONGEST

    def is_old(self, kept: str) -> bool:
        """Whether a hash was made with other parameters than those in use."""
        return self._hasher.check_needs_rehash(kept)


def faults(password: str, *personal: str, field: str = "password") -> Iterator[Problem]:
    """What is wrong with a new password; ``personal`` is what it must not be: e-mail, name."""
    plain = _normal(password).casefold().strip()
    if len(password) < SHORTEST:
        said = f"Use at least {SHORTEST} characters. A few words that only you put together do."
    elif len(password) > LONGEST:
        said = f"Use at most {LONGEST} characters."
    elif any(plain == _normal(one).casefold().strip() for one in personal if one):
        said = "Do not use your name or e-mail address as your password."
    elif plain in COMMONEST or _repeats(plain):
        said = "This is among the first passwords others would try. Choose another."
    else:
        return
    yield Problem((field,), said, rule="password")


def _repeats(text: str) -> bool:
    """Whether a text is a piece of at most four characters again and again."""
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, 5))


def _normal(password: str) -> str:
    """The same characters, however the keyboard composed them (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password)

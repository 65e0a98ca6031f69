"""Keys and slugs: the part of an address that stays, and the part people read."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\Z")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # without letters that look like digits
_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d"})
_LONGEST_SLUG = 80
_MOST_NAMESAKES = 20


def new_key() -> str:
    """A key that nobody has: 60 random bits."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(12))


def is_key(value: str) -> bool:
    """Whether a text can be a key: lower case letters, digits and hyphens."""
    return bool(_KEY.match(value))


def fault_of_key(value: str) -> str:
    """What is wrong with a key; empty if nothing is."""
    if is_key(value):
        return ""
    return "may hold 1 to 64 lower case letters, digits and hyphens, no hyphen at either end"


def slug_of(title: str, taken: Callable[[str], bool]) -> str:
    """A readable, unique part of an address from a title."""
    folded = unicodedata.normalize("NFKD", title.lower().translate(_LETTERS))
    ascii_only = folded.encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:_LONGEST_SLUG].strip("-") or "record"
    slug, number = stem, 1
    while taken(slug):
        number += 1
        # Where hundreds have one title, counting up to a free number would take ever longer.
        slug = f"{stem}-{number}" if number < _MOST_NAMESAKES else f"{stem}-{new_key()}"
    return slug

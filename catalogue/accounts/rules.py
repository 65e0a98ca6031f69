"""What is asked of names and addresses."""

from __future__ import annotations

import re
import unicodedata

from catalogue.accounts.models import LONGEST_EMAIL, LONGEST_NAME

#: The rule of HTML for ``input type=email``, and a domain with a dot.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}\Z")


def fault_of_email(email: str) -> str:
    """What is wrong with an e-mail address; empty if nothing is."""
    email = email.strip()
    if not email:
        return "Enter an e-mail address."
    if not email.isascii():
        return "Write the address without accents or special letters, as mail servers do."
    if len(email) > LONGEST_EMAIL or not _EMAIL.match(email):
        return "Enter an e-mail address like name@hospital.org."
    return ""


def fault_of_name(name: str, longest: int = LONGEST_NAME) -> str:
    """What is wrong with a name of a person or an organisation; empty if nothing is.

    Names stand in mails: an address in one would be an advertisement.
    """
    name = name.strip()
    if not name:
        return "Enter a name."
    if len(name) > longest:
        return f"Use at most {longest} characters."
    if "://" in name or any(unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") for one in name):
        return "Use letters, digits and punctuation only, and no web address."
    return ""

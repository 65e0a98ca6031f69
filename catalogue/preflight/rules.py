"""The rules that a portal goes by, in words: what is broken, why it matters, what to do.

``{label}`` is the field, ``{note}`` what the table says of it.  How bad it is to break one is
said where it is found: many are a matter of obligation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule: what is told of who breaks it, and the way out."""

    said: str
    fix: str


RULES: Mapping[str, Rule] = {
    "mandatory": Rule("{label}: missing", "A portal asks for this. {note}"),
    "recommended": Rule("{label}: not stated", "Portals recommend it. {note}"),
    "ehds": Rule("{label}: not stated", "The European Health Data Space asks for it. {note}"),
    "withheld": Rule(
        "{label}: kept back with the holder",
        "A portal sees none. Show the holder, or expect that the portal refuses the description.",
    ),
    "values": Rule(
        "{label}: a value that the profile does not allow",
        "Choose one that the list holds today, or write it in the form that the field asks for.",
    ),
    "not-public": Rule(
        "{label}: names a record that nobody can see",
        "Publish that record, or name another one.",
    ),
    "lacks": Rule(
        "{label}: names a record that does not say enough",
        "Complete the description of what is named there.",
    ),
    "not-here": Rule(
        "{label}: names somebody who is not described here",
        "Describe the organisation in this catalogue: its name goes out with the dataset.",
    ),
    "identifier-twice": Rule(
        "{label}: the same on more than one description",
        "Give each its own identifier. Harvesters take those with the same one for one dataset, "
        "or refuse the second.",
    ),
    "left-out": Rule(
        "A statement cannot be written as RDF",
        "It is left out of every feed. Look for spaces and strange signs in addresses and texts.",
    ),
    "damaged": Rule(
        "The record cannot be read",
        "It is left out of every feed. Restore an earlier revision, or a backup.",
    ),
    "local-address": Rule(
        "{label}: an address that only one's own network can reach",
        "Write the address by which the world reaches it.",
    ),
    "insecure-address": Rule(
        "{label}: an address without encryption",
        "Write it with https: if the server can do that. Some portals follow no other.",
    ),
    "language": Rule(
        "{label}: a text without its language",
        "Say in which language it is written: portals show texts by language.",
    ),
    "no-english": Rule(
        "{label}: not in English",
        "Add it in English: European portals show English beside the original.",
    ),
    "period": Rule("{label}: ends before it begins", "Exchange the two dates, or correct one."),
}
#: Of the whole catalogue, not of a record.
PUBLIC_ADDRESS = Rule(
    "The catalogue is served under {address}, which no portal can reach",
    "Set CATALOGUE_PUBLIC_ADDRESS to the address by which the world reaches the catalogue. Until "
    "then every address in the feed leads nowhere.",
)
INSECURE = Rule(
    "The catalogue is served under {address}, without encryption",
    "Serve it by https, and set CATALOGUE_PUBLIC_ADDRESS so.",
)

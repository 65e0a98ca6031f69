"""The address of a concept that a dictionary names: an IRI, a short one, or a name of ours."""

from __future__ import annotations

import re
from collections.abc import Mapping

from catalogue.outcomes.fingerprint.analyses import CONCEPTS
from catalogue.terms import fault_of_iri
from catalogue.vocabulary import Vocabularies

#: Our own lists that variables are about.
_OWN = ("variable", "outcome", "instrument")
#: Where the codes of some terminologies have their addresses.
_PLACES: Mapping[str, str] = {
    "loinc": "https://loinc.org/",
    "snomed": "http://snomed.info/id/",
    "snomedct": "http://snomed.info/id/",
    "sct": "http://snomed.info/id/",
    "omop": CONCEPTS,
    "hp": "http://purl.obolibrary.org/obo/HP_",
    "hpo": "http://purl.obolibrary.org/obo/HP_",
    "mondo": "http://purl.obolibrary.org/obo/MONDO_",
    "obi": "http://purl.obolibrary.org/obo/OBI_",
    "efo": "http://www.ebi.ac.uk/efo/EFO_",
    "ncit": "http://purl.obolibrary.org/obo/NCIT_",
    "orpha": "http://www.orpha.net/ORDO/Orphanet_",
}
_SHORT = re.compile(r"([A-Za-z]+)(?:[ -]?CT)?(?: code| id)?\s*[:#_ ]\s*([A-Za-z]?[\d.-]+)\Z")


def address_of(said: str, vocabularies: Vocabularies) -> str:
    """The address of a concept; empty if nobody can tell which one is meant."""
    text = said.strip()
    if re.match(r"https?://", text, re.I):
        return "" if fault_of_iri(text) else text
    if (short := _SHORT.match(text)) and (place := _PLACES.get(short[1].casefold())):
        return place + short[2]
    for name in _OWN:
        vocabulary = vocabularies[name]
        found = vocabulary.by_code.get(text) or vocabulary.by_label.get(text.casefold())
        if found is not None and not found.deprecated:
            return found.iri
    return ""

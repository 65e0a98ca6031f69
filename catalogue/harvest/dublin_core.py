"""Dublin Core, as OAI-PMH gives it (``oai_dc``), as a description of a dataset."""

from __future__ import annotations

import re
from typing import Any

from catalogue.harvest.reading import Remote
from catalogue.harvest.telling import Telling, broken, concept_of, language_of
from catalogue.harvest.xml import text_of
from catalogue.profile import Profile
from catalogue.terms import fault_of_iri, iri

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|info:doi/|doi:\s*)?(10\.\d{4,9}/\S+)\Z", re.I)
#: What repositories hold besides data, by the words of DCMI, DataCite and eu-repo.
_NO_DATA = {
    "article",
    "bachelorthesis",
    "book",
    "bookpart",
    "conferenceobject",
    "doctoralthesis",
    "event",
    "image",
    "journalarticle",
    "lecture",
    "masterthesis",
    "movingimage",
    "patent",
    "physicalobject",
    "preprint",
    "publication",
    "report",
    "review",
    "software",
    "sound",
    "stillimage",
    "text",
    "thesis",
    "workingpaper",
}

Said = tuple[str, str]


def telling_of(profile: Profile, id: str, metadata: Any, address: str) -> Telling | Remote:
    """What a record says; ``address`` is where it can be had alone."""
    said: dict[str, list[Said]] = {}
    for element in metadata.iter():
        text = text_of(element) if len(element) == 0 else ""
        if text:
            name = str(element.tag).rpartition("}")[2]
            language = language_of(profile.vocabularies, element.get(_LANGUAGE) or "")
            said.setdefault(name, []).append((text, language))
    title = said.get("title", [("", "")])[0][0]
    types = [text for text, _ in said.get("type", [])]
    if types and all(_plain(one) in _NO_DATA for one in types):
        return broken(id, "dataset", f"It is no dataset but “{types[0][:60]}”.", title=title[:500])
    dois = list(
        dict.fromkeys(doi for text, _ in said.get("identifier", []) if (doi := doi_of(text)))
    )
    node = dois[0] if len(dois) == 1 else id if not fault_of_iri(id) else address
    telling = Telling(profile, profile.records["dataset"], iri(node))
    _say_words(telling, said)
    _say_subjects(telling, said, types)
    _say_places(telling, said, dois)
    return telling


def doi_of(text: str) -> str:
    """The address of a DOI however it is written; empty if it is none."""
    match = _DOI.match(text.strip())
    address = f"https://doi.org/{match[1].lower()}" if match else ""
    return "" if fault_of_iri(address) else address


def _say_words(telling: Telling, said: dict[str, list[Said]]) -> None:
    titles = said.get("title", [])
    named: set[str] = set()
    for text, language in titles:
        telling.say("alternative" if language in named else "title", text, language)
        named.add(language)
    by_language: dict[str, list[str]] = {}
    for text, language in said.get("description", []):
        by_language.setdefault(language, []).append(text)
    for language, texts in by_language.items():
        telling.say("description", "\n\n".join(texts), language)
    for text, language in said.get("creator", []):
        telling.say("creator", {"name": text}, language)
    for text, language in said.get("publisher", [])[:1]:
        telling.say("publisher", {"name": text}, language)
    for name, property_ in (("date", "issued"), ("language", "language")):
        for text, _ in said.get(name, [])[: 1 if name == "date" else None]:
            telling.say(property_, text)


def _say_subjects(telling: Telling, said: dict[str, list[Said]], types: list[str]) -> None:
    vocabularies = telling.profile.vocabularies
    for text, language in said.get("subject", []):
        theme = concept_of(vocabularies, "data-theme", text)
        if theme and vocabularies["data-theme"].accepts(theme):
            telling.say("theme", theme)
        elif not text.startswith(("http://", "https://")):
            telling.say("keyword", text, language)
    for one in types:
        if (kind := concept_of(vocabularies, "dataset-type", one)) and vocabularies[
            "dataset-type"
        ].accepts(kind):
            telling.say("dataset_type", kind)
    for text, _ in said.get("coverage", []):
        place = concept_of(vocabularies, "country", text)
        if place and vocabularies["country"].accepts(place):
            telling.say("spatial", place)


def _say_places(telling: Telling, said: dict[str, list[Said]], dois: list[str]) -> None:
    vocabularies = telling.profile.vocabularies
    identifiers = [text for text, _ in said.get("identifier", [])]
    telling.say("identifier", [*dois, *(one for one in identifiers if not doi_of(one))])
    pages = [one for one in identifiers if _is_page(one) and not doi_of(one)] or dois
    telling.say("landing_page", pages[:1])
    for text, _ in [*said.get("relation", []), *said.get("source", [])]:
        if _is_page(text):
            telling.say("relation", text)
    rights = []
    for text, language in said.get("rights", []):
        access = concept_of(vocabularies, "access-right", text)
        if access and vocabularies["access-right"].accepts(access):
            if not telling.has("access_rights"):
                telling.say("access_rights", access)
        else:
            rights.append((text, language))
    if rights and pages and "distribution" in telling.shape.properties:
        distribution = telling.part("distribution")
        distribution.say("access_url", pages[0])
        for text, language in rights:
            licence = "creativecommons.org/" in text and _is_page(text)
            if licence and not distribution.has("licence"):
                distribution.say("licence", text)
            else:
                distribution.say("rights", text, language)


def _is_page(text: str) -> bool:
    return text.startswith(("http://", "https://")) and not fault_of_iri(text)


def _plain(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower().rpartition("/")[2])

"""What a DOI says of itself, as the beginning of a description.

Registration agencies answer with CSL-JSON (Citation Style Language, input data schema 1.0) when
they are asked for it: https://www.crosscite.org/docs.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import nh3

from catalogue.errors import BadRequest
from catalogue.profile import Document

MEDIA_TYPE = "application/vnd.citationstyles.csl+json"
_DOI = re.compile(r"10\.\d{4,9}/\S{1,300}")
_LONGEST = 20_000


def doi_in(text: str) -> str:
    """The DOI in what somebody typed or pasted; raises :class:`BadRequest`."""
    if (found := _DOI.search(text.strip())) is None:
        raise BadRequest(
            f"There is no DOI in “{text[:80]}”; it looks like 10.1093/ije/dyac068 "
            "or https://doi.org/10.1093/ije/dyac068."
        )
    return found[0].rstrip(".,;)>\"'")


def document_of(doi: str, content: bytes) -> Document:
    """The answers that a citation gives; raises :class:`BadRequest` if it is none.

    Of an article it is said that it tells of the data; of a dataset that this is its identifier.
    """
    try:
        said = json.loads(content)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, Mapping):
        raise BadRequest(f"What is said of {doi} cannot be read as a citation.")
    return dict(_answers(doi, said))


def _answers(doi: str, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    language = str(said.get("language") or "en")[:2].lower()
    language = language if re.fullmatch(r"[a-z]{2}", language) else "en"
    if title := _text(said.get("title")):
        yield "title", {language: title}
    if abstract := _text(said.get("abstract")):
        yield "description", {language: abstract}
    words = said.get("categories") or said.get("keyword") or ()
    words = words.split(",") if isinstance(words, str) else words
    if isinstance(words, list) and (known := [w for one in words[:40] if (w := _text(one))]):
        yield "keyword", {language: list(dict.fromkeys(known))}
    address = f"https://doi.org/{doi}"
    if said.get("type") == "dataset":
        yield "identifier", [doi]
        yield "landing_page", [address]
        if issued := _date(said.get("issued")):
            yield "issued", issued
    else:
        yield "is_referenced_by", [address]


def _text(value: Any) -> str:
    """A text without its markup: abstracts come with that of journals."""
    value = value[0] if isinstance(value, list) and value else value
    if not isinstance(value, str):
        return ""
    # What JSON writes as half a character is none.
    value = value[:_LONGEST].encode("utf-8", "replace").decode()
    return " ".join(nh3.clean(value, tags=set()).replace("&amp;", "&").split())


def _date(value: Any) -> str:
    try:
        parts = [int(one) for one in value["date-parts"][0][:3]]
        return f"{parts[0]:04d}" + "".join(f"-{one:02d}" for one in parts[1:])
    except (LookupError, TypeError, ValueError, OverflowError):
        return ""

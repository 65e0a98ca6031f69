"""Metadata in ISO 19139 (ISO 19115) as descriptions of datasets, series and services.

Elements are found by their local names, for GML and SRV come under several namespaces.
What has a ``gco:nilReason`` says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalogue.harvest.dublin_core import doi_of
from catalogue.harvest.geojson import box
from catalogue.harvest.reading import Remote
from catalogue.harvest.telling import Telling, broken, concept_of, date_of, language_of
from catalogue.harvest.xml import text_of
from catalogue.profile import Profile
from catalogue.profile.dates import fault_of_date
from catalogue.terms import fault_of_iri, iri

_HREF = "{http://www.w3.org/1999/xlink}href"
_NIL = "nilReason"
_KINDS = {
    "": "dataset",
    "dataset": "dataset",
    "nonGeographicDataset": "dataset",
    "series": "series",
    "service": "service",
}
#: Our property by the role of a party; others are attributions with that role.
_ROLES = {
    "publisher": "publisher",
    "custodian": "custodian",
    "author": "creator",
    "originator": "creator",
}
#: Our property by the type of a date.
_DATES = (("publication", "issued"), ("creation", "issued"), ("revision", "modified"))
_NO_LIMITS = "/LimitationsOnPublicAccess/noLimitations"

Said = tuple[str, str]


def local(element: Any) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def below(element: Any, path: str) -> Iterator[Any]:
    """The elements at a path of local names; ``*`` is any."""
    head, _, rest = path.partition("/")
    for child in element:
        if head in ("*", local(child)) and not _is_nil(child):
            if rest:
                yield from below(child, rest)
            else:
                yield child


class Metadata:
    """One record."""

    def __init__(self, profile: Profile, root: Any) -> None:
        self.profile = profile
        self.root = root
        self.id = self._first(root, "fileIdentifier")[:2000]
        languages = [self._code(one) for one in below(root, "language")]
        self.language = language_of(profile.vocabularies, languages[0]) if languages else ""
        self.locales = dict(self._locales())
        #: Of data or of a service: MD_DataIdentification or SV_ServiceIdentification.
        self.about = next(below(root, "identificationInfo/*"), None)

    def telling(self, address: str) -> Telling | Remote:
        """What the record says; ``address`` is where it can be had alone."""
        level = next((self._code(one) for one in below(self.root, "hierarchyLevel")), "")
        if self.about is None:
            return broken(self.id, "dataset", "It says nothing of what it describes.", address)
        title = self._first(self.about, "citation/*/title")
        if level not in _KINDS:
            words = f"It is no dataset, series or service but “{level[:60]}”."
            return broken(self.id, "dataset", words, address, title[:500])
        kind = "service" if local(self.about).endswith("ServiceIdentification") else _KINDS[level]
        codes = list(self._resource_codes())
        named = [one for one in codes if one.startswith("http") and not fault_of_iri(one)]
        telling = Telling(
            self.profile, self.profile.records[kind], iri(named[0] if len(named) == 1 else address)
        )
        telling.say("identifier", codes or self.id)
        self._say_words(telling)
        self._say_dates(telling)
        self._say_parties(telling)
        self._say_coverage(telling)
        self._say_access(telling)
        return telling

    # the walks ---------------------------------------------------------------------------

    def _say_words(self, telling: Telling) -> None:
        about = self.about
        for path, name in (
            ("citation/*/title", "title"),
            ("citation/*/alternateTitle", "alternative"),
            ("abstract", "description"),
            ("citation/*/edition", "version"),
        ):
            for element in below(about, path):
                for text, language in self._texts(element):
                    telling.say(name, text, language)
        vocabularies = self.profile.vocabularies
        for element in below(about, "descriptiveKeywords/MD_Keywords/keyword"):
            for text, language in self._texts(element):
                telling.say("keyword", text, language)
        for element in below(about, "topicCategory"):
            if text_of(element) == "health":
                telling.say("theme", concept_of(vocabularies, "data-theme", "HEAL"))
        for element in below(about, "language"):
            telling.say("language", self._code(element))
        for element in below(about, "resourceMaintenance/*/maintenanceAndUpdateFrequency"):
            telling.say("frequency", self._code(element))
        for element in below(self.root, "dataQualityInfo/*/lineage/LI_Lineage/statement"):
            for text, language in self._texts(element):
                telling.say("provenance", {"label": text}, language)

    def _say_dates(self, telling: Telling) -> None:
        found: dict[str, list[str]] = {}
        for element in below(self.about, "citation/*/date/CI_Date"):
            kind = next((self._code(one) for one in below(element, "dateType")), "")
            for date in below(element, "date"):
                if text := text_of(date):
                    found.setdefault(kind, []).append(date_of(text))
        for kind, name in _DATES:
            dates = sorted(found.get(kind, []))
            if dates and not telling.has(name):
                telling.say(name, dates[-1] if kind == "revision" else dates[0])

    def _say_parties(self, telling: Telling) -> None:
        parties = [*below(self.about, "pointOfContact/*")]
        parties += below(self.about, "citation/*/citedResponsibleParty/*")
        for party in parties:
            role = next((self._code(one) for one in below(party, "role")), "")
            self._say_party(telling, party, role)
        if not telling.has("contact_point"):
            for party in below(self.root, "contact/*"):
                self._say_party(telling, party, "pointOfContact")

    def _say_party(self, telling: Telling, party: Any, role: str) -> None:
        organisation = self._first(party, "organisationName")
        person = self._first(party, "individualName")
        page = self._first(party, "contactInfo/*/onlineResource/*/linkage")
        page = page if page.startswith("http") and not fault_of_iri(page) else ""
        email = self._first(party, "contactInfo/*/address/*/electronicMailAddress")
        telephone = self._first(party, "contactInfo/*/phone/*/voice")
        href = next((one.get(_HREF, "") for one in below(party, "organisationName/Anchor")), "")
        name = organisation or person
        agent = {
            "iri": href,
            "name": name,
            "homepage": page,
            "contact_details": {"contact_email": email, "contact_page": "" if email else page},
        }
        if role == "pointOfContact":
            told = {"contact_name": name, "email": email, "url": page, "telephone": telephone}
            telling.say("contact_point", {key: each for key, each in told.items() if each})
        elif not name and not href:
            return
        elif (property_ := _ROLES.get(role)) and not (
            property_ != "creator" and telling.has(property_)
        ):
            one = telling.shape.properties.get(property_)
            if one is not None:
                telling.agent(property_, agent, self.language)
        elif role and concept_of(self.profile.vocabularies, "attribution-role", role):
            telling.say("qualified_attribution", {"agent": agent, "had_role": role}, self.language)

    def _say_coverage(self, telling: Telling) -> None:
        vocabularies = self.profile.vocabularies
        for extent in below(self.about, "extent/EX_Extent"):
            for element in below(extent, "geographicElement/EX_GeographicBoundingBox"):
                self._say_box(telling, element)
            for element in below(extent, "geographicElement/*/geographicIdentifier/*/code"):
                for text in (self._anchor(element), text_of(element)):
                    place = concept_of(vocabularies, "country", text) if text else ""
                    if place and vocabularies["country"].accepts(place):
                        telling.say("spatial", place)
            for element in below(extent, "temporalElement/*/extent/*"):
                self._say_period(telling, element)
        for element in below(self.about, "spatialResolution/*/distance/*"):
            if (element.get("uom") or "").rpartition("#")[2] in ("m", "metre", "meter", "metres"):
                telling.say("spatial_resolution", text_of(element))

    def _say_box(self, telling: Telling, element: Any) -> None:
        sides = [
            self._first(element, side)
            for side in (
                "westBoundLongitude",
                "southBoundLatitude",
                "eastBoundLongitude",
                "northBoundLatitude",
            )
        ]
        try:
            west, south, east, north = (float(side.replace(",", ".")) for side in sides)
        except ValueError:
            telling.warn("location", f"the box {', '.join(sides)} is not four numbers")
            return
        telling.say("location", {"bbox": box(west, south, east, north)})

    def _say_period(self, telling: Telling, element: Any) -> None:
        if local(element) == "TimeInstant":
            start = end = next((text_of(one) for one in below(element, "timePosition")), "")
        else:
            start, end = (
                next(
                    (
                        text_of(one)
                        for path in (f"{side}Position", f"{side}/TimeInstant/timePosition")
                        for one in below(element, path)
                    ),
                    "",
                )
                for side in ("begin", "end")
            )
        said = {"start_date": start, "end_date": end}
        sound = {key: each for key, each in said.items() if not fault_of_date(date_of(each))}
        for each in said.values():
            if each and fault_of_date(date_of(each)) and each.lower() not in ("now", "unknown"):
                telling.warn("temporal", f"“{each[:60]}” {fault_of_date(date_of(each))}")
        if sound:
            telling.say("temporal", sound)

    def _say_access(self, telling: Telling) -> None:
        conditions = list(self._conditions(telling))
        offered = False
        for element in below(self.root, "distributionInfo/*/transferOptions/*/onLine/*"):
            offered |= self._say_place(telling, element, conditions)
        if not offered and conditions:
            for text, language in conditions:
                telling.say("access_conditions", text, language)
        for element in below(self.about, "containsOperations/*/connectPoint/*/linkage"):
            telling.say("endpoint_url", text_of(element) or None)
        for element in below(self.about, "operatesOn"):
            telling.say("serves_dataset", element.get(_HREF))

    def _say_place(self, telling: Telling, element: Any, conditions: list[Said]) -> bool:
        address = self._first(element, "linkage")
        if not address:
            return False
        function = next((self._code(one) for one in below(element, "function")), "")
        if function == "information" and "documentation" in telling.shape.properties:
            telling.say("documentation", address)
            return False
        if "distribution" not in telling.shape.properties:
            return False
        if fault := fault_of_iri(address):
            telling.warn("distribution", f"“{address[:100]}” {fault}")
            return False
        distribution = telling.part("distribution")
        distribution.say("access_url", address)
        if function == "download":
            distribution.say("download_url", address)
        for path, name in (("name", "title"), ("description", "description")):
            for one in below(element, path):
                for text, language in self._texts(one):
                    distribution.say(name, text, language)
        formats = list(below(self.root, "distributionInfo/*/distributionFormat/*/name"))
        if len(formats) == 1:
            distribution.say("format", text_of(formats[0]) or None)
        for text, language in conditions:
            distribution.say("rights", {"label": text}, language)
        return True

    def _conditions(self, telling: Telling) -> Iterator[Said]:
        """The constraints in words; those that are a level of access are said as such."""
        vocabularies = self.profile.vocabularies
        seen: set[Said] = set()
        for path in (
            "resourceConstraints/*/useLimitation",
            "resourceConstraints/*/otherConstraints",
        ):
            for element in below(self.about, path):
                anchor = self._anchor(element)
                access = concept_of(vocabularies, "access-right", anchor or text_of(element))
                if anchor.endswith(_NO_LIMITS):
                    access = concept_of(vocabularies, "access-right", "PUBLIC")
                if access and vocabularies["access-right"].accepts(access):
                    if not telling.has("access_rights"):
                        telling.say("access_rights", access)
                    continue
                for said in self._texts(element):
                    if said not in seen:
                        seen.add(said)
                        yield said

    # values ------------------------------------------------------------------------------

    def _resource_codes(self) -> Iterator[str]:
        """The identifiers of the resource: with their code space where that makes an address."""
        for element in below(self.about, "citation/*/identifier/*"):
            space = self._first(element, "codeSpace")
            for code in below(element, "code"):
                text = self._anchor(code) or text_of(code)
                if space.startswith("http") and text and not text.startswith("http"):
                    text = space + ("" if space.endswith(("/", "#")) else "/") + text
                if text:
                    yield doi_of(text) or text

    def _first(self, element: Any, path: str) -> str:
        for found in below(element, path):
            own = next((text_of(one) for one in found if local(one) != "PT_FreeText"), "")
            if text := own or (text_of(found) if len(found) == 0 else ""):
                return text
        return ""

    def _texts(self, element: Any) -> Iterator[Said]:
        """The texts of an element with their languages."""
        for child in element:
            if local(child) == "PT_FreeText":
                for one in below(child, "textGroup/LocalisedCharacterString"):
                    locale = (one.get("locale") or "").removeprefix("#")
                    language = self.locales.get(locale, "")
                    if (text := text_of(one)) and language != self.language:
                        yield text, language
            elif text := text_of(child):
                yield text, self.language

    def _anchor(self, element: Any) -> str:
        return next((one.get(_HREF, "").strip() for one in element if local(one) == "Anchor"), "")

    def _code(self, element: Any) -> str:
        """The code of a code list, or the text."""
        for one in element:
            if value := one.get("codeListValue"):
                return str(value).strip()
        return text_of(element)

    def _locales(self) -> Iterator[tuple[str, str]]:
        for locale in below(self.root, "locale/PT_Locale"):
            for element in below(locale, "languageCode"):
                code = self._code(element)
                yield locale.get("id", ""), language_of(self.profile.vocabularies, code)


def _is_nil(element: Any) -> bool:
    return any(str(name).rpartition("}")[2] == _NIL for name in element.attrib)

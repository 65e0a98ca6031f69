"""The forms of fingerprints: of one dataset, of the network, and of what an upload would keep."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from catalogue.api.forms import addresses, by_name, form, many, number, part, text, yes_no


def _count(said: str) -> fields.Integer:
    return number(said, allow_none=True)


_FEW = "rounded up to the next hundred; null if fewer than `few`"
_SUMMED = "the sum of numbers that are rounded up; null if of fewer than three databases"
_BAND: dict[str, Any] = {
    "from": number("The youngest age of the band."),
    "to": number("The oldest; null if the band has no end.", allow_none=True),
}
_SEX = "`female`, `male` or `other`; empty if sexes are not told apart."
_DATABASES = "Of how many databases it is the sum."


def _forms(name: str, told: str, **more: Any) -> dict[str, type[Schema]]:
    """The parts of a fingerprint, alone or summed."""
    persons = f"People, {told}."
    return {
        "sexes": form(
            f"{name}Sex", "People of one sex.", sex=text(_SEX), persons=_count(persons), **more
        ),
        "ages": form(
            f"{name}Age",
            "People of one sex and age.",
            sex=text(_SEX),
            persons=_count(persons),
            **_BAND,
            **more,
        ),
        "years": form(
            f"{name}Year",
            "People observed throughout one year.",
            year=number("The year."),
            persons=_count(persons),
            **more,
        ),
        "concepts": form(
            f"{name}Concept",
            "A concept that many people have.",
            domain=text("The domain."),
            concept=number("Its number in the standard vocabularies."),
            name=text("Its name as the file gave it; not checked."),
            persons=_count(persons),
            records=_count(f"Records, {told}."),
            **more,
        ),
    }


_ONE = _forms("Fingerprint", _FEW)
_SUM = _forms("Network", _SUMMED, databases=_count(_DATABASES))
Domain = form(
    "FingerprintDomain",
    "What there is of one domain.",
    domain=text("The domain, such as `condition`."),
    persons=_count(f"People with a record, {_FEW}, or not stated."),
    persons_known=yes_no("Whether the file says how many people."),
    records=_count(f"Records, {_FEW}, or not stated."),
    records_known=yes_no("Whether the file says how many records."),
    concepts=number("How many concepts have the minimum at least."),
)
NetworkDomain = form(
    "NetworkDomain",
    "What there is of one domain.",
    domain=text("The domain."),
    persons=_count(f"People, {_SUMMED}."),
    records=_count(f"Records, {_SUMMED}."),
    databases=_count(_DATABASES),
)
Share = form(
    "FingerprintShare",
    "What share of the people is observed so long.",
    years=number("At least so many years."),
    percent=number("The share, in steps of 5."),
)


def _percentiles(said: str) -> fields.Dict:
    return by_name(fields.Float(), f"{said}: p10, p25, median, p75, p90; empty if not told.")


_MEMBERS: dict[str, Any] = {
    "minimum": number("The least count that is told."),
    "few": number("What is null is fewer than this; what is a sum of such numbers is null too."),
    "persons": number("People, rounded up to the next hundred."),
    "age_basis": text(
        "`first-observation`, `year-of-release`, or empty if there are no ages.",
    ),
    "sexes": many(_ONE["sexes"], "People by sex."),
    "ages": many(_ONE["ages"], "People by sex and age."),
    "age": _percentiles("Ages at first observation"),
    "observation_years": _percentiles("Years that people are observed"),
    "observed": many(Share, "What share of the people is observed how long."),
    "years": many(_ONE["years"], "People by calendar year."),
    "domains": many(Domain, "What there is by domain."),
    "concepts": many(_ONE["concepts"], "The commonest concepts of each domain."),
    "mapping_coverage": number(
        "The share of records with a standard concept, in percent; null if not stated.",
        allow_none=True,
    ),
    "cdm_version": text("The version of the common data model; empty if not stated."),
    "vocabulary_version": text("The version of the vocabularies; empty if not stated."),
    "cdm_release_date": text("When the mapped data were built; empty if not stated."),
    "source_release_date": text("When the source was taken; empty if not stated."),
}
Fingerprint = form(
    "Fingerprint",
    "What an OMOP dataset holds, in rounded numbers that tell of nobody.",
    dataset=text("The lasting name of the dataset."),
    released=text("When its holder released it."),
    links=addresses,
    **_MEMBERS,
)
FingerprintNumbers = form(
    "FingerprintNumbers",
    "A fingerprint as it is kept.",
    **_MEMBERS,
)
FingerprintUpload = form(
    "FingerprintUpload",
    "What was read of a file.",
    stored=yes_no("Whether it is kept as a draft now."),
    rows=number("How many rows a fingerprint is made of."),
    unknown=many(fields.Integer(), "The analyses that are not known here; they were left out."),
    notes=many(fields.String(), "What else was left out, and why."),
    fingerprint=part(FingerprintNumbers, "What is kept, or would be."),
)
FingerprintState = form(
    "FingerprintState",
    "How the fingerprint of a dataset stands.",
    released=text("When it was released last; null if never.", allow_none=True),
    shown=yes_no("Whether the world sees it while the dataset is published."),
    draft=yes_no("Whether another one waits for its release."),
)
Network = form(
    "Network",
    "The sums over all fingerprints. One person may be in several databases.",
    Schema,
    ("persons", "age_basis", "sexes", "ages", "years", "domains", "concepts"),
    databases=number("How many databases have a fingerprint; of fewer than three only that."),
    persons=number("People, the sum of numbers that are rounded up."),
    age_basis=text("`first-observation`, or empty if there are no ages."),
    sexes=many(_SUM["sexes"], "People by sex."),
    ages=many(_SUM["ages"], "People by sex and age."),
    years=many(_SUM["years"], "People by calendar year."),
    domains=many(NetworkDomain, "What there is by domain."),
    concepts=many(_SUM["concepts"], "The concepts that are among the commonest of most databases."),
    links=addresses,
)
ANSWERS: tuple[type[Schema], ...] = (
    Fingerprint,
    FingerprintUpload,
    FingerprintState,
    Network,
)

"""The sums over all fingerprints that the world sees, kept by a follower so that nobody adds up.

A record that is withdrawn leaves the sums with the change that withdrew it; a release and what
takes one back are changes too.  A number of fewer than three datasets is
not told: it would be that of one, to whoever knows the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from catalogue.outcomes.fingerprint.analyses import DOMAINS
from catalogue.outcomes.fingerprint.making import AT_FIRST, MOST_CONCEPTS, Fingerprint
from catalogue.outcomes.fingerprint.models import Kept, Share, Sum
from catalogue.outcomes.fingerprint.raw import BANDS, FEMALE, MALE, OTHER, end_of
from catalogue.records.damage import spared
from catalogue.records.models import PUBLISHED, Record
from catalogue.records.visibility import RESTRICTED

#: A sum of fewer datasets is not told.
LEAST_DATABASES = 3
_PERSONS = "number_of_unique_individuals"
_AT_ONCE = 400
_OF_CONCEPTS = ("concept", "concept-records")
_Key = tuple[str, str]


def is_shown(record: Record, kept: Kept | None) -> bool:
    """Whether the world sees the released fingerprint of a record.

    Not where the record keeps the number of its people from the world.
    """
    if kept is None or not kept.shown or kept.released is None or record.state != PUBLISHED:
        return False
    if not isinstance(record.document, dict):
        return False
    return all(one.get("field") != _PERSONS for one in record.document.get(RESTRICTED) or ())


class NetworkFollower:
    """The ``network`` follower: what each dataset adds to the sums, and the sums."""

    name = "network"
    version = "1"
    applied = None

    def beside(self) -> None:
        """The tables are built anew in place, in one transaction a batch."""

    def clear(self, session: Session) -> None:
        """Forget every sum; the fingerprints themselves stand in another table."""
        session.execute(delete(Share))
        session.execute(delete(Sum))

    def apply(self, session: Session, records: Sequence[Record], position: int) -> None:
        """Count these records anew; what a record that was erased had is forgotten."""
        erased = [one.id for one in records if one.document is None and one.draft is None]
        if erased:
            session.execute(delete(Kept).where(Kept.record_id.in_(erased)))
        count(session, [one for one in records if one.kind == "dataset"])


def count(session: Session, records: Sequence[Record]) -> None:
    """Let the sums say what these records add to them now."""
    numbers = [one.id for one in records]
    kept = {
        one.record_id: one
        for one in session.scalars(select(Kept).where(Kept.record_id.in_(numbers)))
    }
    before = session.scalars(select(Share).where(Share.record_id.in_(numbers))).all()
    now: list[dict[str, Any]] = []
    for record in records:
        one = kept.get(record.id)
        if one is not None and spared(record, partial(is_shown, record, one)):
            now += spared(record, partial(_rows, record.id, one.released or {})) or ()
    if not before and not now:
        return
    changed: dict[_Key, list[int]] = defaultdict(lambda: [0, 0])
    names: dict[_Key, str] = {}
    for share in before:
        change = changed[share.part, share.key]
        change[0], change[1] = change[0] - 1, change[1] - share.number
    for row in now:
        change = changed[row["part"], row["key"]]
        change[0], change[1] = change[0] + 1, change[1] + row["number"]
        names[row["part"], row["key"]] = row["name"]
    session.execute(delete(Share).where(Share.record_id.in_(numbers)))
    if now:
        session.execute(insert(Share), now)
    _write(session, changed, names)


def _write(
    session: Session, changed: Mapping[_Key, Sequence[int]], names: Mapping[_Key, str]
) -> None:
    there = set(_there(session, changed))
    new = []
    for (part, key), (databases, number) in changed.items():
        if (part, key) not in there:
            name = names.get((part, key), "")
            row = {"part": part, "key": key, "name": name}
            new.append({**row, "number": number, "databases": databases})
        elif databases or number:
            session.execute(
                update(Sum)
                .where(Sum.part == part, Sum.key == key)
                .values(databases=Sum.databases + databases, number=Sum.number + number)
                .execution_options(synchronize_session=False)
            )
    if new:
        session.execute(insert(Sum), new)
    session.execute(delete(Sum).where(Sum.databases <= 0))


def _there(session: Session, keys: Iterable[_Key]) -> Iterator[_Key]:
    """Which of some sums there are."""
    parts: dict[str, list[str]] = defaultdict(list)
    for part, key in keys:
        parts[part].append(key)
    for part, some in parts.items():
        for begin in range(0, len(some), _AT_ONCE):
            chunk = some[begin : begin + _AT_ONCE]
            for found in session.scalars(
                select(Sum.key).where(Sum.part == part, Sum.key.in_(chunk))
            ):
                yield part, found


def _rows(record: int, fingerprint: Fingerprint) -> list[dict[str, Any]]:
    """What a fingerprint adds; what is few adds nothing and is not counted.

    People and records are sums of their own: a dataset may tell one of them only.
    """
    found: list[dict[str, Any]] = []

    def add(part: str, key: str, number: int | None, name: str = "") -> None:
        if number is not None:
            row = {"record_id": record, "part": part, "key": key, "name": name}
            found.append({**row, "number": number})

    add("persons", "", fingerprint["persons"])
    for one in fingerprint["sexes"]:
        add("sex", one["sex"], one["persons"])
    for one in fingerprint["ages"]:
        # Another kind of age cannot be added.
        if fingerprint["age_basis"] == AT_FIRST and one["sex"]:
            add("age", f"{one['from']} {one['sex']}", one["persons"])
    for one in fingerprint["years"]:
        add("year", str(one["year"]), one["persons"])
    for one in fingerprint["domains"]:
        add("domain", one["domain"], one["persons"])
        add("domain-records", one["domain"], one["records"])
    for one in fingerprint["concepts"]:
        key = f"{one['domain']} {one['concept']}"
        add("concept", key, one["persons"], one["name"])
        add("concept-records", key, one["records"], one["name"])
    return found


# reading ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Network:
    """The sums that may be told, in the form of one fingerprint, with the number of datasets.

    ``databases`` is how many there are in all, told also where they are too few for any sum.
    """

    databases: int
    fingerprint: Fingerprint = field(default_factory=dict)


def network(session: Session, most: int = MOST_CONCEPTS) -> Network:
    """The sums over all fingerprints that the world sees."""
    people = session.get(Sum, ("persons", ""))
    databases = people.databases if people else 0
    if people is None or databases < LEAST_DATABASES:
        return Network(databases)
    sums = {
        (one.part, one.key): one
        for one in session.scalars(
            select(Sum).where(Sum.part.not_in(_OF_CONCEPTS), Sum.databases >= LEAST_DATABASES)
        )
    }
    concepts = [one for domain in DOMAINS for one in _concepts(session, domain, most)]
    return Network(databases, {**_summed(sums), "concepts": concepts})


def _concepts(session: Session, domain: str, most: int) -> list[dict[str, Any]]:
    """The concepts of a domain that most datasets have among their commonest."""
    found: dict[str, dict[str, Sum]] = defaultdict(dict)
    for part in _OF_CONCEPTS:
        for one in session.scalars(
            select(Sum)
            .where(
                Sum.part == part,
                Sum.databases >= LEAST_DATABASES,
                Sum.key.startswith(f"{domain} ", autoescape=True),
            )
            .order_by(Sum.databases.desc(), Sum.number.desc(), Sum.key)
            .limit(most)
        ):
            found[one.key][part] = one
    told: list[dict[str, Any]] = [
        {
            "domain": domain,
            "concept": int(key.partition(" ")[2]),
            "name": max(one.name for one in sums.values()),
            "persons": sums["concept"].number if "concept" in sums else None,
            "records": sums["concept-records"].number if "concept-records" in sums else None,
            "databases": max(one.databases for one in sums.values()),
        }
        for key, sums in found.items()
    ]
    told.sort(
        key=lambda one: (
            -one["databases"],
            -(one["persons"] or 0),
            -(one["records"] or 0),
            one["concept"],
        )
    )
    return told[:most]


def _summed(sums: Mapping[_Key, Sum]) -> Fingerprint:
    def told(part: str, key: str) -> dict[str, int | None]:
        one = sums.get((part, key))
        return {
            "persons": one.number if one else None,
            "databases": one.databases if one else None,
        }

    parts = {part for part, _ in sums}
    years = sorted(int(key) for part, key in sums if part == "year")
    other = any(part in ("age", "sex") and key.endswith(OTHER) for part, key in sums)
    sexes = (FEMALE, MALE, OTHER) if other else (FEMALE, MALE)
    return {
        "persons": sums["persons", ""].number,
        "age_basis": AT_FIRST if "age" in parts else "",
        "sexes": [{"sex": sex, **told("sex", sex)} for sex in (sexes if "sex" in parts else ())],
        "ages": [
            {
                "from": band,
                "to": end_of(band),
                "sex": sex,
                **told("age", f"{band} {sex}"),
            }
            for band in (BANDS if "age" in parts else ())
            for sex in sexes
        ],
        "years": [
            {"year": year, **told("year", str(year))}
            for year in (range(years[0], years[-1] + 1) if years else ())
        ],
        "domains": [
            {
                "domain": domain,
                **told("domain", domain),
                "records": told("domain-records", domain)["persons"],
            }
            for domain in DOMAINS
            if {("domain", domain), ("domain-records", domain)} & sums.keys()
        ],
    }

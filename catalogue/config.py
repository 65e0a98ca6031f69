"""Every setting: its name, default and meaning in one table.

Settings are read from the environment (``CATALOGUE_PUBLIC_ADDRESS``) and, below it, from
the TOML file that ``CATALOGUE_CONFIG`` names.  ``docs/configuration.md`` is generated
from this module.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from catalogue.errors import FaultyTable
from catalogue.folders import folder
from catalogue.networks import allowed
from catalogue.terms import fault_of_iri

PREFIX = "CATALOGUE_"
#: The search engines there are.
ENGINES = ("whoosh", "tantivy")
#: What may be said of reviews.
REVIEW = ("required", "not-required")
_EMAIL = re.compile(r"[^\s@]+@(?:[^\s@.]+\.)+[^\s@.]+\Z")


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Settings:
    """The settings of one catalogue."""

    public_address: str = _setting(
        "http://127.0.0.1:8000/",
        "The address people and other portals reach the catalogue at. Every address written "
        "into pages and RDF begins with it, whatever address a request came by.",
    )
    title: str = _setting("Outcome Catalogue", "The name of this catalogue, shown on every page.")
    network: str = _setting(
        "bd4bo",
        "The key of the catalogue record that stands for the whole network; the root of the feed.",
    )
    instance: str = _setting(
        "instance",
        "The folder for what this catalogue keeps: database, search index, secret key.",
    )
    database: str = _setting(
        "",
        "The SQLAlchemy address of the database. Empty means a SQLite file in the instance folder.",
    )
    profile: str = _setting(
        "outcome-ap", "The application profile in force: a folder of the schemas folder."
    )
    schemas: str = _setting("", "Where the profiles are, if not those that came with the program.")
    vocabularies: str = _setting(
        "", "Where the vocabularies are, if not those that came with the program."
    )
    templates: str = _setting(
        "", "A folder of templates that are used before those that came with the program."
    )
    seed_data: str = _setting("", "Where the demonstration records are, if not beside the program.")
    secret_key: str = _setting(
        "",
        "The key that signs sessions and forms. Empty means one is made at the first start and "
        "kept in the instance folder, readable by its owner only.",
    )
    search_engine: str = _setting(
        "whoosh",
        "What searches: `whoosh` (embedded, up to some 300,000 datasets) or `tantivy` (embedded, "
        "a million; needs the extra `tantivy`).",
    )
    sparql_store: str = _setting(
        "",
        "The address at which a SPARQL 1.1 store answers queries, with name and password if it "
        "wants them. Empty means the embedded store in the instance folder.",
    )
    sparql_update: str = _setting(
        "",
        "The address at which that store takes updates. Empty means that somebody else feeds it.",
    )
    sparql_seconds: int = _setting(
        10, "How long a SPARQL query may run, in seconds, before it is ended."
    )
    mail: str = _setting(
        "console",
        "How mails are sent: `console` (written to the terminal, sent to nobody), "
        "`smtp://user:password@host:587` (STARTTLS where the server has it; no password without "
        "it) or `smtps://user:password@host`.",
    )
    mail_from: str = _setting("", "The address that mails come from; needed for SMTP.")
    contact: str = _setting(
        "",
        "The e-mail address of whoever runs this catalogue, told to harvesters (OAI-PMH). Empty "
        "means `CATALOGUE_MAIL_FROM`; without either an address that nobody has is told.",
    )
    rate_limits: str = _setting(
        "memory://",
        "Where it is counted how often people try passwords and the like: `memory://` (each "
        "process for itself), a Redis address such as `redis://localhost:6379` for several "
        "processes, or `off`.",
    )
    oidc_issuer: str = _setting(
        "",
        "The issuer address of an OpenID provider that people may sign in by; needs the extra "
        "`oidc`. Empty means there is none.",
    )
    oidc_client_id: str = _setting("", "How the OpenID provider knows this catalogue.")
    oidc_client_secret: str = _setting("", "The secret shared with the OpenID provider.")
    oidc_name: str = _setting("your institution", "What the button says after “Sign in with”.")
    review: str = _setting(
        "required",
        "Whether a record is reviewed before it is published, where none of its networks says: "
        "`required` or `not-required`.",
    )
    jobs: str = _setting(
        "",
        "Where the background worker is rung: empty is a SQLite file in the instance folder; "
        "`redis://localhost:6379/0` a Redis that several machines share; needs the extra `redis`.",
    )
    harvest_allow: str = _setting(
        "",
        "Which machines of your own network may be harvested, separated by commas: host names, "
        "addresses or networks, with a port if only that is meant, such as "
        "`catalogue.hospital.local, 10.20.0.0/16, 127.0.0.1:8080`. Others with a private address "
        "are never asked.",
    )
    fingerprint_minimum: int = _setting(
        10,
        "The least count that a fingerprint tells, 5 to 100: what is fewer is told as “fewer than "
        "10”. Every other count is rounded up to the next hundred.",
    )
    check_months: int = _setting(
        12,
        "After how many months a published dataset is due for its yearly check "
        "(Regulation (EU) 2025/327, Article 60).",
    )
    check_grace_days: int = _setting(
        60, "How many days after that a check counts as overdue, which everybody sees."
    )
    check_reminders: int = _setting(
        6,
        "How many mails are sent about one check at most: one when it is due, then one a month; "
        "0 sends none.",
    )
    doi_resolver: str = _setting(
        "https://doi.org/", "Where DOIs are looked up to begin a description with."
    )
    page_size: int = _setting(20, "Datasets on a page of results.")
    feed_page_size: int = _setting(100, "Datasets on a page of the feed.")
    log_level: str = _setting("INFO", "How much is logged: DEBUG, INFO, WARNING or ERROR.")

    def __post_init__(self) -> None:
        address = self.public_address
        if not address.endswith("/"):
            object.__setattr__(self, "public_address", address + "/")
        fault = fault_of_iri(address)
        if (
            fault
            or not address.startswith(("http://", "https://"))
            or "#" in address
            or "?" in address
        ):
            raise FaultyTable(
                f"{PREFIX}PUBLIC_ADDRESS: {address!r} {fault or 'is not a web address'}; "
                "write it like https://catalogue.example.org/"
            )
        if self.search_engine not in ENGINES:
            raise FaultyTable(
                f"{PREFIX}SEARCH_ENGINE: {self.search_engine!r} is none of {', '.join(ENGINES)}"
            )
        if self.review not in REVIEW:
            raise FaultyTable(f"{PREFIX}REVIEW: {self.review!r} is none of {', '.join(REVIEW)}")
        if self.contact and not _EMAIL.match(self.contact):
            raise FaultyTable(f"{PREFIX}CONTACT: {self.contact!r} is not an e-mail address")
        if self.jobs and not self.jobs.startswith(("redis://", "rediss://")):
            raise FaultyTable(
                f"{PREFIX}JOBS: {self.jobs!r} is no address of Redis; leave it empty or write it "
                "like redis://localhost:6379/0"
            )
        for name in ("sparql_store", "sparql_update"):
            if (said := getattr(self, name)) and not said.startswith(("http://", "https://")):
                raise FaultyTable(f"{PREFIX}{name.upper()}: is not a web address")
        if self.sparql_update and not self.sparql_store:
            raise FaultyTable(
                f"{PREFIX}SPARQL_UPDATE: needs {PREFIX}SPARQL_STORE, the address for queries"
            )
        try:
            allowed(self.harvest_allowed)
        except ValueError as error:
            raise FaultyTable(f"{PREFIX}HARVEST_ALLOW: {error}") from None
        if not 1 <= self.sparql_seconds <= 600:
            raise FaultyTable(f"{PREFIX}SPARQL_SECONDS: must be between 1 and 600")
        if not 5 <= self.fingerprint_minimum <= 100:
            raise FaultyTable(f"{PREFIX}FINGERPRINT_MINIMUM: must be between 5 and 100")
        for name, least, most in (
            ("check_months", 1, 120),
            ("check_grace_days", 0, 1000),
            ("check_reminders", 0, 24),
        ):
            if not least <= getattr(self, name) <= most:
                raise FaultyTable(f"{PREFIX}{name.upper()}: must be between {least} and {most}")
        for name in ("page_size", "feed_page_size"):
            if not 1 <= getattr(self, name) <= 1000:
                raise FaultyTable(f"{PREFIX}{name.upper()}: must be between 1 and 1000")

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings of the environment over those of the file; errors name the setting."""
        environment = os.environ if environment is None else environment
        given: dict[str, object] = {}
        file = environment.get(PREFIX + "CONFIG")
        if file:
            try:
                given.update(tomllib.loads(Path(file).read_text(encoding="utf-8")))
            except (OSError, tomllib.TOMLDecodeError) as error:
                raise FaultyTable(f"{PREFIX}CONFIG: {file} cannot be read: {error}") from None
        known = {one.name: one for one in fields(cls)}
        if unknown := [name for name in given if name not in known]:
            raise FaultyTable(
                f"{file}: unknown setting {', '.join(unknown)}; see docs/configuration.md"
            )
        for name in known:
            if (value := environment.get(PREFIX + name.upper())) is not None:
                given[name] = value
        for name, said in given.items():
            if isinstance(known[name].default, int):
                try:
                    given[name] = int(str(said))
                except ValueError:
                    raise FaultyTable(
                        f"{PREFIX}{name.upper()}: {said!r} is not a whole number"
                    ) from None
        return cls(**given)  # type: ignore[arg-type]

    @property
    def harvest_allowed(self) -> tuple[str, ...]:
        """The machines of one's own network that may be harvested."""
        return tuple(one.strip() for one in self.harvest_allow.split(",") if one.strip())

    @property
    def contact_address(self) -> str:
        """Where whoever runs the catalogue is reached; else an address that cannot be (RFC 2606)."""
        sender = parseaddr(self.mail_from)[1]
        return self.contact or (sender if _EMAIL.match(sender) else "not-stated@contact.invalid")

    @property
    def instance_folder(self) -> Path:
        """The instance folder; made if it is not there."""
        path = Path(self.instance).resolve()
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database or f"sqlite:///{self.instance_folder / 'catalogue.db'}"

    def data_folder(self, name: str) -> Path:
        """Where ``schemas``, ``vocabularies``, ``templates`` or ``seed_data`` is."""
        return Path(getattr(self, name)) if getattr(self, name) else folder(name)

    def signing_key(self) -> str:
        """The secret key; made at the first start."""
        if self.secret_key:
            return self.secret_key
        file = self.instance_folder / "secret_key"
        if not file.exists():
            # Written whole under another name first: processes that start together must
            # agree on one key, and none may read half of it.
            with tempfile.NamedTemporaryFile("w", dir=file.parent) as unfinished:
                unfinished.write(secrets.token_urlsafe(48))  # mode 0600, as mkstemp makes it
                unfinished.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(unfinished.name, file)
        return file.read_text(encoding="ascii")


def reference() -> str:
    """``docs/configuration.md``: every setting with its default and meaning."""
    lines = [
        "# Configuration",
        "",
        "Every setting is an environment variable; or a line of the TOML file that "
        "`CATALOGUE_CONFIG` names, in lower case and without `CATALOGUE_`. "
        "The environment wins.",
        "",
        "| setting | default | meaning |",
        "| --- | --- | --- |",
        "| `CATALOGUE_CONFIG` | | A TOML file with settings. |",
    ]
    for one in fields(Settings):
        default = f"`{one.default}`" if one.default != "" else ""
        lines.append(f"| `{PREFIX}{one.name.upper()}` | {default} | {one.metadata['help']} |")
    return "\n".join(lines) + "\n"

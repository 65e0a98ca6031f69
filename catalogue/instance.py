"""One open catalogue: settings, profile, database, followers.

It knows nothing of HTTP: the web application, the command line, a benchmark and a test
all open the same thing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

import structlog
from sqlalchemy.orm import Session

from catalogue import __version__
from catalogue.accounts.accounts import Accounts
from catalogue.accounts.letters import Letters
from catalogue.accounts.links import Links
from catalogue.accounts.post import Post
from catalogue.beginning.finding import Elsewhere
from catalogue.beginning.prefilled import Beginnings
from catalogue.changes import Follow, Follower, whole
from catalogue.config import Settings
from catalogue.database import Database
from catalogue.dictionary.dictionaries import Dictionaries
from catalogue.followers import FacetFollower, SearchFollower
from catalogue.harvest.abreast import Abreast
from catalogue.harvest.ahead import Ahead
from catalogue.harvest.interpreting import Interpreter
from catalogue.harvest.likeness import LikenessFollower
from catalogue.harvest.opening import Opening
from catalogue.harvest.pairs import Pairs
from catalogue.harvest.releases import Releases
from catalogue.harvest.run import Harvester
from catalogue.harvest.sources import Sources
from catalogue.mail import Mailer, mailer_of
from catalogue.outcomes.asking import Asking
from catalogue.outcomes.cube import Cubes
from catalogue.outcomes.enquiries import Enquiries
from catalogue.outcomes.facts import FactFollower, Facts
from catalogue.outcomes.fingerprint.network import NetworkFollower
from catalogue.outcomes.fingerprint.store import Fingerprints
from catalogue.outcomes.fit import Fitter
from catalogue.outcomes.owners.answering import AnswerFollower
from catalogue.outcomes.owners.owners import Owners
from catalogue.outcomes.questions import Questions
from catalogue.outcomes.saved.changed import Telling
from catalogue.outcomes.saved.digests import Digests
from catalogue.outcomes.saved.saved import SavedSearches
from catalogue.outcomes.saying import Saying
from catalogue.outcomes.sets import Sets
from catalogue.outcomes.stated import Plan
from catalogue.outcomes.statements import Statements
from catalogue.outcomes.understanding import Understanding
from catalogue.outcomes.wording import Wording
from catalogue.preflight.preflight import Preflight
from catalogue.profile import Profile
from catalogue.rdf.dumps import Dumps
from catalogue.rdf.fragments import FragmentFollower
from catalogue.rdf.graph import Graphs
from catalogue.rdf.profiles import Profiles
from catalogue.records.records import Records
from catalogue.search.engine import SearchEngine
from catalogue.search.entry import Fields, fields_of
from catalogue.search.finder import Finder
from catalogue.search.given import Given
from catalogue.search.searched import datasets
from catalogue.search.suggest import Suggester
from catalogue.search.thesaurus import Thesaurus
from catalogue.search.whoosh import WhooshEngine
from catalogue.sparql.contents import Contents
from catalogue.sparql.embedded import EmbeddedStore
from catalogue.sparql.remote import RemoteStore
from catalogue.sparql.service import Sparql
from catalogue.sparql.store import TripleStore
from catalogue.tending import Tenders
from catalogue.upkeep.checks import Checks, UpkeepFollower
from catalogue.upkeep.confirming import Confirming
from catalogue.upkeep.counting import Counting
from catalogue.upkeep.label import Labelling
from catalogue.upkeep.nearly import Nearly
from catalogue.upkeep.reminding import Reminding
from catalogue.upkeep.score import Scoring
from catalogue.variables import describing as variables
from catalogue.variables.followers import VariableFollower, VariableSearchFollower
from catalogue.vocabulary import Vocabularies
from catalogue.workspace import Workspace

log = structlog.get_logger()


class Catalogue:
    """An open catalogue.  Raises :class:`~catalogue.errors.FaultyTable` if its tables are wrong."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.vocabularies = Vocabularies.read(settings.data_folder("vocabularies"))
        self.profile = Profile.read(
            settings.data_folder("schemas"), settings.profile, self.vocabularies
        )
        self.records = Records(self.profile)
        self.graphs = Graphs(self.records, settings.public_address, settings.network)
        #: The other catalogues that are harvested.
        self.sources = Sources(self.profile)
        #: What OMOP datasets hold, in rounded numbers.
        self.fingerprints = Fingerprints(settings.fingerprint_minimum)
        #: What is probably the same dataset.
        self.pairs = Pairs(self.records)
        self.database = Database(settings.database_address)
        self.follow = Follow(self.database, settings.instance_folder / "locks")
        self.post = Post(self.database, lambda: self.mailer)
        #: What a worker keeps fresh.
        self.tenders = Tenders(self.database, self.follow)
        self.tenders["views"] = lambda _: self.catch_up()
        self.tenders["mails"] = lambda _: self.post.deliver()
        self.tenders["dumps"] = lambda _: self.dumps.tend()
        self.tenders["sparql"] = lambda _: self.sparql.catch_up()
        self.tenders["pre-flight"] = lambda stopping: self.preflight.tend(stopping)
        self.tenders["facts"] = lambda _: self.facts.tend()
        self.tenders["harvest"] = lambda stopping: self.harvester.tend(stopping)
        self.tenders["digests"] = lambda stopping: self.digests.tend(stopping)
        self.tenders["questions"] = lambda stopping: self.owners.tend(stopping)
        self.tenders["reminders"] = lambda stopping: self.reminding.tend(stopping)
        self.tenders["demand"] = lambda stopping: self.nearly.tend(stopping)

    @cached_property
    def version(self) -> str:
        """Changes with the program and its tables; part of every ETag."""
        said = "-".join(
            (
                __version__,
                self.profile.version,
                self.vocabularies.version,
                self.settings.public_address,
                self.settings.title,
                self.settings.network,
            )
        )
        return hashlib.sha256(said.encode()).hexdigest()[:12]

    @cached_property
    def profiles(self) -> Profiles:
        """The profiles that records can be had under; raises ``FaultyTable`` if one is wrong."""
        return Profiles.read(self.graphs, self.settings.data_folder("schemas"))

    @cached_property
    def engine(self) -> SearchEngine:
        """The search engine that the settings name; the larger one is an extra."""
        return self._engine("index", fields_of(self.profile))

    def _engine(self, folder: str, fields: Fields) -> SearchEngine:
        where = self.settings.instance_folder
        if self.settings.search_engine == "tantivy":
            from catalogue.search.tantivy import TantivyEngine

            return TantivyEngine(where / f"{folder}-tantivy", fields)
        return WhooshEngine(where / folder, fields)

    @cached_property
    def finder(self) -> Finder:
        """What answers searches."""
        thesaurus = Thesaurus(self.profile.vocabularies)
        return Finder(self.engine, datasets(self.profile), thesaurus)

    @cached_property
    def given(self) -> Given:
        """What reads queries."""

        def iri_of(kind: str, slug: str) -> str:
            with self.database.read() as session:
                return self.records.iri_of(session, kind, slug)

        return Given(self.profile, self.settings.public_address, iri_of)

    @cached_property
    def variables(self) -> Finder:
        """What answers searches for variables."""
        engine = self._engine("index-variables", variables.fields())
        return Finder(engine, variables.searched(self.profile), self.finder.thesaurus)

    @cached_property
    def dictionaries(self) -> Dictionaries:
        """What reads data dictionaries and takes them into working copies."""
        return Dictionaries(
            self.records,
            self.workspace,
            self.settings.data_folder("schemas"),
            self.finder.thesaurus,
        )

    @cached_property
    def suggester(self) -> Suggester:
        """What helps with typing."""
        return Suggester(self.finder, self.records)

    @cached_property
    def questions(self) -> Questions:
        """What reads and writes questions."""
        return Questions(self.profile)

    @cached_property
    def facts(self) -> Facts:
        """What all datasets state, ready to be asked."""
        follower = self.followers["facts"]
        assert isinstance(follower, FactFollower)
        return Facts(self.database, follower, self.settings.instance_folder / "facts")

    @cached_property
    def understanding(self) -> Understanding:
        """What makes questions of sentences."""
        return Understanding(self.profile, self.questions)

    @cached_property
    def wording(self) -> Wording:
        """What says criteria in words."""
        return Wording(self.profile)

    @cached_property
    def fitter(self) -> Fitter:
        """What holds datasets against questions."""
        return Fitter(self.records, self.facts, self.finder)

    @cached_property
    def sets(self) -> Sets:
        """The core outcome sets, and how datasets answer them."""
        profile = self.profile
        return Sets(self.vocabularies, profile.records.get("dataset"), profile.criteria)

    @cached_property
    def cubes(self) -> Cubes:
        """What lays outcomes by source and stage."""
        return Cubes(self.profile, self.sets)

    @cached_property
    def asking(self) -> Asking:
        """What reads addresses of searches and questions."""
        return Asking(self.given, self.finder, self.questions, self.fitter)

    @cached_property
    def statements(self) -> Statements:
        """What keeps and replays search statements."""
        return Statements(
            self.profile,
            self.asking,
            lambda: self.version,
            lambda: self.engine.reader().generation,
        )

    @cached_property
    def enquiries(self) -> Enquiries:
        """What writes to the holders of datasets for somebody."""
        return Enquiries(self.letters, self.asking)

    @cached_property
    def saying(self) -> Saying:
        """What puts values, changes and questions into plain words."""
        return Saying(self.profile)

    @cached_property
    def saved(self) -> SavedSearches:
        """The searches and questions that people follow."""
        return SavedSearches(self.records, self.asking, self.saying, self.links)

    @cached_property
    def telling(self) -> Telling:
        """What puts into words what changed among answers."""
        return Telling(self.records, self.saved.comparing, self.saying)

    @cached_property
    def digests(self) -> Digests:
        """What makes the digests of what people follow."""
        return Digests(
            self.database,
            self.asking,
            self.saved,
            self.telling,
            self.letters,
            self.links,
        )

    @cached_property
    def owners(self) -> Owners:
        """What people want to know of owners."""
        return Owners(self.database, self.records, self.questions, self.saying, self.letters)

    @cached_property
    def checks(self) -> Checks:
        """What is due for its yearly check."""
        settings = self.settings
        return Checks(settings.check_months, settings.check_grace_days, settings.check_reminders)

    @cached_property
    def confirming(self) -> Confirming:
        """What takes confirmations of descriptions."""
        return Confirming(self.workspace, self.accounts, self.links, self.checks)

    @cached_property
    def reminding(self) -> Reminding:
        """What reminds people of checks."""
        return Reminding(self.database, self.checks, self.confirming, self.letters)

    @cached_property
    def scoring(self) -> Scoring:
        """What scores descriptions."""
        return Scoring(self.profile)

    @cached_property
    def labelling(self) -> Labelling:
        """What works labels out; raises ``FaultyTable`` if its file is wrong."""
        return Labelling(self.profile, self.settings.data_folder("schemas"))

    @cached_property
    def counting(self) -> Counting:
        """What counts views and what is asked for."""
        return Counting(self.database, self.settings.signing_key())

    @cached_property
    def nearly(self) -> Nearly:
        """What finds searches that datasets nearly matched."""
        return Nearly(self.database, self.wording, self.asking)

    @cached_property
    def dumps(self) -> Dumps:
        """The whole catalogue as documents that lie ready."""
        folder = self.settings.instance_folder / "dumps"
        return Dumps(self.database, folder, self.graphs, self.version, self.whole)

    @cached_property
    def accounts(self) -> Accounts:
        """The people who have an account, and their organisations."""
        return Accounts(self.links, self.letters)

    @cached_property
    def letters(self) -> Letters:
        """What writes mails."""
        return Letters(self.settings.title, self.settings.public_address)

    @cached_property
    def links(self) -> Links:
        """What signs links in mails, and reads them."""
        return Links(self.settings.signing_key(), self.settings.public_address)

    @cached_property
    def mailer(self) -> Mailer:
        """What sends mails."""
        settings = self.settings
        return mailer_of(settings.mail, settings.mail_from, settings.title)

    @cached_property
    def workspace(self) -> Workspace:
        """What people do with records."""
        return Workspace(self.records, self.letters, review=self.settings.review == "required")

    @cached_property
    def interpreter(self) -> Interpreter:
        """What reads foreign descriptions as documents of ours."""
        settings = self.settings
        releases = Releases.read(settings.data_folder("schemas"), self.profile.prefixes)
        return Interpreter(self.profile, releases, settings.public_address)

    @cached_property
    def opening(self) -> Opening:
        """What opens other catalogues to be read."""
        settings = self.settings
        return Opening(self.profile, settings.public_address, settings.harvest_allowed)

    @cached_property
    def elsewhere(self) -> Elsewhere:
        """What finds descriptions that are elsewhere already."""
        settings = self.settings
        return Elsewhere(
            self.records,
            self.interpreter,
            self.opening,
            settings.public_address,
            settings.harvest_allowed,
            settings.doi_resolver,
        )

    @cached_property
    def beginnings(self) -> Beginnings:
        """What begins drafts with what was found elsewhere."""
        return Beginnings(self.workspace)

    @cached_property
    def harvester(self) -> Harvester:
        """What takes in what other catalogues describe."""
        settings = self.settings
        return Harvester(
            self.database,
            self.records,
            self.interpreter,
            self.sources,
            self.opening,
            Ahead(
                settings.data_folder("schemas"),
                settings.data_folder("vocabularies"),
                settings.profile,
                settings.public_address,
            ),
            Abreast(settings),
            lambda: self.catch_up(backwards=True),
        )

    @cached_property
    def preflight(self) -> Preflight:
        """What a European portal would report."""
        settings = self.settings
        official = self.profile.most_official
        if official != settings.profile:
            folder = settings.data_folder("schemas")
            portal = Profile.read(folder, official, self.vocabularies)
        else:
            portal = self.profile
        return Preflight(self.database, self.graphs, portal, self.whole)

    @cached_property
    def sparql(self) -> Sparql:
        """What answers SPARQL; it follows the log when somebody asks, not after every save."""
        settings, prefixes = self.settings, self.profile.prefixes
        folder = settings.instance_folder / "sparql"
        fragments = self.followers["rdf"]
        store: TripleStore = (
            RemoteStore(
                settings.sparql_store,
                settings.sparql_update,
                settings.public_address,
                prefixes,
                folder,
            )
            if settings.sparql_store
            else EmbeddedStore(folder, settings.public_address, prefixes)
        )
        return Sparql(
            self.database,
            Contents(self.graphs, settings.data_folder("vocabularies")),
            store,
            lambda: self.follow(fragments),
            lambda: fragments.version,
        )

    @cached_property
    def followers(self) -> Mapping[str, Follower]:
        """Every view of the records, by name."""
        followers: list[Follower] = [
            FacetFollower(self.records),
            FragmentFollower(self.graphs),
            SearchFollower(self.records, self.engine),
            LikenessFollower(self.records, self.settings.public_address),
            AnswerFollower(
                self.records,
                self.owners,
                self.saying,
                self.letters,
            ),
            NetworkFollower(),
            FactFollower(self.records, Plan(self.profile)),
            VariableFollower(self.records),
            VariableSearchFollower(self.records, self.variables.engine),
            UpkeepFollower(self.checks, self.profile),
        ]
        return {follower.name: follower for follower in followers}

    def whole(self, session: Session, name: str = "rdf") -> int:
        """The change up to which a view shows everything; see :func:`catalogue.changes.whole`."""
        return whole(session, self.followers[name])

    def catch_up(
        self,
        progress: Callable[[str, int, int], None] | None = None,
        *,
        backwards: bool = False,
    ) -> int:
        """Let every follower read what is new; returns how many records were touched.

        ``backwards`` begins with the last one: two processes that have much to catch up with
        meet in the middle.
        """
        touched = 0
        followers = list(self.followers.items())
        for name, follower in reversed(followers) if backwards else followers:
            report = None if progress is None else _named(progress, name)
            try:
                touched += self.follow(follower, report)
            except Exception as error:
                # What was saved stays saved; the view stays behind, says so in /ready and
                # in the doctor's report, and is tried again at the next change.
                log.error("a view could not follow", view=name, exc_info=error)
                self.follow.failed(follower, error)
        return touched

    @contextmanager
    def changing(self) -> Iterator[Session]:
        """A session for writing; at its end it is committed and every view is up to date.

        A follower that fails stays behind and is tried again: what was saved stays saved.
        """
        with self.database.write() as session:
            yield session
        self.catch_up()

    def close(self) -> None:
        """Let go of the database; mails that wait stay in it."""
        if "sparql" in self.__dict__:
            self.sparql.close()
        if "counting" in self.__dict__:
            self.counting.close()
        self.post.close()
        self.database.close()


def _named(progress: Callable[[str, int, int], None], name: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(name, done, total)

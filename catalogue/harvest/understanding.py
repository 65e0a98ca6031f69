"""A foreign document as lines of N-Triples: strictly first, then with what can be put right.

It runs in a process of its own (``child.py``): parsers of other people's documents run out of
memory, or end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import pyoxigraph as ox

from catalogue.harvest import contexts, mending
from catalogue.harvest.decoding import decoded
from catalogue.harvest.mending import Mender
from catalogue.harvest.rulebook import Rulebook
from catalogue.harvest.splitting import Defect
from catalogue.harvest.syntaxes import HTML, XML, candidates

_RDF = ox.RdfFormat
_LINES = (_RDF.N_TRIPLES, _RDF.N_QUADS)
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)\b", re.I)
_UNDECLARED = re.compile(r"The prefix ([\w.-]*): has not been declared")
_ESCAPED_CONTROL = re.compile(r"(\\\\)|\\(?:u00(?:0[0-8BCEF]|1[0-9A-F]|7F)|uFFF[EF]|[bf])")
_END_OF_STATEMENT = re.compile(r"\.[ \t]*(?:#[^\n]*)?\r?\n")
#: So many faults of a Turtle document are gone round.
_MOST_FAULTS = 20
#: So many lines that cannot be read are told one by one.
_MOST_LINES = 10
#: How far back it is looked for the record that was being read at a fault.
_BACK = 50
_SHOWN = 300
_SUBJECT = re.compile(
    r"(?:\s|#[^\n]*\n)*(?:<(?P<iri>[^<>\s]*)>|(?P<prefix>[\w.-]*):(?P<local>[\w.%:-]*))"
)
_PREFIX = re.compile(r"\bprefix\s+([\w.-]*):\s*<([^<>\s]*)>", re.I)
_BESIDE = rb"(?:\s|<!--.*?-->|<\?.*?\?>)*"
_ROOT = re.compile(_BESIDE + rb"<([A-Za-z_][\w:.-]*)(?:\"[^\"]*\"|'[^']*'|[^>\"'/])*(/?)>", re.S)
_CLOSED = re.compile(rb"\s*>" + _BESIDE + rb"\Z", re.S)
_TAIL = 10_000


@dataclass
class Understood:
    """The lines of a document, and what was wrong with it.

    ``broken`` says that not all of it could be read; ``last`` are then the nodes read last, the
    latest first, unless it is known that they are whole; ``lost`` those of which something is
    missing.  ``early`` says that it ends before its end: anything may have come after it.
    """

    lines: list[str] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    broken: bool = False
    last: tuple[str, ...] = ()
    lost: frozenset[str] = frozenset()
    early: bool = False


class NotRdf(ValueError):
    """There is nothing to read in the document."""


def understand(
    content: bytes, content_type: str, charset: str, address: str, rules: Rulebook
) -> Understood:
    """What a document says, in lines of N-Triples."""
    text, problems = decoded(content, charset)
    try:
        understood = _understood(text, content_type, address, rules)
    except (NotRdf, contexts.Unusable) as error:
        understood = Understood(problems=[str(error)], broken=True)
    understood.problems[:0] = problems
    return understood


def _understood(text: bytes, content_type: str, address: str, rules: Rulebook) -> Understood:
    if not text.strip():
        raise NotRdf("It is empty.")
    formats = candidates(text, content_type, address)
    if formats == [HTML]:
        return _web_page(text, address, rules)
    if formats == [XML]:
        raise NotRdf("It is XML, but not RDF; check the address, or how the source is read.")
    tried: list[Understood] = []
    for format in formats:
        assert isinstance(format, ox.RdfFormat)
        one = _read(text, format, address, rules)
        if not one.broken:
            return one
        tried.append(one)
    best = max(tried, key=lambda one: len(one.lines))
    if not best.lines:
        best.problems.insert(0, "It is no RDF that can be read.")
    return best


def _web_page(text: bytes, address: str, rules: Rulebook) -> Understood:
    """The JSON-LD in a web page; what says schema.org only is left to search engines."""
    whole = Understood()
    for script in contexts.scripts(text):
        try:
            found = _read(script, _RDF.JSON_LD, address, rules, rename=True)
        except contexts.Unusable as error:
            if "schema.org" not in error.remote:
                whole.problems.append(str(error))
                whole.broken = True
            continue
        whole.lines += found.lines
        whole.defects += found.defects
        whole.problems += found.problems
        whole.broken = whole.broken or found.broken
    if not whole.lines:
        whole.broken = True
        whole.problems.insert(0, "It is a web page, and holds no RDF that is read here.")
    return whole


def _read(
    text: bytes, format: ox.RdfFormat, address: str, rules: Rulebook, *, rename: bool = False
) -> Understood:
    """What is said in a syntax."""
    if format == _RDF.RDF_XML and _DOCTYPE.search(text):
        raise NotRdf(
            "It declares entities (DOCTYPE), which are not read: a few lines of them can fill all "
            "memory. Have the source write it without."
        )
    if format == _RDF.JSON_LD:
        text = contexts.prepared(text, address, rules.context)
    document = _Document(text, format, address, rules, rename)
    found = document.strictly()
    return found if found is not None else document.leniently()


class _Document:
    """A document in a syntax."""

    def __init__(
        self, text: bytes, format: ox.RdfFormat, address: str, rules: Rulebook, rename: bool
    ) -> None:
        self._text, self._format, self._rules = text, format, rules
        self._rename = rename
        self._base = address if _is_base(address) else None
        self._mender = Mender(rules)

    def strictly(self) -> Understood | None:
        """What it says if there is nothing wrong with it; None if there is."""
        if self._format == _RDF.RDF_XML and not _is_closed(self._text):
            return None  # its parser does not mind where a document ends
        # The parser of JSON-LD leaves out what is wrong without a word, unless it is lenient.
        lenient = self._format == _RDF.JSON_LD
        try:
            lines = _written(lambda: self._parsed(self._text, lenient=lenient))
            if lenient:
                lines = _written(lambda: ox.parse(lines, format=_RDF.N_TRIPLES))
        except SyntaxError:
            return None
        return self._done(lines.decode("utf-8").split("\n"))

    def leniently(self) -> Understood:
        """What it says, with what is wrong put right or left out."""
        text = self._text.decode("utf-8", "replace")
        if self._format in _LINES:
            return self._line_by_line(text)
        if self._format == _RDF.JSON_LD:
            return self._to_the_end(mending.json_text(text))
        if self._format == _RDF.RDF_XML:
            return self._to_the_end(mending.xml(text))
        return self._round_faults(mending.turtle(text))

    def _parsed(self, text: str | bytes, *, lenient: bool) -> Iterator[Any]:
        return ox.parse(
            text,
            format=self._format,
            base_iri=self._base,
            lenient=lenient,
            rename_blank_nodes=self._rename,
        )

    def _triples(self, text: str) -> Iterator[ox.Triple]:
        return (quad.triple for quad in self._parsed(text, lenient=True))

    def _done(self, lines: list[str], problems: Iterable[str] = ()) -> Understood:
        """The lines with a last look at what parsers let through."""
        text = "\n".join(lines)
        told = list(problems)
        if "\\" in text and _has_controls(text):
            text = _ESCAPED_CONTROL.sub(lambda found: found[1] or "", text)
            lines = text.split("\n")
            told.append("It holds control characters, which were left out.")
        if mending.is_suspect(text) or max(map(len, lines), default=0) > mending.LONG:
            lines = list(self._mender.suspicious(lines))
        if self._mender.lost:
            told.append(
                f"{self._mender.lost} statements are about something that has no proper address, "
                "and were left out."
            )
        # A property that had to be put right may be any: even the one that says what a thing is.
        return Understood(lines, self._mender.defects, told, broken=self._mender.changed)

    def _to_the_end(self, text: str) -> Understood:
        """What can be read before the first fault, if there is one."""
        lines: list[str] = []
        try:
            for line in self._mender.lines(self._triples(text)):
                lines.append(line)  # those before the fault are kept
        except SyntaxError as error:
            return self._broken(lines, _fault(error))
        if self._format == _RDF.RDF_XML and not _is_closed(self._text):
            return self._broken(lines, "it ends before it is closed.")
        return self._done(lines)

    def _broken(self, lines: list[str], fault: str) -> Understood:
        done = self._done(lines, [f"It breaks off: {fault}"])
        done.broken = done.early = True
        done.last = _latest(lines)
        return done

    def _round_faults(self, text: str) -> Understood:
        """Turtle without the statements that have a fault in them."""
        problems: list[str] = []
        lost: list[str] = []
        prefixes = 0
        early = False
        while True:
            mender = Mender(self._rules)
            try:
                lines = list(mender.lines(self._triples(text)))
                break
            except SyntaxError as error:
                undeclared = _UNDECLARED.search(str(error))
                known = undeclared and mending.declared(text, undeclared[1], self._rules.prefixes)
                if known and prefixes < len(self._rules.prefixes):
                    text, prefixes = known, prefixes + 1
                    continue
                problems.append(f"Some of it cannot be read: {_fault(error)}")
                rest, cut = _without(text, error)
                if not cut or len(problems) > _MOST_FAULTS:
                    return self._before_fault(text, problems)
                lost.append(self._subject(cut, text))
                early = early or text.endswith(cut)
                text = rest
        self._mender = mender
        done = self._done(lines, problems)
        done.broken, done.lost = done.broken or bool(problems), frozenset(lost)
        done.early = early
        return done

    def _subject(self, cut: str, text: str) -> str:
        """What a statement is about; "" if nobody can tell."""
        found = _SUBJECT.match(cut)
        if found is None:
            return ""
        if found["iri"] is not None:
            return f"<{urljoin(self._base or '', found['iri'])}>"
        namespace = dict(_PREFIX.findall(text)).get(found["prefix"], "")
        return f"<{namespace}{found['local']}>"

    def _before_fault(self, text: str, problems: list[str]) -> Understood:
        done = self._to_the_end(text)
        done.problems = [*problems[:_MOST_FAULTS], *done.problems]
        return done

    def _line_by_line(self, text: str) -> Understood:
        """N-Triples without the lines that cannot be read."""
        lines: list[str] = []
        bad: list[str] = []
        lost = cut = False
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            cut = False
            try:
                lines += self._line(line)
            except SyntaxError:
                try:
                    lines += self._mender.lines(self._triples(mending.turtle(line)))
                except SyntaxError as error:
                    bad.append(f"Line {number:,} cannot be read: {_reason(error)}")
                    lost, cut = self._lost(line) or lost, True
        if len(bad) > _MOST_LINES:
            bad = [*bad[:_MOST_LINES], f"{len(bad) - _MOST_LINES:,} more lines cannot be read."]
        done = self._done(lines, bad)
        done.broken = done.broken or lost or cut
        if cut:  # the last line: there may have been more
            done.early, done.last = True, _latest(done.lines)
        return done

    def _line(self, line: str) -> list[str]:
        """One line, if there is nothing wrong with it."""
        return _written(lambda: self._parsed(line, lenient=False)).decode("utf-8").split("\n")

    def _lost(self, line: str) -> bool:
        """Whether it is not even known what a line is about; else tell of it there."""
        about = re.match(r"\s*(<[^<>\s]*>|_:[\w.-]+)\s+(<[^<>\s]*>)", line)
        if about is None or about[2].endswith("#type>"):
            return True
        name = self._rules.shrink(about[2])
        self._mender.defects.append(Defect(about[1], f"{name}: its line cannot be read."))
        return False


def _written(parse: Callable[[], Any]) -> bytes:
    """Lines of N-Triples of what a parser gives; graphs are put together."""
    try:
        return ox.serialize(parse(), format=_RDF.N_TRIPLES) or b""
    except ValueError:  # it has graphs
        triples = (quad.triple for quad in parse())
        return ox.serialize(triples, format=_RDF.N_TRIPLES) or b""


def _is_closed(xml: bytes) -> bool:
    """Whether the first element of a document is closed at its end."""
    begin = _ROOT.match(xml)
    if begin is None:
        return True  # whatever it is, its parser finds out
    if begin[2] == b"/":
        return True
    tail = xml[-_TAIL:]
    close = tail.rfind(b"</" + begin[1])
    return close >= 0 and bool(_CLOSED.match(tail, close + 2 + len(begin[1])))


def _without(text: str, error: SyntaxError) -> tuple[str, str]:
    """Turtle without the statement that has a fault, and that statement; "" if it is not found."""
    line = error.lineno or (error.args[1][1] if len(error.args) > 1 else None)
    if line is None:
        return text, ""
    begin = _start_of_line(text, line)
    ends = list(_END_OF_STATEMENT.finditer(text, 0, begin))
    start = ends[-1].end() if ends else 0
    end = _END_OF_STATEMENT.search(text, begin)
    stop = end.end() if end else len(text)
    cut = text[start:stop]
    if not cut.strip() or "@prefix" in cut.lower():
        return text, ""
    # As many lines as before, so that the next fault is told where it is.
    return text[:start] + "\n" * cut.count("\n") + text[stop:], cut


def _start_of_line(text: str, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
        if not at:
            return len(text)
    return at


def _latest(lines: list[str]) -> tuple[str, ...]:
    """The nodes that were read last, the latest first."""
    latest: dict[str, None] = {}
    for line in reversed(lines):
        latest.setdefault(line.split(" ", 1)[0])
        if len(latest) >= _BACK:
            break
    return tuple(latest)


def _has_controls(text: str) -> bool:
    return any(one in text for one in ("\\u00", "\\b", "\\f", "\\uFFF"))


def _is_base(address: str) -> bool:
    try:
        ox.parse(b"", format=_RDF.TURTLE, base_iri=address)
    except ValueError:
        return False
    return bool(address)


def _fault(error: SyntaxError) -> str:
    return f"{str(error)[:_SHOWN]}."


def _reason(error: SyntaxError) -> str:
    """A fault without the place, which is that of the line alone."""
    said = str(error)
    return f"{(said.partition(': ')[2] or said).removesuffix(' (line 1)')[:_SHOWN]}."

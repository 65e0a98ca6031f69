"""Form data as browsers post it: names that are paths, each with its values.

``title-en``, ``keyword-en``, ``distribution-0-access_url``: properties have no hyphen in
their names, so the rest of a name is read off the property table.  What is sent may be
anything; here it is bounded, and put in order once, so that reading it takes linear time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

Data = dict[str, list[str]]

#: The most inputs, the longest name and the deepest path that are read; more is no form of ours.
MOST_INPUTS, LONGEST_NAME, DEEPEST_PATH = 60_000, 200, 24
#: What stands before a path: names of inputs that say something about a field.
WAS, REASON, ADD, PICK, FOR, NEW, KEEP, THEIRS = (
    "was",
    "reason",
    "add",
    "pick",
    "for",
    "new",
    "keep",
    "theirs",
)
#: The input of the buttons that change the form itself.
DO = "do"


class Inputs:
    """Form data that can be asked what there is below a path."""

    def __init__(self, data: Mapping[str, list[str]]) -> None:
        self._data = data
        self._below: dict[str, dict[str, None]] = {}
        for name in data:
            start = 0
            while (at := name.find("-", start)) >= 0:
                self._below.setdefault(name[:at], {})[name[at + 1 :]] = None
                start = at + 1

    def __contains__(self, path: str) -> bool:
        return path in self._data or path in self._below

    def given(self, name: str) -> list[str]:
        """Every value of an input, empty ones too."""
        return self._data.get(name, [])

    def all(self, name: str) -> list[str]:
        """Every value of an input, without those that are empty."""
        return [value for value in self._data.get(name, ()) if value.strip()]

    def first(self, name: str) -> str:
        """The first value of an input that is not empty, without spaces at its ends."""
        return next(iter(self.all(name)), "").strip()

    def tails(self, path: str) -> Iterable[str]:
        """What follows a path and a hyphen in the names there are: languages, for a text."""
        return self._below.get(path, {})

    def numbers(self, path: str) -> list[int]:
        """The numbers of the groups below a path, in order."""
        heads = {tail.partition("-")[0] for tail in self.tails(path)}
        return sorted(int(head) for head in heads if is_number(head))


def is_number(text: str) -> bool:
    """Whether a piece of a path is the number of a group."""
    return text.isascii() and text.isdecimal() and len(text) <= 6


def read(pairs: Iterable[tuple[str, str]]) -> Data:
    """Form data from what was sent: bounded, with line ends as texts here have them."""
    data: Data = {}
    for number, (name, value) in enumerate(pairs):
        if number >= MOST_INPUTS:
            break
        if len(name) <= LONGEST_NAME and name.count("-") <= DEEPEST_PATH:
            data.setdefault(name, []).append(value.replace("\r\n", "\n").replace("\r", "\n"))
    return data


def below(data: Mapping[str, list[str]], path: str) -> Iterator[str]:
    """The names of a path itself and of all below it."""
    return (name for name in data if name == path or name.startswith(path + "-"))


def about(name: str) -> str:
    """The field of the record that an input belongs to."""
    head, _, rest = name.partition("-")
    if head in (WAS, REASON, ADD, PICK, FOR, NEW, KEEP, THEIRS) and rest:
        return rest.partition("-")[0]
    return head


def rearranged(data: Data, action: str) -> Data:
    """The data after ``remove``, ``up`` or ``down`` of a group, or ``remove`` of a language."""
    verb, _, path = action.partition(" ")
    if verb == "remove" and path:
        gone = set(below(data, path))
        return {name: values for name, values in data.items() if name not in gone}
    if verb in ("up", "down"):
        parent, _, last = path.rpartition("-")
        numbers = Inputs(data).numbers(parent)
        if not is_number(last) or int(last) not in numbers:
            return data
        at = numbers.index(int(last)) + (1 if verb == "down" else -1)
        if 0 <= at < len(numbers):
            return _swapped(data, path, f"{parent}-{numbers[at]}")
    return data


def _swapped(data: Data, one: str, other: str) -> Data:
    to = {one: other, other: one}
    swapped: Data = {}
    for name, values in data.items():
        moved = name
        for path, new in to.items():
            if name == path or name.startswith(path + "-"):
                moved = new + name[len(path) :]
        swapped[moved] = values
    return swapped

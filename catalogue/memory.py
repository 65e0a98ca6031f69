"""Remembers what is costly to count, until something changes.

An answer belongs to one state of the catalogue; the state is part of its name, so nothing
ever has to be thrown away in time, and a request that still sees an older state gets the
older answer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Answers by state and question, the latest used ones; safe between threads.

    Who asks what somebody is already working out waits for that answer.
    """

    def __init__(self, size: int = 256) -> None:
        self._size = size
        self._lock = Lock()
        self._answers: OrderedDict[Hashable, Future[Any]] = OrderedDict()

    def __call__(self, question: Hashable, answer: Callable[[], T]) -> T:
        """The answer to a question, worked out once; a failure is not remembered."""
        with self._lock:
            known: Future[T] | None = self._answers.get(question)
            if known is None:
                mine: Future[T] = Future()
                self._answers[question] = mine
                while len(self._answers) > self._size:
                    self._answers.popitem(last=False)
            else:
                self._answers.move_to_end(question)
        if known is not None:
            return known.result()
        try:
            mine.set_result(answer())
        except BaseException as error:
            with self._lock:
                if self._answers.get(question) is mine:
                    del self._answers[question]
            mine.set_exception(error)
            raise
        return mine.result()

    def __len__(self) -> int:
        return len(self._answers)

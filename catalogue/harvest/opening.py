"""How a source is opened: the reader of its protocol, with a guarded way out into the world."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from catalogue.harvest.fetch import Fetcher, Limits, agent_of
from catalogue.harvest.parsing import SECONDS, Parser
from catalogue.harvest.readers import READERS, detect
from catalogue.harvest.reading import Asked, Reader
from catalogue.profile import Profile


class Opening:
    """Opens sources; ``allow`` are addresses of one's own network that may be read."""

    def __init__(self, profile: Profile, base: str, allow: Sequence[str]) -> None:
        self._profile = profile
        self._base = base
        self._allow = allow

    def __call__(
        self, protocol: str, asked: Asked, key: str, limits: Limits | None = None
    ) -> tuple[str, Reader, Callable[[], object]]:
        """The protocol, found out if need be, its reader, and what lets go of it again."""
        fetcher = Fetcher(self._allow, agent_of(self._base), limits)
        parser = Parser(
            self._profile, self._base, key, seconds=limits.seconds if limits else SECONDS
        )

        def close() -> None:
            parser.close()
            fetcher.close()

        try:
            if protocol == "auto":
                protocol = detect(asked, fetcher)
            return protocol, READERS[protocol](asked, fetcher, parser), close
        except Exception:
            close()
            raise

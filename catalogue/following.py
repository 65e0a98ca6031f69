"""A process in which the views follow while another one goes on writing records.

Started as ``python -m catalogue.following``: the first line on standard input is the settings as
JSON, for they may hold secrets; each further line asks it to catch up, which it confirms by a
dot.  It ends with its input, so it never outlives who asked.
"""

from __future__ import annotations

import json
import os
import sys

from catalogue.config import Settings
from catalogue.instance import Catalogue


def main() -> None:
    """Catch up whenever somebody asks."""
    catalogue = Catalogue(Settings(**json.loads(sys.stdin.buffer.readline())))
    for _ in sys.stdin.buffer:
        catalogue.catch_up()
        os.write(1, b".")
    catalogue.close()


if __name__ == "__main__":
    main()

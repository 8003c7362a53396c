"""One sentence in both languages."""

from typing import NamedTuple


class Pair(NamedTuple):
    """One sentence in both languages; `{name}` marks a fact to fill in."""

    en: str
    zh: str

"""Search in names, codes and pinyin, by pairs of characters: two of Chinese are a word already."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce

_MOST_WORDS = 6
_EQUAL, _BEGINS, _CONTAINS = range(3)


class Index:
    """Finds rows by what their keys contain.

    Args:
        rows: the keys of each row; a row is found where every word is part of one of them.
    """

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        self._keys = [tuple(filter(None, map(_plain, keys))) for keys in rows]
        rows_of: defaultdict[str, set[int]] = defaultdict(set)
        for row, keys in enumerate(self._keys):
            for gram in {gram for key in keys for gram in _grams(key)}:
                rows_of[gram].add(row)
        self._rows_of = dict(rows_of)

    def search(self, text: str) -> list[int]:
        """The rows that have every word of a text, best first, else in their own order."""
        words = _plain(text).split()[:_MOST_WORDS]
        found = [self._having(word) for word in words]
        if not found:
            return []
        every = reduce(set.intersection, map(set, found))
        return sorted(every, key=lambda row: (sum(ranks[row] for ranks in found), row))

    def exact(self, text: str) -> list[int]:
        """The rows that have a text as one of their keys."""
        wanted = _plain(text)
        return [row for row in sorted(self._candidates(wanted)) if wanted in self._keys[row]]

    def _having(self, word: str) -> dict[int, int]:
        ranks = {row: _rank(word, self._keys[row]) for row in self._candidates(word)}
        return {row: rank for row, rank in ranks.items() if rank is not None}

    def _candidates(self, word: str) -> set[int]:
        grams = [word] if len(word) == 1 else [word[at : at + 2] for at in range(len(word) - 1)]
        found = [self._rows_of.get(gram, set()) for gram in grams]
        return set.intersection(*found) if found else set()


def _rank(word: str, keys: Sequence[str]) -> int | None:
    if word in keys:
        return _EQUAL
    if any(key.startswith(word) for key in keys):
        return _BEGINS
    return _CONTAINS if any(word in key for key in keys) else None


def _grams(key: str) -> Iterator[str]:
    yield from key
    yield from (key[at : at + 2] for at in range(len(key) - 1))


def _plain(text: str) -> str:
    # Full-width letters and digits of an input method are the usual ones.
    return unicodedata.normalize("NFKC", text).strip().casefold()

"""The difference between two versions, within bounds of time."""

import difflib
from dataclasses import dataclass
from itertools import takewhile

# Beyond it lines are told as replaced, not matched: matching takes the square of their number.
_MOST_MATCHED = 4_000
_CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference as `diff -u` writes it, with how many lines came and went."""

    unified: str
    added: int
    removed: int


def compare(first: str, second: str, *, names: tuple[str, str]) -> Difference:
    """Compare two texts line by line."""
    before, after = first.splitlines(), second.splitlines()
    lines = list(_unified(before, after, names))
    return Difference(
        unified="".join(f"{line}\n" for line in lines),
        added=sum(line.startswith("+") for line in lines[2:]),
        removed=sum(line.startswith("-") for line in lines[2:]),
    )


def _unified(before: list[str], after: list[str], names: tuple[str, str]) -> list[str]:
    head = _alike(before, after)
    tail = _alike(before[head:][::-1], after[head:][::-1])
    middle = max(len(before), len(after)) - head - tail
    if middle <= _MOST_MATCHED:
        return list(difflib.unified_diff(before, after, *names, lineterm="", n=_CONTEXT))
    gone, come = before[head : len(before) - tail], after[head : len(after) - tail]
    place = f"@@ -{head + 1},{len(gone)} +{head + 1},{len(come)} @@"
    marked = [f"-{line}" for line in gone] + [f"+{line}" for line in come]
    return [f"--- {names[0]}", f"+++ {names[1]}", place, *marked]


def _alike(before: list[str], after: list[str]) -> int:
    """How many lines two texts begin with alike."""
    pairs = zip(before, after, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

"""Word of what takes long, for whoever shows it; said from deep inside, where nobody can see."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Hearer = Callable[[str], None]

_hearers: list[Hearer] = []


@contextmanager
def heard_by(hearer: Hearer) -> Iterator[None]:
    """Have a hearer told of what takes long meanwhile."""
    _hearers.append(hearer)
    try:
        yield
    finally:
        _hearers.remove(hearer)


def announce(text: str) -> None:
    """Tell everybody who listens."""
    for hearer in [*_hearers]:
        hearer(text)

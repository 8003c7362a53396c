"""How long to wait before something that failed is tried again."""

from random import Random


def backoff_s(attempt: int, dice: Random, *, first_s: float = 1.0, most_s: float = 300.0) -> float:
    """Wait twice as long after each attempt; half of it by chance, so that a crowd spreads out.

    Args:
        attempt: how often it has failed so far, from 1.
        dice: where the chance comes from.
        first_s: the wait after the first failure.
        most_s: the longest wait.
    """
    whole = min(first_s * 2.0 ** min(attempt - 1, 60), most_s)
    return whole * (0.5 + 0.5 * dice.random())

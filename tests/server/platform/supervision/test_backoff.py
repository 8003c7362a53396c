"""Waiting longer after each quick death, and never too long."""

from random import Random

import pytest

from quantloom_server.platform.supervision.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(Random(1))

    waits = [backoff.after(0.0) for _ in range(12)]

    ceilings = [min(15.0, 0.5 * 2**step) for step in range(12)]
    assert all(0.75 * top <= wait <= top for wait, top in zip(waits, ceilings, strict=True))


def test_a_steady_life_is_forgiven() -> None:
    backoff = Backoff(Random(1))
    for _ in range(5):
        backoff.after(1.0)
    assert backoff.is_looping

    assert backoff.after(60.0) <= 0.5
    assert not backoff.is_looping


def test_two_that_die_together_do_not_come_back_together() -> None:
    assert Backoff(Random(1)).after(0.0) != pytest.approx(Backoff(Random(2)).after(0.0))

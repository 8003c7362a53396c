"""The measure of the trail: both ways leave a chain that holds, and every act has its lag."""

import pytest
from benchmarks.trail import Outcome, at, run


def test_quantiles_are_milliseconds_and_of_nothing_there_is_none() -> None:
    assert at([0.003, 0.001, 0.002], 1.0) == 3.0
    assert at([0.004, 0.001, 0.002, 0.003], 0.5) == 3.0
    assert at([], 0.99) == 0.0


@pytest.mark.soak
def test_both_ways_seal_every_act_within_ten_seconds() -> None:
    followed, locked = run(1.0)

    assert isinstance(followed, Outcome)
    assert min(followed.acts, locked.acts) > 8
    assert 0 < followed.lag_p99_ms <= followed.lag_most_ms < 10_000

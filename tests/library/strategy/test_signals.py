"""Signals are refused with a reason where they do not fit each other."""

from typing import Any

import numpy as np
import pytest

from quantloom.strategy import BadSignals, Signals, falls_through, rises_through
from quantloom.trading import percent, trailing

UP = np.array([True, False, True])
NAN = float("nan")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "there is no signal"),
        ({"exits": UP}, "exits without entries close nothing"),
        ({"entries": UP, "weights": np.zeros(3)}, "weights stand alone"),
        ({"entries": UP, "exits": UP[:2]}, "differ in length: 3 of entries, 2 of exits"),
        ({"entries": np.array([1, 0, 1])}, "entries are of int64; give an array of bool"),
        ({"entries": UP.reshape(1, 3)}, r"entries have the shape \(1, 3\)"),
        ({"weights": np.array(["a"])}, "weights are of <U1"),
        ({"weights": np.array([np.inf])}, "a weight is infinite"),
        ({"weights": np.zeros(3), "turns": True}, "weights take no stop_loss"),
        ({"entries": UP, "turns": 1}, "turns is 1; it is True or False"),
        ({"entries": UP, "stop_loss": 9.5}, "stop_loss=9.5 is no distance"),
        ({"entries": UP, "take_profit": trailing(percent(1))}, "is no distance; write percent"),
    ],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(BadSignals, match=told):
        Signals(**given)


def test_signals_for_another_number_of_bars_are_refused() -> None:
    with pytest.raises(BadSignals, match="there are 3 signals for 4 bars"):
        Signals(entries=UP).fit(4)


def test_codes_hold_the_four_kinds_bit_by_bit() -> None:
    signals = Signals(entries=UP, exits=~UP, short_entries=~UP, short_exits=UP)

    assert signals.codes().tolist() == [9, 6, 9]


def test_lists_are_taken_and_cannot_be_changed_later() -> None:
    signals = Signals(entries=[True, False])  # type: ignore[arg-type]

    assert len(signals) == 2
    with pytest.raises(ValueError, match="read-only"):
        signals.entries[0] = False  # type: ignore[index]


def test_whole_weights_become_floats() -> None:
    weights = Signals(weights=np.array([0, 1])).weights

    assert weights is not None
    assert weights.dtype == np.float64


def test_crossings_need_a_value_on_both_bars() -> None:
    left = np.array([NAN, 3.0, 1.0, 2.0, 3.0, 2.0, 1.0])

    assert rises_through(left, 2.0).tolist() == [False] * 4 + [True, False, False]
    assert falls_through(left, 2.0).tolist() == [False, False, True, False, False, False, True]
    assert rises_through(left, left[::-1]).tolist() == [False] * 4 + [True, False, False]

"""Floats become whole numbers of a decimal place only where they come back to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data.store.scaled import scaled, to_floats


@settings(max_examples=200)
@given(
    # From 2**51 on two roundings may add up to half a number, and the floats are kept instead.
    whole=st.lists(st.integers(-(2**50), 2**50), min_size=1, max_size=50),
    places=st.integers(0, 10),
)
def test_decimals_come_back_to_the_bit(whole: list[int], places: int) -> None:
    values = np.array(whole, dtype=np.int64) / 10.0**places

    found = scaled(values)

    assert found is not None
    assert found.places <= places
    assert to_floats(found.whole, found.places).tobytes() == values.tobytes()


@settings(max_examples=200)
@given(values=st.lists(st.floats(), min_size=1, max_size=30))
def test_any_floats_come_back_to_the_bit_or_are_left_alone(values: list[float]) -> None:
    given_values = np.array(values)
    found = scaled(given_values)

    if found is not None:
        back = to_floats(found.whole, found.places)
        if found.gaps is not None:
            back[found.gaps] = np.nan
        assert back.tobytes() == given_values.tobytes()


@pytest.mark.parametrize(
    "odd", [-0.0, np.inf, 1 / 3, 2.0**53 + 2, 1e-11, np.array(2**62 + 1).view(np.float64)]
)
def test_what_is_no_decimal_is_left_alone(odd: float) -> None:
    assert scaled(np.array([1.0, odd, 2.0])) is None


def test_one_odd_value_among_many_is_found() -> None:
    values = np.round(np.random.default_rng(1).random(100_000) * 100, 2)
    values[77_777] += 1e-9

    found = scaled(values)
    assert found is None or found.places != 2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.data import BadWalk, random_walk
from quantloom.market import Price, exact


def test_the_walk_is_the_same_everywhere() -> None:
    # Recorded once; another platform or NumPy version must give these very bars.
    bars = random_walk(1_000, 42)

    assert bars.digest() == "4447539d3211ac189777d387bc8326475d332504ab83cdbc8b3b435ee7b859d9"
    assert (bars.open[0], bars.close[-1]) == (99.99, 100.84)


def test_another_seed_is_another_walk() -> None:
    assert random_walk(100, 1).digest() != random_walk(100, 2).digest()


def test_a_longer_walk_has_the_asked_length_and_no_gaps() -> None:
    bars = random_walk(1_500, 1, timeframe="5m")

    assert len(bars) == 1_500
    assert set(np.diff(bars.ts).tolist()) == {300 * 10**9}


@given(
    seed=st.integers(0, 2**32),
    tick=st.sampled_from(["0.01", "0.2", "1", "0.0001", "5", "0.025"]),
    volatility=st.floats(1e-6, 0.2),
)
def test_every_price_lies_on_the_tick(seed: int, tick: str, volatility: float) -> None:
    bars = random_walk(50, seed, tick=tick, volatility=volatility)

    for column in (bars.open, bars.high, bars.low, bars.close):
        for price in column.tolist():
            assert Price.parse(price, exact(tick)).ticks >= 1


def test_returns_have_the_volatility_asked_for() -> None:
    bars = random_walk(200_000, 3, volatility=0.001, tick="0.00001")

    returns = np.diff(np.log(bars.close))

    assert np.std(returns) == pytest.approx(0.001, rel=0.01)
    assert np.mean(returns) == pytest.approx(0.0, abs=1e-5)


def test_an_open_seldom_equals_the_close_before_it() -> None:
    bars = random_walk(10_000, 5)

    assert np.mean(bars.open[1:] == bars.close[:-1]) < 0.5


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("n", {"n": 0}),
        ("n", {"n": -1}),
        ("volatility", {"volatility": 0.0}),
        ("start_price", {"start_price": float("nan")}),
        ("tick", {"tick": "0"}),
    ],
)
def test_a_walk_needs_numbers_above_zero(field: str, change: dict[str, float]) -> None:
    arguments = {"n": 10, "seed": 1} | change

    with pytest.raises(BadWalk, match=field):
        random_walk(**arguments)  # type: ignore[arg-type]

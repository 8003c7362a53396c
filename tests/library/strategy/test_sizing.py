"""How large an entry is when the strategy leaves it open."""

import math
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.performance import trip_statistics
from quantloom.strategy import (
    AnySizing,
    BadSizing,
    Entry,
    EquityShare,
    FixedSize,
    KellyFraction,
    RiskPerTrade,
    StopNeeded,
    VolatilityTarget,
)
from quantloom.trading import RoundTrip
from tests.library.strategy.books import FakeBook, make_tradable, make_trip

D = Decimal
AT_MARKET = Entry(D(100))
# Six wins of 200 and four losses of 100: p = 0.6, payoff = 2, Kelly = 0.6 - 0.4 / 2 = 0.4.
SIX_OF_TEN = tuple(make_trip(pnl) for pnl in [200] * 6 + [-100] * 4)


@pytest.mark.parametrize("price", [D("0.01"), D(100), D(10**9)])
def test_a_fixed_size_is_taken_as_it_stands(price: Decimal) -> None:
    book = FakeBook(at=price, worth=D(0))

    assert FixedSize.of("2.5").quantity(make_tradable(), book, Entry(price)) == D("2.5")


@given(
    st.decimals("0.01", 5_000, places=2),
    st.decimals(-1_000, 10**7, places=2),
    st.sampled_from(["0.5", "0.95", "1", "2"]),
    st.sampled_from(["1", "100", "0.001"]),
)
def test_an_equity_share_is_notional(
    price: Decimal, equity: Decimal, weight: str, lot: str
) -> None:
    instrument = make_tradable(lot=D(lot), multiplier=D(10))
    book = FakeBook(at=price, worth=equity)

    quantity = EquityShare.of(weight).quantity(instrument, book, Entry(price))

    budget = max(equity * D(weight), D(0))
    assert quantity % D(lot) == 0
    assert quantity * price * 10 <= budget < (quantity + D(lot)) * price * 10


def test_a_share_is_of_the_last_close_and_not_of_the_orders_own_price() -> None:
    at_half_price = Entry(D(50))

    assert EquityShare.of(1).quantity(make_tradable(), FakeBook(), at_half_price) == 1_000


def test_a_share_is_not_rounded_up_to_a_lot_by_the_last_digit() -> None:
    just_short = D("299." + "9" * 60)
    sizing = EquityShare.of(1)

    assert sizing.quantity(make_tradable(), FakeBook(worth=just_short), AT_MARKET) == 2
    assert sizing.quantity(make_tradable(), FakeBook(worth=D(300)), AT_MARKET) == 3


@given(
    st.decimals("1", 5_000, places=2),
    st.decimals("1", 5_000, places=2),
    st.sampled_from(["0.001", "0.02", "1"]),
)
def test_risk_per_trade_loses_its_share_at_the_stop(
    price: Decimal, stop: Decimal, risk: str
) -> None:
    instrument = make_tradable(multiplier=D(10))
    book = FakeBook(at=D(3), worth=D(1_000_000))

    quantity = RiskPerTrade.of(risk).quantity(instrument, book, Entry(price, stop))

    lost_by_one = abs(price - stop) * 10
    budget = 1_000_000 * D(risk)
    assert quantity * lost_by_one <= budget
    assert price == stop or budget < (quantity + 1) * lost_by_one


def test_a_stop_at_the_entrys_own_price_comes_to_nothing() -> None:
    assert not RiskPerTrade().quantity(make_tradable(), FakeBook(), Entry(D(100), D(100)))


def test_risk_per_trade_needs_a_stop() -> None:
    with pytest.raises(StopNeeded, match=r"MADE\.SIM .* stop_loss=, or a quantity") as caught:
        RiskPerTrade().quantity(make_tradable(), FakeBook(), AT_MARKET)

    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_volatility_target_scales_with_calm() -> None:
    # Moskowitz, Ooi and Pedersen hold target / volatility of equity: 15 % over 30 % is a half.
    sizing = VolatilityTarget.of("0.15", cap=2)
    wild, calm = FakeBook(wildness=0.3), FakeBook(wildness=0.1)

    assert sizing.quantity(make_tradable(), wild, AT_MARKET) == 500
    assert sizing.quantity(make_tradable(), calm, AT_MARKET) == 1_500


@given(st.floats(1e-12, 10), st.sampled_from(["0.05", "0.15", "1"]))
def test_the_position_is_as_volatile_as_the_target_and_no_larger_than_the_cap(
    wildness: float, target: str
) -> None:
    book = FakeBook(wildness=wildness)

    quantity = VolatilityTarget.of(target).quantity(make_tradable(), book, AT_MARKET)

    wanted = min(Fraction(target) / Fraction(str(wildness)), Fraction(1)) * 1_000
    assert quantity == wanted // 1


def test_without_a_volatility_there_is_no_position_and_without_movement_the_cap() -> None:
    sizing = VolatilityTarget.of("0.15", cap="0.8")

    assert not sizing.quantity(make_tradable(), FakeBook(wildness=math.nan), AT_MARKET)
    assert sizing.quantity(make_tradable(), FakeBook(wildness=0.0), AT_MARKET) == 800


def test_kelly_follows_the_runs_own_round_trips() -> None:
    book = FakeBook(round_trips=SIX_OF_TEN)

    full = KellyFraction.of(1, least=10).quantity(make_tradable(), book, AT_MARKET)
    half = KellyFraction.of("0.5", least=10).quantity(make_tradable(), book, AT_MARKET)

    assert full == 400
    assert half == 200


def test_kelly_bets_what_a_biased_coin_is_worth() -> None:
    # Thorp (2006), section 2: even money at p = 0.53 has the best stake p - q = 0.06.
    tosses = tuple(make_trip(pnl) for pnl in [1] * 53 + [-1] * 47)

    quantity = KellyFraction.of(1).quantity(
        make_tradable(), FakeBook(round_trips=tosses), AT_MARKET
    )

    assert quantity == 60


@pytest.mark.parametrize(
    "trips",
    [SIX_OF_TEN[:9], (make_trip(1),) * 10, (make_trip(-1),) * 10, (make_trip(0),) * 10, ()],
    ids=["too few", "no loss", "no win", "only zeros", "none"],
)
def test_kelly_begins_with_its_start(trips: tuple[RoundTrip, ...]) -> None:
    sizing = KellyFraction.of(least=10, start="0.25")

    assert sizing.quantity(make_tradable(), FakeBook(round_trips=trips), AT_MARKET) == 250


def test_kelly_stays_out_of_what_has_lost_and_below_its_cap() -> None:
    losing = FakeBook(round_trips=tuple(make_trip(pnl) for pnl in [100] * 5 + [-101] * 5))
    winning = FakeBook(round_trips=SIX_OF_TEN)

    assert not KellyFraction.of(least=10).quantity(make_tradable(), losing, AT_MARKET)
    capped = KellyFraction.of(1, cap="0.3", least=10)
    assert capped.quantity(make_tradable(), winning, AT_MARKET) == 300


class _Columns:
    """Round trips as the metrics read them."""

    def __init__(self, trips: list[RoundTrip]) -> None:
        self.pnl = np.array([float(trip.pnl) for trip in trips])
        self.entry_ns = np.zeros(len(trips), dtype=np.int64)
        self.exit_ns = np.arange(len(trips), dtype=np.int64)


@given(st.lists(st.integers(-50, 50).map(make_trip), min_size=2, max_size=30))
def test_kelly_is_the_ratio_that_the_metrics_show(trips: list[RoundTrip]) -> None:
    shown = trip_statistics(_Columns(trips)).kelly_ratio
    book = FakeBook(worth=D(10**9), round_trips=trips)

    quantity = KellyFraction.of(1, least=1, start="0.5").quantity(make_tradable(), book, AT_MARKET)

    share = 0.5 if shown is None else max(shown, 0.0)
    assert float(quantity) == pytest.approx(share * 10**7, abs=1.01)


@pytest.mark.parametrize(
    "sizing",
    [EquityShare(), RiskPerTrade(), VolatilityTarget(), KellyFraction()],
    ids=lambda sizing: type(sizing).__name__,
)
@pytest.mark.parametrize("equity", [D(-5), D(0), D(1)])
def test_an_account_too_small_for_a_lot_gets_nothing(sizing: AnySizing, equity: Decimal) -> None:
    book = FakeBook(worth=equity, wildness=0.2)

    quantity = sizing.quantity(make_tradable(), book, Entry(D(100), D(98)))

    assert quantity == 0
    assert not quantity.is_signed()


def test_shares_may_be_trimmed_and_sizes_may_not() -> None:
    assert all(
        sizing.may_trim
        for sizing in (EquityShare(), RiskPerTrade(), VolatilityTarget(), KellyFraction())
    )
    assert not FixedSize.of(1).may_trim


def test_sizings_read_any_spelling_of_a_number() -> None:
    assert RiskPerTrade.of(0.1) == RiskPerTrade(D("0.1"))
    assert VolatilityTarget.of(0.15, 30, 2) == VolatilityTarget(D("0.15"), 30, D(2))
    assert KellyFraction.of(0.5, cap="1", least=20, start=0.1) == KellyFraction()


@pytest.mark.parametrize("value", [0, -1])
def test_nothing_is_no_size(value: int) -> None:
    with pytest.raises(BadSizing, match=f"size is {value}; it must be above 0$"):
        FixedSize.of(value)
    with pytest.raises(BadSizing, match=f"weight is {value}; it must be above 0$"):
        EquityShare.of(value)
    with pytest.raises(BadSizing, match=f"risk is {value}; it must be above 0 and at most 1$"):
        RiskPerTrade.of(value)
    with pytest.raises(BadSizing, match=f"target is {value}; "):
        VolatilityTarget.of(value)
    with pytest.raises(BadSizing, match=f"least is {value}; "):
        KellyFraction.of(least=value)


def test_percent_where_a_share_belongs_is_refused() -> None:
    with pytest.raises(BadSizing, match=r"risk is 2; it must be above 0 and at most 1$"):
        RiskPerTrade.of(2)
    with pytest.raises(BadSizing, match=r"fraction is 50; it must be above 0 and at most 1$"):
        KellyFraction.of(50)


def test_a_volatility_needs_two_returns() -> None:
    with pytest.raises(BadSizing, match=r"window is 2; it must be above 2$"):
        VolatilityTarget.of("0.1", window=2)
    assert VolatilityTarget.of("0.1", window=3).window == 3

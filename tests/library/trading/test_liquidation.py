"""When a perpetual position is liquidated, where, and what that costs."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from quantloom.trading import (
    Backing,
    Holding,
    MarginTier,
    MarginTiers,
    MarkBar,
    Marked,
    Perpetual,
    bankruptcy_price,
    fails_at,
    initial_margin,
    liquidate,
    liquidated_at,
    liquidation_price,
    margin_ratio,
)
from tests.library.trading.builders import decimals

D = Decimal
CENT = D("0.01")
LINEAR = Perpetual()
INVERSE = Perpetual(is_inverse=True)
Row = tuple[str, str, str, int]


def make_tiers(*rows: Row) -> MarginTiers:
    found = rows or (("0", "0.005", "0", 100),)
    return MarginTiers(
        tuple(MarginTier(D(start), D(ratio), D(off), most) for start, ratio, off, most in found)
    )


def hold(quantity: str, price: str, contract: Perpetual = LINEAR) -> Holding:
    return Holding.of(contract, [(D(quantity), D(price))])


def isolated(holding: Holding, leverage: int) -> Backing:
    return Backing(initial_margin(holding.entry_notional, D(leverage)))


# The tables of Binance at the time of its worked examples.
BTC_TIERS = make_tiers(
    ("0", "0.004", "0", 125),
    ("50000", "0.005", "50", 100),
    ("250000", "0.01", "1300", 50),
    ("1000000", "0.025", "16300", 20),
    ("5000000", "0.05", "141300", 10),
)
ETH_TIERS = make_tiers(
    ("0", "0.005", "0", 100),
    ("10000", "0.0065", "15", 75),
    ("100000", "0.01", "365", 50),
    ("500000", "0.02", "5365", 25),
    ("1000000", "0.05", "35365", 10),
    ("2000000", "0.1", "135365", 5),
    ("5000000", "0.125", "260365", 4),
)
BTC = hold("109.488", "32481.98")
ETH = hold("3683.979", "1456.84")
WALLET = D("1535443.01")


def published(holding: Holding, tiers: MarginTiers, backing: Backing) -> Decimal:
    """To the nearest cent, as Binance prints it; ours are ticks beyond the exact price."""
    price = liquidation_price(holding, tiers, backing, tick=D("0.000001"))
    assert price is not None
    return round(price, 2)


def test_isolated_prices_are_those_of_binances_examples() -> None:
    # freqtrade's tests hold the same four numbers.
    alone = Backing(WALLET)

    assert published(ETH, ETH_TIERS, alone) == D("1114.78")
    assert published(BTC, BTC_TIERS, alone) == D("18778.73")


def test_cross_prices_are_those_of_binances_examples() -> None:
    btc = Marked(BTC, BTC_TIERS, D("31967.27"))
    eth = Marked(ETH, ETH_TIERS, D("1335.18"))

    beside_btc, beside_eth = Backing.cross(WALLET, [btc]), Backing.cross(WALLET, [eth])

    # Binance prints -56,354.57 and 71,200.81144 for the other contract, to the marks shown here.
    assert round(beside_btc.profit, 2) == D("-56354.57")
    assert abs(beside_btc.needed - D("71200.81144")) < D("0.01")
    assert published(ETH, ETH_TIERS, beside_btc) == D("1153.26")
    assert published(BTC, BTC_TIERS, beside_eth) == D("26316.89")


def test_an_inverse_long_goes_where_bybit_says() -> None:
    # 60,000 contracts of 1 USD at 50,000, ten times: 60,000 x 1.005 / (1.2 + 0.12) = 45,681.81...
    holding = hold("60000", "50000", INVERSE)

    assert liquidation_price(holding, make_tiers(), isolated(holding, 10), tick=D("0.5")) == D(
        "45681.5"
    )


def test_an_inverse_short_goes_where_bybit_says() -> None:
    # 60,000 x 0.995 / (1.2 - 0.12) = 55,277.77...
    holding = hold("-60000", "50000", INVERSE)

    assert liquidation_price(holding, make_tiers(), isolated(holding, 10), tick=D("0.5")) == D(
        "55278.0"
    )


def test_bankruptcy_is_where_the_margin_is_lost() -> None:
    # Bybit: 10,000 less 2 % at fifty times; the short one 2 % above.
    assert bankruptcy_price(hold("1", "10000"), Backing(D(200)), tick=CENT) == D(9_800)
    assert bankruptcy_price(hold("-1", "10000"), Backing(D(200)), tick=CENT) == D(10_200)
    # 1.2 BTC and 0.12 of margin: 60,000 / 1.32 and 60,000 / 1.08.
    assert bankruptcy_price(hold("60000", "50000", INVERSE), Backing(D("0.12")), tick=CENT) == D(
        "45454.54"
    )
    assert bankruptcy_price(hold("-60000", "50000", INVERSE), Backing(D("0.12")), tick=CENT) == D(
        "55555.56"
    )


def test_a_position_paid_in_full_is_never_liquidated() -> None:
    paid = Backing(D(10_000))

    assert liquidation_price(hold("1", "10000"), make_tiers(), paid, tick=CENT) is None
    assert bankruptcy_price(hold("1", "10000"), paid, tick=CENT) is None
    # The short seller of a coin that is his already loses nothing in coin.
    owned = hold("-10000", "10000", INVERSE)
    assert liquidation_price(owned, make_tiers(), Backing(D(1)), tick=CENT) is None


def test_an_account_beyond_rescue_fails_at_every_price() -> None:
    lost = Backing(D(-100))

    assert liquidation_price(hold("-1", "50"), make_tiers(), lost, tick=CENT) == 0
    assert liquidation_price(hold("50", "50", INVERSE), make_tiers(), lost, tick=CENT) == D("Inf")


def test_the_low_of_the_mark_price_liquidates_though_the_close_looks_well() -> None:
    # 1 coin at 20,000 with 400: (20,000 - 400) / 0.995 = 19,698.49...
    holding, backing = hold("1", "20000"), Backing(D(400))

    def mark(*bar: str) -> Decimal | None:
        prices = MarkBar(*(D(one) for one in bar))
        return liquidated_at(holding, make_tiers(), backing, prices, tick=CENT)

    assert mark("20000", "20100", "19698.50") is None
    assert mark("20000", "20100", "19698.49") == D("19698.49")
    assert mark("20000", "20100", "19000") == D("19698.49")
    # The gap has passed it: it goes at the open.
    assert mark("19500", "19600", "19400") == D(19_500)


def test_margin_that_is_just_what_is_needed_is_too_little() -> None:
    # At 9,800 a loss of 200 leaves 49 of 249, which is 0.5 % of 9,800.
    holding, backing = hold("1", "10000"), Backing(D(249))

    assert liquidation_price(holding, make_tiers(), backing, tick=CENT) == D(9_800)
    assert fails_at(holding, make_tiers(), backing, D(9_800))
    assert not fails_at(holding, make_tiers(), backing, D("9800.01"))


def test_the_high_of_the_mark_price_liquidates_a_short_position() -> None:
    # (20,000 + 400) / 1.005 = 20,298.507...
    bar = MarkBar(D(20_000), D(20_400), D(19_900))

    assert liquidated_at(hold("-1", "20000"), make_tiers(), Backing(D(400)), bar, tick=CENT) == D(
        "20298.51"
    )


def test_a_mark_finer_than_the_tick_is_met_within_the_bar() -> None:
    # Fails at 19,698.4924...: so does a low of 19,698.492, above the tick of 19,698.49.
    bar = MarkBar(D(20_000), D(20_000), D("19698.492"))

    assert liquidated_at(hold("1", "20000"), make_tiers(), Backing(D(400)), bar, tick=CENT) == D(
        "19698.492"
    )


def test_the_margin_ratio_is_one_where_it_ends() -> None:
    holding, backing = hold("1", "20000"), Backing(D(400))

    # At 19,900 a balance of 300 stands against 99.5; at 19,500 nothing stands any more.
    assert margin_ratio(holding, make_tiers(), backing, D(19_900)) == pytest.approx(99.5 / 300)
    assert margin_ratio(holding, make_tiers(), backing, D(19_500)) == float("inf")


def test_a_liquidation_costs_its_fee_on_what_is_closed() -> None:
    # 19,800 x 0.5 % = 99, of a balance of 200.
    marked = Marked(hold("1", "20000"), make_tiers(), D(19_800))

    done = liquidate(marked, Backing(D(400)), fee_ratio=D("0.005"))

    assert (done.quantity, done.price, done.fee, done.insured) == (D(1), D(19_800), D(99), D(0))


def test_the_fee_takes_no_more_than_is_left() -> None:
    marked = Marked(hold("1", "20000"), make_tiers(), D(19_650))

    # 50 are left; 1.25 % would be 245.625.
    assert liquidate(marked, Backing(D(400)), fee_ratio=D("0.0125")).fee == 50
    # As if it was closed at the bankruptcy price, whatever the fee.
    assert liquidate(marked, Backing(D(400)), fee_ratio=D(0), takes_rest=True).fee == 50


def test_no_more_than_the_margin_is_lost_in_a_gap() -> None:
    holding = hold("1", "20000")

    done = liquidate(Marked(holding, make_tiers(), D(19_000)), Backing(D(400)), fee_ratio=D("0.01"))

    assert (done.fee, done.insured) == (D(0), D(600))
    assert 400 + holding.profit(done.price) - done.fee + done.insured == 0


TWO_TIERS = make_tiers(("0", "0.01", "0", 50), ("100000", "0.05", "4000", 10))


def test_a_partial_liquidation_comes_down_to_the_tier_that_the_margin_maintains() -> None:
    # 10 coins at 20,000 need 200,000 x 5 % - 4,000 = 6,000. 5 of them need 1,000; the fee on the
    # 5 that are closed is 1,000 at 1 %, of a balance of 5,900.
    marked = Marked(hold("10", "20000"), TWO_TIERS, D(20_000))
    backing = Backing(D(5_900))
    assert fails_at(*marked[:2], backing, marked.price)

    done = liquidate(marked, backing, fee_ratio=D("0.01"), step=D("0.001"))

    assert (done.quantity, done.fee, done.insured) == (D(5), D(1_000), D(0))


def test_a_partial_liquidation_that_would_not_help_closes_all() -> None:
    # Of 1,900 the fee leaves 900, less than the 1,000 that the lower tier needs.
    marked = Marked(hold("10", "20000"), TWO_TIERS, D(20_000))

    done = liquidate(marked, Backing(D(1_900)), fee_ratio=D("0.01"), step=D("0.001"))

    assert (done.quantity, done.fee) == (D(10), D(1_900))


def test_the_lowest_tier_knows_no_partial_liquidation() -> None:
    marked = Marked(hold("1", "20000"), TWO_TIERS, D(20_000))

    assert liquidate(marked, Backing(D(150)), fee_ratio=D(0), step=D("0.001")).quantity == 1


def test_where_tiers_jump_a_short_fails_as_it_enters_the_upper_one() -> None:
    # Nothing is deducted: at 1,000 the need jumps from 10 to 200, and 100 + 900 - 1,000 is left.
    tiers = make_tiers(("0", "0.01", "0", 50), ("1000", "0.2", "0", 5))

    assert liquidation_price(hold("-1", "900"), tiers, Backing(D(150)), tick=CENT) == D(1_000)


# Properties


@st.composite
def joined_tiers(draw: st.DrawFn) -> MarginTiers:
    """Tiers whose deductions make them join, as venues publish them."""
    starts = sorted(draw(st.sets(st.integers(1, 5_000).map(lambda n: n * 1_000), max_size=5)))
    ratios = sorted(draw(st.sets(st.integers(1, 80), min_size=len(starts) + 1, max_size=6)))
    rows = [MarginTier(D(0), D(ratios[0]) / 200, D(0), 100)]
    for start, ratio in zip(starts, ratios[1:], strict=False):
        last = rows[-1]
        share = D(ratio) / 200
        deducted = last.deducted + start * (share - last.ratio)
        rows.append(MarginTier(D(start), share, deducted, 10))
    return MarginTiers(tuple(rows))


prices = decimals("10", "90000", 2)
sizes = st.integers(-5_000, 5_000).filter(bool).map(D)
holdings = st.builds(
    lambda contract, lots, sign: Holding.of(contract, [(abs(q) * sign, p) for q, p in lots]),
    st.sampled_from([LINEAR, INVERSE, Perpetual(multiplier=D(100), is_inverse=True)]),
    st.lists(st.tuples(sizes, prices), min_size=1, max_size=3),
    st.sampled_from([1, -1]),
)


def surplus(holding: Holding, tiers: MarginTiers, backing: Backing, price: Decimal) -> Fraction:
    """Balance less need in fractions, by the words of the venues and by nothing of ours."""
    face = Fraction(abs(holding.quantity) * holding.contract.multiplier)
    is_long = holding.quantity > 0
    value = face / Fraction(price) if holding.contract.is_inverse else face * Fraction(price)
    entry = Fraction(holding.entry_notional)
    gains = value - entry if is_long != holding.contract.is_inverse else entry - value
    needs = [
        value * Fraction(tier.ratio) - Fraction(tier.deducted)
        for tier in tiers.tiers
        if value >= Fraction(tier.start)
    ]
    others = Fraction(backing.margin) + Fraction(backing.profit) - Fraction(backing.needed)
    return others + gains - needs[-1]


@given(
    holdings,
    joined_tiers(),
    st.integers(1, 40),
    decimals("-500", "500", 2),
    decimals("0", "500", 2),
)
def test_the_liquidation_price_is_where_margin_equals_maintenance_to_the_tick(
    holding: Holding, tiers: MarginTiers, leverage: int, profit: Decimal, needed: Decimal
) -> None:
    backing = Backing(isolated(holding, leverage).margin, profit, needed)

    price = liquidation_price(holding, tiers, backing, tick=CENT)

    assume(price is not None and price not in (D("Inf"), D(0)))
    assert price is not None
    nearer = price + CENT if holding.quantity > 0 else price - CENT
    assert surplus(holding, tiers, backing, price) <= 0
    assert fails_at(holding, tiers, backing, price)
    if nearer > 0:
        assert surplus(holding, tiers, backing, nearer) > 0
        assert not fails_at(holding, tiers, backing, nearer)


@given(holdings, joined_tiers(), st.integers(1, 40), prices, prices, prices)
def test_a_bar_liquidates_just_where_its_worst_mark_fails(
    holding: Holding,
    tiers: MarginTiers,
    leverage: int,
    opened: Decimal,
    one: Decimal,
    other: Decimal,
) -> None:
    backing = isolated(holding, leverage)
    bar = MarkBar(opened, max(opened, one, other), min(opened, one, other))

    price = liquidated_at(holding, tiers, backing, bar, tick=CENT)

    worst = bar.low if holding.quantity > 0 else bar.high
    assert (price is not None) == (surplus(holding, tiers, backing, worst) <= 0)
    assert price is None or bar.low <= price <= bar.high
    assert price is None or surplus(holding, tiers, backing, price) <= 0


@given(holdings, joined_tiers(), st.lists(st.integers(1, 60), min_size=2, max_size=4, unique=True))
def test_more_leverage_is_never_liquidated_later(
    holding: Holding, tiers: MarginTiers, leverages: Sequence[int]
) -> None:
    is_long = holding.quantity > 0
    beyond = D(0) if is_long else D("Inf")

    found = [
        liquidation_price(holding, tiers, isolated(holding, leverage), tick=CENT)
        for leverage in sorted(leverages)
    ]

    firsts = [beyond if price is None else price for price in found]
    assert firsts == sorted(firsts, reverse=not is_long)


@given(holdings, joined_tiers(), st.integers(1, 40))
def test_liquidation_comes_no_later_than_bankruptcy(
    holding: Holding, tiers: MarginTiers, leverage: int
) -> None:
    backing = isolated(holding, leverage)

    liquidated = liquidation_price(holding, tiers, backing, tick=CENT)
    bankrupt = bankruptcy_price(holding, backing, tick=CENT)

    if bankrupt is not None:
        assert liquidated is not None
        assert liquidated >= bankrupt if holding.quantity > 0 else liquidated <= bankrupt


@given(
    holdings,
    joined_tiers(),
    st.integers(1, 40),
    prices,
    decimals("0", "0.02", 4),
    st.sampled_from([None, D(1), D(10)]),
)
def test_a_liquidation_leaves_an_account_that_needs_no_other(
    holding: Holding,
    tiers: MarginTiers,
    leverage: int,
    price: Decimal,
    fee_ratio: Decimal,
    step: Decimal | None,
) -> None:
    backing = isolated(holding, leverage)
    assume(fails_at(holding, tiers, backing, price))

    done = liquidate(Marked(holding, tiers, price), backing, fee_ratio=fee_ratio, step=step)

    left = abs(holding.quantity) - done.quantity
    balance = backing.balance(holding, price) - done.fee + done.insured
    assert 0 < done.quantity <= abs(holding.quantity)
    assert balance >= 0
    assert not left or balance > tiers.maintenance(holding.contract.notional(left, price))
    assert done.insured == 0 or not left

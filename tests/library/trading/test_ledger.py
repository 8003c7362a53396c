"""Money: exact to the last digit, however the fills fall."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market import Instrument, Kind, exactly
from quantloom.trading import (
    Commission,
    Fill,
    Ledger,
    Margin,
    Refused,
    RoundTrip,
    Side,
)
from tests.library.trading.builders import (
    FILLS,
    INSTRUMENTS,
    decimals,
    make_fill,
    make_instrument,
    random_fills,
)

D = Decimal
INITIAL = D("100000.01")


def booked(fills: list[Fill], instrument: Instrument) -> tuple[Ledger, list[RoundTrip]]:
    ledger = Ledger(INITIAL, commission=Commission(), margin=Margin())
    with exactly():
        trips = [trip for fill in fills for trip in ledger.apply(fill, instrument)]
    return ledger, trips


def signed(fill: Fill) -> Fraction:
    return Fraction(fill.quantity) * (1 if fill.side is Side.BUY else -1)


def total(values: list[Decimal]) -> Fraction:
    return sum(map(Fraction, values), Fraction(0))


@given(FILLS, INSTRUMENTS)
def test_cash_is_the_sum_of_the_flows_to_the_last_digit(
    fills: list[Fill], instrument: Instrument
) -> None:
    ledger, _ = booked(fills, instrument)

    paid = sum((signed(fill) * Fraction(fill.price) for fill in fills), Fraction(0))
    costs = total([fill.commission for fill in fills])
    flows = -paid * Fraction(instrument.multiplier) - costs
    position = ledger.position(instrument)
    if instrument.is_margined:
        # What is still open has moved no cash yet.
        flows += Fraction(position.cost) * Fraction(instrument.multiplier)
    assert Fraction(ledger.cash) == Fraction(INITIAL) + flows


@given(FILLS, INSTRUMENTS)
def test_equity_does_not_depend_on_how_a_position_is_paid(
    fills: list[Fill], instrument: Instrument
) -> None:
    ledger, _ = booked(fills, instrument)
    mark = D("123.45")

    paid = sum((signed(fill) * Fraction(fill.price) for fill in fills), Fraction(0))
    held = sum((signed(fill) for fill in fills), Fraction(0))
    value = (held * Fraction(mark) - paid) * Fraction(instrument.multiplier)
    costs = total([fill.commission for fill in fills])
    with exactly():
        equity = ledger.equity(instrument, mark)
    assert Fraction(equity) == Fraction(INITIAL) + value - costs


@given(FILLS, INSTRUMENTS)
def test_round_trips_and_open_lots_share_out_every_commission(
    fills: list[Fill], instrument: Instrument
) -> None:
    ledger, trips = booked(fills, instrument)
    lots = ledger.position(instrument).lots

    for name in ("commission", "slippage"):
        shared = total([getattr(part, name) for part in [*trips, *lots]])
        assert shared == total([getattr(fill, name) for fill in fills])
    assert all(trip.commission >= 0 for trip in trips)
    assert all(trip.pnl == trip.gross - trip.commission for trip in trips)
    assert total([trip.gross for trip in trips]) == Fraction(ledger.position(instrument).realised)


@given(FILLS, INSTRUMENTS)
def test_closed_and_open_quantities_add_up(fills: list[Fill], instrument: Instrument) -> None:
    ledger, trips = booked(fills, instrument)
    position = ledger.position(instrument)

    traded = total([fill.quantity for fill in fills])
    closed = total([trip.quantity for trip in trips])
    assert traded == 2 * closed + abs(Fraction(position.quantity))
    assert total([lot.quantity for lot in position.lots]) == Fraction(position.quantity)
    assert Fraction(position.quantity) == sum(map(signed, fills), Fraction(0))


def test_a_third_of_a_commission_loses_nothing() -> None:
    sells = [make_fill(side=Side.SELL, commission=D("0.1")) for _ in range(3)]

    _, trips = booked([make_fill(quantity=D(3), commission=D(1)), *sells], make_instrument())

    shares = [trip.commission for trip in trips]
    assert shares == [D("0.433333333333"), D("0.433333333333"), D("0.433333333334")]


# Several instruments

SEVERAL = {
    "S.LOCAL": make_instrument(symbol="S.LOCAL"),
    "F.LOCAL": make_instrument(symbol="F.LOCAL", kind=Kind.FUTURE, multiplier=D(10)),
    "P.LOCAL": make_instrument(symbol="P.LOCAL", kind=Kind.PERPETUAL, multiplier=D("0.01")),
}
SEVERAL_FILLS = random_fills(symbol=st.sampled_from(sorted(SEVERAL)))
MARKS = st.fixed_dictionaries({symbol: decimals("0.01", "999", 2) for symbol in SEVERAL})


def booked_together(fills: list[Fill], marks: dict[str, Decimal]) -> Ledger:
    margin = Margin.ratio("0.2")
    ledger = Ledger(INITIAL, commission=Commission(), margin=margin, mark=marks.__getitem__)
    with exactly():
        for fill in fills:
            ledger.apply(fill, SEVERAL[fill.symbol])
    return ledger


@given(SEVERAL_FILLS)
def test_instruments_move_one_cash_as_each_would_alone(fills: list[Fill]) -> None:
    together = booked_together(fills, {})

    moved = Fraction(0)
    for symbol, instrument in SEVERAL.items():
        alone, _ = booked([fill for fill in fills if fill.symbol == symbol], instrument)
        moved += Fraction(alone.cash) - Fraction(INITIAL)
        assert together.position(instrument).quantity == alone.position(instrument).quantity
    assert Fraction(together.cash) == Fraction(INITIAL) + moved


@given(SEVERAL_FILLS)
def test_held_names_what_is_open_and_nothing_else(fills: list[Fill]) -> None:
    ledger = booked_together(fills, {})

    still_open = {symbol for symbol, held in ledger.positions.items() if held.quantity}
    assert set(ledger.held) == still_open


@given(SEVERAL_FILLS, MARKS, st.sampled_from(sorted(SEVERAL)), decimals("0.01", "999", 2))
def test_equity_counts_the_other_positions_at_their_marks(
    fills: list[Fill], marks: dict[str, Decimal], symbol: str, price: Decimal
) -> None:
    ledger = booked_together(fills, marks)

    with exactly():
        equity = ledger.equity(SEVERAL[symbol], price)

    paid = held = Fraction(0)
    for fill in fills:
        multiplier = Fraction(SEVERAL[fill.symbol].multiplier)
        mark = price if fill.symbol == symbol else marks[fill.symbol]
        held += signed(fill) * Fraction(mark) * multiplier
        paid += signed(fill) * Fraction(fill.price) * multiplier
    costs = total([fill.commission for fill in fills])
    assert Fraction(equity) == Fraction(INITIAL) + held - paid - costs


@given(SEVERAL_FILLS, MARKS, st.sampled_from(Side), decimals("0.1", "900", 1))
def test_a_fill_is_allowed_where_equity_covers_the_margin_of_all_positions(
    fills: list[Fill], marks: dict[str, Decimal], side: Side, quantity: Decimal
) -> None:
    ledger, instrument, price = booked_together(fills, marks), SEVERAL["F.LOCAL"], D("123.45")

    with exactly():
        refused = ledger.review(instrument, side, quantity, price, D(1))
        equity = ledger.equity(instrument, price) - 1

    present = ledger.position(instrument).quantity
    after = present + quantity * side.sign
    only_shrinks = abs(after) <= abs(present) and after * present >= 0
    needed = {symbol: (held.quantity, marks[symbol]) for symbol, (_, held) in ledger.held.items()}
    needed["F.LOCAL"] = after, price
    margin = (
        sum(
            (
                abs(Fraction(amount) * Fraction(mark) * Fraction(SEVERAL[symbol].multiplier))
                for symbol, (amount, mark) in needed.items()
            ),
            Fraction(0),
        )
        / 5
    )
    assert (refused is None) == (only_shrinks or Fraction(equity) >= margin)


def test_a_loss_on_another_instrument_is_missing_for_this_one() -> None:
    marks = {"F.LOCAL": D(100), "S.LOCAL": D(50)}
    ledger = Ledger(D(1000), commission=Commission(), margin=Margin(), mark=marks.__getitem__)
    ledger.apply(make_fill(symbol="S.LOCAL", quantity=D(10), price=D(60)), SEVERAL["S.LOCAL"])

    afforded = ledger.review(SEVERAL["P.LOCAL"], Side.BUY, D(400), D(100), D(0))
    refused = ledger.review(SEVERAL["P.LOCAL"], Side.BUY, D(401), D(100), D(0))

    # 400 in cash and shares worth 500, which are paid for in full and tie 500 up.
    assert afforded is None
    assert refused == Refused(
        "insufficient_funds", "holding 401 at 100 the account needs 901.00 in all, and has 900.00"
    )


# What may happen


def make_ledger(cash: str, **terms: Margin) -> Ledger:
    return Ledger(D(cash), commission=Commission(), margin=terms.get("margin", Margin()))


def review(ledger: Ledger, instrument: Instrument, side: Side, quantity: str) -> Refused | None:
    return ledger.review(instrument, side, D(quantity), D(10), D(0))


def test_equity_equal_to_the_margin_is_enough() -> None:
    stock = make_instrument()

    assert review(make_ledger("100"), stock, Side.BUY, "10") is None
    assert review(make_ledger("100"), stock, Side.SELL, "10") is None
    refused = review(make_ledger("99.99"), stock, Side.BUY, "10")
    assert refused == Refused(
        "insufficient_funds", "holding 10 at 10 the account needs 100 in all, and has 99.99"
    )


def test_each_side_has_its_own_margin() -> None:
    future = make_instrument(kind=Kind.FUTURE)
    ledger = make_ledger("10", margin=Margin(D("0.1"), D("0.2")))

    assert review(ledger, future, Side.BUY, "10") is None
    assert review(ledger, future, Side.SELL, "5") is None
    assert review(ledger, future, Side.SELL, "6") is not None


@pytest.mark.parametrize("quantity", ["1", "4"])
def test_a_broke_account_may_still_close(quantity: str) -> None:
    stock = make_instrument()
    ledger = make_ledger("0.01")
    ledger.apply(make_fill(quantity=D(4), price=D(500)), stock)

    assert review(ledger, stock, Side.SELL, quantity) is None
    assert review(ledger, stock, Side.SELL, "5") is not None


def test_a_flip_where_short_is_forbidden_is_refused_by_name() -> None:
    stock = make_instrument(can_short=False)
    ledger = make_ledger("1000")
    ledger.apply(make_fill(quantity=D(4)), stock)

    refused = review(ledger, stock, Side.SELL, "5")

    assert refused == Refused("short_not_allowed", "TEST.LOCAL cannot be sold short")


def test_a_position_never_traded_is_flat() -> None:
    position = make_ledger("1").position(make_instrument())

    assert position.is_flat
    assert not position.is_long
    assert not position.is_short
    assert position.average_price != position.average_price

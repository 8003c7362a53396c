"""Routed runs beside plain ones: the same prices and quantities, other lots, other fees."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.backtest import BacktestResult
from quantloom.market import Instrument, Kind, exactly
from quantloom.market.rulebook.topics import Closing
from quantloom.simulation.offsetting import OffsetRouter, Way
from quantloom.strategy import Context
from quantloom.trading import (
    ZERO,
    Commission,
    DayTerms,
    Ledger,
    Margin,
    Order,
    OrderStatus,
    Rate,
    RoutingOptions,
    Side,
)
from tests.library.backtest.builders import Script
from tests.library.trading.builders import make_fill, make_ticket
from tests.scenarios.market import Rows, bars_at, trade

D = Decimal
IF = "IF2403.CFFEX"
HOURS = ("09:30", "10:30", "13:00", "14:00")
DAYS = ("2024-03-04", "2024-03-05", "2024-03-06")
CHOICES = ("close", "cheapest")
PRICES = st.integers(17_250, 17_750).map(lambda ticks: ticks * 0.2)
TARGETS = st.integers(-3, 3)


def run(prices: list[float], targets: list[int], **given: Any) -> BacktestResult:
    times = [f"{day} {hour}" for day in DAYS for hour in HOURS]
    rows: Rows = dict(zip(times, prices, strict=True))

    def aim(quantity: int) -> Any:
        return lambda ctx: act(ctx, quantity)

    def act(ctx: Context, quantity: int) -> None:
        ctx.target_quantity(IF, quantity)

    script: Script = {row: aim(quantity) for row, quantity in enumerate(targets)}
    return trade(bars_at(IF, rows), script, cash=10**8, **given)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(PRICES, min_size=12, max_size=12),
    st.lists(TARGETS, min_size=11, max_size=11),
    st.sampled_from(CHOICES),
)
def test_a_routed_run_differs_from_a_plain_one_by_fees_alone(
    prices: list[float], targets: list[int], choice: str
) -> None:
    plain, routed = run(prices, targets), run(prices, targets, offsets=choice)

    for name in ("ts_ns", "side", "quantity", "price"):
        assert routed.fills[name].tolist() == plain.fills[name].tolist()
    saved = sum(plain.fills["commission"], ZERO) - sum(routed.fills["commission"], ZERO)
    assert routed.final_equity - plain.final_equity == saved
    assert routed.equity["quantity"].tolist() == plain.equity["quantity"].tolist()


@settings(max_examples=15, deadline=None)
@given(st.lists(PRICES, min_size=12, max_size=12), st.lists(TARGETS, min_size=11, max_size=11))
def test_cash_of_a_run_with_locks_is_what_its_trips_and_open_lots_say(
    prices: list[float], targets: list[int]
) -> None:
    result = run(prices, targets, offsets="cheapest")

    made = sum(result.round_trips["gross"], ZERO) + sum(result.positions["unrealised"], ZERO)
    paid = sum(result.fills["commission"], ZERO)
    assert result.final_equity == 10**8 + made - paid


CLOSINGS = st.builds(
    Closing,
    of=st.just(("IF",)),
    since=st.just(None),
    source=st.just(""),
    buckets=st.booleans(),
    consumes=st.sampled_from(["oldest", "today"]),
    fee_of=st.sampled_from(["lots", "today_first"]),
)
RATES = st.integers(0, 20).map(lambda amount: Rate(by_unit=D(amount)))
STEPS = st.lists(
    st.tuples(st.sampled_from([*Side]), st.integers(1, 4), st.integers(0, 1)), max_size=25
)


@settings(max_examples=60, deadline=None)
@given(CLOSINGS, st.tuples(RATES, RATES, RATES), st.booleans(), STEPS)
def test_lots_of_both_sides_are_never_below_zero_and_add_up(
    closing: Closing,
    rates: tuple[Rate, Rate, Rate],
    allow_lock: bool,
    steps: list[tuple[Side, int, int]],
) -> None:
    costs = Commission(open=rates[0], close=rates[1], close_today=rates[2])
    terms = DayTerms(costs, Margin.ratio("0.1"), closing=closing, is_settled=True)
    ledger = Ledger(D(10**6), commission=costs, margin=terms.margin, terms=lambda _: terms)
    router = OffsetRouter(ledger, RoutingOptions(allow_lock=allow_lock))
    instrument = Instrument(symbol=IF, kind=Kind.FUTURE, tick_size=D(1))
    position, day, net = ledger.position(instrument), 0, ZERO
    position.closing = closing

    for number, (side, lots, passed) in enumerate(steps, 1):
        day += passed
        quantity = D(lots)
        order = Order(make_ticket(id=number, symbol=IF, side=side, quantity=quantity))
        order.move(OrderStatus.ACCEPTED, 0)
        with exactly():
            way = next(router.ways(order.ticket, instrument, quantity, price=D(100), day=day))
            assert isinstance(way, Way)
            made = {"symbol": IF, "side": side, "quantity": quantity, "day": day}
            ledger.apply(make_fill(**made, price=D(100), split=way.split), instrument)

        net += quantity * side.sign
        held = {one: position.held(one, day) for one in Side}
        assert position.quantity == sum((lot.quantity for lot in position.lots), ZERO) == net
        assert held[Side.BUY].quantity - held[Side.SELL].quantity == net
        assert dict(position.sides) == {
            one: held[one].quantity for one in Side if held[one].quantity
        }
        for one in held.values():
            assert one.today.quantity >= 0
            assert one.yesterday.quantity >= 0
            assert 0 <= one.chargeable <= one.quantity
        assert allow_lock or not position.locked

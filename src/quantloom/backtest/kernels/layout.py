"""How the compiled core lays out a run: plain arrays of records, and what their codes mean.

Quantities are whole lots and prices of fills whole ticks, both kept as float64, which is
exact up to 2**53; prices that are compared with bars are float64 as the bars are.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from quantloom.kit import FloatArray

IntColumn = NDArray[np.int32]
CodeArray = NDArray[np.uint8]
Records = NDArray[np.void]

# What a signal asks for, bit by bit.
ENTRY, EXIT, SHORT_ENTRY, SHORT_EXIT = 1, 2, 4, 8

# How an order is sent.
CLOSES, TRIMS = 1, 2

# Kinds of orders.
MARKET, LIMIT, STOP, STOP_LIMIT, TRAILING = 0, 1, 2, 3, 4

# Parts in a bracket; the entry is 0.
IS_STOP_LOSS, IS_TAKE_PROFIT = 1, 2

# When inside a bar an order fills, as `simulation.Moment`.
OPEN_MARKET, OPEN_STOP, OPEN_LIMIT = 0, 1, 2
INSIDE_STOP, INSIDE_CLOSING_LIMIT, INSIDE_LIMIT, LATE_STOP = 3, 4, 5, 6
NO_MOMENT = -1

# How an order stands; all from FILLED on have ended.
WORKING, FILLED, CANCELLED, REJECTED, EXPIRED = 0, 1, 2, 3, 4

# Why an order ended.
NO_RULE, NOTHING_TO_CLOSE, BOUGHT_TODAY, INSUFFICIENT_FUNDS = 0, 1, 2, 3
SHORT_NOT_ALLOWED, TRIMMED, ENTRY_GONE, BRACKET_CLOSED = 4, 5, 6, 7
OCO, POSITION_CLOSED, CANCELLED_BY_STRATEGY, END_OF_DATA = 8, 9, 10, 11
ABOVE_MAXIMUM, BELOW_MINIMUM, BELOW_NOTIONAL, UNDER_A_LOT, OFF_LOT = 12, 13, 14, 15, 16
NOT_READY = 17

RULES = (
    "",
    "nothing_to_close",
    "bought_today",
    "insufficient_funds",
    "short_not_allowed",
    "trimmed",
    "entry_gone",
    "bracket_closed",
    "oco",
    "position_closed",
    "cancelled_by_strategy",
    "end_of_data",
    "above_maximum",
    "below_minimum",
    "below_notional",
    "insufficient_funds",
    "off_lot",
    "not_ready",
)
"""Names of the rules, by their number."""

# How an account stands.
FINE, LOG_FULL, SLOTS_FULL, LOTS_FULL = 0, 1, 2, 3

# Sizings.
FIXED, SHARE, RISK, VOLATILITY, KELLY = 0, 1, 2, 3, 4

# Impacts.
NO_IMPACT, VOLUME_SHARE, SQUARE_ROOT = 0, 1, 2

# Distances.
NO_DISTANCE, IS_FIXED, IS_TRAILING = 0, 1, 2


class Away(NamedTuple):
    """How far one price lies from another: `ticks`, and `top / bottom` of the price.

    Attributes:
        kind: none, fixed, or of a stop that trails.
    """

    kind: int = NO_DISTANCE
    ticks: float = 0.0
    top: float = 0.0
    bottom: float = 1.0


NOT_AWAY = Away()


class Ticket(NamedTuple):
    """What is asked for.

    Attributes:
        sign: 1 for a buy, -1 for a sale. lots: whole ones, at or above zero.
        how: CLOSES where it fills only against an open position, as `sell` and `cover` do; TRIMS
            where it takes what the account affords at the fill.
        limit, stop: prices on the tick; NaN where there is none.
        away: of a trailing stop.
    """

    kind: int
    sign: int
    lots: float
    how: int
    limit: float
    stop: float
    away: Away


class Terms(Protocol):
    """What holds for a whole run.

    Attributes:
        tick_top, tick_bottom: the tick as a fraction of whole numbers, so that a price on the tick
            is the float64 that is nearest to it, as it is in bars.
        unit: money of one lot at a price of 1. lot_size: units of one lot.
        cap_top, cap_bottom: lots that orders may take of one unit of a bar's volume, as a fraction;
            a top of NaN for no cap.
        slip_ticks, slip_top, slip_bottom: slippage in ticks and as a fraction of the price.
        impact, impact_size, impact_window: kind of the impact, its coefficient, its window.
        sizing: kind; size: lots, or share of equity; size_cap, size_window, size_start: its others.
        bars_per_year: by which a volatility is made a year's.
        turns: whether an entry turns a position of the other side.
        stop_kind and so on, target_kind and so on: `Away` of the bracket of each entry.
        keeps_orders: whether anybody asks for orders that have ended.
    """

    tick_top: float
    tick_bottom: float
    unit: float
    lot_size: float
    is_margined: bool
    can_short: bool
    is_ruled: bool
    knows_today: bool
    turns: bool
    keeps_orders: bool
    cap_top: float
    cap_bottom: float
    latency: int
    slip_ticks: float
    slip_top: float
    slip_bottom: float
    impact: int
    impact_size: float
    impact_window: int
    sizing: int
    size: float
    size_cap: float
    size_window: int
    size_start: float
    bars_per_year: float
    stop_kind: int
    stop_ticks: float
    stop_top: float
    stop_bottom: float
    target_kind: int
    target_ticks: float
    target_top: float
    target_bottom: float


class Day(Protocol):
    """What holds on one trading day: a row of `Market.days`.

    Attributes:
        number: days since 1970.
        open_money, open_unit and so on: commission by money and by lot of what opens, closes, and
            closes what was opened on the day.
        minimum: least commission of an order.
        buy_tax, sell_tax: by money, the transfer fee included. sell_levy: by lot sold.
        margin_long, margin_short: share of a position's value that equity must cover.
        up, down: limits of the price in ticks; infinite where there are none.
        holds_today: what was bought on the day may not be sold on it.
        least, most: lots of an order, NaN where any. notional: least money of an order, 0 for any.
        sells_rest: whether what is left under the least may be sold in one go.
    """

    number: int
    open_money: float
    open_unit: float
    close_money: float
    close_unit: float
    today_money: float
    today_unit: float
    minimum: float
    buy_tax: float
    sell_tax: float
    sell_levy: float
    margin_long: float
    margin_short: float
    up: float
    down: float
    holds_today: bool
    least: float
    most: float
    notional: float
    sells_rest: bool


class Market(NamedTuple):
    """Bars of one instrument and what holds on each of their days; nothing in it changes.

    Attributes:
        open, high, low, close: (n,) float64.
        volume: (n,) float64, NaN where unknown; a bar with a volume of 0 does not trade.
        day: (n,) int32 row of each bar's trading day in `days`.
        days: records of `Day`.
        stop_far, target_far: (n,) float64 ticks from an entry to its way out, where they change
            from bar to bar: NaN where unknown, under zero (and to be taken without the sign) where
            only a rounded number is known; of length 0 where the terms of the run say how far.

    Kernels are compiled for read-only arrays, as bars have them; others compile anew.
    """

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    day: IntColumn
    days: Records
    stop_far: FloatArray
    target_far: FloatArray


class Order(Protocol):
    """One order: a row of `State.slots` while it works, of `Run.orders` once it has ended.

    Attributes:
        sign: 1 for a buy, -1 for a sale. lots, filled: asked for and executed.
        limit, stop: prices as they stand, NaN where none.
        away, ticks, top, bottom: kind and size of its distance, as `Away`.
        best: where a trailing stop has followed the price to, NaN before.
        closes: fills only against an open position. trims: takes what the account affords.
        entry: id of a half's entry, 0 for others. room: what the halves may still close together.
        is_market: takes any price, by kind or because its stop was reached.
        is_triggered: a stop-limit order whose stop was reached. is_held: waits for its entry.
        was_tried, is_drawn: as in `simulation.resting`.
        wait, cancel_wait: bars until it arrives, and until its cancel does; -1 for none.
        moment, met: when and where the present bar reaches it.
        raw, charged: commission before the minimum, and taken, without taxes.
        tried, tried_ticks: lots and price of a fill that the account could not have.
        sent, ended: bars; at_close: whether it ended after its bar's close. fills: of the account
            when it ended.
    """

    id: int
    sent: int
    ended: int
    fills: int
    entry: int
    kind: int
    part: int
    sign: int
    status: int
    rule: int
    wait: int
    cancel_wait: int
    moment: int
    also_limit: bool
    closes: bool
    trims: bool
    is_market: bool
    is_triggered: bool
    is_held: bool
    was_tried: bool
    is_drawn: bool
    at_close: bool
    away: int
    ticks: float
    top: float
    bottom: float
    lots: float
    filled: float
    room: float
    limit: float
    stop: float
    best: float
    met: float
    raw: float
    charged: float
    tried: float
    tried_ticks: float


class Lot(Protocol):
    """What is left of an opening fill: signed lots, its price in ticks, commission, day, bar."""

    lots: float
    ticks: float
    commission: float
    day: int
    row: int
    number: int


class Fill(Protocol):
    """One execution, and the account right after it.

    Attributes:
        row: of its bar. met: the price of the market. cash, position, cost: as in `Account`.
        cause: kind of the order; part: what it is to a bracket.
    """

    row: int
    order: int
    sign: int
    cause: int
    part: int
    lots: float
    ticks: float
    met: float
    commission: float
    cash: float
    position: float
    cost: float


class Trip(Protocol):
    """One round trip: sign is 1 for a long one; pnl is gross less commission."""

    entry: int
    exit: int
    sign: int
    cause: int
    part: int
    lots: float
    entry_ticks: float
    exit_ticks: float
    gross: float
    commission: float
    pnl: float


class State(Protocol):
    """The account, its orders and the bar at one moment: the one row of `Run.state`.

    It is one block of memory, so that kernels hand it on as one address.

    Attributes:
        terms: of the run, a record of `Terms`. day: what holds on the bar's day.
        cash, cash_rest: their difference is the cash; the rest is what sums of floats have lost.
        position: signed lots; cost: signed sum of lots times ticks.
        status: FINE or why `advance` has stopped. doubts: decisions that hung on rounding.
        sent: orders so far, which is the id of the last. working: slots in use.
        first_lot, last_lot: lots from, and to before, which lots are open.
        opened: number of the newest lot, inside_lot: of the newest that was opened inside the bar.
        rise, fall: a bar whose high is under the one and whose low is over the other concerns no
            order.
        row, open, high, low, close, volume: the bar. day_place: row of `day`, -1 before the first.
        moves, usual: deviation of returns and mean volume before the bar, for a square-root impact.
        left, taken: lots that may be taken of the bar's volume (NaN for any), and were.
        trips_so_far, wins, losses, won, lost: of round trips, for sizing. fills_so_far: of fills.
        fills, trips, ended: rows in use of the three notes: what the bar has filled and closed, and
            the orders that have ended. `advance` moves them to the logs of the run.
        slots: orders that work, oldest first. lots: open ones, oldest first.
    """

    terms: Terms
    day: Day
    cash: float
    cash_rest: float
    position: float
    cost: float
    status: int
    doubts: int
    sent: int
    working: int
    first_lot: int
    last_lot: int
    opened: int
    inside_lot: int
    rise: float
    fall: float
    row: int
    day_place: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    moves: float
    usual: float
    left: float
    taken: float
    fills_so_far: int
    trips_so_far: int
    wins: int
    losses: int
    won: float
    lost: float
    fills: int
    trips: int
    ended: int
    slots: list[Order]
    lots: list[Lot]
    filled: list[Fill]
    closed: list[Trip]
    gone: list[Order]


class Logs(Protocol):
    """How far the logs of a run are in use; whoever has read them sets a count back to zero."""

    fills: int
    trips: int


class Run(NamedTuple):
    """All that changes in a run.

    Attributes:
        state: (1,) record of `State`.
        logs: (1,) record of `Logs`.
        fills: (f,) of `Fill`; trips: (t,) of `Trip`.
        orders: (o,) of `Order` by id less one; of length 0 where nobody asks for them.
    """

    state: Records
    logs: Records
    fills: Records
    trips: Records
    orders: Records


SLOTS, LOTS = 16, 64
"""How many orders may work and how many lots may be open at a time."""

_CODES: dict[Any, str] = {int: "i8", float: "f8", bool: "?"}
# A bar may close every lot there is, those among them that it has opened.
_ROOM = {
    "slots": SLOTS,
    "lots": LOTS,
    "filled": 2 * SLOTS,
    "closed": LOTS + SLOTS,
    "gone": 3 * SLOTS,
}


def record_of(row: type, **inner: Any) -> np.dtype[np.void]:
    """The record whose fields are those of a class.

    Args:
        inner: records of the fields that are records themselves.
    """
    fields: list[Any] = []
    for name, kind in row.__annotations__.items():
        if name in inner:
            fields.append(
                (name, inner[name], _ROOM[name]) if name in _ROOM else (name, inner[name])
            )
        else:
            fields.append((name, _CODES[kind]))
    return np.dtype(fields, align=True)


DAY, TERMS, ORDER = record_of(Day), record_of(Terms), record_of(Order)
LOT, FILL, TRIP, LOGS = record_of(Lot), record_of(Fill), record_of(Trip), record_of(Logs)
STATE = record_of(
    State, terms=TERMS, day=DAY, slots=ORDER, lots=LOT, filled=FILL, closed=TRIP, gone=ORDER
)


def new_run(
    cash: float, terms: Records, *, fills: int = 1024, trips: int = 1024, orders: int = 0
) -> Run:
    """An account with cash alone, and how much its logs have room for.

    Args:
        terms: (1,) record of `Terms`.
        fills, trips: more than one bar may fill and close, 100 of each at the least.
        orders: for how many orders there is room in all; 0 to keep none.
    """
    run = Run(
        state=np.zeros(1, dtype=STATE),
        logs=np.zeros(1, dtype=LOGS),
        fills=np.zeros(fills, dtype=FILL),
        trips=np.zeros(trips, dtype=TRIP),
        orders=np.zeros(orders, dtype=ORDER),
    )
    reset(run, cash, terms)
    return run


def reset(run: Run, cash: float, terms: Records) -> None:
    """Begin anew with cash alone."""
    run.logs[0] = np.zeros(1, dtype=LOGS)[0]
    state = run.state
    # What slots, lots and notes hold beyond their counts is never read.
    for name in _COUNTED:
        state[name] = 0
    state["terms"] = terms
    state["terms"]["keeps_orders"] = len(run.orders) > 0
    state["cash"], state["day_place"] = cash, -1
    state["rise"], state["fall"] = np.inf, -np.inf


_COUNTED = tuple(name for name, kind in State.__annotations__.items() if kind in {int, float})

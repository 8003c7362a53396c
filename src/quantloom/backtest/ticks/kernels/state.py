"""The compiled desk: one record that holds all that a run on ticks remembers from row to row."""

from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from quantloom.kit import FloatArray, IntArray

SLOTS = 64
"""Orders that a program may have working at one time."""
RING = 256
"""Messages that may be on their way in one direction."""
MEMORY, PARAMETERS = 64, 32
LEVELS = 16
"""Of each side that the compiled exchange knows at most."""

FREE, SENT, ACCEPTED, CANCELLING = 0, 1, 2, 3
"""What a program knows of a slot."""
NEW, CANCEL = 0, 1
"""What a request asks."""
ACCEPT, FILL, END = 0, 1, 2
"""What news tell."""
CANCELLED, WOULD_TAKE, NOT_IMMEDIATE, END_OF_DATA = 1, 2, 3, 4
"""How an order ends."""
POST_ONLY, IMMEDIATE, MARKET = 1, 2, 3
"""Terms of an order; 0 is a plain limit order."""
DONE, NEEDS_ROOM, TOO_MUCH, RAISED = 0, 1, 2, 3
"""Why the kernel came back."""
UNKNOWN = -1.0
NEAR = 1e-6
NEVER = np.iinfo(np.int64).max

_seen = [
    ("now", "i8"),
    ("row", "i8"),
    ("bid", "f8"),
    ("bid_size", "f8"),
    ("ask", "f8"),
    ("ask_size", "f8"),
    ("price", "f8"),
    ("size", "f8"),
    ("side", "i8"),
    ("kind", "i8"),
    ("position", "f8"),
    ("tick", "f8"),
    ("lot", "f8"),
    ("memory", "f8", (MEMORY,)),
    ("parameters", "f8", (PARAMETERS,)),
]
_slots = [
    ("state", "i8"),
    ("id", "i8"),
    ("is_buy", "i8"),
    ("terms", "i8"),
    ("limit", "f8"),
    ("lots", "f8"),
    ("left", "f8"),
    ("sent", "i8"),
    ("there", "i8"),
    ("lots_there", "f8"),
    ("ahead", "f8"),
    ("shown", "f8"),
]
_inside = [
    ("x_row", "i8"),
    ("x_now", "i8"),
    ("x_levels", "i8"),
    ("x_price", "f8"),
    ("x_size", "f8"),
    ("x_side", "i8"),
    ("x_bid", "f8", (LEVELS,)),
    ("x_bid_size", "f8", (LEVELS,)),
    ("x_ask", "f8", (LEVELS,)),
    ("x_ask_size", "f8", (LEVELS,)),
    ("has_ended", "i8"),
    ("taken_ask", "f8"),
    ("taken_bid", "f8"),
    ("count", "i8"),
    ("listed", "i8", (SLOTS,)),
    ("next_id", "i8"),
    ("in_use", "i8"),
    ("q_head", "i8"),
    ("q_tail", "i8"),
    ("last_arrival", "i8"),
    ("q_at", "i8", (RING,)),
    ("q_slot", "i8", (RING,)),
    ("q_kind", "i8", (RING,)),
    ("n_head", "i8"),
    ("n_tail", "i8"),
    ("last_heard", "i8"),
    ("n_at", "i8", (RING,)),
    ("n_slot", "i8", (RING,)),
    ("n_kind", "i8", (RING,)),
    ("n_value", "f8", (RING,)),
    ("n_price", "f8", (RING,)),
    ("n_stamped", "i8"),
    ("problem", "i8"),
    ("returned", "i8"),
    ("orders", "i8"),
    ("fill_room", "i8"),
    ("order_room", "i8"),
    ("fills", "i8"),
]
DESK = np.dtype(
    [*_seen, *((f"o_{name}", kind, (SLOTS,)) for name, kind in _slots), *_inside], align=True
)
DESK_TYPE = numba.from_dtype(DESK)


class Rows(NamedTuple):
    """The ticks, as `quantloom.market.Ticks` has them, and when each row is heard of."""

    ts: IntArray
    received: IntArray
    kind: NDArray[np.int8]
    bid: FloatArray
    bid_size: FloatArray
    ask: FloatArray
    ask_size: FloatArray
    price: FloatArray
    size: FloatArray
    side: NDArray[np.int8]


class Delays(NamedTuple):
    """A `Latency`, its series alone."""

    at_ns: IntArray
    order_ns: IntArray
    cancel_ns: IntArray
    response_ns: IntArray


class Log(NamedTuple):
    """What happened, in columns, a row for each.

    Attributes:
        orders: (n, 5) is_buy, terms, when sent, rule of its ending, when last heard of.
        order_values: (n, 2) limit, lots.
        fills: (n, 4) order id, exchange time, when heard of, is_maker.
        fill_values: (n, 2) lots, price.
    """

    orders: IntArray
    order_values: FloatArray
    fills: IntArray
    fill_values: FloatArray


class World(NamedTuple):
    """Everything around the desk; `model` and `exponent` are those of the queue."""

    rows: Rows
    delays: Delays
    log: Log
    model: int
    exponent: float


Desk = Any
"""One record of `DESK`; numba types it."""

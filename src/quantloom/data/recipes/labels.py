"""Steps that make what is to be foretold: the only columns that look ahead, each saying how far."""

import numpy as np

from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.table import Label, Site, Table
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Bars

_AS = Setting(name="as", kind="text", default="", meaning="name of the label")
_EVENTS = Setting(
    name="events",
    kind="text",
    default="",
    meaning="column that is not 0 where a row gets a label; all rows where none is named",
)
_SPAN = Setting(
    name="span",
    kind="whole",
    default=100,
    low=2,
    meaning="span of the exponentially weighted deviation",
)

CUSUM = (
    Setting(
        name="threshold",
        kind="number",
        default=3.0,
        low=0.0,
        meaning="sum of log returns that makes an event, in deviations of one bar's return",
    ),
    _SPAN,
    Setting(name="as", kind="text", default="", meaning="name of the column"),
)
FORWARD = (
    Setting(name="bars", kind="whole", low=1, meaning="how far ahead"),
    Setting(name="log", kind="flag", default=False, meaning="logarithmic instead of a ratio"),
    Setting(
        name="entry",
        kind="text",
        default="close",
        choices=("close", "next_open"),
        meaning="the price it starts from",
    ),
    _EVENTS,
    _AS,
)
BARRIERS = (
    Setting(name="bars", kind="whole", low=1, meaning="bars after which time is up"),
    Setting(
        name="up",
        kind="number",
        default=2.0,
        low=0.0,
        meaning="profit barrier in deviations of one bar's return; 0 for none",
    ),
    Setting(
        name="down",
        kind="number",
        default=2.0,
        low=0.0,
        meaning="loss barrier in deviations of one bar's return; 0 for none",
    ),
    _SPAN,
    Setting(
        name="touch",
        kind="text",
        default="close",
        choices=("close", "range"),
        meaning="whether closes alone meet a barrier, or highs and lows do",
    ),
    Setting(
        name="time_up",
        kind="text",
        default="zero",
        choices=("zero", "sign"),
        meaning="the label where time is up: 0, or the sign of the return",
    ),
    Setting(
        name="side",
        kind="text",
        default="",
        meaning="column whose sign is the side of a bet; the label then says whether to take it",
    ),
    _EVENTS,
    _AS,
)


def cusum_names(values: Values) -> tuple[str, ...]:
    return (values["as"] or "cusum",)


def take_cusum(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001  as every step
    """Where log returns, summed up or down, come beyond a limit: 1 or -1, else 0.

    Source:
        Marcos Lopez de Prado, Advances in Financial Machine Learning (2018), section 2.5.2.
    """
    # Only who asks for it compiles kernels.
    from quantloom.data.recipes.kernels.cusum import crossings  # noqa: PLC0415

    found = np.empty(len(table))
    for bars, rows in table.parts():
        returns = np.append(np.nan, np.diff(np.log(bars.close)))
        found[rows] = crossings(returns, values["threshold"] * _spread(bars, values))
    (name,) = cusum_names(values)
    table.features[name] = found
    return table


def forward_reads(values: Values) -> tuple[str, ...]:
    return (values["events"],) if values["events"] else ()


def forward_names(values: Values) -> tuple[str, ...]:
    return (values["as"] or f"forward_return_{values['bars']}",)


def label_forward(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001  as every step
    """Return of the next bars of the symbol."""
    ahead = values["bars"]
    found = np.full(len(table), np.nan)
    known = np.full(len(table), -1, dtype=np.int64)
    for bars, rows in table.parts():
        count = len(bars) - ahead
        if count <= 0:
            continue
        is_close = values["entry"] == "close"
        start = bars.close[:count] if is_close else bars.open[1 : count + 1]
        ratio = bars.close[ahead:] / start
        own = slice(rows.start, rows.start + count)
        found[own] = np.log(ratio) if values["log"] else ratio - 1.0
        known[own] = np.arange(rows.start + ahead, rows.stop)
    (name,) = forward_names(values)
    table.labels[name] = _at_events(table, values, Label(found, known))
    return table


def barrier_names(values: Values) -> tuple[str, ...]:
    stem = values["as"] or "barrier"
    return (stem, f"{stem}_return")


def barrier_reads(values: Values) -> tuple[str, ...]:
    return tuple(values[name] for name in ("side", "events") if values[name])


def label_barriers(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001
    """Which of three barriers is met first: profit 1, loss -1, time 0 or the sign of the return.

    With a side, 1 says that the bet gains and 0 that it does not.

    Source:
        Marcos Lopez de Prado, Advances in Financial Machine Learning (2018), chapter 3.
    """
    side = table.column(values["side"]) if values["side"] else np.ones(len(table))
    met = np.full(len(table), np.nan)
    gain = np.full(len(table), np.nan)
    known = np.full(len(table), -1, dtype=np.int64)
    for bars, rows in table.parts():
        touched, at = _touches(bars, np.sign(side[rows]), values)
        is_known = at >= 0
        change = np.full(len(bars), np.nan)
        change[is_known] = bars.close[at[is_known]] / bars.close[is_known] - 1.0
        gain[rows] = change * np.sign(side[rows])
        met[rows] = _told(touched, gain[rows], is_known, values)
        known[rows] = np.where(is_known, at + rows.start, -1)
    name, returned = barrier_names(values)
    table.labels[name] = _at_events(table, values, Label(met, known))
    table.labels[returned] = _at_events(table, values, Label(gain, known))
    return table


def _at_events(table: Table, values: Values, label: Label) -> Label:
    """Leave only the labels of rows at which something has happened."""
    if not values["events"]:
        return label
    is_event = np.nan_to_num(table.column(values["events"])) != 0
    return Label(np.where(is_event, label.values, np.nan), np.where(is_event, label.known, -1))


def _spread(bars: Bars, values: Values) -> FloatArray:
    """Deviation of one bar's log return up to each bar, NaN where it is not known or 0."""
    from quantloom.data.recipes.kernels.barriers import deviations  # noqa: PLC0415

    spread = deviations(np.append(np.nan, np.diff(np.log(bars.close))), float(values["span"]))
    return np.where(spread > 0, spread, np.nan)


def _told(touched: IntArray, gain: FloatArray, is_known: np.ndarray, values: Values) -> FloatArray:
    if values["side"]:
        told = (gain > 0).astype(np.float64)
    elif values["time_up"] == "sign":
        told = np.where(touched == 0, np.sign(gain), touched)
    else:
        told = touched.astype(np.float64)
    return np.where(is_known, told, np.nan)


def _touches(bars: Bars, side: FloatArray, values: Values) -> tuple[IntArray, IntArray]:
    """Barrier and row at which each row's bet ends; row -1 where there is none or no end."""
    # Only who labels compiles kernels.
    from quantloom.data.recipes.kernels.barriers import first_touch  # noqa: PLC0415

    close, is_range = bars.close, values["touch"] == "range"
    high, low = (bars.high, bars.low) if is_range else (close, close)
    spread = _spread(bars, values)
    # A barrier of 0 deviations is none; where the deviation is unknown, there is no label.
    far = np.where(spread > 0, np.inf, np.nan)
    up = close * spread * values["up"] if values["up"] else far
    down = close * spread * values["down"] if values["down"] else far
    is_long, is_short = side > 0, side < 0
    met, at = first_touch(
        close,
        high,
        low,
        np.where(is_long, close + up, np.nan),
        np.where(is_long, close - down, np.nan),
        values["bars"],
    )
    if is_short.any():
        # A short bet is a long one on prices turned upside down.
        short_met, short_at = first_touch(
            -close,
            -low,
            -high,
            np.where(is_short, -close + up, np.nan),
            np.where(is_short, -close - down, np.nan),
            values["bars"],
        )
        met, at = np.where(is_short, short_met, met), np.where(is_short, short_at, at)
    return met, at

"""Steps that make a column of each symbol's own bars, up to each bar and never beyond."""

from collections.abc import Mapping

import numpy as np

from quantloom.data.recipes.failures import BadSetting
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.shaping import day_table
from quantloom.data.recipes.table import Site, Table
from quantloom.indicators import BoundIndicator, get_indicator
from quantloom.kit import DayArray, FloatArray
from quantloom.kit.clock import NS_PER_SECOND
from quantloom.market import Bars, Calendar

ROLLED = {
    "mean": "SMA",
    "std": "STDDEV",
    "min": "MIN",
    "max": "MAX",
    "sum": "SUM",
    "zscore": "ZSCORE",
    "rank": "PERCENTRANK",
    "skew": "SKEW",
    "kurtosis": "KURTOSIS",
}
"""What may be rolled, and the indicator of the catalog that does it."""
DAILY = ("weekday", "day_of_month", "month", "week_of_year", "days_since_last")
HOURLY = ("bar_of_day", "session", "minutes_traded")
_MINUTE_NS = 60 * NS_PER_SECOND
_THURSDAY = 3

_AS = Setting(name="as", kind="text", default="", meaning="name of the column")
_OF = Setting(name="of", kind="texts", meaning="columns it is made of")
_PERIODS = Setting(name="periods", kind="wholes", low=1, meaning="bars back, one or a list")

COLUMN = (
    Setting(name="of", kind="texts", meaning="columns of the bars, extras too"),
    Setting(name="log", kind="flag", default=False, meaning="natural logarithm, NaN at 0 and less"),
)
RETURNS = (
    _PERIODS,
    Setting(name="log", kind="flag", default=False, meaning="logarithmic instead of ratios"),
    Setting(name="of", kind="text", default="close", meaning="column it is the change of"),
)
INDICATOR = (
    Setting(name="name", kind="text", meaning="of the catalog, as `quantloom indicator list` has"),
    Setting(name="parameters", kind="table", default={}, meaning="those of the indicator"),
    Setting(name="of", kind="texts", default=(), meaning="columns to read instead of its own"),
    Setting(name="outputs", kind="texts", default=(), meaning="only these of its outputs"),
    _AS,
)
CALENDAR = (Setting(name="what", kind="texts", choices=(*DAILY, *HOURLY), meaning="which of them"),)
LAG = (_OF, _PERIODS)
ROLLING = (
    _OF,
    Setting(name="period", kind="whole", low=2, meaning="bars in the window"),
    Setting(name="what", kind="texts", choices=(*ROLLED,), meaning="what to take of the window"),
)


def column_names(values: Values) -> tuple[str, ...]:
    prefix = "log_" if values["log"] else "raw_"
    return tuple(f"{prefix}{name}" for name in values["of"])


def take_columns(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001  as every step
    """Columns of the bars as they are, or their logarithm."""
    made = dict(zip(column_names(values), map(table.column, values["of"]), strict=True))
    if values["log"]:
        made = {name: _log(column) for name, column in made.items()}
    return _with(table, made)


def return_names(values: Values) -> tuple[str, ...]:
    kind = "log_return" if values["log"] else "return"
    of = "" if values["of"] == "close" else f"{values['of']}_"
    return tuple(f"{of}{kind}_{period}" for period in values["periods"])


def take_returns(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001
    """Change over so many bars of the symbol, 0.02 meaning +2 %."""
    column = table.column(values["of"])
    base = _log(column) if values["log"] else column
    made = {}
    for name, period in zip(return_names(values), values["periods"], strict=True):
        before = _shifted(table, base, period)
        with np.errstate(all="ignore"):
            change = base - before if values["log"] else base / before - 1.0
        made[name] = np.where(np.isfinite(change), change, np.nan)
    return _with(table, made)


def bound(values: Values) -> BoundIndicator:
    """The indicator of a step with its parameters.

    Raises:
        IndicatorNotFound, BadIndicatorParameter, BadSetting: there is none such.
    """
    definition = get_indicator(values["name"])
    try:
        found = definition.bind(**values["parameters"])
    except TypeError as error:
        raise BadSetting("indicator", "parameters", str(error)) from error
    for name in values["outputs"]:
        if name not in definition.outputs:
            known = ", ".join(definition.outputs)
            raise BadSetting("indicator", "outputs", f"names {name!r}; it gives {known}")
    if values["of"] and len(values["of"]) != len(definition.inputs):
        inputs = ", ".join(definition.inputs)
        raise BadSetting("indicator", "of", f"names {len(values['of'])} columns for {inputs}")
    return found


def indicator_names(values: Values) -> tuple[str, ...]:
    found = bound(values)
    outputs = values["outputs"] or found.definition.outputs
    stem = values["as"]
    if not stem:
        numbers = [f"{value:g}".replace("-", "m") for value in found.parameters.values()]
        of = [f"{name}" for name in values["of"]]
        stem = "_".join([found.definition.name.lower(), *numbers, *of])
    if len(found.definition.outputs) == 1:
        return (stem,)
    return tuple(f"{stem}_{output}" for output in outputs)


def indicator_reads(values: Values) -> tuple[str, ...]:
    return tuple(values["of"]) or bound(values).columns


def take_indicator(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001
    """An indicator of the catalog, of the bars' own columns or of others."""
    found = bound(values)
    outputs = values["outputs"] or found.definition.outputs
    inputs = [table.column(name) for name in indicator_reads(values)]
    made = {name: np.empty(len(table)) for name in indicator_names(values)}
    for _, rows in table.parts():
        given = found.compute_arrays(*(column[rows] for column in inputs))
        for name, output in zip(made, outputs, strict=True):
            made[name][rows] = given[output]
    return _with(table, made)


def calendar_names(values: Values) -> tuple[str, ...]:
    return tuple(values["what"])


def take_calendar(table: Table, values: Values, site: Site) -> Table:
    """What day and which part of it a bar is of, by the calendar of its market."""
    hourly = [name for name in values["what"] if name in HOURLY]
    if hourly and not table.timeframe.is_intraday:
        raise BadSetting(
            "calendar", "what", f"names {hourly[0]}, which {table.timeframe} bars lack"
        )
    made = {name: np.empty(len(table)) for name in values["what"]}
    for bars, rows in table.parts():
        calendar = site.markets[bars.symbol].calendar
        found = _of_days(bars, calendar)
        if hourly:
            found |= _of_hours(bars, calendar)
        for name, column in made.items():
            column[rows] = found[name]
    return _with(table, made)


def lag_names(values: Values) -> tuple[str, ...]:
    return tuple(f"{name}_lag_{period}" for name in values["of"] for period in values["periods"])


def take_lags(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001
    """What a column was so many bars of the symbol ago."""
    lagged = [
        _shifted(table, table.column(name), period)
        for name in values["of"]
        for period in values["periods"]
    ]
    return _with(table, dict(zip(lag_names(values), lagged, strict=True)))


def rolling_names(values: Values) -> tuple[str, ...]:
    return tuple(
        f"{name}_{what}_{values['period']}" for name in values["of"] for what in values["what"]
    )


def take_rolling(table: Table, values: Values, site: Site) -> Table:  # noqa: ARG001
    """Statistics of the last bars of a column; a missing value begins the window anew."""
    made = {name: np.empty(len(table)) for name in rolling_names(values)}
    names = iter(made)
    for of in values["of"]:
        column = table.column(of)
        for what in values["what"]:
            found, out = get_indicator(ROLLED[what]).bind(values["period"]), made[next(names)]
            for _, rows in table.parts():
                (out[rows],) = found.compute_arrays(column[rows]).values()
    return _with(table, made)


def _of_days(bars: Bars, calendar: Calendar) -> dict[str, FloatArray]:
    days, _, _ = day_table(bars, calendar)
    count = days.astype(np.int64)
    months = days.astype("datetime64[M]")
    thursday = (days - (count + _THURSDAY) % 7 + _THURSDAY).astype("datetime64[D]")
    new_year = thursday.astype("datetime64[Y]").astype("datetime64[D]")
    since = np.diff(count, prepend=count[:1])
    told: Mapping[str, np.ndarray] = {
        "weekday": (count + _THURSDAY) % 7,
        "day_of_month": (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
        "month": months.astype(np.int64) % 12 + 1,
        "week_of_year": (thursday - new_year).astype(np.int64) // 7 + 1,
        "days_since_last": since,
    }
    found = {name: column.astype(np.float64) for name, column in told.items()}
    # Of the first bar nobody knows what was before.
    found["days_since_last"][0] = np.nan
    return found


def _of_hours(bars: Bars, calendar: Calendar) -> dict[str, FloatArray]:
    days, is_traded, table = day_table(bars, calendar)
    found = {name: np.full(len(bars), np.nan) for name in HOURLY}
    found["bar_of_day"] = _place_in_run(days)
    if table is None:
        return found
    ts = bars.ts[is_traded]
    rows = np.searchsorted(np.unique(days[is_traded]), days[is_traded])
    length = bars.timeframe.ns if bars.timeframe.is_by_clock else 0
    session, _ = table.find(ts, length, rows)
    first = table.first[rows]
    found["session"][is_traded] = session - first
    within = np.clip(ts, table.opens[session], table.closes[session]) - table.opens[session]
    traded = within + table.traded[session] - table.traded[first]
    found["minutes_traded"][is_traded] = traded / _MINUTE_NS
    return found


def _place_in_run(days: DayArray) -> FloatArray:
    rows = np.arange(len(days))
    is_first = np.append(True, days[1:] != days[:-1])
    place: FloatArray = (rows - np.maximum.accumulate(np.where(is_first, rows, 0))).astype(
        np.float64
    )
    return place


def _shifted(table: Table, column: FloatArray, period: int) -> FloatArray:
    """A column as it was so many bars ago, NaN in the first rows of each symbol."""
    found = np.full(len(column), np.nan)
    for _, rows in table.parts():
        if rows.stop - rows.start > period:
            found[rows.start + period : rows.stop] = column[rows.start : rows.stop - period]
    return found


def _log(column: FloatArray) -> FloatArray:
    with np.errstate(all="ignore"):
        found = np.log(column)
    return np.where(np.isfinite(found), found, np.nan)


def _with(table: Table, made: Mapping[str, FloatArray]) -> Table:
    table.features.update(made)
    return table

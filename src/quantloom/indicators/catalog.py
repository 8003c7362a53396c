"""The catalog: every indicator by name, those of TA-Lib and those users add."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial

from quantloom.errors import Conflict, NotFound
from quantloom.indicators import talib_bridge
from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.parameters import IndicatorParameter

_LONGEST_PERIOD = 100_000
_WIDEST_BAND = 100.0


class IndicatorNotFound(NotFound):
    """No indicator of that name is in the catalog."""

    code = "indicator.unknown"

    def __init__(self, name: str, close_matches: tuple[str, ...]) -> None:
        super().__init__(name, close_matches)
        self.name, self.close_matches = name, close_matches

    def __str__(self) -> str:
        if self.close_matches:
            return f"no indicator {self.name!r}; did you mean {' or '.join(self.close_matches)}?"
        return f"no indicator {self.name!r}; list_indicators() names all, @indicator adds your own"


class IndicatorExists(Conflict):
    """The name of a new indicator belongs to another one."""

    code = "indicator.exists"

    def __init__(self, name: str, source: str) -> None:
        super().__init__(name, source)
        self.name, self.source = name, source

    def __str__(self) -> str:
        return f"the name {self.name} is taken by {self.source}; choose another one"


def get_indicator(name: str) -> IndicatorDefinition:
    """Look an indicator up by its exact name.

    Raises:
        IndicatorNotFound: with the names that come close, in any case.
    """
    try:
        return _definitions[name]
    except KeyError:
        pass
    spellings = {known.casefold(): known for known in _definitions}
    close = get_close_matches(name.casefold(), spellings)
    raise IndicatorNotFound(name, tuple(spellings[match] for match in close))


def list_indicators() -> tuple[IndicatorDefinition, ...]:
    """Give the whole catalog, sorted by group and name."""
    return tuple(sorted(_definitions.values(), key=lambda entry: (entry.group, entry.name)))


def register(definition: IndicatorDefinition) -> None:
    """Add an indicator. One of the same source is replaced, as when a notebook cell runs again.

    Raises:
        IndicatorExists: the name belongs to an indicator of another source.
    """
    known = _definitions.get(definition.name)
    if known is not None and known.source != definition.source:
        raise IndicatorExists(definition.name, known.source)
    _definitions[definition.name] = definition


def _from_talib(
    name: str,
    group: str,
    *parameters: IndicatorParameter,
    description: str,
    warm_up: Callable[..., int],
    inputs: tuple[str, ...] = ("close",),
    outputs: tuple[str, ...] = ("value",),
) -> IndicatorDefinition:
    return IndicatorDefinition(
        name=name,
        group=group,
        description=description,
        source=f"TA-Lib {name}",
        parameters=parameters,
        inputs=inputs,
        outputs=outputs,
        warm_up=warm_up,
        batch=partial(talib_bridge.compute, name),
        streaming=partial(talib_bridge.HandleTwin, name, len(outputs), warm_up),
    )


def _period(default: int, *, low: int, name: str = "period") -> IndicatorParameter:
    return IndicatorParameter(name, int, default, low, _LONGEST_PERIOD)


def _deviations(default: float, name: str = "deviations") -> IndicatorParameter:
    return IndicatorParameter(name, float, default, 0.0, _WIDEST_BAND)


_BUILT_IN = (
    _from_talib(
        "SMA",
        "overlap",
        _period(30, low=1),
        description="Simple moving average: the mean of the last closes, kept as a running sum.",
        warm_up=lambda period: period - 1,
    ),
    _from_talib(
        "EMA",
        "overlap",
        _period(30, low=1),
        description="Exponential moving average, started from a simple one.",
        warm_up=lambda period: period - 1,
    ),
    _from_talib(
        "WMA",
        "overlap",
        _period(30, low=1),
        description="Moving average with weights that fall evenly from the newest close.",
        warm_up=lambda period: period - 1,
    ),
    _from_talib(
        "BBANDS",
        "overlap",
        _period(20, low=2),
        _deviations(2.0, "deviations_up"),
        _deviations(2.0, "deviations_down"),
        outputs=("upper", "middle", "lower"),
        description="Bollinger bands: a simple moving average and standard deviations around it.",
        warm_up=lambda period, **_: period - 1,
    ),
    _from_talib(
        "RSI",
        "momentum",
        _period(14, low=2),
        description="Relative strength index, 0 to 100, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
    _from_talib(
        "MACD",
        "momentum",
        _period(12, low=2, name="fast"),
        _period(26, low=2, name="slow"),
        _period(9, low=1, name="signal"),
        outputs=("macd", "signal", "histogram"),
        description=(
            "Fast less slow exponential average, its own average, and the difference of the two; "
            "the longer of fast and slow is the slow one."
        ),
        warm_up=lambda fast, slow, signal: max(fast, slow) + signal - 2,
    ),
    _from_talib(
        "ROC",
        "momentum",
        _period(10, low=1),
        description="Rate of change over the period, in percent: 2.0 means +2 %.",
        warm_up=lambda period: period,
    ),
    _from_talib(
        "MOM",
        "momentum",
        _period(10, low=1),
        description="Momentum: the change of the close over the period, in price.",
        warm_up=lambda period: period,
    ),
    _from_talib(
        "ATR",
        "volatility",
        _period(14, low=1),
        inputs=("high", "low", "close"),
        description="Average true range, in price, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
    _from_talib(
        "STDDEV",
        "statistic",
        _period(5, low=2),
        _deviations(1.0),
        description="Standard deviation of the last closes as a population, times deviations.",
        warm_up=lambda period, **_: period - 1,
    ),
    _from_talib(
        "MAX",
        "statistic",
        _period(30, low=2),
        description="Highest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
    _from_talib(
        "MIN",
        "statistic",
        _period(30, low=2),
        description="Lowest of the last closes.",
        warm_up=lambda period: period - 1,
    ),
)

_definitions: dict[str, IndicatorDefinition] = {entry.name: entry for entry in _BUILT_IN}

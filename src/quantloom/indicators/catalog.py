"""The catalog: every indicator by name, those of TA-Lib and those users add."""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from quantloom.errors import Conflict, NotFound
from quantloom.indicators.compiled_entries import COMPILED
from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.talib_entries import TALIB


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
    """Look an indicator up by its exact name, or by another name it is known by.

    Raises:
        IndicatorNotFound: with the names that come close, in any case.
    """
    try:
        return _definitions[_ALIASES.get(name, name)]
    except KeyError:
        pass
    spellings = {known.casefold(): known for known in (*_definitions, *_ALIASES)}
    close = get_close_matches(name.casefold(), spellings)
    raise IndicatorNotFound(name, tuple(spellings[match] for match in close))


def list_indicators() -> tuple[IndicatorDefinition, ...]:
    """Give the whole catalog, sorted by group and name."""
    return tuple(sorted(_definitions.values(), key=lambda entry: (entry.group, entry.name)))


def list_aliases() -> Mapping[str, str]:
    """Give every other name with the name it stands for."""
    return _ALIASES


def register(definition: IndicatorDefinition) -> None:
    """Add an indicator. One of the same source is replaced, as when a notebook cell runs again.

    Raises:
        IndicatorExists: the name belongs to an indicator of another source.
    """
    known = _definitions.get(_ALIASES.get(definition.name, definition.name))
    if known is not None and known.source != definition.source:
        raise IndicatorExists(definition.name, known.source)
    _definitions[definition.name] = definition


_definitions: dict[str, IndicatorDefinition] = {entry.name: entry for entry in (*TALIB, *COMPILED)}

# Names that charting programs and other libraries use.
_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "AWESOME": "AO",
        "BB": "BBANDS",
        "BOLL": "BBANDS",
        "CHAIKIN": "ADOSC",
        "EFFICIENCY_RATIO": "ER",
        "ELDER_RAY": "ERI",
        "EXPMA": "EMA",
        "FORCE_INDEX": "EFI",
        "HEIKIN_ASHI": "HA",
        "HHV": "MAX",
        "KELTNER": "KC",
        "LINREG": "LINEARREG",
        "LLV": "MIN",
        "MA": "SMA",
        "MASS_INDEX": "MASSI",
        "MTM": "MOM",
        "PSAR": "SAR",
        "SMMA": "RMA",
        "STD": "STDDEV",
        "STOCH_RSI": "STOCHRSI",
        "TR": "TRANGE",
        "WILDER": "RMA",
        "WILLIAMS_R": "WILLR",
        "WR": "WILLR",
    }
)

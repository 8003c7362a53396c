"""Funding rates and mark prices that a run is given."""

from collections.abc import Mapping
from pathlib import Path

from quantloom.backtest.spec import BadRunSetting
from quantloom.data import read_funding
from quantloom.market import Bars, Instrument
from quantloom.trading import FundingRates

OneFunding = FundingRates | str | Path
AnyFunding = OneFunding | Mapping[str, OneFunding]


def sort_funding(given: AnyFunding, instruments: tuple[Instrument, ...]) -> dict[str, FundingRates]:
    """Funding rates by symbol; alone they are of the run's only swap.

    Raises:
        BadRunSetting: they are not of the run's swaps.
    """
    if isinstance(given, Mapping):
        check_swaps("funding", given, instruments)
        return {symbol: _rates(one) for symbol, one in given.items()}
    return {only_swap("funding", instruments): _rates(given)}


def check_marks(
    marks: Mapping[str, Bars],
    instruments: tuple[Instrument, ...],
    finest: Mapping[str, Bars],
) -> dict[str, Bars]:
    """Mark prices by symbol, no coarser than the bars that orders are matched with.

    Raises:
        BadRunSetting: they are, or they are not of the run's swaps.
    """
    check_swaps("marks", marks, instruments)
    for symbol, bars in marks.items():
        if bars.timeframe.ns > finest[symbol].timeframe.ns:
            wanted = f"no coarser than the {finest[symbol].timeframe} bars of {symbol}"
            raise BadRunSetting("marks", f"of {bars.timeframe} bars", wanted)
    return dict(marks)


def only_swap(field: str, instruments: tuple[Instrument, ...]) -> str:
    """The symbol of the run's only swap.

    Raises:
        BadRunSetting: it has none or several.
    """
    swaps = [one.symbol for one in instruments if one.is_swap]
    if not swaps:
        raise BadRunSetting(field, "given for a run without perpetual swaps", "left out")
    if len(swaps) != 1:
        told = f"given for {len(swaps)} perpetual swaps"
        raise BadRunSetting(field, told, "a mapping by symbol, of perpetual swaps of the run")
    return swaps[0]


def check_inverse(instruments: tuple[Instrument, ...], currency: str | None) -> None:
    """Refuse swaps whose money would not be the account's, or not the coin they are settled in.

    Args:
        currency: the account's; the first instrument's if None.
    Raises:
        BadRunSetting: there is one.
    """
    account = currency or next((one.currency for one in instruments), "")
    for one in instruments:
        pair = one.symbol.partition(".")[0]
        coin, is_named, _ = pair.partition("-USD-PERP")
        if one.is_inverse and is_named and one.currency != coin:
            wanted = f"in {coin}, the coin that {one.symbol} is settled in"
            raise BadRunSetting("instrument", f"in {one.currency}", wanted)
        if one.is_inverse and one.currency != account:
            wanted = f"{one.currency}, the coin that {one.symbol} is settled in"
            raise BadRunSetting("currency", account, wanted)


def check_swaps(
    field: str, given: Mapping[str, object], instruments: tuple[Instrument, ...]
) -> None:
    """Refuse what is given of anything but the run's swaps."""
    others = [*given.keys() - {one.symbol for one in instruments if one.is_swap}]
    if others:
        raise BadRunSetting(
            field, f"given for {', '.join(sorted(others))}", "of perpetual swaps of the run"
        )


def _rates(given: OneFunding) -> FundingRates:
    return given if isinstance(given, FundingRates) else read_funding(Path(given))

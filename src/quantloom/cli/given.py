"""What a run is given on the command line, as `backtest` takes it: bars, and settings by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from quantloom.cli.currencies import read_fx
from quantloom.cli.instruments import adjust_instrument
from quantloom.cli.output import warn
from quantloom.cli.rules import read_book
from quantloom.cli.sources import Source, chained, read_benchmark, read_detail, read_sources
from quantloom.cli.state import read_state
from quantloom.cli.swaps import read_swap_files
from quantloom.cli.terms import read_participation, read_sizing, read_slippage
from quantloom.errors import Invalid
from quantloom.market import Bars, Continuous, Instrument


class BadParam(Invalid):
    """A --param that is not name=value."""

    code = "cli.bad_param"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"--param {self.text!r} is not name=value; write --param fast=10"


@dataclass(frozen=True, slots=True)
class Given:
    """A run as the command line asks for it.

    Attributes:
        bars: by symbol; of contracts that are joined, their series.
        settings: all else that `backtest` takes, by name.
    """

    bars: Mapping[str, Bars | Continuous]
    settings: Mapping[str, Any]


def read_given(
    *,
    data: Sequence[Path] | None,
    symbol: Sequence[str] | None,
    timeframe: str | None,
    on_bad: str,
    data_dir: str | None,
    roll: str | None,
    instrument: Mapping[str, Any],
    detail: Sequence[str] | None = None,
    benchmark: str | None = None,
    sizing: str | None = None,
    slippage: str = "0",
    participation: str = "0.1",
    state: Path | None = None,
    fx: Sequence[str] | None = None,
    funding: Sequence[str] | None = None,
    marks: Sequence[str] | None = None,
    rules: bool = False,
    overlay: list[Path] | None = None,
    **plain: Any,
) -> Given:
    """Read the files and texts of a run's options.

    Args:
        instrument: what options say of the instruments in place of what is known.
        plain: options that `backtest` takes as they are; those that were not given are None.
    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    sources = read_sources(
        data or [], symbol or [], timeframe=timeframe, on_bad=on_bad, data_dir=data_dir
    )
    _tell_notes(sources)
    bars: dict[str, Bars | Continuous] = {source.bars.symbol: source.bars for source in sources}
    assumed: dict[str, Instrument] = {one.bars.symbol: one.instrument for one in sources}
    if roll is not None:
        series, chain = chained(sources, roll)
        bars, assumed = {chain.symbol: series}, {chain.symbol: chain}
    frame = sources[0].bars.timeframe
    settings = {
        "instrument": {
            symbol: adjust_instrument(one, **instrument) for symbol, one in assumed.items()
        },
        "sizing": read_sizing(sizing),
        "slippage": read_slippage(slippage),
        "participation": read_participation(participation),
        "detail": read_detail(detail or [], [*bars], data_dir),
        "benchmark": read_benchmark(benchmark, frame, data_dir),
        "state": read_state(state),
        "fx": read_fx(fx or [], frame, data_dir),
        "funding": read_swap_files("--funding", funding or []),
        "marks": read_swap_files("--marks", marks or []),
        "rules": read_book(overlay) if rules or overlay else False,
    }
    return Given(bars, settings | plain)


def read_params(texts: Sequence[str]) -> dict[str, str]:
    """Read name=value pairs; the strategy gives them their types.

    Raises:
        BadParam: one is not name=value.
    """
    pairs = [text.partition("=") for text in texts]
    for text, (name, equals, _) in zip(texts, pairs, strict=True):
        if not name or not equals:
            raise BadParam(text)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _tell_notes(sources: Sequence[Source]) -> None:
    for note in (note for source in sources for note in source.notes):
        warn(f"note: {note}")

"""What of a run crosses the wall of the sandbox: the way in, the word on the way, the way out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from quantloom.backtest.executors import Engine
from quantloom.backtest.facts import Facts
from quantloom.backtest.leaks import read_audit
from quantloom.backtest.lookahead import AuditSetting
from quantloom.backtest.packing import BadPacking, pack, unpack
from quantloom.backtest.rates import Rates
from quantloom.backtest.result import BacktestResult
from quantloom.backtest.saved import restore, spec_of
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.kit import FloatArray, IntArray
from quantloom.market import Action, Bars, Continuous, Listing
from quantloom.trading import FundingRates


class Listed(msgspec.Struct):
    """A listing as it crosses: its spans are pairs of days."""

    symbol: str
    listed: date | None
    delisted: date | None
    issue_price: Decimal | None
    final_price: Decimal | None
    special_treatment: list[tuple[date, date | None]]


class Funded(msgspec.Struct):
    """Funding rates as they cross."""

    ts_ns: IntArray
    rates: FloatArray


class Wanted(msgspec.Struct):
    """A run as it crosses on the way in.

    Attributes:
        source: the text of the strategy's file. file: what errors call it. class_name: which class
            of it; its only one where empty.
        settings: the spec, and the names of its models.
    """

    source: str
    file: str
    class_name: str
    settings: dict[str, Any]
    bars: dict[str, Bars]
    detail: dict[str, Bars] | None
    benchmark: Bars | None
    actions: dict[str, tuple[Action, ...]]
    chains: dict[str, Continuous]
    listings: dict[str, Listed]
    funding: dict[str, Funded]
    marks: dict[str, Bars]
    rates: dict[str, Rates]
    engine: Engine
    audit: AuditSetting

    @property
    def spec(self) -> BacktestSpec:
        """Its settings."""
        return spec_of(self.settings)

    @property
    def facts(self) -> Facts:
        """What is known of its instruments besides their bars."""
        plain = {name: msgspec.structs.asdict(one) for name, one in self.listings.items()}
        return Facts(
            actions=self.actions,
            chains=self.chains,
            listings={name: Listing(**one) for name, one in plain.items()},
            funding={
                name: FundingRates(one.ts_ns, one.rates) for name, one in self.funding.items()
            },
            marks=self.marks,
            rates=self.rates,
        )


class Moment(msgspec.Struct):
    """How far a run is.

    Attributes:
        done, total: steps. ts_ns: the bar it has reached, UTC; None where it is not known.
        equity: of the account there, at the last price; None where it is not known.
    """

    done: int
    total: int
    ts_ns: int | None = None
    equity: float | None = None


class Trouble(msgspec.Struct):
    """An error as it crosses: its text is made inside, where its facts are."""

    code: str
    text: str
    chinese: str


class _Made(msgspec.Struct):
    """A result as it crosses: its bars by first time and number, or whole where they are others."""

    record: dict[str, Any]
    tables: dict[str, Table]
    spans: dict[str, tuple[int, int]]
    data: dict[str, Bars]


class Answer(msgspec.Struct):
    """What comes out: a result, or what kept it from being made."""

    trouble: Trouble | None = None
    made: _Made | None = None
    audit: dict[str, Any] | None = None


def pack_wanted(wanted: Wanted) -> list[bytes | memoryview]:
    """The way in."""
    return pack(wanted)


def pack_answer(result: BacktestResult, given: Mapping[str, Bars]) -> list[bytes | memoryview]:
    """The way out of a result.

    Args:
        given: the bars that came in, and that need not go out again.
    """
    record, tables = result.parts(result.known_hashes)
    spans, data = {}, {}
    for symbol, bars in result.data.items():
        if len(bars) and np.shares_memory(bars.close, given[symbol].close):
            spans[symbol] = (int(bars.ts[0]), len(bars))
        else:
            data[symbol] = bars
    audit = None if result.audit is None else result.audit.plain()
    return pack(Answer(made=_Made(record, tables, spans, data), audit=audit))


def read_answer(content: bytes, given: Mapping[str, Bars]) -> Trouble | BacktestResult:
    """The way out as the parent reads it.

    Args:
        given: the bars that went in.
    Raises:
        BadPacking: it is no answer to this run.
    """
    answer = unpack(content, Answer)
    if answer.trouble is not None:
        return answer.trouble
    if answer.made is None:
        raise BadPacking("it is empty")
    try:
        return _restored(answer.made, answer.audit, given)
    except BadPacking:
        raise
    # Whatever is wrong with it was made inside.
    except (LookupError, TypeError, ValueError, ArithmeticError, StopIteration) as error:
        raise BadPacking(f"{type(error).__name__}: {error}"[:200]) from error


def _restored(
    made: _Made, audit: dict[str, Any] | None, given: Mapping[str, Bars]
) -> BacktestResult:
    spec = spec_of(made.record)
    data = {symbol: _bars(made, symbol, given) for symbol in spec.symbols}
    result = restore(made.record, made.tables, data)
    return (
        result if audit is None else replace(result, audit=read_audit(msgspec.json.encode(audit)))
    )


def _bars(made: _Made, symbol: str, given: Mapping[str, Bars]) -> Bars:
    if symbol in made.data:
        return made.data[symbol]
    first_ns, count = made.spans[symbol]
    bars = given[symbol]
    first = int(np.searchsorted(bars.ts, first_ns))
    return bars[first : first + count]

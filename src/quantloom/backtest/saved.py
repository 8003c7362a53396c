"""Results brought back from where they were saved."""

import os
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import msgspec

from quantloom.backtest.analysis import Benchmark
from quantloom.backtest.archive import (
    CorruptResult,
    read_all_bars,
    read_audit_of,
    read_quality_of,
    read_record,
    read_table,
)
from quantloom.backtest.distributions import ActionUse
from quantloom.backtest.hashes import Hashes, data_digest, tables_digest
from quantloom.backtest.result import TABLES, BacktestResult
from quantloom.backtest.rule_use import RuleUse
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.backtest.tick_use import TickUse
from quantloom.backtest.trial_count import counted
from quantloom.market import Bars
from quantloom.performance import Summary
from quantloom.simulation import AnySlippage
from quantloom.strategy import AnySizing


def load_result(folder: str | os.PathLike[str]) -> BacktestResult:
    """Bring back what `result.save` kept, equal to the last digit.

    Args:
        folder: where it was saved.
    Returns:
        The result; settings, bars and tables have the hashes they were saved with.
    Raises:
        NoResult: the folder holds none.
        CorruptResult: a file is missing, damaged or another one's.
    """
    place = Path(folder)
    record = read_record(place)
    result = _made(place, record)
    found = {
        "settings": result.spec.digest() == result.hashes.spec,
        "bars": data_digest(result.data) == result.hashes.data,
        "tables": tables_digest(result.tables()) == result.hashes.result,
    }
    for name, is_equal in found.items():
        if not is_equal:
            raise CorruptResult(place, f"its {name} are not those that were saved")
    return result


def _made(place: Path, record: Mapping[str, Any]) -> BacktestResult:
    data = read_all_bars(place, record)
    beside = ("days", "trials") if record["benchmark"] is None else ("days", "trials", "benchmark")
    tables = {name: read_table(place, name) for name in (*TABLES, *beside)}
    try:
        result = restore(record, tables, data)
    except (KeyError, StopIteration, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise CorruptResult(place, str(error)) from error
    return replace(result, audit=read_audit_of(place), known_quality=read_quality_of(place))


def restore(
    record: Mapping[str, Any], tables: Mapping[str, Table], data: Mapping[str, Bars]
) -> BacktestResult:
    """Bring back a result from what `BacktestResult.parts` gives.

    Args:
        data: the bars it ran over, by symbol.
    Raises:
        KeyError, StopIteration, TypeError, ValueError: something is missing or of another kind.
    """
    benchmark = None
    if record["benchmark"] is not None:
        benchmark = Benchmark(record["benchmark"], tables["benchmark"]["return"])
    spec = spec_of(record)
    metrics, trials = counted(
        Summary(**record["metrics"], reasons=record["reasons"]),
        spec.symbols,
        dict(tables["trials"].items()),
    )
    return BacktestResult(
        spec=spec,
        data=data,
        **cast("Any", {name: tables[name] for name in TABLES}),
        final_cash=Decimal(record["final_cash"]),
        final_equity=Decimal(record["final_equity"]),
        metrics=metrics,
        known_hashes=Hashes(**record["hashes"]),
        days=tables["days"]["day"],
        benchmark=benchmark,
        state=record["state"],
        log=tuple((int(moment), text) for moment, text in record["log"]),
        rules=msgspec.convert(record["rules"], RuleUse | None),
        actions=msgspec.convert(record["actions"], ActionUse),
        trials=trials,
        ticks=msgspec.convert(record.get("ticks"), TickUse | None),
        executor=record.get("executor", "event"),
    )


def spec_of(record: Mapping[str, Any]) -> BacktestSpec:
    """Bring back settings from `spec`, `slippage` and `sizing` of a record."""
    hints = get_type_hints(BacktestSpec)
    # JSON does not tell one model of slippage or of sizing from another.
    hints["slippage"] = _named(AnySlippage, record["slippage"])
    hints["sizing"] = _named(AnySizing, record["sizing"])
    plain = record["spec"]
    return BacktestSpec(**{name: msgspec.convert(plain[name], hints[name]) for name in plain})


def _named(kinds: Any, name: str) -> type[Any]:
    found: type[Any] = next(kind for kind in get_args(kinds) if kind.__name__ == name)
    return found

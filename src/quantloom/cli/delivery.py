"""What a finished run leaves behind: report, saved folder, tables or one JSON object."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from quantloom.backtest import BacktestResult, Band
from quantloom.cli.band import plain_band, print_band
from quantloom.cli.output import print_json, say
from quantloom.cli.rebalances import plain_rebalances
from quantloom.cli.summary import instrument_lines, order_outcomes, payment_sums, print_run


def deliver(
    found: BacktestResult | Band,
    *,
    report: Path | None,
    language: str,
    save: Path | None,
    force: bool,
    explain: bool,
    as_json: bool,
) -> None:
    """Write what was asked for, and print the outcome with the paths of what was written."""
    result = found.base if isinstance(found, Band) else found
    written = {"report": _write_report(result, report, language), "saved": save}
    if save is not None:
        result.save(save, replace=force)
    paths = {name: str(path) for name, path in written.items() if path is not None}
    if as_json:
        print_json(_plain(found) | paths)
    else:
        _print(found, result, paths, explain=explain)


def _print(
    found: BacktestResult | Band, result: BacktestResult, paths: Mapping[str, str], *, explain: bool
) -> None:
    if isinstance(found, Band):
        print_band(found)
    print_run(result, explain=explain)
    for name, path in paths.items():
        say(f"{name}: {path}")


def _write_report(result: BacktestResult, report: Path | None, language: str) -> Path | None:
    if report is None:
        return None
    from quantloom.report import write_report  # noqa: PLC0415  only when a report is asked for

    return write_report(result, report, language=language)


def _plain(found: BacktestResult | Band) -> dict[str, Any]:
    if isinstance(found, Band):
        return _plain(found.base) | {"band": plain_band(found)}
    return _plain_run(found)


def _plain_run(result: BacktestResult) -> dict[str, Any]:
    outcomes = order_outcomes(result)
    rebalances = {"rebalances": plain_rebalances(result)} if len(result.data) > 1 else {}
    return (
        result.summary()
        | rebalances
        | {
            "order_outcomes": {name.replace(" ", "_"): count for name, count in outcomes.items()},
            "instruments": [asdict(line) for line in instrument_lines(result)],
            "payments": payment_sums(result),
        }
    )

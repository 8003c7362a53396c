"""The report as one HTML file that needs nothing else: no network, no second file."""

import base64
import errno
import gzip
import os
import secrets
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from quantloom.backtest import BacktestResult
from quantloom.report import charts, notes, tables, trips
from quantloom.report.formats import LocalClock, fixed, plain
from quantloom.report.grades import grade_of_data
from quantloom.report.luck import luck_of
from quantloom.report.plotly_bundle import ReportExtraMissing, plotly_bundle, script_hash
from quantloom.report.rebalances import last_rebalance_sheet, rebalances_note, rebalances_sheet
from quantloom.report.texts import TEXTS, Words

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT_TEXTS = ("chart.", "mark.", "held.", "page.")
_NAMED_SYMBOLS = 4
# From here on marks lie on each other at full width, and the page draws one for each place.
_MANY_MARKS = 1_000
PRINTED_ROWS = 40
# A step of nine costs twice the time and wins a hundredth.
_LEVEL = 6


def prepare_report(language: str = "en") -> None:
    """Load what a report needs, so that a long run need not end to learn that it cannot be shown.

    Raises:
        UnknownLanguage: another language than `en` and `zh`.
        ReportExtraMissing: plotly or jinja2 is not installed.
    """
    Words(language)
    _environment()
    plotly_bundle()


def render_report(result: BacktestResult, *, language: str = "en") -> str:
    """Make a report of a run: one HTML page that carries its charts, styles and scripts.

    Args:
        language: `en`, where gains are green, or `zh`, where gains are red.
    Returns:
        HTML; the same result and version give the same text.
    Raises:
        UnknownLanguage: another language.
        ReportExtraMissing: plotly or jinja2 is not installed.
    """
    words = Words(language)
    template = _environment().get_template("report.html.j2")
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    bundle = plotly_bundle()
    return template.render(
        t=words,
        style=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        script=script,
        script_hashes=(script_hash(script.encode()), bundle.sha256),
        plotly=bundle.packed,
        printed_rows=PRINTED_ROWS,
        plain=plain,
        **_facts(result, words),
    )


def write_report(
    result: BacktestResult, path: str | os.PathLike[str], *, language: str = "en"
) -> Path:
    """Write a report to a file, whole or not at all; folders on the way are made.

    Args:
        language: `en`, where gains are green, or `zh`, where gains are red.
    Returns:
        Where it was written.
    Raises:
        UnknownLanguage: another language.
        ReportExtraMissing: plotly or jinja2 is not installed.
        OSError: the file cannot be written; what was there before is as it was.
    """
    # A link is followed, so that what it points to is replaced and not the link.
    target = Path(path).resolve()
    if target.exists() and not target.is_file():
        # Renaming a draft onto a device such as /dev/null would take the device away.
        raise FileExistsError(errno.EEXIST, "not a regular file", str(path))
    page = render_report(result, language=language).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        draft.write_bytes(page)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return Path(path)


def _facts(result: BacktestResult, words: Words) -> dict[str, Any]:
    """Everything the template shows of the run."""
    calendar = result.calendar
    clock = LocalClock.of(result.bars, calendar.timezone)
    data = _chart_data(result, words, clock)
    luck = luck_of(result, words)
    data["luck"] = {"days": luck.days, "trades": luck.trades}
    return {
        "result": result,
        "symbols": _symbols(result, words),
        "span": words(
            "span.value",
            start=clock.show(min(int(bars.ts[0]) for bars in result.data.values())),
            end=clock.show(max(int(bars.ts[-1]) for bars in result.data.values())),
        ),
        "bar_count": words(
            "timeframe.value",
            count=fixed(sum(map(len, result.data.values())), 0),
            timeframe=result.spec.timeframe,
        ),
        "clock": calendar.timezone if clock.zone else words("clock.dates"),
        "hashes": asdict(result.hashes),
        "audit": notes.audit_badge(result, words),
        "data_grade": grade_of_data(result, words),
        "verdict": "" if result.audit is None else result.audit.verdict,
        "rule_grade": notes.rule_grade(result.rules, words),
        "parameters": [(name, str(value)) for name, value in result.spec.parameters.items()],
        "findings": notes.findings(result, words),
        "assumptions": notes.assumptions(result, words, calendar),
        "rebalances_note": rebalances_note(result, words),
        "turnover_note": notes.turnover_note(result, words),
        "rolling_days": calendar.periods_per_year // 4,
        "is_intraday": clock.zone is not None,
        "luck": luck,
        **_sheets(result, words, clock),
        "notes": _notes(result, data, words, is_intraday=clock.zone is not None),
        "drawn": data,
        "data": _packed(data),
    }


def _sheets(result: BacktestResult, words: Words, clock: LocalClock) -> dict[str, Any]:
    return {
        "headline": tables.headline(result, words),
        "metrics": tables.metrics_sheet(result, words),
        "benchmark": tables.benchmark_sheet(result, words),
        "groups": tables.group_sheets(result, words),
        "round_trips": trips.round_trips_sheet(result, words, clock),
        "monthly": tables.monthly_sheet(result, words),
        "drawdowns": tables.drawdowns_sheet(result, words),
        "costs": tables.costs_sheet(result, words),
        "positions": tables.positions_sheet(result, words),
        "rebalances": rebalances_sheet(result, words, clock),
        "last_rebalance": last_rebalance_sheet(result, words),
        "payments": tables.payments_sheet(result, words),
        "payment_list": tables.payment_list_sheet(result, words, clock),
        "refused": tables.refused_sheet(result, words, clock),
        "log": tables.log_sheet(result, words, clock),
    }


def _symbols(result: BacktestResult, words: Words) -> str:
    symbols = result.spec.symbols
    if len(symbols) > _NAMED_SYMBOLS:
        return words("symbols.count", count=len(symbols))
    return words("join").join(symbols)


def _chart_data(result: BacktestResult, words: Words, clock: LocalClock) -> dict[str, Any]:
    return {
        "currency": result.spec.currency,
        "letters": clock.letters,
        "kinds": charts.MARKS,
        "instruments": charts.instruments(result, clock),
        "equity": charts.equity_points(result, clock),
        "benchmark": charts.benchmark_points(result),
        "exposure": charts.exposure_points(result),
        "rolling": charts.rolling_points(result),
        "returns": charts.daily_returns(result),
        "distribution": charts.distribution(result.round_trips.floats("pnl")),
        "excursions": charts.excursion_dots(result),
        "trips": _trip_data(result, words, clock),
        "texts": {key: words.unfilled(key) for key in TEXTS if key.startswith(_SCRIPT_TEXTS)},
    }


def _trip_data(result: BacktestResult, words: Words, clock: LocalClock) -> list[trips.TripColumn]:
    """The columns of round trips as the page reads them: its own words, times as differences."""
    return [
        replace(
            column,
            words=[trips.trip_word(column.name, text, words) for text in column.words],
            values=charts.steps_between(np.array(column.values, dtype=np.int64))
            if column.kind == "time"
            else column.values,
        )
        for column in trips.trip_columns(result, clock)
    ]


def _notes(
    result: BacktestResult, data: dict[str, Any], words: Words, *, is_intraday: bool
) -> dict[str, list[str]]:
    """What each chart leaves out or draws otherwise than the measures count."""
    found: dict[str, list[str]] = {"price": [], "equity": [], "excursions": [], "trips": []}
    per = max(one["candles"]["per"] for one in data["instruments"])
    if per > 1:
        found["price"].append(words("note.candles", per=per))
    marked = [len(one["marks"]["x"]) for one in data["instruments"]]
    if max(marked) > _MANY_MARKS:
        found["price"].append(words("note.marks"))
    found["price"] += _cut("note.marks_cut", sum(marked), len(result.fills), words)
    points = data["equity"]
    found["equity"] += _cut("note.equity", len(points["x"]), points["total"], words)
    if is_intraday:
        found["equity"].append(words("note.drawdown"))
    dots = data["excursions"]
    if dots:
        found["excursions"] += _cut("note.dots", len(dots["won"]), dots["total"], words)
    listed = len(data["trips"][0].values)
    found["trips"] += _cut("note.trips_cut", listed, len(result.round_trips), words)
    return found


def _cut(key: str, shown: int, total: int, words: Words) -> list[str]:
    if shown >= total:
        return []
    return [words(key, shown=fixed(shown, 0), total=fixed(total, 0))]


def _packed(data: dict[str, Any]) -> str:
    """JSON, gzip, base64: no text in it can end the element that carries it."""
    packed = gzip.compress(msgspec.json.encode(data), compresslevel=_LEVEL, mtime=0)
    return base64.b64encode(packed).decode()


@cache
def _environment() -> "Environment":
    try:
        from jinja2 import (  # noqa: PLC0415  optional, and only reports need it
            Environment,
            FileSystemLoader,
            StrictUndefined,
        )
    except ImportError as error:
        raise ReportExtraMissing("jinja2") from error
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

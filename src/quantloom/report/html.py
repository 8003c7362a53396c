"""The report as one HTML file that needs nothing else: no network, no second file."""

import errno
import os
import secrets
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from quantloom.backtest import BacktestResult
from quantloom.market import get_calendar, trading_days_of
from quantloom.report import charts, notes, tables
from quantloom.report.formats import LocalClock, decimals_of, fixed, plain
from quantloom.report.plotly_bundle import ReportExtraMissing, plotly_bundle, script_hash
from quantloom.report.texts import TEXTS, Words

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES = Path(__file__).parent / "templates"
_CHART_TEXTS = ("chart.", "mark.")
PRINTED_ROWS = 40


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
    bars, instrument = result.bars, result.spec.instrument
    calendar = get_calendar(instrument.calendar)
    clock = LocalClock.of(bars, calendar.timezone)
    days = trading_days_of(bars, calendar)
    data = _chart_data(result, words, clock)
    return {
        "result": result,
        "instrument": instrument,
        "span": words(
            "span.value",
            start=clock.show(int(bars.ts[0])),
            end=clock.show(int(bars.ts[-1])),
        ),
        "bar_count": words(
            "timeframe.value", count=fixed(len(bars), 0), timeframe=result.spec.timeframe
        ),
        "clock": calendar.timezone if clock.zone else words("clock.dates"),
        "hashes": asdict(result.hashes),
        "parameters": [(name, str(value)) for name, value in result.spec.parameters.items()],
        "warnings": notes.warnings(result, words),
        "assumptions": notes.assumptions(result, words, calendar),
        "turnover_note": notes.turnover_note(result, words),
        "headline": tables.headline(result, words),
        "metrics": tables.metrics_sheet(result, words),
        "round_trips": tables.round_trips_sheet(result, words, clock),
        "monthly": tables.monthly_sheet(result, words, days),
        "drawdowns": tables.drawdowns_sheet(result, words, days),
        "costs": tables.costs_sheet(result, words),
        "positions": tables.positions_sheet(result, words),
        "refused": tables.refused_sheet(result, words, clock),
        "log": tables.log_sheet(result, words, clock),
        "price_notes": _price_notes(data, words),
        "equity_notes": _equity_notes(data, words, is_intraday=clock.zone is not None),
        "has_results": bool(result.round_trips),
        "data": _for_script(data),
    }


def _chart_data(result: BacktestResult, words: Words, clock: LocalClock) -> dict[str, Any]:
    instrument = result.spec.instrument
    return {
        "currency": instrument.currency,
        "decimals": decimals_of(instrument.tick_size),
        "candles": charts.candles(result, clock),
        "equity": charts.equity_points(result, clock),
        "marks": charts.marks(result, clock),
        "distribution": charts.distribution(result.round_trips.floats("pnl")),
        "texts": {key: words(key) for key in TEXTS if key.startswith(_CHART_TEXTS)},
    }


def _price_notes(data: dict[str, Any], words: Words) -> list[str]:
    found = []
    if data["candles"]["per"] > 1:
        found.append(words("note.candles", per=data["candles"]["per"]))
    total = data["marks"]["total"]
    if total > charts.MAX_MARKS:
        shown = fixed(charts.MAX_MARKS, 0)
        found.append(words("note.marks", shown=shown, total=fixed(total, 0)))
    return found


def _equity_notes(data: dict[str, Any], words: Words, *, is_intraday: bool) -> list[str]:
    found = []
    total, shown = data["equity"]["total"], len(data["equity"]["x"])
    if shown < total:
        found.append(words("note.equity", shown=fixed(shown, 0), total=fixed(total, 0)))
    if is_intraday:
        found.append(words("note.drawdown"))
    return found


def _for_script(data: dict[str, Any]) -> str:
    """JSON that may stand inside a script element: no text can end the element or open another."""
    text = msgspec.json.encode(data).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


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

"""`quantloom data check`: what may be wrong with data, and how good they are."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.data.named import Source, TickSource, Unread, read_sources
from quantloom.cli.instruments import Calendar
from quantloom.cli.output import AsJson, Language, print_json, print_table, say, warn
from quantloom.cli.places import DataDir, open_own
from quantloom.data import read_actions
from quantloom.data.quality import (
    QualityReport,
    check_all,
    check_ticks,
    is_worse,
    read_grade,
    worst_of,
)
from quantloom.data.quality.page import LANGUAGES, Checked, NoSuchLanguage, render_page
from quantloom.errors import NotFound
from quantloom.market import Action, Instrument, get_calendar

WORSE = 8
"""The exit code of a check that found data worse than asked for."""

_FAILED = "F"


class NothingToCheck(NotFound):
    """Files and folders that hold nothing which may be checked."""

    code = "cli.nothing_to_check"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.what}: no bars to check in it; of folders only files with the endings of "
            "tables are read, so name others one by one"
        )


@app.command(
    "check",
    epilog="Examples: [bold]quantloom data check SPY.ARCA --timeframe 1d[/bold] · "
    "[bold]quantloom data check bars.csv --symbol rb2410.SHFE --html quality.html[/bold] · "
    "[bold]quantloom data check my-folder --min-grade C --json[/bold]",
)
def check_data(
    what: Annotated[
        list[str] | None,
        typer.Argument(help="Symbols, files and folders. \\[default: your whole catalog]"),
    ] = None,
    *,
    symbol: Annotated[str | None, typer.Option(help="What a file holds.")] = None,
    timeframe: Annotated[str | None, typer.Option(help="Only bars of this length.")] = None,
    ticks: Annotated[
        str | None, typer.Option(help="Only this stream of your catalog: trades, quotes or mixed.")
    ] = None,
    calendar: Calendar = None,
    actions: Annotated[
        Path | None, typer.Option(help="A CSV file of splits and dividends, which are no faults.")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Draw what was found on this page.")] = None,
    language: Language = "en",
    min_grade: Annotated[
        str | None, typer.Option(help="End with exit code 8 if a grade is worse, A to F.")
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Look for everything that may be wrong with data, and grade them from A to F."""
    least = None if min_grade is None else read_grade(min_grade)
    if language not in LANGUAGES:
        raise NoSuchLanguage(language)
    if calendar is not None:
        get_calendar(calendar)
    catalog = open_own(data_dir)
    sourced = read_sources(catalog, what or [], symbol=symbol, timeframe=timeframe, stream=ticks)
    found = [*sourced]
    if what and not found:
        raise NothingToCheck(", ".join(what))
    failed = [one for one in found if isinstance(one, Unread)]
    known = [one for one in found if not isinstance(one, Unread)]
    if calendar is not None:
        known = [replace(one, instrument=_in(one.instrument, calendar)) for one in known]
    bars = [one for one in known if isinstance(one, Source)]
    events = [one for one in known if isinstance(one, TickSource)]
    reports = _reports(bars, () if actions is None else read_actions(actions))
    pictured = list(zip(bars, reports, strict=True))
    reports += [_tick_report(one) for one in events]
    sources: list[Source | TickSource] = [*bars, *events]
    grade = worst_of([*(one.grade for one in reports), *(_FAILED for _ in failed)])
    if html is not None:
        checked = [Checked(one.bars, report, one.instrument) for one, report in pictured]
        html.write_text(render_page(checked, language=language), encoding="utf-8")
    if as_json:
        print_json(_plain(sources, reports, failed, grade) | ({"html": str(html)} if html else {}))
    else:
        _print(sources, reports, failed, language=language)
        if html is not None:
            say(f"html: {html}")
    if least is not None and is_worse(grade, least):
        raise typer.Exit(WORSE)


def _in(instrument: Instrument, calendar: str) -> Instrument:
    return replace(instrument, calendar=calendar)


def _reports(sources: Sequence[Source], actions: Sequence[Action]) -> list[QualityReport]:
    """Check each, and those of one market also together."""
    named = {str(place): one for place, one in enumerate(sources)}
    found = check_all(
        {name: one.bars for name, one in named.items()},
        instruments={name: one.instrument for name, one in named.items()},
        actions=actions,
        raw={name: one.account for name, one in named.items() if one.account is not None},
        repairs={name: one.repairs for name, one in named.items()},
    )
    return list(found.values())


def _tick_report(source: TickSource) -> QualityReport:
    return check_ticks(
        source.ticks, instrument=source.instrument, raw=source.account, total=source.total
    )


def _plain(
    sources: Sequence[Source | TickSource],
    reports: Sequence[QualityReport],
    failed: Sequence[Unread],
    grade: str,
) -> dict[str, object]:
    pairs = zip(sources, reports, strict=True)
    return {
        "grade": grade,
        "reports": [{"path": one.path, **report.to_json()} for one, report in pairs],
        "failed": [{"path": one.path, "problem": one.problem} for one in failed],
    }


def _print(
    sources: Sequence[Source | TickSource],
    reports: Sequence[QualityReport],
    failed: Sequence[Unread],
    *,
    language: str,
) -> None:
    if len(reports) == 1:
        _print_report(reports[0], language)
    elif reports:
        _print_overview(sources, reports, language)
    for one in failed:
        warn(f"not checked: {one.problem}")


def _print_overview(
    sources: Sequence[Source | TickSource], reports: Sequence[QualityReport], language: str
) -> None:
    rows = [
        (
            report.symbol,
            report.timeframe,
            f"{report.rows:,}",
            report.grade,
            report.why(language),
            Path(one.path).name,
        )
        for one, report in zip(sources, reports, strict=True)
    ]
    headings = ("Symbol", "Timeframe", "Rows", "Grade", "What the grade hangs on", "File")
    print_table("Data quality", headings, rows, right="llrl", spare=("File", "Timeframe"))


def _print_report(report: QualityReport, language: str) -> None:
    what = "rows" if report.timeframe == "ticks" else "bars"
    asked = len(report.clean) + len(report.findings)
    say(
        f"{report.symbol} {report.timeframe}: {report.rows:,} {what}, {report.start:%Y-%m-%d} .. "
        f"{report.end:%Y-%m-%d}\ngrade {report.grade}\n"
    )
    if report.findings:
        rows = [
            (
                found.check,
                found.severity,
                f"{found.count:,}",
                f"{found.share:.2%}",
                found.text(language),
            )
            for found in report.findings
        ]
        headings = ("Check", "Weight", "Cases", "Share", "What it says")
        print_table("Findings", headings, rows, right="llrrl", spare=("Share",))
    say(f"{len(report.clean)} of {asked} checks found nothing")
    for repair in report.repairs:
        say(f"repaired before: {repair}")

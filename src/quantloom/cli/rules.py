"""`quantloom rules`: what markets ask on a day, how well it is known, and what you would change."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.output import AsJson, print_json, say
from quantloom.cli.rule_check import check_rules, print_check
from quantloom.cli.rule_coverage import (
    Line,
    Span,
    count,
    lines_of,
    plain_lines,
    print_matrix,
    print_sources,
    print_venues,
    print_years,
)
from quantloom.cli.rule_sheet import NoRules, make_sheet, plain_sheet, print_sheet
from quantloom.errors import Invalid, NotFound
from quantloom.kit import SystemClock
from quantloom.market.rulebook import (
    TOPICS,
    RuleBook,
    Subject,
    list_subjects,
    rule_book,
    subject_of,
    topics_of,
)
from quantloom.market.venues import VENUES, find_venue

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="See what markets ask of orders, trades and positions, and how well that is known.",
)

Overlays = Annotated[
    list[Path] | None,
    typer.Option("--overlay", help="A rule file of your own; the last one goes first."),
]


class BadDay(Invalid):
    """A day that no calendar has."""

    code = "cli.bad_day"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"{self.text!r} is no day; write it like 2024-03-01"


class NoRuleFile(NotFound):
    """A rule file that is not there, or holds no text."""

    code = "cli.no_rule_file"

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"no rule file at {self.path}: {self.problem}; docs/reference/rules.md shows one"


@app.callback()
def rules() -> None:
    """See what markets ask of orders, trades and positions, and how well that is known."""


@app.command(epilog="Example: [bold]quantloom rules show rb2410.SHFE --on 2024-03-01[/bold]")
def show(
    symbol: Annotated[str, typer.Argument(help="In any usual spelling.")],
    *,
    on: Annotated[str | None, typer.Option(help="The trading day. \\[default: today]")] = None,
    overlay: Overlays = None,
    as_json: AsJson = False,
) -> None:
    """Show every rule of an instrument on a day, with its dates and its source."""
    book = read_book(overlay)
    sheet = make_sheet(book, symbol, _day(on))
    if as_json:
        print_json(plain_sheet(sheet, book))
        return
    print_sheet(sheet, book, asked=symbol)


@app.command(
    epilog="Examples: [bold]quantloom rules coverage SHFE[/bold]"
    " · [bold]quantloom rules coverage SHFE --topic fee[/bold]"
    " · [bold]quantloom rules coverage rb2410.SHFE --start 2018-01-01 --end 2024-12-31[/bold]"
)
def coverage(
    whom: Annotated[
        str | None, typer.Argument(help="A venue, product, board or symbol. \\[default: venues]")
    ] = None,
    *,
    topic: Annotated[str | None, typer.Option(help="One topic, such as fee.")] = None,
    on: Annotated[str | None, typer.Option(help="The day to count by. \\[default: today]")] = None,
    start: Annotated[str | None, typer.Option(help="Count by the weakest day from here.")] = None,
    end: Annotated[str | None, typer.Option(help="The last day. \\[default: today]")] = None,
    overlay: Overlays = None,
    as_json: AsJson = False,
) -> None:
    """Show what is known for which dates, and from which source."""
    if topic is not None and topic not in TOPICS:
        raise typer.BadParameter(f"there is no topic {topic!r}; there are {', '.join(TOPICS)}")
    book, span = read_book(overlay), _span(on, start, end)
    subjects = _subjects(book, whom)
    lines = lines_of(book, subjects, topic)
    if as_json:
        print_json(_plain(lines, span, book))
        return
    years = span if start is not None else _years(lines, span)
    if not lines:
        say(f"the rule book has no {topic} for {whom or 'anybody'}")
    elif whom is None:
        print_venues(lines, span)
    elif len(subjects) == 1:
        print_years(lines, years, by_topic=True)
        print_sources(lines, years)
    elif topic is None:
        print_matrix(lines, span)
    else:
        print_years(lines, years, by_topic=False)


@app.command(epilog="Example: [bold]quantloom rules check my_fees.toml[/bold]")
def check(
    file: Annotated[Path, typer.Argument(help="A rule file of your own.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Look a rule file over, and say what it would change; leaves with 1 if it cannot be read."""
    findings, changes = check_rules(file.name, _read(file), rule_book())
    failed = any(finding.severity == "error" for finding in findings)
    if as_json:
        print_json(
            {
                "file": str(file),
                "findings": [asdict(finding) for finding in findings],
                "changes": [asdict(change) | {"is_news": change.is_news} for change in changes],
            }
        )
    else:
        print_check(str(file), findings, changes)
    if failed:
        raise typer.Exit(1)


def read_book(overlays: list[Path] | None) -> RuleBook:
    """The packaged book with files of the user's own before it, the last one first.

    Raises:
        NoRuleFile: one is not there, or holds no text.
        BadRules: one cannot be trusted.
    """
    book = rule_book()
    for path in overlays or ():
        book = book.overlay(path.name, _read(path))
    return book


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise NoRuleFile(str(path), str(problem)) from None


def _day(text: str | None) -> date:
    if text is None:
        return SystemClock().now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDay(text) from None


def _span(on: str | None, start: str | None, end: str | None) -> Span:
    if on is not None and (start is not None or end is not None):
        raise typer.BadParameter("give --on, or --start and --end")
    last = _day(on if end is None else end)
    first = last if start is None else _day(start)
    if first > last:
        raise typer.BadParameter(f"--start {first} is after --end {last}")
    return Span(first, last)


def _subjects(book: RuleBook, whom: str | None) -> list[Subject]:
    """Whom a name means: a venue, one of its products or boards, or an instrument."""
    every = list_subjects(book)
    if whom is None:
        return every
    own = [one for one in every if whom in {one.code, f"{one.code}.{one.venue}"}]
    if own and whom not in VENUES:
        return own
    venue = whom if whom in VENUES else find_venue(whom)
    if venue is None:
        found = [one for one in [subject_of(book, whom)] if topics_of(book, one)]
    else:
        found = [one for one in every if one.venue == venue]
    if not found:
        raise NoRules(whom)
    return found


def _years(lines: list[Line], span: Span) -> Span:
    """From the first rule to the last day asked about."""
    first = min((one.since for line in lines for one in line.covered), default=span.first)
    return Span(min(first, span.first), span.last)


def _plain(lines: list[Line], span: Span, book: RuleBook) -> dict[str, object]:
    return {
        "rule_book": book.version,
        "start": span.first,
        "end": span.last,
        "counts": count(lines, span),
        "subjects": plain_lines(lines, span),
    }

"""What the rule book covers: counts by venue, a letter for each topic, a line through the years."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from quantloom.cli.output import print_table, say
from quantloom.market.rulebook import (
    Covered,
    RuleBook,
    Standing,
    Subject,
    coverage_of,
    topics_of,
    weakest,
)

WIDTH = 100
NOTHING = "."
LETTERS: Mapping[Standing | None, str] = {
    Standing.KNOWN: "K",
    Standing.YOURS: "Y",
    Standing.CARRIED: "c",
    Standing.ASSUMED: "a",
    None: NOTHING,
}
LEGEND = "K known, Y yours, c carried on from an older source, a assumed, . nothing"
_COUNTS = tuple("Nothing" if one is None else one.value.capitalize() for one in LETTERS)
_ONE_DAY = timedelta(days=1)
# Cells of a year, blanks after them, and the years from one heading to the next.
_SCALES = ((4, 1, 1), (2, 1, 1), (1, 0, 5))
_CELL_NAMES = {4: "quarter", 2: "half-year", 1: "year"}


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are asked about, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Line:
    """What the book has of one topic for one subject."""

    subject: Subject
    topic: str
    covered: tuple[Covered, ...]

    def standing(self, span: Span) -> Standing | None:
        """The weakest of a span."""
        return weakest(self.covered, span.first, span.last)


def lines_of(book: RuleBook, subjects: Sequence[Subject], topic: str | None) -> list[Line]:
    """What the book has of each subject, topic by topic, or of one topic alone."""
    lines = [
        Line(subject, one, coverage_of(book, subject, one))
        for subject in subjects
        for one in (topics_of(book, subject) if topic is None else (topic,))
    ]
    return [line for line in lines if line.covered or line.topic in line.subject.needs]


def count(lines: Sequence[Line], span: Span) -> dict[str, int]:
    """How many topics of all subjects are known how well; one counts once, by its weakest day."""
    found = Counter(line.standing(span) for line in lines)
    return {("nothing" if one is None else one.value): found[one] for one in LETTERS}


def print_venues(lines: Sequence[Line], span: Span) -> None:
    """Print the counts of each venue."""
    by_venue: dict[str, list[Line]] = {}
    for line in lines:
        by_venue.setdefault(line.subject.venue, []).append(line)
    rows = []
    for venue, several in by_venue.items():
        subjects = {line.subject.code for line in several}
        first = min((one.since for line in several for one in line.covered), default="")
        rows.append((venue, len(subjects), first, *count(several, span).values()))
    title = f"Topics by how well they are known, {_days(span)}"
    print_table(title, ("Venue", "Subjects", "From", *_COUNTS), rows, right="lrlrrrrr")
    say("next: quantloom rules coverage SHFE, or --topic fee")


def print_matrix(lines: Sequence[Line], span: Span) -> None:
    """Print a letter for each topic of each subject."""
    topics = list(dict.fromkeys(line.topic for line in lines))
    by_subject: dict[str, list[Line]] = {}
    for line in lines:
        by_subject.setdefault(line.subject.code, []).append(line)
    rows = [
        (code, several[0].subject.name, *_letters(several, topics, span), _tally(several, span))
        for code, several in by_subject.items()
    ]
    headings = ("Whom", "Name", *topics, "K/Y/c/a/.")
    print_table(f"{lines[0].subject.venue}, {_days(span)}", headings, rows, spare=("Name",))
    say(LEGEND)
    example = lines[0].subject.code
    say(f"next: quantloom rules coverage {example}, or --topic {topics[0]} for the years")


def print_years(lines: Sequence[Line], span: Span, *, by_topic: bool) -> None:
    """Print a line through the years for each topic or each subject, within 100 columns."""
    labels = [line.topic if by_topic else line.subject.code for line in lines]
    for row in picture(labels, lines, span):
        say(row)


def print_sources(lines: Sequence[Line], span: Span) -> None:
    """Print from which days to which each source tells a topic."""
    rows = [
        (line.topic, one.since, one.to or "", one.standing, one.scope, _source(one))
        for line in lines
        for one in line.covered
        if one.since <= span.last and (one.to is None or one.to >= span.first)
    ]
    headings = ("Topic", "From", "To", "Standing", "Of", "Source")
    print_table("Sources", headings, rows, spare=("Of", "Standing"))


def picture(labels: Sequence[str], lines: Sequence[Line], span: Span) -> Iterator[str]:
    """Draw the lines, under a heading with the years."""
    room = max(len(label) for label in labels) + 1
    years = range(span.first.year, span.last.year + 1)
    fitting = [one for one in _SCALES if room + len(years) * (one[0] + one[1]) <= WIDTH]
    cells, gap, apart = fitting[0] if fitting else _SCALES[-1]
    # What does not fit even at one cell a year is left out at the old end.
    years = years[-((WIDTH - room) // (cells + gap)) :]
    yield (" " * room + _year_heading(years, cells + gap, apart)).rstrip()
    for label, line in zip(labels, lines, strict=True):
        blanks = " " * gap
        drawn = blanks.join(_year(line, year, cells, span) for year in years)
        yield f"{label:<{room}}{drawn}".rstrip()
    yield LEGEND
    yield f"a letter tells the weakest day of its {_CELL_NAMES[cells]}"


def plain_lines(lines: Sequence[Line], span: Span) -> list[dict[str, object]]:
    """Each subject with its topics, for JSON."""
    found: dict[str, dict[str, object]] = {}
    topics: dict[str, dict[str, object]] = {}
    for line in lines:
        subject = line.subject
        topics.setdefault(subject.code, {})[line.topic] = {
            "standing": line.standing(span) or "nothing",
            "covered": line.covered,
        }
        found[subject.code] = {
            "code": subject.code,
            "venue": subject.venue,
            "name": subject.name,
            "topics": topics[subject.code],
        }
    return list(found.values())


def _days(span: Span) -> str:
    same = span.first == span.last
    return f"on {span.first}" if same else f"at their weakest from {span.first} to {span.last}"


def _letters(lines: Sequence[Line], topics: Sequence[str], span: Span) -> Iterator[str]:
    letters = {line.topic: LETTERS[line.standing(span)] for line in lines}
    for topic in topics:
        yield letters.get(topic, "")


def _tally(lines: Sequence[Line], span: Span) -> str:
    return "/".join(str(number) for number in count(lines, span).values())


def _source(one: Covered) -> str:
    told = "" if one.source is None else f"{one.source.publisher}: {one.source.title}"
    if one.standing is not Standing.YOURS:
        return told
    return f"{one.file}, {told}" if told else one.file


def _year_heading(years: range, width: int, apart: int) -> str:
    """Years above their cells, `apart` from each to the next; the last one only if it fits."""
    heading = ""
    for place in range(0, len(years), apart):
        name = str(years[place]) if width * apart > 4 else f"{years[place] % 100:02d}"
        if place * width + len(name) <= len(years) * width:
            heading += f"{name:<{width * apart}}"
    return heading


def _year(line: Line, year: int, cells: int, span: Span) -> str:
    return "".join(_cell(line, _part(year, place, cells), span) for place in range(cells))


def _part(year: int, place: int, cells: int) -> Span:
    months = 12 // cells
    following = date(year + (place + 1) // cells, (place + 1) * months % 12 + 1, 1)
    return Span(date(year, place * months + 1, 1), following - _ONE_DAY)


def _cell(line: Line, part: Span, span: Span) -> str:
    first, last = max(part.first, span.first), min(part.last, span.last)
    return LETTERS[line.standing(Span(first, last))] if first <= last else " "

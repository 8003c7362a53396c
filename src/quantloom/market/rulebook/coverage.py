"""What the rule book knows of a market, for which days, and from which source."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from quantloom.market import venues
from quantloom.market.rulebook.book import RuleBook, Standing
from quantloom.market.rulebook.reader import RuleFile, Source
from quantloom.market.rulebook.topics import TOPICS, Entry
from quantloom.market.symbols import resolve

_ONE_DAY = timedelta(days=1)
_BEST_FIRST = tuple(Standing)
_FUTURE = ("grid", "hours", "limit", "fee", "margin", "closing", "settlement", "delivery")
_BOND = ("grid", "hours", "limit", "fee", "tax", "transfer", "turnaround")
_STOCK = (*_BOND, "dividend_tax")
_US_STOCK = ("grid", "hours", "limit", "fee", "levy", "turnaround")
_PAIR = ("grid", "maker_taker")
_SWAP = (*_PAIR, "funding", "maintenance")
_CRYPTO_KINDS = {"spot": _PAIR, "perpetual": _SWAP, "inverse": _SWAP}
_NO_DIVIDENDS = ("bond", "convertible", "repo")
# It lists single days, so on most days it rightly says nothing.
_LISTS_DAYS = "no_nights"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom rules are about: a product, a board, a venue, a kind at a venue, or one instrument.

    Attributes:
        code: as rule files spell it. name: what it is called; empty where no file tells.
        scopes: the names that its rules may have in `of`, the narrowest first.
        needs: topics without which it cannot be traded as it really is.
    """

    code: str
    venue: str
    name: str
    scopes: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Covered:
    """Days on which one source, a file of your own or an assumption tells a topic.

    Attributes:
        to: last of them; None where there is no end.
        scope: whom its entry names. file: where it stands.
    """

    since: date
    to: date | None
    standing: Standing
    source: Source | None
    scope: str
    file: str

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.to is None or day <= self.to)


def list_subjects(book: RuleBook, venue: str | None = None) -> list[Subject]:
    """List the products, boards, venues and kinds that the packaged files are about.

    Args:
        venue: of this one alone.
    """
    packaged = [file for file in book.files() if not _is_yours(file, book)]
    return [
        subject
        for file in packaged
        for home in file.head.venues
        if venue in {None, home}
        for subject in _subjects(book, file, home)
    ]


def subject_of(book: RuleBook, symbol: str) -> Subject:
    """The subject that one instrument is, with its contract or code as the narrowest scope.

    Args:
        symbol: any spelling that `resolve` reads.
    Raises:
        UnknownSymbol: no instrument of that spelling.
    """
    found = resolve(symbol)
    scopes = book.scopes(symbol)
    wider = next((one for one in list_subjects(book, found.venue) if one.code in scopes), None)
    name, needs = (wider.name, wider.needs) if wider else ("", ())
    return Subject(found.symbol, found.venue, name, scopes, needs)


def topics_of(book: RuleBook, subject: Subject) -> list[str]:
    """The topics that a subject needs, and those that the book has for it besides."""
    found = {
        topic
        for file in _files(book, subject.venue)
        for topic, whom in file.entries
        if whom.partition("#")[0] in subject.scopes and topic != _LISTS_DAYS
    }
    return [topic for topic in TOPICS if topic in found or topic in subject.needs]


def coverage_of(book: RuleBook, subject: Subject, topic: str) -> tuple[Covered, ...]:
    """Tell on which days the book has a topic, and how well it is known.

    Where entries stand side by side, as tiers and levies do, the weakest one tells.

    Returns:
        In the order of their days; days between two of them have no rule.
    """
    pieces = list(_pieces(book, subject, topic))
    edges = {piece.since for _, piece in pieces}
    edges |= {piece.to + _ONE_DAY for _, piece in pieces if piece.to is not None}
    found: list[Covered] = []
    for first, following in pairwise([*sorted(edges), None]):
        told = None if first is None else _weakest_on(first, pieces)
        if told is not None and first is not None:
            last = None if following is None else following - _ONE_DAY
            _append(found, replace(told, since=first, to=last))
    return tuple(found)


def entry_of(book: RuleBook, subject: Subject, topic: str, day: date) -> Entry | None:
    """The entry of a topic that holds for a subject on a day; the same as `RuleBook.rule` finds.

    Args:
        topic: `topic#1` and so on, where entries stand side by side.
    """
    name, _, rank = topic.partition("#")
    found = _entries(book, subject, name)
    return next(
        (
            entry
            for _, _, entry in found
            if entry.rank == rank and entry.since <= day and (entry.to is None or day <= entry.to)
        ),
        None,
    )


def weakest(covered: Sequence[Covered], first: date, last: date) -> Standing | None:
    """The weakest standing between two days, both included; None if a day has no rule."""
    reached, found = first, []
    for one in covered:
        if one.since <= last and one.holds_on(reached):
            found.append(one.standing)
            if one.to is None or one.to >= last:
                return max(found, key=_BEST_FIRST.index)
            reached = one.to + _ONE_DAY
    return None


def _subjects(book: RuleBook, file: RuleFile, venue: str) -> Iterator[Subject]:
    names = file.head.names
    if venue in venues.CN_FUTURES:
        for code, name in names.items():
            yield Subject(code, venue, name, (code, venue), _FUTURE)
    elif venue in venues.CN_STOCK:
        boards = {board for one in (file, *book.overlays) for board in one.head.prefixes}
        for board in sorted(boards):
            home, _, kind = board.partition(".")
            topics = _BOND if kind in _NO_DIVIDENDS else _STOCK
            if home == venue:
                yield Subject(board, venue, names.get(board, ""), (board, venue), topics)
    elif venue in venues.CRYPTO:
        for kind, needs in _CRYPTO_KINDS.items():
            code = f"{venue}.{kind}"
            yield Subject(code, venue, names.get(kind, ""), (code, venue, kind), needs)
    else:
        yield Subject(venue, venue, names.get(venue, ""), (venue,), _US_STOCK)


def _is_yours(file: RuleFile, book: RuleBook) -> bool:
    # A packaged file may be looked over as an overlay, and then equals it.
    return any(file is one for one in book.overlays)


def _files(book: RuleBook, venue: str) -> list[RuleFile]:
    return [one for one in book.files() if _is_yours(one, book) or venue in one.head.venues]


def _pieces(book: RuleBook, subject: Subject, topic: str) -> Iterator[tuple[str, Covered]]:
    """Each entry with what tells it from those beside it, the first in force first."""
    for file, scope, entry in _entries(book, subject, topic):
        for piece in _by_standing(entry, scope, file, book):
            yield entry.rank, piece


def _entries(book: RuleBook, subject: Subject, topic: str) -> Iterator[tuple[RuleFile, str, Entry]]:
    for file in _files(book, subject.venue):
        for scope in subject.scopes:
            for (name, whom), entries in file.entries.items():
                if name == topic and whom.partition("#")[0] == scope:
                    for entry in entries:
                        yield file, scope, entry


def _by_standing(entry: Entry, scope: str, file: RuleFile, book: RuleBook) -> Iterator[Covered]:
    def covered(since: date, to: date | None, standing: Standing) -> Covered:
        return Covered(since, to, standing, source, scope, file.name)

    source = file.head.sources.get(entry.source)
    if _is_yours(file, book):
        yield covered(entry.since, entry.to, Standing.YOURS)
    elif source is None:
        yield covered(entry.since, entry.to, Standing.ASSUMED)
    else:
        until = source.known_until(entry)
        if until is None or (entry.to is not None and entry.to <= until):
            yield covered(entry.since, entry.to, Standing.KNOWN)
            return
        if entry.since <= until:
            yield covered(entry.since, until, Standing.KNOWN)
        yield covered(max(entry.since, until + _ONE_DAY), entry.to, Standing.CARRIED)


def _weakest_on(day: date, pieces: Sequence[tuple[str, Covered]]) -> Covered | None:
    in_force: dict[str, Covered] = {}
    for rank, piece in pieces:
        if piece.holds_on(day):
            in_force.setdefault(rank, piece)
    by_standing = sorted(in_force.values(), key=lambda one: _BEST_FIRST.index(one.standing))
    return by_standing[-1] if by_standing else None


def _append(found: list[Covered], one: Covered) -> None:
    """Add days to those before them, or to the last ones where the same source goes on."""
    before = found[-1] if found else None
    follows = before is not None and before.to is not None and before.to + _ONE_DAY == one.since
    if before is not None and follows and replace(one, since=before.since, to=before.to) == before:
        found[-1] = replace(before, to=one.to)
    else:
        found.append(one)

"""Instruments: list them, search them, tell the terms of one."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from quantloom.market import Kind, Resolution, UnknownSymbol, find_product
from quantloom.market import resolve as read_symbol
from quantloom_server.instruments.keeping import Keeper
from quantloom_server.instruments.shelf import CHAIN, Listed, Shelf, listed
from quantloom_server.instruments.terms import Terms, terms_on
from quantloom_server.platform.paging import BadCursor, Slice, Span

# A word alone may be a name or a ticker; with one of these it is a spelling of a symbol.
_SPELLED = re.compile(r"[\d./:-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for; everything that is given must hold."""

    text: str = ""
    venue: str | None = None
    kind: Kind | None = None
    product: str | None = None
    has_data: bool | None = None

    def fits(self, one: Listed) -> bool:
        return (
            self.venue in {None, one.venue}
            and self.kind in {None, one.kind}
            and self.product in {None, one.product}
            and self.has_data in {None, bool(one.timeframes)}
        )


@dataclass(frozen=True, slots=True)
class Found:
    """An instrument, and in words what a spelling was taken for."""

    one: Listed
    note: str


def list_instruments(shelf: Shelf, sought: Sought, span: Span) -> Slice[Listed]:
    """The part of the list that is asked for, the best match first.

    Raises:
        BadCursor: the cursor is none of ours, or its instrument has left the list.
    """
    rows = [one for one in _matches(shelf, sought.text) if sought.fits(one)]
    start = _start(rows, span)
    kept = rows[start : start + span.limit]
    has_more = start + span.limit < len(rows)
    total = len(rows) if span.page is not None else None
    return Slice(kept, _written(kept[-1].symbol) if has_more else None, total)


def find_spelled(shelf: Shelf, text: str) -> Found | None:
    """The instrument that a text spells, None where it rather is a word to search for."""
    if not _SPELLED.search(text):
        return None
    try:
        return identify(shelf, text, shelf.day)
    except (UnknownSymbol, ValueError):
        return None


def identify(shelf: Shelf, text: str, on: date) -> Found:
    """Find the one instrument that somebody means, by any spelling, product or name.

    Raises:
        UnknownSymbol: nothing that is known, and nothing whose spelling tells what it is.
        AmbiguousMonth: never; `on` tells the decade.
    """
    if text in shelf.by_symbol:
        return Found(shelf.by_symbol[text], f"{text} is written as it is listed")
    try:
        resolved = read_symbol(text, on=on)
    except UnknownSymbol:
        return _by_name(shelf, text)
    if resolved.symbol in shelf.by_symbol:
        return Found(shelf.by_symbol[resolved.symbol], resolved.note)
    return _by_code(shelf, text, resolved) or Found(listed(resolved), resolved.note)


def terms_of(keeper: Keeper, one: Listed, on: date) -> Terms:
    """The terms of an instrument on a day."""
    found = Resolution(one.symbol, one.venue, one.code, one.kind, "")
    return terms_on(found, on, keeper.book)


def _matches(shelf: Shelf, text: str) -> Sequence[Listed]:
    if not text.strip():
        return shelf.items
    rows = [shelf.items[row] for row in shelf.index.search(text)]
    spelled = find_spelled(shelf, text)
    if spelled is None:
        return rows
    return [spelled.one, *(one for one in rows if one.symbol != spelled.one.symbol)]


def _by_name(shelf: Shelf, text: str) -> Found:
    if product := find_product(text):
        return _taken(shelf, text, f"{product.code}{CHAIN}.{product.venue}")
    named = shelf.index.exact(text)
    if not named:
        raise UnknownSymbol(text)
    return _taken(shelf, text, shelf.items[named[0]].symbol)


def _by_code(shelf: Shelf, text: str, resolved: Resolution) -> Found | None:
    """The only one on the list of this code, where the text does not tell the venue for sure."""
    alike = [
        shelf.items[row]
        for row in shelf.index.exact(resolved.code)
        if shelf.items[row].code.upper() == resolved.code.upper()
    ]
    names_venue = text.upper().endswith(f".{resolved.venue}")
    if len(alike) != 1 or names_venue:
        return None
    return _taken(shelf, text, alike[0].symbol)


def _taken(shelf: Shelf, text: str, symbol: str) -> Found:
    one = shelf.by_symbol[symbol]
    return Found(one, f"{text} taken for {symbol}, {one.names.en or one.kind}")


def _start(rows: Sequence[Listed], span: Span) -> int:
    if span.page is not None:
        return (span.page - 1) * span.limit
    if span.cursor is None:
        return 0
    behind = _read(span.cursor)
    at = next((place for place, one in enumerate(rows) if one.symbol == behind), None)
    if at is None:
        raise BadCursor
    return at + 1


def _written(symbol: str) -> str:
    return base64.urlsafe_b64encode(symbol.encode()).rstrip(b"=").decode()


def _read(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (ValueError, binascii.Error) as error:
        raise BadCursor from error

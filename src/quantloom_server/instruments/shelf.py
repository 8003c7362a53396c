"""What can be traded, as one list: from the rule book, the catalog and the packaged names.

On it are the dominant chain of every Chinese futures product, the contracts that it has on the day
as far as a source tells its months, what the rule book names outright (pairs and swaps), what the
catalog holds bars of, and the securities that the packaged names know.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quantloom.market import Kind, Resolution, UnknownSymbol, products, resolve
from quantloom.market.rulebook import RuleBook
from quantloom.market.venues import CRYPTO, VENUES
from quantloom_server.instruments.contracts import Contract, contracts_on
from quantloom_server.instruments.naming import Names, names_of, product_of, told
from quantloom_server.instruments.searching import Index

CHAIN = "-MAIN"
_VERSION_DIGITS = 16
_UNKNOWN_VENUE = len(VENUES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One instrument of the list.

    Attributes:
        product: of a contract or chain of a Chinese futures exchange; else empty.
        last_day: last trading day of a contract. is_estimate: its holidays are not known yet.
        timeframes: of the bars that the catalog holds, shortest first.
    """

    symbol: str
    code: str
    venue: str
    kind: Kind
    names: Names
    product: str = ""
    last_day: date | None = None
    is_estimate: bool = False
    timeframes: tuple[str, ...] = ()

    @property
    def is_chain(self) -> bool:
        return self.code.endswith(CHAIN)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The list of one day.

    Attributes:
        version: changes with anything on it.
    """

    day: date
    items: tuple[Listed, ...]
    by_symbol: Mapping[str, Listed]
    index: Index
    version: str


def make_shelf(book: RuleBook, day: date, held: Mapping[str, Sequence[str]]) -> Shelf:
    """Put the list of a day together.

    Args:
        held: timeframes by the symbols of the catalog.
    """
    ends = {one.symbol: one for one in _contracts(book, day)}
    found: dict[str, Listed] = {}
    for symbol in [*_chains(), *ends, *_named_in(book), *told().securities, *held]:
        if symbol not in found:
            contract = ends.get(symbol)
            found[symbol] = listed(
                _read(symbol),
                last_day=contract.last_day if contract else None,
                is_estimate=bool(contract and contract.is_estimate),
                timeframes=tuple(held.get(symbol, ())),
            )
    items = tuple(sorted(found.values(), key=_place))
    return Shelf(
        day,
        items,
        {one.symbol: one for one in items},
        Index([_keys(one) for one in items]),
        _version(book, items),
    )


def listed(
    found: Resolution,
    *,
    last_day: date | None = None,
    is_estimate: bool = False,
    timeframes: tuple[str, ...] = (),
) -> Listed:
    """One instrument as the list shows it."""
    product = product_of(found) if found.kind is Kind.FUTURE else None
    return Listed(
        symbol=found.symbol,
        code=found.code,
        venue=found.venue,
        kind=found.kind,
        names=names_of(found),
        product=product.code if product else "",
        last_day=last_day,
        is_estimate=is_estimate,
        timeframes=timeframes,
    )


def _chains() -> Iterator[str]:
    return (f"{one.code}{CHAIN}.{one.venue}" for one in products().values())


def _contracts(book: RuleBook, day: date) -> Iterator[Contract]:
    for product in products().values():
        yield from contracts_on(product, day, book)


def _named_in(book: RuleBook) -> Iterator[str]:
    """Instruments of which the rule book has entries of their own."""
    for file in book.files():
        if set(file.head.venues) & set(CRYPTO):
            symbols = {whom.partition("#")[0] for _, whom in file.entries}
            yield from (one for one in sorted(symbols) if one.rpartition(".")[2] in CRYPTO)


def _read(symbol: str) -> Resolution:
    try:
        found = resolve(symbol)
    except UnknownSymbol:
        found = None
    if found is not None and found.symbol == symbol:
        return found
    code, _, venue = symbol.rpartition(".")
    return Resolution(symbol, venue, code, Kind.STOCK, "data of unknown origin")


def _place(one: Listed) -> tuple[int, str, bool, str]:
    venue = VENUES.index(one.venue) if one.venue in VENUES else _UNKNOWN_VENUE
    return venue, (one.product or one.code).lower(), not one.is_chain, one.symbol


def _keys(one: Listed) -> tuple[str, ...]:
    return one.symbol, one.code, one.names.zh, one.names.en, *one.names.spelled


def _version(book: RuleBook, items: Iterable[Listed]) -> str:
    told = "\n".join(f"{one.symbol} {one.last_day} {one.timeframes}" for one in items)
    return hashlib.sha256(f"{book.version}\n{told}".encode()).hexdigest()[:_VERSION_DIGITS]

"""Routes of instruments."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from quantloom.market import Kind, UnknownSymbol
from quantloom_server.instruments import service
from quantloom_server.instruments.keeping import Keeper
from quantloom_server.instruments.schemas import InstrumentOut, InstrumentsOut, TakenFor
from quantloom_server.instruments.service import Found, Sought
from quantloom_server.instruments.showing import show_instrument, show_listed
from quantloom_server.platform.paging import BadCursor, SpanOf
from quantloom_server.platform.permissions import Permission
from quantloom_server.platform.routing import Routes

routes = Routes("/api/v1/market/instruments", tag="Market data")

_FIRST, _LAST = date(1990, 1, 1), date(2099, 12, 31)


async def _keeper_of(request: Request) -> Keeper:
    keeper: Keeper = request.app.state.instruments
    return keeper


async def ask_sought(
    *,
    q: Annotated[
        str,
        Query(
            max_length=64,
            description="Words of a name in Chinese or English, pinyin or its initials, a code, or "
            "any spelling of a symbol.",
            examples=["lw2610"],
        ),
    ] = "",
    venue: Annotated[
        str | None, Query(max_length=16, description="Such as SHFE.", examples=["SHFE"])
    ] = None,
    kind: Annotated[Kind | None, Query(description="What it is.")] = None,
    product: Annotated[
        str | None,
        Query(max_length=8, description="Of a Chinese future, such as rb.", examples=["rb"]),
    ] = None,
    has_data: Annotated[
        bool | None, Query(description="Only those with stored bars, or without.")
    ] = None,
) -> Sought:
    return Sought(text=q, venue=venue, kind=kind, product=product, has_data=has_data)


KeeperOf = Annotated[Keeper, Depends(_keeper_of)]


@routes.get(
    needs=Permission.MARKET_READ, summary="List and search instruments", errors=(BadCursor,)
)
async def list_instruments(
    keeper: KeeperOf,
    sought: Annotated[Sought, Depends(ask_sought)],
    span: SpanOf,
) -> InstrumentsOut:
    """What can be traded, a page at a time.

    Listed are the dominant chains of Chinese futures and their contracts of the day, pairs and
    swaps that the rule book names, well-known securities, and all that bars are stored of. Every
    other instrument can be read by its spelling.
    """
    shelf = await keeper.shelf()
    part = service.list_instruments(shelf, sought, span)
    spelled = service.find_spelled(shelf, sought.text)
    shown = InstrumentsOut.of(part, show_listed)
    taken = None if spelled is None else _taken(sought.text, spelled)
    return shown.model_copy(update={"taken_for": taken})


@routes.get(
    "/{symbol:path}",  # a pair may be spelled with a slash
    needs=Permission.MARKET_READ,
    summary="Read an instrument and its terms",
    errors=(UnknownSymbol,),
)
async def get_instrument(
    keeper: KeeperOf,
    symbol: Annotated[
        str,
        Path(
            max_length=64,
            description="In any usual spelling; the answer says what it was taken for.",
            examples=["rb2610.SHFE"],
        ),
    ],
    on: Annotated[
        date | None,
        Query(ge=_FIRST, le=_LAST, description="The trading day to tell of; the present one."),
    ] = None,
) -> InstrumentOut:
    """What holds for an instrument on a day, by the rule book.

    Tick, lot, multiplier, margin, commission, sessions, price limits and expiry, each with its
    source and how well it is known.
    """
    shelf = await keeper.shelf()
    day = on or shelf.day
    found = service.identify(shelf, symbol, day)
    return show_instrument(
        found.one,
        service.terms_of(keeper, found.one, day),
        taken=_taken(symbol, found),
        version=keeper.book.version,
        data=await keeper.data_of(found.one),
    )


def _taken(asked: str, found: Found) -> TakenFor:
    return TakenFor(asked=asked, symbol=found.one.symbol, note=found.note)

"""Instruments as they go over the wire. Numbers are plain, as everywhere in market data."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from quantloom.market import Kind
from quantloom.market.rulebook import Standing
from quantloom_server.platform.paging import Page


class NamesOut(BaseModel):
    """What an instrument is called; empty where nobody told."""

    zh: str = Field(description="In Chinese.", examples=["螺纹2610"])
    en: str = Field(description="In English.", examples=["Steel rebar 2610"])


class ListedOut(BaseModel):
    """One instrument of a list."""

    symbol: str = Field(description="`code.VENUE`, safe in a path.", examples=["rb2610.SHFE"])
    code: str = Field(description="Without its venue.", examples=["rb2610"])
    venue: str = Field(description="Where it is traded.", examples=["SHFE"])
    kind: Kind = Field(description="Such as `future` or `stock`.")
    name: NamesOut = Field(description="What it is called, in both languages.")
    product: str | None = Field(description="Of a Chinese future.", examples=["rb"])
    is_chain: bool = Field(
        description="Whether it is the chain of dominant contracts.", examples=[False]
    )
    last_trading_day: date | None = Field(
        description="Of a dated contract.", examples=["2026-10-15"]
    )
    is_estimate: bool = Field(
        description="Whether the holidays around that day are not published yet.", examples=[False]
    )
    timeframes: list[str] = Field(
        description="Of the bars that are stored, shortest first.", examples=[["1m", "1d"]]
    )


class TakenFor(BaseModel):
    """What a spelling was taken for."""

    asked: str = Field(description="What was sent.", examples=["SHFE.rb2610"])
    symbol: str = Field(description="What is meant.", examples=["rb2610.SHFE"])
    note: str = Field(
        description="The reading in words, with anything that was assumed.",
        examples=["SHFE.rb2610 taken for the contract rb2610.SHFE"],
    )


class InstrumentsOut(Page[ListedOut]):
    """A part of the list."""

    taken_for: TakenFor | None = Field(
        None, description="Where `q` spells an instrument; it comes first."
    )


class RateOut(BaseModel):
    """A charge by traded money, by share or contract, or both."""

    money: float = Field(description="Share of traded money; 0.0001 is one basis point.")
    unit: float = Field(description="Money for each share, contract or coin.", examples=[0])


class FeeOut(BaseModel):
    """What the exchange charges for a trade; a broker adds to it."""

    open: RateOut = Field(description="For opening a position.")
    close: RateOut = Field(description="For closing one.")
    close_today: RateOut | None = Field(description="For lots of the same trading day.")
    minimum: float = Field(description="Least charge of one order.", examples=[0])
    maximum: float | None = Field(description="Most of one trade.", examples=[None])
    side: str | None = Field(description="The one that pays; null for both.", examples=[None])


class MakerTakerOut(BaseModel):
    """Fees of a tier, as shares of traded money; below zero is a rebate."""

    tier: int = Field(description="Which one, from 0 on.", examples=[0])
    volume: float = Field(description="Least money traded in 30 days.", examples=[0])
    maker: float = Field(description="Of an order that waited in the book.", examples=[0.0002])
    taker: float = Field(description="Of one that did not.", examples=[0.0005])


class LevyOut(BaseModel):
    """What an authority takes of a trade."""

    name: str = Field(description="Which authority.", examples=["sec"])
    rate: RateOut = Field(description="How much.")
    side: str | None = Field(description="The one that pays; null for both.", examples=["sell"])


class TaxOut(BaseModel):
    """A tax by traded money, for either side."""

    buy: float = Field(description="Of who buys; 0.001 is a thousandth.", examples=[0])
    sell: float = Field(description="Of who sells.", examples=[0.0005])


class CommissionOut(BaseModel):
    """Everything that a trade costs; what does not apply is null or empty."""

    fee: FeeOut | None = Field(description="Of the exchange.")
    maker_taker: list[MakerTakerOut] = Field(description="The lowest tier first.")
    levies: list[LevyOut] = Field(description="Of authorities.")
    tax: TaxOut | None = Field(description="Stamp duty.")
    transfer: float | None = Field(
        description="Fee of the depository, a share of traded money.", examples=[0.00001]
    )


class MarginOut(BaseModel):
    """Share of a position's value that equity must cover, as the exchange asks it."""

    long: float = Field(description="Of who has bought; 0.07 is 7 %.", examples=[0.07])
    short: float = Field(description="Of who has sold.", examples=[0.07])
    larger_side: bool = Field(
        description="Whether only the larger of long and short is charged.", examples=[True]
    )


class TierOut(BaseModel):
    """Least margin of a position of some size."""

    notional: float = Field(description="From this value on.", examples=[0])
    ratio: float = Field(description="Share of the value, as 0.004.", examples=[0.004])
    deduction: float = Field(description="Taken off the product, in `currency`.", examples=[0])
    leverage: int = Field(description="The most.", examples=[125])


class PriceLimitOut(BaseModel):
    """How far a price may be from the reference of the day."""

    ratio: float | None = Field(description="Null for no limit.", examples=[0.05])
    base: str = Field(
        description="`settlement` or `close` of the day before.", examples=["settlement"]
    )
    risk_ratio: float | None = Field(description="Under special treatment.", examples=[None])
    free_days: int = Field(description="First days without a limit.", examples=[0])
    last_day: float | None = Field(description="On the last trading day.", examples=[None])


class OrdersOut(BaseModel):
    """What one order may be."""

    minimum: float = Field(description="Least quantity.", examples=[1])
    maximum: float | None = Field(description="Most of a limit order.", examples=[500])
    maximum_market: float | None = Field(description="Most of a market order.", examples=[30])
    minimum_value: float | None = Field(description="Least money of an order.", examples=[None])
    has_market_orders: bool = Field(description="Whether the venue takes orders without a price.")


class OpeningOut(BaseModel):
    """A span in which the market is open."""

    open: datetime = Field(description="When it opens.")
    close: datetime = Field(description="When it closes.")
    local_open: str = Field(description="By the venue's own clock.", examples=["21:00"])
    local_close: str = Field(description="By the same clock.", examples=["23:00"])


class HoursOut(BaseModel):
    """When it is traded."""

    calendar: str = Field(description="Whose holidays and hours count.", examples=["SHFE.rb"])
    timezone: str = Field(description="Of the venue.", examples=["Asia/Shanghai"])
    trading_day: date | None = Field(description="The first that is not before `on`.")
    is_known: bool = Field(description="Whether holidays and hours of that day are published.")
    sessions: list[OpeningOut] = Field(
        description="Of that trading day; the night before belongs to it."
    )


class ExpiryOut(BaseModel):
    """How a contract ends."""

    last_trading_day: date | None = Field(description="Null of a chain.")
    is_estimate: bool = Field(
        description="Whether holidays around that day are not published yet.", examples=[False]
    )
    method: str | None = Field(description="`physical` or `cash`.", examples=["physical"])
    persons_out: str | None = Field(
        description="Day by whose close natural persons must be flat, by name.",
        examples=["3rd_before_last"],
    )


class TurnaroundOut(BaseModel):
    """When what was bought may be sold, and when cash comes."""

    sell_after: int = Field(description="Trading days; 1 is T+1.", examples=[1])
    cash_after: int = Field(description="Trading days until cash can be taken out.", examples=[1])


class RuleOut(BaseModel):
    """Where a rule comes from."""

    topic: str = Field(description="What it rules, such as `fee`.", examples=["fee"])
    standing: Standing = Field(description="How well it is known.")
    scope: str = Field(description="Whom the entry names.", examples=["rb"])
    since: date = Field(description="The first day on which it holds.")
    to: date | None = Field(description="The last one; null while it holds.")
    source: str | None = Field(description="Where it was read.", examples=["SHFE: Trading rules"])
    as_of: date | None = Field(description="The last day on which the source is known to hold.")


class RulesOut(BaseModel):
    """How well the terms are known."""

    version: str = Field(description="Of the rule book.", examples=["0f3a9c5d7e1b2468"])
    standing: Standing = Field(description="Of the least known one.")
    entries: list[RuleOut] = Field(description="One for each topic that applies.")


class DatasetOut(BaseModel):
    """Bars that are stored."""

    timeframe: str = Field(description="How long a bar is.", examples=["1d"])
    rows: int = Field(description="How many bars.", examples=[2591])
    start: datetime = Field(description="When the first one opens.")
    end: datetime = Field(description="When the last one opens.")
    grade: str | None = Field(description="A to F; null where nobody checked.", examples=["A"])
    source: str = Field(description="Where they came from.", examples=["demonstration data"])


class InstrumentOut(ListedOut):
    """An instrument and its terms on a day."""

    taken_for: TakenFor = Field(description="What the spelling in the path was read as.")
    on: date = Field(description="The day whose terms these are.")
    currency: str = Field(description="Of its prices and money.", examples=["CNY"])
    tick_size: float = Field(description="Distance between two prices.", examples=[1])
    lot: float = Field(description="Distance between two quantities.", examples=[1])
    multiplier: float = Field(
        description="Value of one unit at a price of 1, in `currency`.", examples=[10]
    )
    can_short: bool = Field(description="Whether what one does not have may be sold.")
    terms_from: str = Field(
        description="Where tick, lot and multiplier come from.", examples=["rule book"]
    )
    orders: OrdersOut | None = Field(
        description="What one order may be; null where nothing is known."
    )
    commission: CommissionOut = Field(description="What a trade costs.")
    margin: MarginOut | None = Field(description="Of futures; null where the whole value is paid.")
    maintenance: list[TierOut] = Field(description="Of perpetual swaps, by size of position.")
    price_limit: PriceLimitOut | None = Field(description="Null where there are none.")
    hours: HoursOut = Field(description="When its market is open.")
    expiry: ExpiryOut | None = Field(description="Null where it does not end.")
    turnaround: TurnaroundOut | None = Field(description="Null where both are at once.")
    rules: RulesOut = Field(description="Where the terms come from.")
    data: list[DatasetOut] = Field(description="Bars that are stored of it.")

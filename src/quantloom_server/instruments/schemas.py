"""Instruments as they go over the wire. Numbers are plain, as everywhere in market data."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from quantloom.market import Kind
from quantloom.market.rulebook import Standing
from quantloom_server.platform.paging import Page


class NamesOut(BaseModel):
    """What an instrument is called; empty where nobody told."""

    zh: str = Field(examples=["螺纹2610"])
    en: str = Field(examples=["Steel rebar 2610"])


class ListedOut(BaseModel):
    """One instrument of a list."""

    symbol: str = Field(description="`code.VENUE`, safe in a path.", examples=["rb2610.SHFE"])
    code: str = Field(examples=["rb2610"])
    venue: str = Field(examples=["SHFE"])
    kind: Kind
    name: NamesOut
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

    asked: str = Field(examples=["SHFE.rb2610"])
    symbol: str = Field(examples=["rb2610.SHFE"])
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

    open: RateOut
    close: RateOut
    close_today: RateOut | None = Field(description="For lots of the same trading day.")
    minimum: float = Field(description="Least charge of one order.", examples=[0])
    maximum: float | None = Field(description="Most of one trade.", examples=[None])
    side: str | None = Field(description="The one that pays; null for both.", examples=[None])


class MakerTakerOut(BaseModel):
    """Fees of a tier, as shares of traded money; below zero is a rebate."""

    tier: int = Field(examples=[0])
    volume: float = Field(description="Least money traded in 30 days.", examples=[0])
    maker: float = Field(examples=[0.0002])
    taker: float = Field(examples=[0.0005])


class LevyOut(BaseModel):
    """What an authority takes of a trade."""

    name: str = Field(examples=["sec"])
    rate: RateOut
    side: str | None = Field(description="The one that pays; null for both.", examples=["sell"])


class TaxOut(BaseModel):
    """A tax by traded money, for either side."""

    buy: float = Field(examples=[0])
    sell: float = Field(examples=[0.0005])


class CommissionOut(BaseModel):
    """Everything that a trade costs; what does not apply is null or empty."""

    fee: FeeOut | None
    maker_taker: list[MakerTakerOut] = Field(description="The lowest tier first.")
    levies: list[LevyOut]
    tax: TaxOut | None
    transfer: float | None = Field(
        description="Fee of the depository, a share of traded money.", examples=[0.00001]
    )


class MarginOut(BaseModel):
    """Share of a position's value that equity must cover, as the exchange asks it."""

    long: float = Field(examples=[0.07])
    short: float = Field(examples=[0.07])
    larger_side: bool = Field(
        description="Whether only the larger of long and short is charged.", examples=[True]
    )


class TierOut(BaseModel):
    """Least margin of a position of some size."""

    notional: float = Field(description="From this value on.", examples=[0])
    ratio: float = Field(examples=[0.004])
    deduction: float = Field(examples=[0])
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
    has_market_orders: bool


class SessionOut(BaseModel):
    """A span in which the market is open."""

    open: datetime
    close: datetime
    local_open: str = Field(description="By the venue's own clock.", examples=["21:00"])
    local_close: str = Field(examples=["23:00"])


class HoursOut(BaseModel):
    """When it is traded."""

    calendar: str = Field(examples=["SHFE.rb"])
    timezone: str = Field(examples=["Asia/Shanghai"])
    trading_day: date | None = Field(description="The first that is not before `on`.")
    is_known: bool = Field(description="Whether holidays and hours of that day are published.")
    sessions: list[SessionOut] = Field(
        description="Of that trading day; the night before belongs to it."
    )


class ExpiryOut(BaseModel):
    """How a contract ends."""

    last_trading_day: date | None = Field(description="Null of a chain.")
    is_estimate: bool = Field(examples=[False])
    method: str | None = Field(description="`physical` or `cash`.", examples=["physical"])
    persons_out: str | None = Field(
        description="Day by whose close natural persons must be flat, by name.",
        examples=["3rd_before_last"],
    )


class TurnaroundOut(BaseModel):
    """When what was bought may be sold, and when cash comes."""

    sell_after: int = Field(description="Trading days; 1 is T+1.", examples=[1])
    cash_after: int = Field(examples=[1])


class RuleOut(BaseModel):
    """Where a rule comes from."""

    topic: str = Field(examples=["fee"])
    standing: Standing
    scope: str = Field(description="Whom the entry names.", examples=["rb"])
    since: date
    to: date | None
    source: str | None = Field(examples=["SHFE: Trading rules"])
    as_of: date | None = Field(description="The last day on which the source is known to hold.")


class RulesOut(BaseModel):
    """How well the terms are known."""

    version: str = Field(description="Of the rule book.", examples=["0f3a9c5d7e1b2468"])
    standing: Standing = Field(description="Of the least known one.")
    entries: list[RuleOut]


class DatasetOut(BaseModel):
    """Bars that are stored."""

    timeframe: str = Field(examples=["1d"])
    rows: int = Field(examples=[2591])
    start: datetime
    end: datetime
    grade: str | None = Field(description="A to F; null where nobody checked.", examples=["A"])
    source: str = Field(examples=["demonstration data"])


class InstrumentOut(ListedOut):
    """An instrument and its terms on a day."""

    taken_for: TakenFor
    on: date
    currency: str = Field(examples=["CNY"])
    tick_size: float = Field(description="Distance between two prices.", examples=[1])
    lot: float = Field(description="Distance between two quantities.", examples=[1])
    multiplier: float = Field(
        description="Value of one unit at a price of 1, in `currency`.", examples=[10]
    )
    can_short: bool
    terms_from: str = Field(
        description="Where tick, lot and multiplier come from.", examples=["rule book"]
    )
    orders: OrdersOut | None
    commission: CommissionOut
    margin: MarginOut | None
    maintenance: list[TierOut] = Field(description="Of perpetual swaps, by size of position.")
    price_limit: PriceLimitOut | None
    hours: HoursOut
    expiry: ExpiryOut | None
    turnaround: TurnaroundOut | None
    rules: RulesOut
    data: list[DatasetOut]

# mypy: disable-error-code="import-not-found, misc, call-arg"
"""NautilusTrader on quotes and trades, with a Python callback on each of them."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import QuoteTick, TradeTick
from nautilus_trader.model.enums import AccountType, AggressorSide, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, TradeId, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from benchmarks.systems.job import Outcome, TickColumns, TickJob, answer_on_ticks

VENUE = Venue("LOCAL")
INSTRUMENT_ID = InstrumentId(Symbol("WALK"), VENUE)


class Config(StrategyConfig, frozen=True):
    every: int = 1_000


class Turner(Strategy):
    """The turner of `quantloom_ticks`, decision for decision."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.count, self.next, self.is_long = 0, config.every, False

    def on_start(self) -> None:
        self.subscribe_quote_ticks(INSTRUMENT_ID)
        self.subscribe_trade_ticks(INSTRUMENT_ID)

    def on_trade_tick(self, _tick: TradeTick) -> None:
        self.count += 1

    def on_quote_tick(self, _tick: QuoteTick) -> None:
        self.count += 1
        if self.count < self.next:
            return
        self.next = self.count + self.config.every
        side = OrderSide.SELL if self.is_long else OrderSide.BUY
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, side, Quantity.from_int(1)))
        self.is_long = not self.is_long


def prepare(job: TickJob) -> Callable[[], Outcome]:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.CASH,
        starting_balances=[Money(job.cash, USDT)],
    )
    engine.add_instrument(_instrument(job))
    engine.add_data(_data(job.columns))
    engine.add_strategy(Turner(Config(every=int(job.parameters["every"]))))
    last = float(job.columns.price[np.isfinite(job.columns.price)][-1])

    def run() -> Outcome:
        engine.run()
        held = sum(float(position.signed_qty) for position in engine.cache.positions_open())
        cash = engine.portfolio.account(VENUE).balance_total(USDT).as_double()
        sold = [one for one in engine.cache.orders_closed() if one.is_sell and one.filled_qty > 0]
        return Outcome(trades=len(sold), open_trades=int(held), final_equity=cash + held * last)

    return run


def _instrument(job: TickJob) -> Equity:
    price = Price.from_str(job.tick)
    return Equity(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=INSTRUMENT_ID.symbol,
        currency=USDT,
        price_precision=price.precision,
        price_increment=price,
        lot_size=Quantity.from_int(1),
        maker_fee=Decimal(0),
        taker_fee=Decimal(0),
        ts_event=0,
        ts_init=0,
    )


def _data(columns: TickColumns) -> list[Any]:
    made: list[Any] = []
    rows = zip(*(column.tolist() for column in vars(columns).values()), strict=True)
    for row, (ts, kind, bid, bid_size, ask, ask_size, price, size, side) in enumerate(rows):
        if kind == 1:
            book = Price(bid, 0), Price(ask, 0), Quantity(bid_size, 0), Quantity(ask_size, 0)
            made.append(QuoteTick(INSTRUMENT_ID, *book, ts, ts))
            continue
        taker = AggressorSide.BUYER if side > 0 else AggressorSide.SELLER
        name = TradeId(str(row))
        made.append(
            TradeTick(INSTRUMENT_ID, Price(price, 0), Quantity(size, 0), taker, name, ts, ts)
        )
    return made


if __name__ == "__main__":
    answer_on_ticks({"turner": prepare})

# mypy: disable-error-code="import-not-found, misc, call-arg"
"""NautilusTrader's backtest engine.

Its bars move a simulated book from open to close before a strategy sees them, so a market order
sent on a bar fills at that bar's close. To fill at the next open, as all others do, the open
comes as a quote of its own just after the bar before it, and an order takes a moment to arrive.
"""

import math
from collections.abc import Callable
from decimal import Decimal

from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.backtest.models import LatencyModel
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.data import Bar, BarType, QuoteTick
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.events import PositionClosed
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from benchmarks.systems.job import Columns, Job, Outcome, answer

VENUE = Venue("LOCAL")
INSTRUMENT_ID = InstrumentId(Symbol("WALK"), VENUE)
BAR_TYPE = BarType.from_str(f"{INSTRUMENT_ID}-1-MINUTE-LAST-EXTERNAL")
MINUTE_NS = 60_000_000_000
LATENCY_NS = 1


class Config(StrategyConfig, frozen=True):
    threshold: float = 0.01
    loss: float = 0.01
    gain: float = 0.02


class Trader(Strategy):
    def on_start(self) -> None:
        self.is_long = False
        self.subscribe_bars(BAR_TYPE)

    def send(self, side: OrderSide) -> None:
        order = self.order_factory.market(INSTRUMENT_ID, side, Quantity.from_int(1))
        self.submit_order(order)
        self.is_long = side == OrderSide.BUY


class Breakout(Trader):
    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.threshold = config.threshold
        self.extreme = math.inf

    def on_bar(self, bar: Bar) -> None:
        close = bar.close.as_double()
        if self.is_long:
            if close > self.extreme:
                self.extreme = close
            elif close < self.extreme * (1.0 - self.threshold):
                self.send(OrderSide.SELL)
                self.extreme = close
        elif close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.threshold):
            self.send(OrderSide.BUY)
            self.extreme = close


class Guarded(Trader):
    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.terms = config
        self.extreme = math.inf

    def on_bar(self, bar: Bar) -> None:
        if self.is_long:
            return
        close = bar.close.as_double()
        if close < self.extreme:
            self.extreme = close
        elif close > self.extreme * (1.0 + self.terms.threshold):
            orders = self.order_factory.bracket(
                instrument_id=INSTRUMENT_ID,
                order_side=OrderSide.BUY,
                quantity=Quantity.from_int(1),
                sl_trigger_price=Price(round(close * (1.0 - self.terms.loss), 2), 2),
                tp_price=Price(round(close * (1.0 + self.terms.gain), 2), 2),
                tp_post_only=False,
            )
            self.submit_order_list(orders)
            self.is_long = True

    def on_position_closed(self, _event: PositionClosed) -> None:
        self.is_long = False
        self.extreme = math.inf


def prepare(strategy: type[Trader], job: Job, *, with_opens: bool) -> Callable[[], Outcome]:
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.CASH,
        starting_balances=[Money(job.cash, USDT)],
        latency_model=LatencyModel(LATENCY_NS) if with_opens else None,
    )
    engine.add_instrument(_instrument(job))
    digits = -int(Decimal(job.tick).as_tuple().exponent)
    engine.add_data(_bars(job.columns, digits))
    if with_opens:
        engine.add_data(_opens(job.columns, digits))
    engine.add_strategy(strategy(Config(**job.parameters)))

    def run() -> Outcome:
        engine.run()
        last_close = float(job.columns.close[-1])
        held = sum(float(position.signed_qty) for position in engine.cache.positions_open())
        cash = engine.portfolio.account(VENUE).balance_total(USDT).as_double()
        return Outcome(
            trades=sum(
                order.is_sell and order.filled_qty > 0 for order in engine.cache.orders_closed()
            ),
            open_trades=int(held),
            final_equity=cash + held * last_close,
        )

    return run


def _instrument(job: Job) -> Equity:
    price = Price.from_str(job.tick)
    # A currency of eight decimals, or each commission would be rounded to cents.
    return Equity(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=INSTRUMENT_ID.symbol,
        currency=USDT,
        price_precision=price.precision,
        price_increment=price,
        lot_size=Quantity.from_int(1),
        maker_fee=Decimal(str(job.commission)),
        taker_fee=Decimal(str(job.commission)),
        ts_event=0,
        ts_init=0,
    )


def _bars(columns: Columns, digits: int) -> list[Bar]:
    """Make bars stamped with their close, when they are known."""
    return [
        Bar(
            BAR_TYPE,
            Price(opened, digits),
            Price(high, digits),
            Price(low, digits),
            Price(close, digits),
            Quantity(volume, 0),
            ts + MINUTE_NS,
            ts + MINUTE_NS,
        )
        for ts, opened, high, low, close, volume in zip(
            *(column.tolist() for column in vars(columns).values()), strict=True
        )
    ]


def _opens(columns: Columns, digits: int) -> list[QuoteTick]:
    size = Quantity.from_int(1_000)
    quotes = []
    for ts, opened in zip(columns.ts.tolist(), columns.open.tolist(), strict=True):
        price, at = Price(opened, digits), ts + LATENCY_NS
        quotes.append(QuoteTick(INSTRUMENT_ID, price, price, size, size, at, at))
    return quotes


if __name__ == "__main__":
    answer(
        {
            "breakout": lambda job: prepare(Breakout, job, with_opens=True),
            "breakout at close": lambda job: prepare(Breakout, job, with_opens=False),
            "guarded": lambda job: prepare(Guarded, job, with_opens=True),
        }
    )

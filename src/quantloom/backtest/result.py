"""What a backtest leaves behind, in columns, with the hashes that say how to get it again."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.tables import Table
from quantloom.kit import DayArray
from quantloom.market import Bars
from quantloom.performance import Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """SHA-256 of what went in. Equal hashes on one machine give an equal `result`.

    Attributes:
        data: of the bars. code: of the strategy's source. spec: of the settings, seed included.
        result: of the orders, fills, round trips and equity that came out.
    """

    data: str
    code: str
    spec: str
    seed: int
    engine: str
    result: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class BacktestResult:
    """A finished run.

    Attributes:
        spec: its settings.
        data: the bars it ran over, by symbol, without those of a warm-up.
        orders: id, submitted_ns, updated_ns, symbol, side, kind, quantity, price, stop, tif,
            role in a bracket, status, filled, rule and reason of a refusal, tag.
        fills: id, order_id, ts_ns, symbol, side, quantity, price, commission, slippage, cause
            (what kind of order), tag.
        round_trips: symbol, side, quantity, entry_ns, entry_price, exit_ns, exit_price, gross,
            commission, slippage, pnl, exit (what closed it), tag.
        positions: what is still open: symbol, quantity, average_price, unrealised.
        equity: for each time at which bars close ts_ns (their open), equity, cash, exposure (net
            notional) and gross_exposure, marked at the close; with one instrument its quantity.
        days: trading day of each row of equity.
        state: what the strategy saved for a later run.
        final_cash, final_equity: exact; an open position is marked at the last close.
        log: (UTC nanoseconds, text) of `ctx.log`.
    """

    spec: BacktestSpec
    data: Mapping[str, Bars]
    orders: Table
    fills: Table
    round_trips: Table
    positions: Table
    equity: Table
    final_cash: Decimal
    final_equity: Decimal
    metrics: Summary
    hashes: Hashes
    days: DayArray
    state: Mapping[str, Any] = field(default_factory=dict)
    log: tuple[tuple[int, str], ...] = ()

    @property
    def bars(self) -> Bars:
        """The bars of the first instrument: the run's only one in most cases."""
        return self.data[self.spec.instrument.symbol]

    @property
    def start(self) -> datetime:
        """The open of the first bar of any instrument."""
        return min(bars.start for bars in self.data.values())

    @property
    def end(self) -> datetime:
        """The open of the last bar of any instrument."""
        return max(bars.end for bars in self.data.values())

    def tables(self) -> Mapping[str, Table]:
        """Every table by its name."""
        return {
            "orders": self.orders,
            "fills": self.fills,
            "round_trips": self.round_trips,
            "positions": self.positions,
            "equity": self.equity,
        }

    def to_bytes(self) -> bytes:
        """The whole result as JSON; the same spec, data and code give the same bytes."""
        tables = {
            name: {key: column.tolist() for key, column in table.items()}
            for name, table in self.tables().items()
        }
        return msgspec.json.encode(self.summary() | {"tables": tables, "log": self.log})

    def summary(self) -> dict[str, Any]:
        """The result without its tables: what `--json` prints."""
        refused = [row for row in self.orders["status"].tolist() if row == "rejected"]
        return {
            "strategy": self.spec.strategy,
            "symbol": ", ".join(self.spec.symbols),
            "timeframe": self.spec.timeframe,
            "parameters": dict(self.spec.parameters),
            "bars": sum(len(bars) for bars in self.data.values()),
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "currency": self.spec.instrument.currency,
            "initial_cash": self.spec.cash,
            "final_cash": self.final_cash,
            "final_equity": self.final_equity,
            "orders": len(self.orders),
            "rejected_orders": len(refused),
            "fills": len(self.fills),
            "round_trips": len(self.round_trips),
            "open_positions": len(self.positions),
            "metrics": self.metrics.as_dict(),
            "unknown_metrics": dict(self.metrics.reasons),
            "hashes": asdict(self.hashes),
        }

    def __repr__(self) -> str:
        return (
            f"<BacktestResult {self.spec.strategy} on {', '.join(self.spec.symbols)} "
            f"{self.spec.timeframe}: {len(self.round_trips)} round trips, "
            f"final equity {self.final_equity:f}>"
        )


def tables_digest(tables: Mapping[str, Table]) -> str:
    """SHA-256 over every cell of the tables."""
    hashing = hashlib.sha256()
    for name, table in sorted(tables.items()):
        for key, column in table.items():
            hashing.update(f"{name}.{key}:{len(column)}:".encode())
            raw = repr(column.tolist()).encode() if column.dtype == object else column.tobytes()
            hashing.update(raw)
    return hashing.hexdigest()

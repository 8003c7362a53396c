# mypy: disable-error-code="import-not-found, misc"
"""vn.py's side of docs/how-to/coming-from-vnpy.md; runs in its own environment.

`python -m tests.golden.peer_runs` calls it with the name of a case and a CSV file. The strategies
are those that vn.py ships; only `load_bar` is left out, since there is no database.
"""

import json
import sys
from datetime import datetime
from importlib.metadata import version
from typing import Any

import pandas as pd
from vnpy.trader.constant import Direction, Exchange, Interval
from vnpy.trader.object import BarData
from vnpy_ctastrategy import CtaTemplate
from vnpy_ctastrategy.backtesting import BacktestingEngine
from vnpy_ctastrategy.strategies.atr_rsi_strategy import AtrRsiStrategy
from vnpy_ctastrategy.strategies.double_ma_strategy import DoubleMaStrategy

STRATEGIES: dict[str, type[CtaTemplate]] = {
    "double-ma": DoubleMaStrategy,
    "atr-rsi": AtrRsiStrategy,
}


def run(name: str, path: str) -> dict[str, Any]:
    frame = pd.read_csv(path, index_col=0, parse_dates=True)
    engine = BacktestingEngine()
    engine.output = lambda message: None
    engine.load_bar = lambda *given: []
    engine.set_parameters(
        vt_symbol="rb888.SHFE",
        interval=Interval.MINUTE,
        start=frame.index[0].to_pydatetime(),
        end=frame.index[-1].to_pydatetime(),
        rate=0.0001,
        slippage=0,
        size=10,
        pricetick=1,
        capital=1_000_000,
    )
    engine.add_strategy(STRATEGIES[name], {})
    engine.history_data = [_bar(moment, row) for moment, row in frame.iterrows()]
    rows = {bar.datetime: at for at, bar in enumerate(engine.history_data)}
    engine.run_backtesting()
    days = engine.calculate_result()
    return {
        "made_by": f"vnpy_ctastrategy {version('vnpy_ctastrategy')}",
        "fills": [
            [
                rows[trade.datetime],
                1 if trade.direction is Direction.LONG else -1,
                trade.volume,
                trade.price,
            ]
            for trade in engine.get_all_trades()
        ],
        "final_equity": engine.capital + float(days["net_pnl"].sum()),
    }


def _bar(moment: Any, row: Any) -> BarData:
    opened: datetime = moment.to_pydatetime()
    return BarData(
        gateway_name="BACKTESTING",
        symbol="rb888",
        exchange=Exchange.SHFE,
        datetime=opened,
        interval=Interval.MINUTE,
        open_price=row.open,
        high_price=row.high,
        low_price=row.low,
        close_price=row.close,
        volume=row.volume,
    )


if __name__ == "__main__":
    json.dump(run(*sys.argv[1:]), sys.stdout)

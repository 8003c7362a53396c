"""Results side by side, and bands of fill assumptions."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

COMPARISON: Mapping[str, Pair] = {
    "compare": Pair("Comparison", "回测对比"),
    "compare.curves": Pair("Equity, each from 100", "权益（均从 100 起）"),
    "compare.drawdowns": Pair("Drawdown, %", "回撤（%）"),
    "compare.trades": Pair("Round trips that one alone has", "仅一方有的交易"),
    "compare.shared": Pair("{count} entries are in all results", "{count} 次开仓为各结果共有"),
    "compare.alone": Pair(
        "{name}: {count} round trips of its own, {pnl} in all",
        "{name}：独有 {count} 笔交易，合计 {pnl}",
    ),
    "compare.cut": Pair("{count} earlier ones are not shown.", "另有 {count} 笔较早的未列出。"),
    "compare.result": Pair("Result", "结果"),
    "compare.symbol": Pair("Instrument", "品种"),
    "compare.side": Pair("Side", "方向"),
    "compare.entry": Pair("Entry", "开仓"),
    "compare.exit": Pair("Exit", "平仓"),
    "compare.quantity": Pair("Quantity", "数量"),
    "compare.pnl": Pair("P&L", "盈亏"),
    "compare.metrics": Pair("Measures", "指标"),
    "compare.correlation": Pair("Correlation of daily returns", "日收益率相关系数"),
    "compare.differences": Pair("What differs", "设置差异"),
    "compare.alike": Pair("The settings are alike.", "设置完全相同。"),
    "compare.setting": Pair("Setting", "设置"),
    "compare.parameter": Pair("Parameter {name}", "参数 {name}"),
    "compare.of_strategy": Pair("Strategy", "策略"),
    "compare.of_code": Pair("Code", "代码"),
    "compare.of_data": Pair("Data", "数据"),
    "compare.of_instruments": Pair("Instruments", "交易品种"),
    "compare.of_timeframe": Pair("Bars", "K 线"),
    "compare.of_cash": Pair("Capital", "初始资金"),
    "compare.of_currency": Pair("Currency", "货币"),
    "compare.of_participation": Pair("Share of a bar's volume", "成交量占比上限"),
    "compare.of_latency": Pair("Latency in bars", "延迟（K 线）"),
    "compare.of_start": Pair("Start", "起始"),
    "compare.of_end": Pair("End", "结束"),
    "compare.of_rules": Pair("Market rules", "市场规则"),
    "compare.of_seed": Pair("Seed", "随机种子"),
    "compare.of_slippage_ticks": Pair("Slippage in ticks", "滑点（跳）"),
    "compare.of_commission_open_by_money": Pair(
        "Commission to open, of money", "开仓费率（按金额）"
    ),
    "compare.of_commission_close_by_money": Pair(
        "Commission to close, of money", "平仓费率（按金额）"
    ),
    "compare.of_sizing_weight": Pair("Share of equity of each entry", "每次开仓占权益之比"),
    "compare.of_sizing_size": Pair("Quantity of each entry", "每次开仓数量"),
    "compare.best": Pair("The best of each line is bold.", "每行最优值以粗体标出。"),
    # Bands of fill assumptions
    "band": Pair("Fill assumptions", "成交假设区间"),
    "band.headline": Pair(
        "Base, and beside it harder and kinder fills", "基准结果与更严、更宽的成交假设"
    ),
    "band.base": Pair("Base", "基准"),
    "band.pessimistic": Pair("Pessimistic", "悲观"),
    "band.optimistic": Pair("Optimistic", "乐观"),
}

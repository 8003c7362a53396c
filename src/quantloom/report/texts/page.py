"""Headings, notes and small words of a backtest's report."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

PAGE: Mapping[str, Pair] = {
    # Header
    "report": Pair("Backtest report", "回测报告"),
    "symbol": Pair("Instrument", "交易品种"),
    "symbols.count": Pair("{count} instruments", "{count} 个品种"),
    "timeframe": Pair("Bars", "K 线"),
    "timeframe.value": Pair("{count} × {timeframe}", "{count} 根 {timeframe}"),
    "span": Pair("Span", "区间"),
    "span.value": Pair("{start} to {end}", "{start} 至 {end}"),
    "capital": Pair("Initial capital", "初始资金"),
    "clock": Pair("Times", "时间"),
    "clock.dates": Pair("session dates", "交易日期"),
    "generated_from": Pair("Generated from", "生成依据"),
    "hash.data": Pair("data", "数据"),
    "hash.code": Pair("code", "代码"),
    "hash.spec": Pair("settings", "设置"),
    "hash.result": Pair("result", "结果"),
    "hash.facts": Pair("other data", "其他数据"),
    "hash.rules": Pair("rule book", "规则手册"),
    "seed": Pair("seed", "随机种子"),
    "version": Pair("Quantloom {version}", "Quantloom {version}"),
    # Headings
    "price": Pair("Price and trades", "行情与成交"),
    "equity": Pair("Equity and drawdown", "权益与回撤"),
    "exposure": Pair("Exposure", "敞口"),
    "rolling": Pair("Rolling Sharpe ratio and volatility", "滚动夏普比率与波动率"),
    "returns": Pair("Distribution of daily returns", "日收益率分布"),
    "excursions": Pair("How far price went while held", "持仓期间的价格偏离"),
    "groups": Pair("Round trips apart", "完整交易分组"),
    "group.side": Pair("By side", "按方向"),
    "group.exit": Pair("By what closed them", "按平仓方式"),
    "group.symbol": Pair("By instrument", "按品种"),
    "group.tag": Pair("By tag", "按标签"),
    "group.year": Pair("By year of the exit", "按平仓年份"),
    "benchmark": Pair("Against {symbol}", "与 {symbol} 比较"),
    "monthly": Pair("Monthly returns", "月度收益"),
    "year": Pair("Year", "全年"),
    "drawdowns": Pair("Deepest drawdowns", "最深回撤"),
    "round_trips": Pair("Round trips", "完整交易"),
    "distribution": Pair("Distribution of results", "盈亏分布"),
    "metrics": Pair("All measures", "全部指标"),
    "costs": Pair("Costs", "交易成本"),
    "parameters": Pair("Parameters", "策略参数"),
    "positions": Pair("Open at the end", "期末持仓"),
    "payments": Pair("Paid and received without a trade", "交易以外的收支"),
    "refused": Pair("Refused orders", "被拒委托"),
    "log": Pair("Strategy log", "策略日志"),
    # Notes
    "note.candles": Pair(
        "Each candle is {per} bars: first open, highest high, lowest low, last close.",
        "每根蜡烛合并 {per} 根 K 线：首根开盘价、最高价、最低价、末根收盘价。",
    ),
    "note.equity": Pair(
        "{shown} of {total} points, keeping each stretch's highest and lowest equity and its "
        "deepest drawdown.",
        "显示 {total} 个点中的 {shown} 个，保留每段的最高、最低权益与最深回撤。",
    ),
    "note.marks": Pair(
        "Marks that lie on each other are drawn once; zoom in to part them.",
        "重叠的成交标记只画一个，放大可逐笔查看。",
    ),
    "note.marks_cut": Pair(
        "The last {shown} of {total} fills are marked; result.to_csv(folder) writes all of them.",
        "仅标出最近 {shown} 笔成交，共 {total} 笔；result.to_csv(folder) 可导出全部。",
    ),
    "note.trips_cut": Pair(
        "The table and its search hold the last {shown} of {total} round trips; "
        "result.to_csv(folder) writes all of them.",
        "表格与搜索包含最近 {shown} 笔，共 {total} 笔；result.to_csv(folder) 可导出全部。",
    ),
    "note.dots": Pair(
        "{shown} of {total} round trips: dots that lie on each other are drawn once, those "
        "furthest out always.",
        "显示 {total} 笔中的 {shown} 笔：重叠的点只画一个，最远的点都保留。",
    ),
    "note.excursions": Pair(
        "MAE and MFE: how far price went against and with the position while it was held, over "
        "the value at entry.",
        "MAE、MFE：持仓期间价格向不利、有利方向的最大偏离，按开仓价值计算。",
    ),
    "note.rolling": Pair(
        "Each point looks back over {days} trading days.", "每个点回看 {days} 个交易日。"
    ),
    "note.drawdown": Pair(
        "The chart follows every bar; the measures take the last point of each trading day, so "
        "falls within a day go deeper here.",
        "图表逐根 K 线绘制；指标按每个交易日末计算，因此图中日内回撤可能更深。",
    ),
    "note.truncated": Pair(
        "Showing the last {shown} of {total}.", "显示最近 {shown} 条，共 {total} 条。"
    ),
    "note.printed": Pair(
        "On paper the first {shown} rows; the file has the others.",
        "打印时仅显示前 {shown} 行，其余见文件。",
    ),
    "note.sortable": Pair("Click a heading to sort.", "点击表头可排序。"),
    "note.round_trip": Pair(
        "One row is one lot, or the part of it that one fill closed; profit is after commission. "
        "Return is on the value at entry.",
        "每行是一笔开仓（或其被一次成交平掉的部分）；盈亏已扣手续费，收益率按开仓金额计算。",
    ),
    "note.monthly": Pair(
        "Each cell runs from the last equity before the month to the last in it; months compound "
        "to their year.",
        "每格为上月末权益至当月末权益的变化；各月复利合成全年。",
    ),
    "empty.round_trips": Pair(
        "No position was opened and closed again in this span.", "区间内没有完整的开平仓交易。"
    ),
    "empty.parameters": Pair("This strategy has no parameters.", "该策略没有参数。"),
    "empty.drawdowns": Pair("Daily equity never fell below a peak.", "每日权益从未低于前高。"),
    "inline.more": Pair("{count} more in the report", "另有 {count} 条，见报告"),
}

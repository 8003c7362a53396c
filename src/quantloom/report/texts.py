# ruff: noqa: RUF001  Chinese sentences have Chinese punctuation
"""Every sentence of a report, in English and Chinese, looked up by key."""

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from quantloom.backtest import Audit, Leak, Note
from quantloom.errors import Invalid
from quantloom.performance import METRICS, REASONS, Finding, ReasonKey

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class UnknownLanguage(Invalid):
    """A report was asked for in a language that it is not written in."""

    code = "report.unknown_language"

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language

    def __str__(self) -> str:
        return f"a report has no language {self.language!r}; ask for {' or '.join(LANGUAGES)}"


class Pair(NamedTuple):
    """One sentence in both languages."""

    en: str
    zh: str


TEXTS: Mapping[str, Pair] = {
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
    "warnings": Pair("Read this first", "请先阅读"),
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
    "severity.grave": Pair("Grave", "严重"),
    "severity.warning": Pair("Warning", "警告"),
    "severity.note": Pair("Note", "提示"),
    "monthly": Pair("Monthly returns", "月度收益"),
    "year": Pair("Year", "全年"),
    "drawdowns": Pair("Deepest drawdowns", "最深回撤"),
    "round_trips": Pair("Round trips", "完整交易"),
    "distribution": Pair("Distribution of results", "盈亏分布"),
    "metrics": Pair("All measures", "全部指标"),
    "luck": Pair("How likely is this luck", "运气成分有多大"),
    "luck.days_chart": Pair("Its days, drawn anew", "重新抽取交易日"),
    "luck.trades_chart": Pair("Its trades, drawn anew", "重新抽取交易"),
    "luck.of_days": Pair("days drawn anew", "重抽交易日"),
    "luck.of_trades": Pair("trades drawn anew", "重抽交易"),
    "luck.uncounted": Pair(
        "Trials were not counted, so nobody can say whether this is the best of many: the figures "
        "below take it for the only run.",
        "未统计试验次数，无法判断这是否为多次尝试中最好的一次；以下数字按仅此一次计算。",
    ),
    "luck.count": Pair(
        "Trials of this strategy on these instruments so far: {count}.",
        "该策略在这些品种上迄今共试验 {count} 次。",
    ),
    "luck.trials": Pair(
        "This strategy has been tried {count} times on these instruments. The best of so many "
        "reaches a Sharpe ratio of about {luck} by luck alone; this run has {sharpe}.",
        "该策略在这些品种上已试验 {count} 次。仅凭运气，其中最好的一次夏普比率约可达 {luck}；"
        "本次为 {sharpe}。",
    ),
    "luck.sure": Pair(
        "With all trials taken into account, the true Sharpe ratio is above zero with a "
        "probability of {probability}. That is more than luck explains well.",
        "考虑全部试验后，真实夏普比率大于零的概率为 {probability}，运气难以解释。",
    ),
    "luck.unsure": Pair(
        "With all trials taken into account, the true Sharpe ratio is above zero with a "
        "probability of {probability}. Below 95%, take it for luck until more data say otherwise.",
        "考虑全部试验后，真实夏普比率大于零的概率为 {probability}；低于 95% 时，"
        "在有更多数据之前应视为运气。",
    ),
    "luck.record": Pair(
        "Were it the only trial, such a Sharpe ratio would have to last {needed} trading days to "
        "be believed; this run has {have}.",
        "若仅此一次试验，这样的夏普比率需持续 {needed} 个交易日才可信；本次有 {have} 个。",
    ),
    "luck.record_short": Pair(
        "Even were it the only trial, such a Sharpe ratio would have to last {needed} trading days "
        "to be believed; this run has only {have}.",
        "即使仅此一次试验，这样的夏普比率也需持续 {needed} 个交易日才可信；本次只有 {have} 个。",
    ),
    "luck.days": Pair(
        "Drawing its days anew {draws} times, in blocks of {block} days on average, {loss} of the "
        "runs lose money.",
        "将其交易日按平均 {block} 日的区块重新抽取 {draws} 次，{loss} 的结果亏损。",
    ),
    "luck.trades": Pair(
        "Drawing its closed trades anew {draws} times, {loss} of the runs lose money, and {ruin} "
        "lose {share} of the capital on the way.",
        "将其已平仓交易重新抽取 {draws} 次，{loss} 的结果亏损，{ruin} 的途中亏掉本金的 {share}。",
    ),
    "note.luck": Pair(
        "Each column is the figure below which so many of the drawn runs stay. The darker area "
        "holds every other run, the lighter one nine in ten; the line is what happened.",
        "各列为相应比例的重抽结果所不超过的数值。深色区域含半数结果，浅色区域含九成；线为实际走势。",
    ),
    "costs": Pair("Costs", "交易成本"),
    "parameters": Pair("Parameters", "策略参数"),
    "positions": Pair("Open at the end", "期末持仓"),
    "payments": Pair("Paid and received without a trade", "交易以外的收支"),
    "refused": Pair("Refused orders", "被拒委托"),
    "assumptions": Pair("Assumptions", "回测假设"),
    "log": Pair("Strategy log", "策略日志"),
    # Charts
    "chart.open": Pair("Open", "开"),
    "chart.high": Pair("High", "高"),
    "chart.low": Pair("Low", "低"),
    "chart.close": Pair("Close", "收"),
    "chart.equity": Pair("Equity", "权益"),
    "chart.rebased": Pair("Price, rebased to the capital", "标的价格（按初始资金折算）"),
    "chart.drawdown": Pair("Drawdown", "回撤"),
    "chart.count": Pair("Round trips", "交易次数"),
    "chart.price": Pair("Price", "价格"),
    "chart.quantity": Pair("Quantity", "数量"),
    "chart.pnl": Pair("Profit", "盈亏"),
    "chart.tag": Pair("Tag", "标签"),
    "mark.long_entry": Pair("Buy", "买入开仓"),
    "mark.long_exit": Pair("Sell to close", "卖出平仓"),
    "mark.to_long": Pair("Buy, short to long", "买入反手"),
    "mark.to_short": Pair("Sell, long to short", "卖出反手"),
    "mark.short_entry": Pair("Sell short", "卖出开仓"),
    "mark.short_exit": Pair("Buy to cover", "买入平仓"),
    "chart.benchmark": Pair("{symbol}, rebased to the capital", "{symbol}（按初始资金折算）"),
    "chart.net": Pair("Net, % of equity", "净敞口（占权益 %）"),
    "chart.gross": Pair("Gross, % of equity", "总敞口（占权益 %）"),
    "chart.sharpe": Pair("Sharpe ratio", "夏普比率"),
    "chart.volatility": Pair("Annual volatility, %", "年化波动率（%）"),
    "chart.days": Pair("Days", "天数"),
    "chart.band_wide": Pair("Nine runs in ten", "九成结果"),
    "chart.band_half": Pair("Every other run", "半数结果"),
    "chart.band_middle": Pair("Median", "中位数"),
    "chart.band_measured": Pair("What happened", "实际走势"),
    "chart.normal": Pair("Normal distribution", "正态分布"),
    "chart.value_at_risk": Pair("5% of the days are worse", "5% 的交易日更差"),
    "chart.adverse": Pair("MAE: furthest against, %", "MAE 最大不利偏离（%）"),
    "chart.favourable": Pair("MFE: furthest with, %", "MFE 最大有利偏离（%）"),
    "chart.return": Pair("Return, %", "收益率（%）"),
    "chart.won": Pair("Won", "盈利"),
    "chart.lost": Pair("Lost", "亏损"),
    "chart.hint": Pair(
        "Drag to zoom, double-click to see all. These charts move together.",
        "拖动可放大，双击还原；各图表联动。",
    ),
    "chart.instrument": Pair("Instrument", "品种"),
    # The table of round trips
    "page.search": Pair("Search", "搜索"),
    "page.found": Pair("{from}–{to} of {total}", "第 {from}–{to} 条，共 {total} 条"),
    "page.none": Pair("Nothing found", "无匹配结果"),
    "page.earlier": Pair("Previous", "上一页"),
    "page.later": Pair("Next", "下一页"),
    "chart.loading": Pair("Unpacking the chart …", "正在展开图表……"),
    "chart.failed": Pair(
        "The chart could not be drawn: this browser lacks DecompressionStream. Open the file in "
        "Chrome 80, Firefox 113, Safari 16.4 or later. The tables are complete.",
        "无法绘制图表：此浏览器不支持 DecompressionStream。请使用 Chrome 80、Firefox 113、"
        "Safari 16.4 或更高版本打开；各表格内容完整。",
    ),
    "chart.no_script": Pair(
        "Charts need JavaScript, which is off in this viewer. The tables are complete.",
        "图表需要 JavaScript，当前查看器已关闭；各表格内容完整。",
    ),
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
    # Comparisons
    # A search for parameters
    "optimise": Pair("Search for parameters", "参数优化"),
    "optimise.about": Pair("What was searched", "搜索内容"),
    "optimise.belief": Pair("How far to believe it", "可信程度"),
    "optimise.best": Pair("Best sets", "最优参数组"),
    "optimise.surface": Pair("Over two parameters", "参数曲面"),
    "optimise.slices": Pair("Over each parameter", "单参数切片"),
    "optimise.front": Pair("Sets that none other beats", "帕累托前沿"),
    "optimise.splits": Pair("Chosen on one half of the days, tried on the other", "半样本内外对比"),
    "optimise.method": Pair("Method", "方法"),
    "optimise.grid": Pair("grid", "网格"),
    "optimise.random": Pair("by chance", "随机"),
    "optimise.genetic": Pair("genetic (NSGA-II)", "遗传算法（NSGA-II）"),
    "optimise.bayesian": Pair("Bayesian (TPE)", "贝叶斯（TPE）"),
    "optimise.objective": Pair("Objective", "目标"),
    "optimise.trials": Pair("Sets", "参数组"),
    "optimise.done": Pair("done", "完成"),
    "optimise.stopped": Pair("stopped early", "提前停止"),
    "optimise.refused": Pair("refused", "不可行"),
    "optimise.failed": Pair("failed", "失败"),
    "optimise.constraints": Pair("Constraints", "约束"),
    "optimise.executor": Pair("Run by", "执行方式"),
    "optimise.number": Pair("No.", "编号"),
    "optimise.at_best": Pair("others as in the best set", "其余参数取最优组"),
    "optimise.mean": Pair("mean over the others", "其余参数取平均"),
    "optimise.sharpe_in": Pair("Sharpe ratio in sample", "样本内夏普比率"),
    "optimise.sharpe_out": Pair("Sharpe ratio out of sample", "样本外夏普比率"),
    "optimise.pbo_luck": Pair(
        "Probability of backtest overfitting: {share}. What was best on one half of the days did "
        "no better than most on the other: choosing the best of these sets is choosing luck.",
        "过拟合概率（PBO）：{share}。在一半交易日上最优的参数，在另一半上并不优于多数："
        "从中选最优几乎等于选运气。",
    ),
    "optimise.pbo_doubt": Pair(
        "Probability of backtest overfitting: {share}. Now and then the best set is merely lucky.",
        "过拟合概率（PBO）：{share}。最优参数有时只是运气好。",
    ),
    "optimise.pbo_sound": Pair(
        "Probability of backtest overfitting: {share}. What was best on one half of the days "
        "tended to be good on the other.",
        "过拟合概率（PBO）：{share}。在一半交易日上最优的参数，在另一半上通常也较好。",
    ),
    "optimise.dsr_sound": Pair(
        "Deflated Sharpe ratio: {share}. After {trials} trials the best one's ratio is hard to "
        "explain by luck alone.",
        "折减夏普比率（DSR）：{share}。即使试了 {trials} 次，最优者的夏普比率也难以仅用运气解释。",
    ),
    "optimise.dsr_luck": Pair(
        "Deflated Sharpe ratio: {share}. After {trials} trials luck alone could explain the best "
        "one's ratio; 95% is what one asks for.",
        "折减夏普比率（DSR）：{share}。试了 {trials} 次之后，最优者的夏普比率可能仅是运气；"
        "通常要求达到 95%。",
    ),
    "optimise.stability_plateau": Pair(
        "The best set stands on a plateau: neighbours keep {share} of its lead.",
        "最优参数位于高原：相邻参数保留其优势的 {share}。",
    ),
    "optimise.stability_slope": Pair(
        "The best set stands on a slope: neighbours keep {share} of its lead.",
        "最优参数位于斜坡：相邻参数保留其优势的 {share}。",
    ),
    "optimise.stability_spike": Pair(
        "The best set is a spike: neighbours keep {share} of its lead, and the next history will "
        "not meet it exactly.",
        "最优参数是孤立的尖峰：相邻参数仅保留其优势的 {share}，换一段行情很难重现。",
    ),
    "optimise.stability_unknown": Pair(
        "Too few neighbours of the best set were tried to tell a plateau from a spike.",
        "最优参数的相邻参数试得太少，无法区分高原与尖峰。",
    ),
    "optimise.stopped_note": Pair(
        "{count} sets were given up on the first part of the data; they count as trials.",
        "{count} 组参数在前段数据上即被放弃，仍计入试验次数。",
    ),
    "optimise.read_on": Pair(
        "How these figures come about and how to read them: docs/explanation/overfitting.md.",
        "这些数字的来由与读法见 docs/explanation/overfitting.md。",
    ),
    "optimise.surface_note": Pair(
        "{metric} of the best set at each place, whatever the other parameters; warm is good, the "
        "frame is the best set.",
        "每格为该处最优参数组的{metric}（其余参数不限）；暖色为优，加框者为最优参数。",
    ),
    "optimise.splits_note": Pair(
        "A dot for each way to halve the days: the Sharpe ratio of one day of what was best on the "
        "one half, on that half and on the other.",
        "每点对应一种对半划分：在一半上最优者的日夏普比率，及其在另一半上的值。",
    ),
    "walk": Pair("Walk forward", "滚动检验"),
    "validate": Pair("Cross-validation", "交叉验证"),
    "validate.outside": Pair("Out of sample", "样本外表现"),
    "validate.stitched": Pair("Equity out of sample, from 100", "样本外权益（从 100 起）"),
    "validate.windows": Pair("Windows", "各窗口"),
    "validate.drift": Pair("How restless parameters are", "参数漂移"),
    "validate.spread": Pair("How Sharpe ratios spread", "夏普比率分布"),
    "validate.paths": Pair("Paths", "各路径"),
    "validate.cv_splits": Pair("Splits", "各划分"),
    "validate.efficiency": Pair(
        "Efficiency {share}: yearly return out of sample over that in sample. Near 100% the choice "
        "keeps what it promised; near 0% or below it was made of noise.",
        "效率 {share}：样本外年化收益除以样本内年化收益。接近 100% 说明选择名副其实；"
        "接近 0% 或为负说明选的是噪声。",
    ),
    "validate.no_efficiency": Pair(
        "There is no efficiency: the chosen sets earned nothing in sample.",
        "无法计算效率：所选参数在样本内没有收益。",
    ),
    "validate.nothing": Pair("Nothing was run out of sample.", "没有样本外结果。"),
    "validate.curve_note": Pair(
        "Daily returns chained; each test starts flat, and a position open at its end is valued at "
        "the last close.",
        "日收益率相连；每段样本外从空仓开始，期末持仓按最后收盘价计值。",
    ),
    "validate.path_note": Pair(
        "Each path has every day once, with the returns of the set that was chosen on other days.",
        "每条路径含全部交易日各一次，收益来自在其他日子上选出的参数。",
    ),
    "validate.train": Pair("In sample", "样本内"),
    "validate.test": Pair("Out of sample", "样本外"),
    "validate.in": Pair("{label} in", "样本内{label}"),
    "validate.out": Pair("{label} out", "样本外{label}"),
    "validate.drift_values": Pair("values", "取值数"),
    "validate.drift_changes": Pair("changes", "变动次数"),
    "validate.drift_step": Pair("mean step, of the range", "平均步幅（占范围）"),
    "validate.median": Pair("Median Sharpe ratio", "夏普比率中位数"),
    "validate.range": Pair("5% to 95%", "5% 至 95%"),
    "validate.loss": Pair("Paths that lose money", "亏损路径占比"),
    "validate.folds": Pair("Folds", "划分"),
    "validate.folds_value": Pair(
        "{splits} splits of {groups} groups with {tests} tests make {paths} paths; purge {purge} "
        "days, embargo {embargo}",
        "{groups} 组中取 {tests} 组测试，共 {splits} 种划分、{paths} 条路径；"
        "清除 {purge} 天，禁运 {embargo} 天",
    ),
    "validate.tested": Pair("Tests", "测试组"),
    "validate.training_days": Pair("Training days", "训练天数"),
    # Results side by side
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
    "compare.best": Pair("The best of each line is bold.", "每行最优值以粗体标出。"),
    # Bands of fill assumptions
    "band": Pair("Fill assumptions", "成交假设区间"),
    "band.headline": Pair(
        "Base, and beside it harder and kinder fills", "基准结果与更严、更宽的成交假设"
    ),
    "band.base": Pair("Base", "基准"),
    "band.pessimistic": Pair("Pessimistic", "悲观"),
    "band.optimistic": Pair("Optimistic", "乐观"),
    # Table heads
    "head.number": Pair("No.", "序号"),
    "head.side": Pair("Side", "方向"),
    "head.quantity": Pair("Quantity", "数量"),
    "head.entry": Pair("Entry", "开仓时间"),
    "head.entry_price": Pair("Entry price", "开仓价"),
    "head.exit": Pair("Exit", "平仓时间"),
    "head.exit_price": Pair("Exit price", "平仓价"),
    "head.pnl": Pair("Profit", "盈亏"),
    "head.return": Pair("Return", "收益率"),
    "head.commission": Pair("Commission", "手续费"),
    "head.slippage": Pair("Slippage", "滑点"),
    "head.adverse": Pair("MAE", "不利 MAE"),
    "head.favourable": Pair("MFE", "有利 MFE"),
    "head.closed_by": Pair("Closed by", "平仓方式"),
    "head.group": Pair("Group", "分组"),
    "head.trips": Pair("Trips", "笔数"),
    "head.win_rate": Pair("Won", "胜率"),
    "head.profit_factor": Pair("Profit factor", "盈利因子"),
    "head.average": Pair("Average", "平均盈亏"),
    "head.held": Pair("Held", "持仓时长"),
    "head.tag": Pair("Tag", "标签"),
    "head.measure": Pair("Measure", "指标"),
    "head.value": Pair("Value", "数值"),
    "head.low": Pair("5%", "5% 分位"),
    "head.lower": Pair("25%", "25% 分位"),
    "head.median": Pair("Median", "中位数"),
    "head.upper": Pair("75%", "75% 分位"),
    "head.high": Pair("95%", "95% 分位"),
    "head.meaning": Pair("Meaning", "说明"),
    "head.time": Pair("Time", "时间"),
    "head.kind": Pair("Kind", "类型"),
    "head.contract": Pair("Contract", "合约"),
    "head.payment": Pair("Payment", "收支"),
    "head.times": Pair("Times", "次数"),
    "head.rule": Pair("Rule", "规则"),
    "head.reason": Pair("Reason", "原因"),
    "head.depth": Pair("Depth", "幅度"),
    "head.peak": Pair("Peak", "高点"),
    "head.trough": Pair("Trough", "低点"),
    "head.recovery": Pair("Recovered", "修复"),
    "head.length": Pair("Trading days", "交易日数"),
    "head.item": Pair("Item", "项目"),
    "head.amount": Pair("Amount", "金额"),
    "head.share": Pair("Share of gross profit", "占毛利润"),
    "head.average_price": Pair("Average price", "均价"),
    "head.unrealised": Pair("Unrealised", "浮动盈亏"),
    "head.text": Pair("Text", "内容"),
    "cell.not_yet": Pair("not yet", "尚未"),
    "cell.no_value": Pair("{meaning} No value: {reason}.", "{meaning}无数值：{reason}。"),
    # Words
    "side.buy": Pair("Long", "多"),
    "side.sell": Pair("Short", "空"),
    "order.buy": Pair("Buy", "买"),
    "order.sell": Pair("Sell", "卖"),
    "kind.market": Pair("market", "市价"),
    "kind.limit": Pair("limit", "限价"),
    "kind.stop": Pair("stop", "止损"),
    "kind.stop_limit": Pair("stop-limit", "止损限价"),
    "kind.trailing_stop": Pair("trailing stop", "跟踪止损"),
    "exit.market": Pair("market order", "市价单"),
    "exit.limit": Pair("limit order", "限价单"),
    "exit.stop": Pair("stop order", "止损单"),
    "exit.stop_limit": Pair("stop-limit order", "止损限价单"),
    "exit.trailing_stop": Pair("trailing stop", "跟踪止损单"),
    "exit.stop_loss": Pair("stop of its bracket", "止损"),
    "exit.roll": Pair("roll", "移仓换月"),
    "exit.delivery": Pair("too near to delivery", "临近交割强平"),
    "exit.expiry": Pair("end of the contract", "合约到期"),
    "exit.delisting": Pair("delisting", "退市"),
    "exit.liquidation": Pair("forced liquidation", "强制平仓"),
    "exit.take_profit": Pair("target of its bracket", "止盈"),
    "tif.GTC": Pair("until cancelled", "撤销前有效"),
    "tif.DAY": Pair("for the day", "当日有效"),
    "tif.GTD": Pair("until a time", "指定时间前有效"),
    "tif.IOC": Pair("at once or cancelled", "立即成交否则撤销"),
    "tif.FOK": Pair("all at once or cancelled", "全部成交否则撤销"),
    "tif.OPEN": Pair("at the day's open", "开盘成交"),
    "tif.CLOSE": Pair("at the day's close", "收盘成交"),
    "status.pending_new": Pair("on its way", "报送中"),
    "status.accepted": Pair("working", "已报"),
    "status.triggered": Pair("triggered", "已触发"),
    "status.partially_filled": Pair("partly filled", "部分成交"),
    "status.pending_cancel": Pair("being cancelled", "待撤"),
    "status.unknown": Pair("unknown", "状态未知"),
    "held.days": Pair("{count} d", "{count} 天"),
    "held.hours": Pair("{count} h", "{count} 小时"),
    "held.minutes": Pair("{count} min", "{count} 分钟"),
    "status.filled": Pair("filled", "全部成交"),
    "status.rejected": Pair("refused", "被拒"),
    "status.cancelled": Pair("cancelled", "已撤"),
    "status.expired": Pair("expired", "过期"),
    "orders": Pair("{count} orders: {parts}", "共 {count} 笔委托：{parts}"),
    "orders.part": Pair("{count} {status}", "{status} {count}"),
    "join": Pair(", ", "，"),
    "join.clauses": Pair("; ", "；"),
    "rule.insufficient_funds": Pair("insufficient funds", "资金不足"),
    "rule.nothing_to_close": Pair("nothing to close", "无可平仓位"),
    "rule.bought_today": Pair("bought today", "当日买入不可卖出"),
    "rule.below_minimum": Pair("below the venue's minimum", "低于最小申报数量"),
    "rule.near_delivery": Pair("near delivery", "临近交割"),
    "rule.contract_over": Pair("contract over", "合约已到期"),
    "rule.delisted": Pair("delisted", "已退市"),
    "rule.beyond_cage": Pair("beyond the price cage", "超出有效申报价格范围"),
    "rule.above_maximum": Pair("above the venue's maximum", "超过最大申报数量"),
    "rule.below_notional": Pair("below the least notional", "低于最小成交额"),
    "rule.liquidated": Pair("position liquidated", "持仓已强平"),
    "rule.leverage_too_high": Pair("leverage too high", "杠杆过高"),
    "rule.not_enough_to_close": Pair("not enough to close", "可平数量不足"),
    "rule.no_offset_allowed": Pair("no offset allowed", "无可用开平方式"),
    "rule.position_closed": Pair("position closed", "持仓已平"),
    "rule.off_lot": Pair("off the lot", "数量不合手数"),
    "rule.off_tick": Pair("off the tick", "价格不合最小变动价位"),
    "rule.bad_price": Pair("bad price", "价格无效"),
    "rule.short_not_allowed": Pair("cannot be sold short", "不可卖空"),
    "rule.not_ready": Pair("distance not known yet", "距离尚无数值"),
    "rule.would_close": Pair("would close a position", "会平掉现有持仓"),
    "rule.trimmed": Pair("cut to what the account affords", "按资金裁减"),
    "rule.not_immediate": Pair("not filled at once", "未能立即成交"),
    "rule.not_whole": Pair("not filled whole", "未能全部成交"),
    "rule.auction_over": Pair("open or close over", "开盘或收盘已过"),
    "rule.would_take": Pair("would have taken", "会立即成交"),
    "rule.restated_away": Pair("nothing left in new terms", "折算后数量或价格归零"),
    "rule.oco": Pair("linked order filled", "关联委托已成交"),
    "rule.bracket_closed": Pair("bracket closed", "止损或止盈已成交"),
    "rule.entry_gone": Pair("entry gone", "开仓委托未成交即终止"),
    "rule.cancelled_by_strategy": Pair("cancelled by the strategy", "策略撤单"),
    "rule.day_over": Pair("day over", "交易日结束"),
    "rule.time_over": Pair("time over", "到期"),
    "rule.end_of_data": Pair("end of the data", "数据结束"),
    # Payments
    "payment.dividend": Pair("dividend", "现金红利"),
    "payment.withholding": Pair("dividend tax when paid", "派息时代扣红利税"),
    "payment.dividend_tax": Pair("dividend tax at the sale", "卖出时补缴红利税"),
    "payment.fraction": Pair("fractions of shares", "零碎股折现"),
    "payment.rights": Pair("rights to new shares", "配股"),
    "payment.funding": Pair("funding", "资金费"),
    "payment.insurance": Pair("paid by the insurance fund", "保险基金垫付"),
    "payment.exchange": Pair("exchange of currencies", "换汇成本"),
    "payment.interest": Pair("interest on cash", "现金利息"),
    "payment.borrow": Pair("interest on what was borrowed", "融资融券利息"),
    # Topics of the rule book
    "topic.of": Pair("{topic} of {symbol}", "{symbol} 的{topic}"),
    "topic.grid": Pair("grid", "报价与数量单位"),
    "topic.hours": Pair("hours", "交易时段"),
    "topic.no_nights": Pair("nights without a session", "无夜盘日期"),
    "topic.limit": Pair("price limit", "涨跌停板"),
    "topic.fee": Pair("fee", "手续费"),
    "topic.levy": Pair("levy", "规费"),
    "topic.margin": Pair("margin", "保证金"),
    "topic.closing": Pair("closing", "平仓规则"),
    "topic.settlement": Pair("settlement", "结算价"),
    "topic.delivery": Pair("delivery", "交割"),
    "topic.tax": Pair("duty", "印花税"),
    "topic.transfer": Pair("transfer fee", "过户费"),
    "topic.turnaround": Pair("turnaround", "回转交易规则"),
    "topic.cage": Pair("price cage", "有效申报价格范围"),
    "topic.dividend_tax": Pair("dividend tax", "红利税"),
    "topic.maker_taker": Pair("maker's and taker's fee", "挂单与吃单费率"),
    "topic.funding": Pair("funding", "资金费"),
    "topic.maintenance": Pair("maintenance margin", "维持保证金"),
    "topic.every_rule": Pair("every rule", "全部规则"),
    # Costs
    "cost.gross": Pair("Gross profit, before costs", "毛利润（扣除成本前）"),
    "cost.commission": Pair("Commission, duties and fees", "手续费与税费"),
    "cost.slippage": Pair("Slippage", "滑点"),
    "cost.total": Pair("All costs", "成本合计"),
    "cost.payments": Pair("Paid and received without a trade", "交易以外的收支"),
    "cost.net": Pair("Net profit", "净利润"),
    "cost.twice": Pair("Net profit at twice the costs", "成本加倍后的净利润"),
    "cost.turnover": Pair(
        "Costs took {bps} basis points of the traded value of {notional} {currency}.",
        "成本占成交金额 {notional} {currency} 的 {bps} 个基点。",
    ),
    # Assumptions
    "fact.instrument": Pair("Instrument", "品种规格"),
    "fact.instrument.value": Pair(
        "{kind}; tick {tick}, lot {lot}, multiplier {multiplier}, in {currency}; "
        "terms from: {source}",
        "{kind}；最小变动价位 {tick}，最小数量 {lot}，合约乘数 {multiplier}，币种 {currency}；"
        "规格来源：{source}",
    ),
    "fact.instrument.more": Pair("and {count} more", "以及另外 {count} 个"),
    "kind.stock": Pair("stock", "股票"),
    "kind.fund": Pair("fund", "基金"),
    "kind.bond": Pair("bond", "债券"),
    "kind.index": Pair("index", "指数"),
    "kind.future": Pair("future", "期货"),
    "kind.spot": Pair("spot", "现货"),
    "kind.perpetual": Pair("perpetual", "永续合约"),
    "kind.inverse": Pair("inverse perpetual", "币本位永续合约"),
    "kind.fx": Pair("foreign exchange", "外汇"),
    "fact.calendar": Pair("Calendar", "交易日历"),
    "fact.calendar.value": Pair(
        "{name}, {periods} trading days a year", "{name}，每年 {periods} 个交易日"
    ),
    "fact.signals": Pair("Signals", "信号"),
    "fact.signals.value": Pair(
        "see closed bars only; an order can fill from the next bar's open on",
        "只使用已收盘的 K 线；委托最早在下一根 K 线开盘成交",
    ),
    "fact.ticks": Pair("Ticks", "逐笔数据"),
    "fact.ticks.value": Pair(
        "{count} rows, prices known to {levels} level(s); equity is marked by bars made of them",
        "{count} 行，已知盘口 {levels} 档；权益按由此合成的 K 线计值",
    ),
    "fact.queue": Pair("Queue", "排队模型"),
    "queue.pessimistic": Pair(
        "pessimistic: trades alone move a waiting order up",
        "悲观（pessimistic）：只有成交使排队前移",
    ),
    "queue.risk_averse": Pair(
        "risk-averse: trades move a waiting order up, and no more stands in front than is shown",
        "审慎（risk_averse）：成交使排队前移，前方数量不超过盘口所示",
    ),
    "queue.power": Pair(
        "power {exponent}: trades and a share of cancellations move a waiting order up",
        "幂函数 {exponent}（power）：成交与按比例分摊的撤单使排队前移",
    ),
    "queue.log": Pair(
        "log: trades and a share of cancellations move a waiting order up",
        "对数（log）：成交与按比例分摊的撤单使排队前移",
    ),
    "fact.latency": Pair("Latency", "延迟"),
    "latency.order": Pair("orders {takes}", "委托 {takes}"),
    "latency.cancel": Pair("cancels {takes}", "撤单 {takes}"),
    "latency.response": Pair("news of them {takes}", "回报 {takes}"),
    "latency.feed": Pair("data without times of receipt {takes}", "无接收时间的行情 {takes}"),
    "fact.signals.ticks": Pair(
        "see what has been heard of; an order can fill once it has arrived",
        "只使用已收到的行情；委托到达交易所后才可能成交",
    ),
    "fact.fills.ticks": Pair(
        "what takes fills at the prices shown, level by level; what waits fills when trades have "
        "gone through its queue, or prices have come to it or gone beyond it",
        "主动成交逐档按盘口价格；挂单在成交消耗完前方排队、或价格到达或越过时成交",
    ),
    "fact.liquidity.ticks": Pair(
        "no more than is shown or traded; what was taken is not there twice",
        "不超过盘口所示或市场成交的数量；已取走的数量不会重复成交",
    ),
    "fact.slippage.ticks": Pair("what the book shows beyond its best price", "由盘口各档价格决定"),
    "kinder.no_latency": Pair(
        "an order, a cancel or its news takes no time", "委托、撤单或其回报没有延迟"
    ),
    "kinder.no_feed_latency": Pair(
        "ticks are heard of at the moment they happen", "行情在发生的同时即收到"
    ),
    "kinder.cancellations": Pair(
        "cancellations move orders up their queue, by shares that nobody knows",
        "撤单按未知的比例使排队前移",
    ),
    "kinder.no_trades": Pair(
        "no trades are known: limit orders fill where quotes cross them",
        "没有成交数据：限价单在盘口越过其价格时成交",
    ),
    "warn.kinder": Pair("Assumed in the strategy's favour: {what}.", "有利于策略的假设：{what}。"),
    "fact.fills": Pair("Fills", "成交"),
    "fact.fills.value": Pair(
        "market orders at the open; stop orders at their price or a worse open; limit orders at "
        "their price or a better open; a stop before a limit when one bar reaches both; nothing "
        "on a bar without volume",
        "市价单按开盘价；止损单按触发价，跳空时按更差的开盘价；限价单按限价，跳空时按更优的开盘价；"
        "同一根 K 线同时触及时止损优先；无成交量的 K 线不成交",
    ),
    "fact.liquidity": Pair("Liquidity", "流动性"),
    "fact.liquidity.capped": Pair(
        "orders on one instrument fill at most {share} of a bar's volume together; the rest waits",
        "同一品种的委托合计最多成交单根 K 线成交量的 {share}，其余等待后续 K 线",
    ),
    "fact.liquidity.uncapped": Pair(
        "orders fill whole however large, whatever the volume", "不论成交量，委托全部成交"
    ),
    "fact.liquidity.latency": Pair(
        "orders and cancels arrive {bars} bar(s) late", "委托与撤单延迟 {bars} 根 K 线到达"
    ),
    "fact.rules": Pair("Market rules", "市场规则"),
    "fact.rules.none": Pair(
        "None: the same commission and margin every day, no price limits, no settlement",
        "未启用：每日费率与保证金相同，无涨跌停与结算",
    ),
    "fact.rules.value": Pair(
        "Rule book, version {version}: {grade}", "规则手册，版本 {version}：{grade}"
    ),
    "rules.grade": Pair("grade {grade}, {meaning}", "等级 {grade}，{meaning}"),
    "grade.A": Pair("all from sources that hold", "全部规则均有有效来源"),
    "grade.B": Pair("some carried past their source, or estimated", "部分规则沿用旧来源或为估计"),
    "grade.C": Pair("some assumed", "部分规则为假设"),
    "grade.D": Pair("some not known", "部分规则未知"),
    "fact.rules.overlays": Pair(", with {names}", "，叠加 {names}"),
    "fact.ruled": Pair("As the rule book has it on each day", "按规则手册逐日执行"),
    "fact.commission.discount": Pair(
        ", {share} less on crypto venues, whose own coin pays",
        "，加密货币以平台币支付，减免 {share}",
    ),
    "fact.commission": Pair("Commission", "手续费"),
    "fact.commission.open": Pair("opening {rate}", "开仓 {rate}"),
    "fact.commission.close": Pair("closing {rate}", "平仓 {rate}"),
    "fact.commission.close_today": Pair("closing the same day {rate}", "平今 {rate}"),
    "fact.commission.minimum": Pair("at least {amount} an order", "每笔委托最低 {amount}"),
    "fact.commission.sell_tax": Pair("duty on sales {rate}", "卖出印花税 {rate}"),
    "fact.commission.transfer": Pair("transfer fee {rate}", "过户费 {rate}"),
    "rate.by_money": Pair("{percent} of value", "成交金额的 {percent}"),
    "rate.by_unit": Pair("{amount} a unit", "每单位 {amount}"),
    "rate.none": Pair("nothing", "无"),
    "fact.slippage": Pair("Slippage", "滑点"),
    "fact.slippage.value": Pair(
        "{parts}, against the trader, on market and stop orders",
        "市价单与止损单向不利方向滑动{parts}",
    ),
    "slippage.ticks": Pair("{ticks} tick(s)", "{ticks} 个最小变动价位"),
    "slippage.volume_share": Pair(
        "{impact} of the price for a whole bar's volume, by the square of the share",
        "按成交量占比的平方计，占满一根 K 线为价格的 {impact}",
    ),
    "slippage.square_root": Pair(
        "{coefficient} times volatility and the root of the share of volume",
        "{coefficient} 倍波动率乘以成交量占比的平方根",
    ),
    "slippage.ratio": Pair("{percent} of the price", "价格的 {percent}"),
    "fact.margin": Pair("Margin", "保证金"),
    "fact.margin.value": Pair(
        "{long} of value for long positions, {short} for short ones",
        "多头占用价值的 {long}，空头占用 {short}",
    ),
    "fact.margin.addon": Pair(
        ", and {addon} of value more for the broker", "，经纪商另加收价值的 {addon}"
    ),
    "fact.margin_mode": Pair("Margin of swaps", "永续合约保证金模式"),
    "margin_mode.cross": Pair("cross: all cash stands behind each", "全仓：账户现金共同担保"),
    "margin_mode.isolated": Pair(
        "isolated: each has what opened it and loses no more", "逐仓：各仓仅以开仓保证金为限"
    ),
    "fact.offsets": Pair("Opening and closing", "开平方式"),
    "offsets.lock": Pair(
        "A router takes the cheapest of closing and locking; result.orders says why",
        "由路由在平仓与锁仓中选择费用最低者，理由见 result.orders",
    ),
    "offsets.close": Pair(
        "A router picks which lots to close, without locks; result.orders says why",
        "由路由选择平今或平昨，不锁仓，理由见 result.orders",
    ),
    "fact.carry": Pair("Interest a year", "年利率"),
    "fact.carry.value": Pair(
        "{interest} earned on cash, {borrow} paid on what is borrowed",
        "现金收取 {interest}，融资融券支付 {borrow}",
    ),
    "fact.currency": Pair("Currency", "账户币种"),
    "fact.currency.value": Pair(
        "The account is in {currency}; an exchange costs {cost} of what is exchanged",
        "账户以 {currency} 计；换汇成本为兑换金额的 {cost}",
    ),
    "fact.sizing": Pair("Size of an entry", "开仓数量"),
    "fact.sizing.fixed": Pair("{size} where the strategy names none", "策略未指定时为 {size}"),
    "fact.sizing.risk": Pair(
        "{percent} of equity lost at the stop", "触及止损时亏损权益的 {percent}"
    ),
    "fact.sizing.volatility": Pair(
        "a volatility of {percent} of equity a year", "目标年化波动率为权益的 {percent}"
    ),
    "fact.sizing.kelly": Pair(
        "{percent} of the Kelly share of its own round trips", "自身交易凯利比例的 {percent}"
    ),
    "fact.sizing.share": Pair(
        "{percent} of equity as notional value where the strategy names none",
        "策略未指定时按权益的 {percent} 计算名义价值",
    ),
    "fact.orders": Pair("Orders", "委托"),
    # Warnings
    "warn.default_instrument": Pair(
        "Tick, lot and multiplier of {symbol} are assumed, not known. Check them: profit is "
        "proportional to the multiplier.",
        "{symbol} 的最小变动价位、最小数量与合约乘数为假设值，请核对：盈亏与乘数成正比。",
    ),
    "warn.inferred_tick": Pair(
        "The tick of {symbol} is inferred from its prices, which do not lie on the known one; "
        "prices that were adjusted afterwards are one cause.",
        "{symbol} 的价格不在已知的最小变动价位上，最小变动价位由价格推断；复权价格是常见原因。",
    ),
    "warn.unknown_holidays": Pair(
        "The calendar {calendar} does not know all holidays and hours of this span; there it takes "
        "every weekday for a trading day, with the nearest hours it knows.",
        "日历 {calendar} 未收录该区间的全部假日和交易时段；未收录处，工作日均视为交易日，"
        "并采用最接近的已知时段。",
    ),
    "warn.unruled": Pair(
        "The run followed no market rules, though the rule book knows fees, limits and the like of "
        "{what}: rules=True (--rules) follows them.",
        "本次回测未遵循市场规则，而规则库收录了 {what} 的手续费、涨跌停等："
        "rules=True（--rules）可启用。",
    ),
    "warn.rules_uncovered": Pair(
        "The rule book says nothing of these on some days of this run, which went on without: "
        "{what}.",
        "规则手册未涵盖本次回测部分日期的以下规则，回测中未予适用：{what}。",
    ),
    "warn.rules_assumed": Pair(
        "The rule book knows these from no source and assumes what is customary: {what}.",
        "以下规则没有来源，按惯例假设：{what}。",
    ),
    "warn.rules_carried": Pair(
        "The source of these rules is older than days of this run: {what}.",
        "以下规则的来源早于本次回测的部分日期：{what}。",
    ),
    "warn.rules_unfunded": Pair(
        "Funding is unknown for some payments that positions would have made or received, and was "
        "left out (payments by symbol): {what}.",
        "持仓期间部分资金费率未知，未计入（各合约次数）：{what}。",
    ),
    "warn.rules_unmarked": Pair(
        "There are no mark prices of {what}: last prices stood in for funding and liquidation.",
        "没有 {what} 的标记价格，资金费与强平按成交价计算。",
    ),
    "warn.rules_estimated": Pair(
        "The data have no settlement prices of {what}; they are estimated.",
        "数据中没有 {what} 的结算价，已按估计值结算。",
    ),
    "warn.rules_delisted": Pair(
        "What a holder got at delisting is not known; the last close was taken: {what}.",
        "以下品种退市时的所得未知，按最后收盘价了结：{what}。",
    ),
    "warn.rules_unlimited": Pair(
        "Days that traded beyond the usual price limit, which were taken to have had another: "
        "{what}.",
        "以下品种有若干交易日超出常规涨跌停，视为当日另有规定：{what}。",
    ),
    "warn.adjusted_already": Pair(
        "Prices of {what} do not fall on their ex-days: they look adjusted already, and dividends "
        "and splits count twice. Give real prices, or leave the actions out.",
        "{what} 的价格在除权除息日没有相应下跌，似乎已复权，分红送转被重复计算；"
        "请使用未复权价格，或不要传入分红送转数据。",
    ),
    "audit": Pair("Look-ahead audit", "未来数据检查"),
    "audit.none": Pair("not made", "未进行"),
    "warn.leak": Pair("It looks ahead: {leak}.", "使用了未来数据：{leak}。"),
    "warn.audit": Pair("Look-ahead audit: {note}", "未来数据检查：{note}"),
    "warn.no_actions": Pair(
        "No corporate actions were given of {what}: dividends are not in the result, and with real "
        "prices a split or bonus issue counts as a loss.",
        "未提供 {what} 的分红送转数据：结果不含分红；若价格未复权，送转和拆股会被当作亏损。",
    ),
    "warn.open_position": Pair(
        "A position is open at the end, marked at the last close; leaving it would cost more.",
        "期末仍有持仓，按最后收盘价计值；实际平仓还会产生成本。",
    ),
    "warn.refused": Pair(
        "{count} of {total} orders were refused; the reasons are below.",
        "{total} 笔委托中有 {count} 笔被拒，原因见下文。",
    ),
}
"""Every sentence by its key; `{name}` marks a fact to fill in."""


class Words:
    """The sentences of one language.

    Raises:
        UnknownLanguage: neither `en` nor `zh`.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UnknownLanguage(language)
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **facts: object) -> str:
        return TEXTS[key][self._column].format(**facts)

    def unfilled(self, key: str) -> str:
        """A sentence whose facts the page itself fills in."""
        return TEXTS[key][self._column]

    def name(self, key: str, otherwise: str) -> str:
        """Translate a word of the engine's; one that is not known stays as it is."""
        return self(key) if key in TEXTS else otherwise

    def label(self, metric: str) -> str:
        """What a measure is called."""
        found = METRICS[metric]
        return found.label_zh if self.language == "zh" else found.label_en

    def meaning(self, metric: str) -> str:
        """What a measure tells, in one line."""
        found = METRICS[metric]
        return found.meaning_zh if self.language == "zh" else found.meaning_en

    def finding(self, found: Finding) -> str:
        """What speaks against a run."""
        return found.text_zh if self.language == "zh" else found.text_en

    def of_audit(self, told: Audit | Leak | Note) -> str:
        """What an audit has found."""
        return told.text_zh if self.language == "zh" else told.text_en

    def reason(self, key: ReasonKey) -> str:
        """Why a measure has no value."""
        found = REASONS[key]
        return found.text_zh if self.language == "zh" else found.text_en

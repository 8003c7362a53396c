# ruff: noqa: RUF001  Chinese sentences have Chinese punctuation
"""What each measure of a `Summary` is called, counted in and good for, and when it has no value."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from types import MappingProxyType
from typing import Any, Literal

from quantloom.performance.reasons import ReasonKey

Unit = Literal["ratio", "number", "days", "money", "count"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure.

    Attributes:
        name: the field of `Summary`.
        unit: ratio (0.02 is 2 %, shown as percent), number (shown as it is), days, money, count.
        higher_is_better: None where neither more nor less is better in itself.
        meaning_en, meaning_zh: what it tells, in one line.
        reasons: what may leave it without a value; of several that apply the first is given. One
            that no number holds is `beyond_float`, whichever it is.
    """

    name: str
    label_en: str
    label_zh: str
    unit: Unit
    higher_is_better: bool | None
    meaning_en: str
    meaning_zh: str
    reasons: tuple[ReasonKey, ...] = ()


_DAYS: tuple[ReasonKey, ...] = ("few_days", "ruined")
_BENCHMARK: tuple[ReasonKey, ...] = ("no_benchmark", "ruined", "few_benchmark_days")
_TRIPS: tuple[ReasonKey, ...] = ("no_trips",)
_EXCURSIONS: tuple[ReasonKey, ...] = ("no_trips", "no_excursions")

_ALL = (
    Metric(
        name="initial_equity",
        label_en="Initial equity",
        label_zh="初始权益",
        unit="money",
        higher_is_better=None,
        meaning_en="Equity before the first point.",
        meaning_zh="首个时点之前的权益。",
    ),
    Metric(
        name="final_equity",
        label_en="Final equity",
        label_zh="期末权益",
        unit="money",
        higher_is_better=True,
        meaning_en="Equity at the last point, open positions at market.",
        meaning_zh="最后时点的权益，持仓按市价计算。",
    ),
    Metric(
        name="net_profit",
        label_en="Net profit",
        label_zh="净利润",
        unit="money",
        higher_is_better=True,
        meaning_en="Final equity less initial equity.",
        meaning_zh="期末权益减初始权益。",
    ),
    Metric(
        name="trading_days",
        label_en="Trading days",
        label_zh="交易日数",
        unit="days",
        higher_is_better=None,
        meaning_en="Trading days that have a point.",
        meaning_zh="有数据的交易日数。",
    ),
    Metric(
        name="total_return",
        label_en="Total return",
        label_zh="总收益率",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Final equity over initial equity, less 1.",
        meaning_zh="期末权益除以初始权益再减 1。",
    ),
    Metric(
        name="annual_return",
        label_en="Annual return",
        label_zh="年化收益率",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Compound growth per year: (1 + total return)^(periods per year / days) - 1.",
        meaning_zh="年复合增长率：(1 + 总收益率)^(每年交易日 / 交易日数) - 1。",
        reasons=_DAYS,
    ),
    Metric(
        name="annual_volatility",
        label_en="Annual volatility",
        label_zh="年化波动率",
        unit="ratio",
        higher_is_better=False,
        meaning_en="Standard deviation of daily returns times the root of periods per year.",
        meaning_zh="日收益率标准差乘以每年交易日数的平方根。",
        reasons=_DAYS,
    ),
    Metric(
        name="sharpe_ratio",
        label_en="Sharpe ratio",
        label_zh="夏普比率",
        unit="number",
        higher_is_better=True,
        meaning_en="Mean daily excess return over its standard deviation, per year.",
        meaning_zh="日超额收益均值除以其标准差，折算为年。",
        reasons=(*_DAYS, "steady_returns"),
    ),
    Metric(
        name="sharpe_error",
        label_en="Error of the Sharpe ratio",
        label_zh="夏普比率标准误",
        unit="number",
        higher_is_better=False,
        meaning_en="Standard error of the yearly Sharpe ratio, for returns of any shape.",
        meaning_zh="年化夏普比率的标准误，适用于任意分布的收益。",
        reasons=(*_DAYS, "few_days_for_shape", "steady_returns", "extreme_shape"),
    ),
    Metric(
        name="probabilistic_sharpe_ratio",
        label_en="Probabilistic Sharpe ratio",
        label_zh="概率夏普比率 PSR",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Probability that the true Sharpe ratio is above zero, were this the only run.",
        meaning_zh="假设只试过这一次，真实夏普比率大于零的概率。",
        reasons=(*_DAYS, "few_days_for_shape", "steady_returns", "extreme_shape"),
    ),
    Metric(
        name="sortino_ratio",
        label_en="Sortino ratio",
        label_zh="索提诺比率",
        unit="number",
        higher_is_better=True,
        meaning_en="Mean daily excess return over its downside deviation, per year.",
        meaning_zh="日超额收益均值除以其下行偏差，折算为年。",
        reasons=(*_DAYS, "no_losing_days"),
    ),
    Metric(
        name="calmar_ratio",
        label_en="Calmar ratio",
        label_zh="卡玛比率",
        unit="number",
        higher_is_better=True,
        meaning_en="Annual return over the maximum drawdown.",
        meaning_zh="年化收益率除以最大回撤。",
        reasons=(*_DAYS, "no_drawdown"),
    ),
    Metric(
        name="omega_ratio",
        label_en="Omega ratio",
        label_zh="Omega 比率",
        unit="number",
        higher_is_better=True,
        meaning_en="Daily gains over daily losses, both against the return of cash.",
        meaning_zh="相对现金收益的日盈利总和除以日亏损总和。",
        reasons=(*_DAYS, "no_losing_days"),
    ),
    Metric(
        name="max_drawdown_ratio",
        label_en="Maximum drawdown",
        label_zh="最大回撤",
        unit="ratio",
        higher_is_better=False,
        meaning_en="Deepest fall below an earlier peak, as a share of that peak, above zero.",
        meaning_zh="相对前高的最深跌幅，以正数表示。",
    ),
    Metric(
        name="max_drawdown_days",
        label_en="Length of maximum drawdown",
        label_zh="最大回撤持续交易日",
        unit="days",
        higher_is_better=False,
        meaning_en="Trading days from the peak of the deepest fall to its recovery or the end.",
        meaning_zh="最深回撤从高点到修复（或结束）的交易日数。",
    ),
    Metric(
        name="longest_drawdown_days",
        label_en="Longest drawdown",
        label_zh="最长回撤交易日",
        unit="days",
        higher_is_better=False,
        meaning_en="Trading days of the longest time below a peak, however shallow.",
        meaning_zh="低于前高的最长交易日数，不论深浅。",
    ),
    Metric(
        name="ulcer_index",
        label_en="Ulcer index",
        label_zh="溃疡指数",
        unit="ratio",
        higher_is_better=False,
        meaning_en="Root of the mean squared daily drawdown: how deep and how long.",
        meaning_zh="每日回撤平方均值的平方根，兼顾深度与时长。",
        reasons=("no_days",),
    ),
    Metric(
        name="pain_index",
        label_en="Pain index",
        label_zh="痛苦指数",
        unit="ratio",
        higher_is_better=False,
        meaning_en="Mean daily drawdown.",
        meaning_zh="每日回撤的均值。",
        reasons=("no_days",),
    ),
    Metric(
        name="recovery_factor",
        label_en="Recovery factor",
        label_zh="恢复因子",
        unit="number",
        higher_is_better=True,
        meaning_en="Total return over the maximum drawdown.",
        meaning_zh="总收益率除以最大回撤。",
        reasons=("no_drawdown",),
    ),
    Metric(
        name="value_at_risk_ratio",
        label_en="Value at risk, 5 % of days",
        label_zh="风险价值 VaR（5% 的交易日）",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Daily return that one day in twenty falls below; below zero for a loss.",
        meaning_zh="二十个交易日中有一日低于此日收益率；负数表示亏损。",
        reasons=_DAYS,
    ),
    Metric(
        name="conditional_value_at_risk_ratio",
        label_en="Expected shortfall, 5 % of days",
        label_zh="条件风险价值 CVaR（5% 的交易日）",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Mean return of the worst twentieth of days.",
        meaning_zh="最差二十分之一交易日的平均收益率。",
        reasons=_DAYS,
    ),
    Metric(
        name="tail_ratio",
        label_en="Tail ratio",
        label_zh="尾部比率",
        unit="number",
        higher_is_better=True,
        meaning_en="95th percentile of daily returns over the 5th, both without sign.",
        meaning_zh="日收益率 95 分位数与 5 分位数的绝对值之比。",
        reasons=(*_DAYS, "no_left_tail"),
    ),
    Metric(
        name="skewness",
        label_en="Skewness of daily returns",
        label_zh="日收益偏度",
        unit="number",
        higher_is_better=True,
        meaning_en="Below zero where rare losses are larger than rare gains.",
        meaning_zh="为负表示罕见的亏损大于罕见的盈利。",
        reasons=(*_DAYS, "few_days_for_shape", "steady_returns"),
    ),
    Metric(
        name="kurtosis",
        label_en="Excess kurtosis of daily returns",
        label_zh="日收益超额峰度",
        unit="number",
        higher_is_better=False,
        meaning_en="Above zero where extreme days are more frequent than normal.",
        meaning_zh="为正表示极端交易日多于正态分布。",
        reasons=(*_DAYS, "few_days_for_shape", "steady_returns"),
    ),
    Metric(
        name="best_day_ratio",
        label_en="Best day",
        label_zh="最佳单日收益",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Highest daily return.",
        meaning_zh="最高的日收益率。",
        reasons=_DAYS,
    ),
    Metric(
        name="worst_day_ratio",
        label_en="Worst day",
        label_zh="最差单日收益",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Lowest daily return.",
        meaning_zh="最低的日收益率。",
        reasons=_DAYS,
    ),
    Metric(
        name="benchmark_return",
        label_en="Return of the benchmark",
        label_zh="基准收益率",
        unit="ratio",
        higher_is_better=None,
        meaning_en="Compound return of the benchmark over the days compared.",
        meaning_zh="基准在可比交易日内的复合收益率。",
        reasons=_BENCHMARK,
    ),
    Metric(
        name="alpha",
        label_en="Alpha per year",
        label_zh="年化 Alpha",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Yearly return beside what beta explains of it.",
        meaning_zh="扣除 Beta 所能解释部分后的年化收益。",
        reasons=(*_BENCHMARK, "steady_benchmark"),
    ),
    Metric(
        name="beta",
        label_en="Beta",
        label_zh="Beta 系数",
        unit="number",
        higher_is_better=None,
        meaning_en="How far daily returns follow the benchmark: 1 for itself, 0 for cash.",
        meaning_zh="日收益率跟随基准的程度：基准自身为 1，现金为 0。",
        reasons=(*_BENCHMARK, "steady_benchmark"),
    ),
    Metric(
        name="correlation",
        label_en="Correlation with the benchmark",
        label_zh="与基准的相关系数",
        unit="number",
        higher_is_better=None,
        meaning_en="How closely daily returns move with the benchmark, -1 to 1.",
        meaning_zh="日收益率与基准同向变动的紧密程度，-1 到 1。",
        reasons=(*_BENCHMARK, "steady_benchmark", "steady_returns"),
    ),
    Metric(
        name="tracking_error",
        label_en="Tracking error",
        label_zh="跟踪误差",
        unit="ratio",
        higher_is_better=None,
        meaning_en="Yearly deviation of daily returns less the benchmark.",
        meaning_zh="日超额收益（相对基准）标准差的年化值。",
        reasons=_BENCHMARK,
    ),
    Metric(
        name="information_ratio",
        label_en="Information ratio",
        label_zh="信息比率",
        unit="number",
        higher_is_better=True,
        meaning_en="Mean daily return above the benchmark over its standard deviation, per year.",
        meaning_zh="日超额收益（相对基准）均值除以其标准差，折算为年。",
        reasons=(*_BENCHMARK, "steady_difference"),
    ),
    Metric(
        name="up_capture",
        label_en="Upside capture",
        label_zh="上行捕获率",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Mean growth on days the benchmark rose, over the benchmark on those days.",
        meaning_zh="基准上涨日的平均增长与基准之比。",
        reasons=(*_BENCHMARK, "no_rising_days", "benchmark_ruined"),
    ),
    Metric(
        name="down_capture",
        label_en="Downside capture",
        label_zh="下行捕获率",
        unit="ratio",
        higher_is_better=False,
        meaning_en="Mean growth on days the benchmark fell, over the benchmark on those days.",
        meaning_zh="基准下跌日的平均增长与基准之比。",
        reasons=(*_BENCHMARK, "no_falling_days", "benchmark_ruined"),
    ),
    Metric(
        name="exposure_ratio",
        label_en="Exposure",
        label_zh="持仓时间占比",
        unit="ratio",
        higher_is_better=None,
        meaning_en="Share of points with a position.",
        meaning_zh="有持仓的时点占比。",
        reasons=("no_points",),
    ),
    Metric(
        name="turnover_ratio",
        label_en="Turnover per year",
        label_zh="年换手率",
        unit="number",
        higher_is_better=None,
        meaning_en="Traded notional per year over mean equity, buys and sells both counted.",
        meaning_zh="每年成交金额除以平均权益，买卖均计入。",
        reasons=("few_days", "no_mean_equity"),
    ),
    Metric(
        name="round_trip_count",
        label_en="Round trips",
        label_zh="完整交易次数",
        unit="count",
        higher_is_better=None,
        meaning_en="Lots opened and closed again; a part that is closed by itself counts as one.",
        meaning_zh="已开仓并平仓的批次数，分次平仓的各部分分别计数。",
    ),
    Metric(
        name="win_rate",
        label_en="Win rate",
        label_zh="胜率",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Round trips with a profit over all round trips; zero is not a profit.",
        meaning_zh="盈利交易占全部完整交易的比例；恰为零不算盈利。",
        reasons=_TRIPS,
    ),
    Metric(
        name="profit_factor",
        label_en="Profit factor",
        label_zh="盈利因子",
        unit="number",
        higher_is_better=True,
        meaning_en="Sum of profits over sum of losses.",
        meaning_zh="盈利总额除以亏损总额。",
        reasons=(*_TRIPS, "no_losses"),
    ),
    Metric(
        name="payoff_ratio",
        label_en="Payoff ratio",
        label_zh="盈亏比",
        unit="number",
        higher_is_better=True,
        meaning_en="Average win over average loss, both without sign.",
        meaning_zh="平均盈利除以平均亏损（均取绝对值）。",
        reasons=(*_TRIPS, "no_wins", "no_losses"),
    ),
    Metric(
        name="average_win",
        label_en="Average win",
        label_zh="平均盈利",
        unit="money",
        higher_is_better=True,
        meaning_en="Mean profit of the round trips that won.",
        meaning_zh="盈利交易的平均盈利。",
        reasons=(*_TRIPS, "no_wins"),
    ),
    Metric(
        name="average_loss",
        label_en="Average loss",
        label_zh="平均亏损",
        unit="money",
        higher_is_better=True,
        meaning_en="Mean result of the round trips that lost, below zero.",
        meaning_zh="亏损交易的平均结果，为负数。",
        reasons=(*_TRIPS, "no_losses"),
    ),
    Metric(
        name="expectancy",
        label_en="Expectancy",
        label_zh="每笔期望收益",
        unit="money",
        higher_is_better=True,
        meaning_en="Mean result of a round trip.",
        meaning_zh="每笔完整交易的平均结果。",
        reasons=_TRIPS,
    ),
    Metric(
        name="system_quality",
        label_en="System quality number",
        label_zh="系统质量数 SQN",
        unit="number",
        higher_is_better=True,
        meaning_en="Mean result of a round trip over its deviation, times the root of the count.",
        meaning_zh="每笔结果的均值除以标准差，再乘以交易次数的平方根。",
        reasons=(*_TRIPS, "one_trip", "equal_trips"),
    ),
    Metric(
        name="kelly_ratio",
        label_en="Kelly ratio",
        label_zh="凯利比例",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Stake that grows fastest, from wins, losses and payoff; below zero, none.",
        meaning_zh="由胜率与盈亏比得出的最快增长下注比例；为负则不应下注。",
        reasons=(*_TRIPS, "no_wins", "no_losses"),
    ),
    Metric(
        name="largest_win",
        label_en="Largest win",
        label_zh="最大单笔盈利",
        unit="money",
        higher_is_better=True,
        meaning_en="Best round trip.",
        meaning_zh="最好的一笔完整交易。",
        reasons=(*_TRIPS, "no_wins"),
    ),
    Metric(
        name="largest_loss",
        label_en="Largest loss",
        label_zh="最大单笔亏损",
        unit="money",
        higher_is_better=True,
        meaning_en="Worst round trip, below zero.",
        meaning_zh="最差的一笔完整交易，为负数。",
        reasons=(*_TRIPS, "no_losses"),
    ),
    Metric(
        name="average_holding_days",
        label_en="Average holding time",
        label_zh="平均持仓天数",
        unit="days",
        higher_is_better=None,
        meaning_en="Mean calendar days from entry to exit.",
        meaning_zh="从开仓到平仓的平均自然日数。",
        reasons=_TRIPS,
    ),
    Metric(
        name="longest_holding_days",
        label_en="Longest holding time",
        label_zh="最长持仓天数",
        unit="days",
        higher_is_better=None,
        meaning_en="Calendar days of the round trip that was held longest.",
        meaning_zh="持有最久的一笔交易的自然日数。",
        reasons=_TRIPS,
    ),
    Metric(
        name="longest_win_streak",
        label_en="Longest winning streak",
        label_zh="最长连胜次数",
        unit="count",
        higher_is_better=True,
        meaning_en="Most round trips in a row that won, by time of exit.",
        meaning_zh="按平仓时间计的最长连续盈利次数。",
    ),
    Metric(
        name="longest_loss_streak",
        label_en="Longest losing streak",
        label_zh="最长连亏次数",
        unit="count",
        higher_is_better=False,
        meaning_en="Most round trips in a row that lost, by time of exit.",
        meaning_zh="按平仓时间计的最长连续亏损次数。",
    ),
    Metric(
        name="average_adverse_ratio",
        label_en="Average adverse excursion",
        label_zh="平均最大不利变动",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Mean of how far price went against a round trip, below zero.",
        meaning_zh="各笔交易中价格最大不利变动占开仓价的均值，为负数。",
        reasons=_EXCURSIONS,
    ),
    Metric(
        name="average_favourable_ratio",
        label_en="Average favourable excursion",
        label_zh="平均最大有利变动",
        unit="ratio",
        higher_is_better=True,
        meaning_en="Mean of how far price went with a round trip.",
        meaning_zh="各笔交易中价格最大有利变动占开仓价的均值。",
        reasons=_EXCURSIONS,
    ),
    Metric(
        name="edge_ratio",
        label_en="Edge ratio",
        label_zh="优势比率",
        unit="number",
        higher_is_better=True,
        meaning_en="Average favourable over average adverse excursion, without signs.",
        meaning_zh="平均最大有利变动与平均最大不利变动的绝对值之比。",
        reasons=(*_EXCURSIONS, "nothing_adverse"),
    ),
    Metric(
        name="commission",
        label_en="Commission",
        label_zh="手续费合计",
        unit="money",
        higher_is_better=False,
        meaning_en="Fees, duties and commissions paid, above zero.",
        meaning_zh="支付的手续费、税费合计，以正数表示。",
    ),
    Metric(
        name="slippage",
        label_en="Slippage",
        label_zh="滑点成本合计",
        unit="money",
        higher_is_better=False,
        meaning_en="Money lost between reference price and fill, above zero.",
        meaning_zh="参考价与成交价之间的损失，以正数表示。",
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every field of `Summary` by name, in the same order."""


def settle(
    measured: Mapping[str, float], applies: Mapping[ReasonKey, bool]
) -> tuple[dict[str, Any], dict[str, ReasonKey]]:
    """Part what has a value from what has none: NaN and infinity become None with a reason.

    Args:
        measured: values by the names of `METRICS`.
        applies: which reasons hold for this run.
    """
    values: dict[str, Any] = {}
    reasons: dict[str, ReasonKey] = {}
    for name, value in measured.items():
        values[name] = value if isfinite(value) else None
        if values[name] is None:
            possible = METRICS[name].reasons
            reasons[name] = next((key for key in possible if applies[key]), "beyond_float")
    return values, reasons

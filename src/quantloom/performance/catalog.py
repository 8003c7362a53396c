"""What each measure of a `Summary` is called, counted in and good for."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Unit = Literal["ratio", "number", "days", "money", "count"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One measure.

    Attributes:
        name: the field of `Summary`.
        unit: ratio (0.02 is 2 %, shown as percent), number (shown as it is), days, money, count.
        higher_is_better: None where neither more nor less is better in itself.
    """

    name: str
    label_en: str
    label_zh: str
    unit: Unit
    higher_is_better: bool | None
    description: str


_ALL = (
    Metric(
        name="initial_equity",
        label_en="Initial equity",
        label_zh="初始权益",
        unit="money",
        higher_is_better=None,
        description="Equity before the first point.",
    ),
    Metric(
        name="final_equity",
        label_en="Final equity",
        label_zh="期末权益",
        unit="money",
        higher_is_better=True,
        description="Equity at the last point, open positions at market.",
    ),
    Metric(
        name="net_profit",
        label_en="Net profit",
        label_zh="净利润",
        unit="money",
        higher_is_better=True,
        description="Final equity less initial equity.",
    ),
    Metric(
        name="trading_days",
        label_en="Trading days",
        label_zh="交易日数",
        unit="days",
        higher_is_better=None,
        description="Trading days that have a point.",
    ),
    Metric(
        name="total_return",
        label_en="Total return",
        label_zh="总收益率",
        unit="ratio",
        higher_is_better=True,
        description="Final equity over initial equity, less 1.",
    ),
    Metric(
        name="annual_return",
        label_en="Annual return",
        label_zh="年化收益率",
        unit="ratio",
        higher_is_better=True,
        description="Compound growth per year: (1 + total return)^(periods per year / days) - 1.",
    ),
    Metric(
        name="annual_volatility",
        label_en="Annual volatility",
        label_zh="年化波动率",
        unit="ratio",
        higher_is_better=False,
        description="Standard deviation of daily returns times the root of periods per year.",
    ),
    Metric(
        name="sharpe_ratio",
        label_en="Sharpe ratio",
        label_zh="夏普比率",
        unit="number",
        higher_is_better=True,
        description="Mean daily excess return over its standard deviation, per year.",
    ),
    Metric(
        name="sortino_ratio",
        label_en="Sortino ratio",
        label_zh="索提诺比率",
        unit="number",
        higher_is_better=True,
        description="Mean daily excess return over its downside deviation, per year.",
    ),
    Metric(
        name="calmar_ratio",
        label_en="Calmar ratio",
        label_zh="卡玛比率",
        unit="number",
        higher_is_better=True,
        description="Annual return over the maximum drawdown.",
    ),
    Metric(
        name="max_drawdown_ratio",
        label_en="Maximum drawdown",
        label_zh="最大回撤",
        unit="ratio",
        higher_is_better=False,
        description="Deepest fall below an earlier peak, as a share of that peak, above zero.",
    ),
    Metric(
        name="max_drawdown_days",
        label_en="Length of maximum drawdown",
        label_zh="最大回撤持续交易日",
        unit="days",
        higher_is_better=False,
        description="Trading days from the peak of the deepest fall to its recovery or the end.",
    ),
    Metric(
        name="longest_drawdown_days",
        label_en="Longest drawdown",
        label_zh="最长回撤交易日",
        unit="days",
        higher_is_better=False,
        description="Trading days of the longest time below a peak, however shallow.",
    ),
    Metric(
        name="exposure_ratio",
        label_en="Exposure",
        label_zh="持仓时间占比",
        unit="ratio",
        higher_is_better=None,
        description="Share of points with a position.",
    ),
    Metric(
        name="turnover_ratio",
        label_en="Turnover per year",
        label_zh="年换手率",
        unit="number",
        higher_is_better=None,
        description="Traded notional per year over mean equity, buys and sells both counted.",
    ),
    Metric(
        name="round_trip_count",
        label_en="Round trips",
        label_zh="完整交易次数",
        unit="count",
        higher_is_better=None,
        description="Lots opened and closed again; a part that is closed by itself counts as one.",
    ),
    Metric(
        name="win_rate",
        label_en="Win rate",
        label_zh="胜率",
        unit="ratio",
        higher_is_better=True,
        description="Round trips with a profit over all round trips; zero is not a profit.",
    ),
    Metric(
        name="profit_factor",
        label_en="Profit factor",
        label_zh="盈利因子",
        unit="number",
        higher_is_better=True,
        description="Sum of profits over sum of losses.",
    ),
    Metric(
        name="payoff_ratio",
        label_en="Payoff ratio",
        label_zh="盈亏比",
        unit="number",
        higher_is_better=True,
        description="Average win over average loss, both without sign.",
    ),
    Metric(
        name="average_win",
        label_en="Average win",
        label_zh="平均盈利",
        unit="money",
        higher_is_better=True,
        description="Mean profit of the round trips that won.",
    ),
    Metric(
        name="average_loss",
        label_en="Average loss",
        label_zh="平均亏损",
        unit="money",
        higher_is_better=True,
        description="Mean result of the round trips that lost, below zero.",
    ),
    Metric(
        name="expectancy",
        label_en="Expectancy",
        label_zh="每笔期望收益",
        unit="money",
        higher_is_better=True,
        description="Mean result of a round trip.",
    ),
    Metric(
        name="largest_win",
        label_en="Largest win",
        label_zh="最大单笔盈利",
        unit="money",
        higher_is_better=True,
        description="Best round trip.",
    ),
    Metric(
        name="largest_loss",
        label_en="Largest loss",
        label_zh="最大单笔亏损",
        unit="money",
        higher_is_better=True,
        description="Worst round trip, below zero.",
    ),
    Metric(
        name="average_holding_days",
        label_en="Average holding time",
        label_zh="平均持仓天数",
        unit="days",
        higher_is_better=None,
        description="Mean calendar days from entry to exit.",
    ),
    Metric(
        name="longest_win_streak",
        label_en="Longest winning streak",
        label_zh="最长连胜次数",
        unit="count",
        higher_is_better=True,
        description="Most round trips in a row that won, by time of exit.",
    ),
    Metric(
        name="longest_loss_streak",
        label_en="Longest losing streak",
        label_zh="最长连亏次数",
        unit="count",
        higher_is_better=False,
        description="Most round trips in a row that lost, by time of exit.",
    ),
    Metric(
        name="commission",
        label_en="Commission",
        label_zh="手续费合计",
        unit="money",
        higher_is_better=False,
        description="Fees, duties and commissions paid, above zero.",
    ),
    Metric(
        name="slippage",
        label_en="Slippage",
        label_zh="滑点成本合计",
        unit="money",
        higher_is_better=False,
        description="Money lost between reference price and fill, above zero.",
    ),
)

METRICS: Mapping[str, Metric] = MappingProxyType({metric.name: metric for metric in _ALL})
"""Every field of `Summary` by name, in the same order."""

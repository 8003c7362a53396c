# ruff: noqa: RUF001  Chinese sentences have Chinese punctuation
"""Why a measure has no value, in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

ReasonKey = Literal[
    "no_points",
    "no_days",
    "few_days",
    "few_days_for_shape",
    "ruined",
    "steady_returns",
    "extreme_shape",
    "trials_not_counted",
    "no_excess",
    "no_losing_days",
    "no_left_tail",
    "no_drawdown",
    "no_mean_equity",
    "no_benchmark",
    "few_benchmark_days",
    "steady_benchmark",
    "steady_difference",
    "no_rising_days",
    "no_falling_days",
    "benchmark_ruined",
    "no_trips",
    "one_trip",
    "equal_trips",
    "no_wins",
    "no_losses",
    "no_excursions",
    "nothing_adverse",
    "beyond_float",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, as a clause that follows the measure's name."""

    text_en: str
    text_zh: str


_ALL: dict[ReasonKey, Reason] = {
    "no_points": Reason("there are no points", "没有数据点"),
    "no_days": Reason("there are no trading days", "没有交易日"),
    "few_days": Reason("needs at least 2 trading days", "至少需要 2 个交易日"),
    "few_days_for_shape": Reason("needs at least 4 trading days", "至少需要 4 个交易日"),
    "ruined": Reason("equity was at or below zero", "权益曾降至零或以下"),
    "steady_returns": Reason("daily returns do not vary", "日收益率没有变化"),
    "extreme_shape": Reason(
        "so few and extreme returns admit no error", "收益太少且过于极端，无法估计误差"
    ),
    "trials_not_counted": Reason("trials were not counted", "未统计试验次数"),
    "no_excess": Reason("the Sharpe ratio is not above zero", "夏普比率不大于零"),
    "no_losing_days": Reason(
        "no day returned less than the target", "没有一个交易日的收益低于目标"
    ),
    "no_left_tail": Reason(
        "the 5th percentile of daily returns is zero", "日收益率的 5 分位数为零"
    ),
    "no_drawdown": Reason("equity never fell below a peak", "权益从未低于前高"),
    "no_mean_equity": Reason("mean equity is at or below zero", "平均权益为零或以下"),
    "no_benchmark": Reason("no benchmark was given", "未给出基准"),
    "few_benchmark_days": Reason(
        "needs at least 2 trading days with a return of the benchmark",
        "至少需要 2 个有基准收益的交易日",
    ),
    "steady_benchmark": Reason("the benchmark does not vary", "基准没有变化"),
    "steady_difference": Reason(
        "the difference from the benchmark does not vary", "与基准之差没有变化"
    ),
    "no_rising_days": Reason("the benchmark never rose", "基准从未上涨"),
    "no_falling_days": Reason("the benchmark never fell", "基准从未下跌"),
    "benchmark_ruined": Reason("the benchmark lost everything in a day", "基准曾在一日内全部亏光"),
    "no_trips": Reason("there are no round trips", "没有完整交易"),
    "one_trip": Reason("needs at least 2 round trips", "至少需要 2 笔完整交易"),
    "equal_trips": Reason("all round trips had the same result", "各笔完整交易的结果都相同"),
    "no_wins": Reason("no round trip won", "没有盈利的交易"),
    "no_losses": Reason("no round trip lost", "没有亏损的交易"),
    "no_excursions": Reason(
        "the bars of every round trip were not given", "未给出每笔完整交易的 K 线"
    ),
    "nothing_adverse": Reason("price never went against a round trip", "价格从未向不利方向变动"),
    "beyond_float": Reason("too large or too small for a float64", "数值超出双精度浮点数的范围"),
}

REASONS: Mapping[ReasonKey, Reason] = MappingProxyType(_ALL)
"""Every reason by its key, which stays the same from version to version."""

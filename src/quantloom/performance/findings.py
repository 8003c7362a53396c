# ruff: noqa: RUF001  Chinese sentences have Chinese punctuation
"""What may be wrong with the figures of a run, in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

Severity = Literal["grave", "warning", "note"]
"""Grave: do not believe the figures. Warning: they may not last. Note: good to know."""


class FindingText(NamedTuple):
    """One kind of finding; `{name}` in its texts marks a fact."""

    severity: Severity
    text_en: str
    text_zh: str


_ALL: dict[str, FindingText] = {
    "ruined": FindingText(
        "grave",
        "Equity fell to {lowest:,.2f}. A real account is closed before that, and what follows "
        "did not happen.",
        "权益曾降至 {lowest:,.2f}。真实账户在此之前就已被平仓，其后的结果并不存在。",
    ),
    "no_fills": FindingText("grave", "Nothing was traded.", "没有任何成交。"),
    "costs_exceed_profit": FindingText(
        "grave",
        "Prices earned {gross:,.2f}, trading cost {costs:,.2f}: the costs turn a profit into a "
        "loss.",
        "价差盈利 {gross:,.2f}，交易成本 {costs:,.2f}：成本使盈利变为亏损。",
    ),
    "too_good": FindingText(
        "grave",
        "A Sharpe ratio of {sharpe:.1f} over {days} days is rarely real. Look for signals that "
        "see the future, costs that are not paid and fills that could not be had.",
        "{days} 个交易日的夏普比率达 {sharpe:.1f}，极少真实。请检查是否使用了未来数据、"
        "漏计成本或成交不可能实现。",
    ),
    "one_trip_makes_profit": FindingText(
        "warning",
        "The best round trip earned {best:,.2f} of {total:,.2f}. Without it no profit is left.",
        "最好的一笔交易盈利 {best:,.2f}，而全部交易合计 {total:,.2f}；去掉它则没有盈利。",
    ),
    "month_makes_profit": FindingText(
        "warning",
        "{month} earned {best:,.2f} of {total:,.2f}. The other {others} months leave no profit.",
        "{month} 盈利 {best:,.2f}，而全部月份合计 {total:,.2f}；其余 {others} 个月没有盈利。",
    ),
    "symbol_makes_profit": FindingText(
        "warning",
        "{symbol} earned {best:,.2f} of {total:,.2f}. The other {others} leave no profit.",
        "{symbol} 盈利 {best:,.2f}，而全部品种合计 {total:,.2f}；"
        "去掉它，其余 {others} 个品种没有盈利。",
    ),
    "open_position_makes_profit": FindingText(
        "warning",
        "{open:,.2f} of the net profit of {total:,.2f} is that of positions still open, at the "
        "last price and before the cost of leaving them.",
        "净利润 {total:,.2f} 中有 {open:,.2f} 来自期末未平持仓，按最后价格计值，且未扣平仓成本。",
    ),
    "open_losses": FindingText(
        "warning",
        "Closed round trips earned {closed:,.2f}, positions still open lost {open:,.2f}. The win "
        "rate does not see losses that are never closed.",
        "已平仓交易盈利 {closed:,.2f}，未平持仓亏损 {open:,.2f}；胜率看不到从不平掉的亏损。",
    ),
    "losses_dwarf_wins": FindingText(
        "warning",
        "{win_rate:.0%} of the round trips won, but the worst one lost as much as {wins:.0f} "
        "average wins earned.",
        "胜率 {win_rate:.0%}，但最差一笔的亏损相当于 {wins:.0f} 笔平均盈利。",
    ),
    "profit_hangs_on_last_bar": FindingText(
        "warning",
        "The last bar moved equity by {last:,.2f}, against a net profit of {total:,.2f}. Ending a "
        "bar sooner tells another story.",
        "最后一根 K 线使权益变动 {last:,.2f}，而净利润为 {total:,.2f}；早一根结束，结论就会不同。",
    ),
    "double_costs": FindingText(
        "warning",
        "At twice the costs, the net profit of {total:,.2f} becomes {doubled:,.2f}.",
        "若成本加倍，净利润将由 {total:,.2f} 变为 {doubled:,.2f}。",
    ),
    "sharpe_unsure": FindingText(
        "warning",
        "The Sharpe ratio of {sharpe:.2f} has a standard error of {error:.2f}: a true one above "
        "zero is {probability:.0%} likely, were this the only trial.",
        "夏普比率 {sharpe:.2f} 的标准误为 {error:.2f}：即使只试过这一次，"
        "真实值大于零的概率也只有 {probability:.0%}。",
    ),
    "best_of_trials": FindingText(
        "warning",
        "Alone, the Sharpe ratio of {sharpe:.2f} would convince; after {count} trials a true one "
        "above zero is only {probability:.0%} likely.",
        "若仅此一次，夏普比率 {sharpe:.2f} 足以令人信服；但已试验 {count} 次，"
        "真实值大于零的概率只有 {probability:.0%}。",
    ),
    "few_trips": FindingText(
        "warning",
        "Round trips: {count}. Fewer than {enough} do not tell skill from luck.",
        "完整交易仅 {count} 笔；少于 {enough} 笔不足以区分能力与运气。",
    ),
    "short_span": FindingText(
        "warning",
        "Trading days: {count}. Annual figures stretch this short span to a year.",
        "仅 {count} 个交易日：年化数字由很短的区间外推得到。",
    ),
    "stale_fills": FindingText(
        "warning",
        "{count} of {total} fills lie on bars without volume or without any movement of price, "
        "where there may have been nobody to trade with.",
        "{total} 笔成交中有 {count} 笔落在无成交量或价格毫无变动的 K 线上，当时可能并无对手方。",
    ),
    "large_fills": FindingText(
        "warning",
        "{count} of {total} fills took more than {share:.0%} of their bar's volume; the price "
        "would not have stood still.",
        "{total} 笔成交中有 {count} 笔超过所在 K 线成交量的 {share:.0%}，价格不会原地不动。",
    ),
    "trips_within_a_bar": FindingText(
        "warning",
        "{count} of {total} round trips began and ended within one bar, where the order of its "
        "prices is assumed and not known. Run on shorter bars.",
        "{total} 笔完整交易中有 {count} 笔在同一根 K 线内开平，其价格先后只是假设；"
        "请改用更短周期。",
    ),
    "refused_orders": FindingText(
        "warning",
        "{count} of {total} orders were refused: what ran is not what the strategy meant.",
        "{total} 笔委托中有 {count} 笔被拒：实际运行的并非策略本意。",
    ),
    "rolls_in_prices": FindingText(
        "warning",
        "{symbols} is a chain of contracts joined without their rolls: the jump from one contract "
        "to the next counts as profit or loss, and signals see it as a move. Run the contracts "
        "themselves, as chain_contracts (--roll) joins them.",
        "{symbols} 为未处理换月的连续合约：换月跳空被计为盈亏，信号也会将其视为行情。"
        "请使用 chain_contracts（--roll）按真实合约回测。",
    ),
    "no_commission": FindingText(
        "warning",
        "This run pays no commission. A real account does.",
        "本次回测未计手续费，真实账户会产生。",
    ),
    "no_slippage": FindingText(
        "note",
        "This run has no slippage: every order fills at the market's own price.",
        "本次回测未计滑点：所有委托均以市场价格成交。",
    ),
    "costs_eat_profit": FindingText(
        "note",
        "Costs took {share:.0%} of what prices earned.",
        "交易成本占价差盈利的 {share:.0%}。",
    ),
    "high_turnover": FindingText(
        "note",
        "Equity was traded {turnover:,.0f} times a year: each basis point of cost takes "
        "{drag:.1%} a year.",
        "每年成交额为权益的 {turnover:,.0f} 倍：成本每增加一个基点，每年损失 {drag:.1%}。",
    ),
    "flat_stretch": FindingText(
        "note",
        "Equity did not move for {days} of {total} trading days in a row. Risk figures mix a "
        "strategy at work with one that was not.",
        "{total} 个交易日中，权益连续 {days} 日没有变动；风险指标混合了运行与未运行的时段。",
    ),
}

FINDINGS: Mapping[str, FindingText] = MappingProxyType(_ALL)
"""Every kind of finding by its code, which stays the same from version to version."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know before believing the figures of a run.

    Attributes:
        code: a key of `FINDINGS`.
        facts: the numbers and names that its text tells.
    """

    code: str
    facts: Mapping[str, float | int | str]

    @property
    def severity(self) -> Severity:
        return FINDINGS[self.code].severity

    @property
    def text_en(self) -> str:
        return FINDINGS[self.code].text_en.format(**self.facts)

    @property
    def text_zh(self) -> str:
        return FINDINGS[self.code].text_zh.format(**self.facts)

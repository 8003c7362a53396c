"""The section "How likely is this luck"."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

LUCK: Mapping[str, Pair] = {
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
        "This strategy has been tried {count} times on these instruments. Over as many days as "
        "this run has, the best of so many reaches a Sharpe ratio of about {luck} by luck alone; "
        "this run has {sharpe}.",
        "该策略在这些品种上已试验 {count} 次。在与本次同样长的交易日内，仅凭运气，"
        "其中最好的一次夏普比率约可达 {luck}；本次为 {sharpe}。",
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
}

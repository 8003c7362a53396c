"""Every check by name: what it asks, how much of it weighs how heavy, and what it says."""

from collections.abc import Mapping
from dataclasses import dataclass

from quantloom.data.quality.grades import SEVERITIES, Severity

_NEVER = 1.0
_NOTE = (_NEVER,) * 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question put to data.

    Attributes:
        limits: shares above which a finding is minor, a warning, serious, grave, fatal; 0 weighs
            the first case so, 1 none.
        title_en, title_zh: its name for people.
        text_en, text_zh: what a finding says, with its `count`, `of`, `share` and facts to fill in.
    """

    name: str
    limits: tuple[float, float, float, float, float]
    title_en: str
    title_zh: str
    text_en: str
    text_zh: str

    def severity(self, share: float) -> Severity:
        """How much a share of bars weighs."""
        return SEVERITIES[sum(share > limit for limit in self.limits)]


_LISTED = (
    Check(
        name="unreadable",
        limits=(0, 0.001, 0.01, 0.05, 0.2),
        title_en="Unreadable rows",
        title_zh="无法读取的行",
        text_en="{count} of {of} rows could not be read and were left out: {why}.",
        text_zh="{of} 行中有 {count} 行无法读取，已舍去：{why}。",
    ),
    Check(
        name="unsorted",
        limits=(0, 0.01, 0.1, _NEVER, _NEVER),
        title_en="Out of order",
        title_zh="时间乱序",
        text_en="{count} rows stand before rows of an earlier time.",
        text_zh="{count} 行的时间早于前一行。",
    ),
    Check(
        name="duplicates",
        limits=(0, 0.01, 0.1, 0.5, _NEVER),
        title_en="Same bar twice",
        title_zh="重复的K线",
        text_en="{count} rows repeat another row, the same in every column.",
        text_zh="{count} 行与另一行完全相同。",
    ),
    Check(
        name="conflicts",
        limits=(0, 0, 0.001, 0.01, 0.1),
        title_en="Two bars of one time",
        title_zh="同一时间的不同K线",
        text_en="{count} rows have the time of another row and other values; which is right is not "
        "known.",
        text_zh="{count} 行与另一行时间相同而数值不同，无法判断哪一行正确。",
    ),
    Check(
        name="bad_prices",
        limits=(0, 0, 0.001, 0.01, 0.1),
        title_en="Impossible prices",
        title_zh="不可能的价格",
        text_en="{count} rows have a missing or infinite price, or one that is not above zero.",
        text_zh="{count} 行的价格缺失、无穷或不大于零。",
    ),
    Check(
        name="bad_ohlc",
        limits=(0, 0, 0.001, 0.01, 0.1),
        title_en="High and low contradict",
        title_zh="最高最低价矛盾",
        text_en="{count} bars have a high below their low, or an open or close outside the two.",
        text_zh="{count} 根K线的最高价低于最低价，或开盘、收盘价超出最高最低价。",
    ),
    Check(
        name="bad_volume",
        limits=(0, 0.001, 0.01, 0.1, 0.5),
        title_en="Impossible volume",
        title_zh="不可能的成交量",
        text_en="{count} rows have a volume below zero or infinite.",
        text_zh="{count} 行的成交量为负或无穷。",
    ),
    Check(
        name="gaps",
        limits=(0.001, 0.01, 0.05, 0.2, 0.5),
        title_en="Missing bars",
        title_zh="缺失的K线",
        text_en="{count} of {of} bars are missing at times at which the market was open ({spans} "
        "gaps, the longest {longest} bars).",
        text_zh="交易时段内应有 {of} 根K线，缺 {count} 根（{spans} 处，最长 {longest} 根）。",
    ),
    Check(
        name="missing_months",
        limits=(0, 0, 0.1, 0.3, 0.6),
        title_en="Missing months",
        title_zh="整月缺失",
        text_en="{count} of {of} months between the first bar and the last have none: {months}.",
        text_zh="首尾之间 {of} 个月中有 {count} 个月没有K线：{months}。",
    ),
    Check(
        name="calendar_unknown",
        limits=_NOTE,
        title_en="Calendar not known",
        title_zh="交易日历未知",
        text_en="Gaps cannot be told for {count} of {of} bars: {why}.",
        text_zh="{of} 根K线中有 {count} 根无法判断是否缺失：{why_zh}。",
    ),
    Check(
        name="time_zone",
        limits=(0, 0, 0, 0, _NEVER),
        title_en="Wrong time zone",
        title_zh="时区可疑",
        text_en="{count} of {of} bars lie outside trading hours, and nearly all within them once "
        "moved by {shift} hours: the time zone looks wrong.",
        text_zh="{of} 根K线中有 {count} 根在交易时段之外，平移 {shift} 小时后几乎全部吻合："
        "时区可能有误。",
    ),
    Check(
        name="close_labels",
        limits=(0, 0, 0, _NEVER, _NEVER),
        title_en="Labelled by the close",
        title_zh="按收盘时间标记",
        text_en="Sessions have a bar at their close ({count} of {of}) and none at their open: bars "
        "look labelled by their end, and here the open is meant.",
        text_zh="{of} 个时段中有 {count} 个在收盘时刻有K线而开盘时刻没有：时间似为K线结束时间，"
        "而此处应为开始时间。",
    ),
    Check(
        name="outside_hours",
        limits=(0.0001, 0.01, 0.05, 0.3, _NEVER),
        title_en="Outside trading hours",
        title_zh="非交易时段",
        text_en="{count} of {of} bars lie at times at which {calendar} was closed.",
        text_zh="{of} 根K线中有 {count} 根在 {calendar} 的休市时间。",
    ),
    Check(
        name="extended_hours",
        limits=_NOTE,
        title_en="Before and after hours",
        title_zh="盘前盘后",
        text_en="{count} of {of} bars are of trading before 09:30 or after 16:00 in New York.",
        text_zh="{of} 根K线中有 {count} 根属于纽约 09:30 之前或 16:00 之后的盘前盘后交易。",
    ),
    Check(
        name="odd_stamps",
        limits=(0.2, _NEVER, _NEVER, _NEVER, _NEVER),
        title_en="Stamped outside their session",
        title_zh="时间标在时段之外",
        text_en="{count} bars are stamped before their session opens or in the break behind it, "
        "such as a bar of the hour 09:00 for what trades from 09:30, or the last minute of a "
        "morning at 12:59.",
        text_zh="{count} 根K线的时间标在所属时段开始之前或之后的休市中，例如以 09:00 标记从 09:30 "
        "开始的交易，或以 12:59 标记上午最后一分钟。",
    ),
    Check(
        name="auction_bars",
        limits=_NOTE,
        title_en="Bars of the opening call",
        title_zh="集合竞价K线",
        text_en="{count} bars hold the opening call alone, in the minutes before the open.",
        text_zh="{count} 根K线只含开盘前的集合竞价。",
    ),
    Check(
        name="off_tick",
        limits=(0, 0.05, _NEVER, _NEVER, _NEVER),
        title_en="Prices off the tick",
        title_zh="价格不在最小变动价位上",
        text_en="{count} of {of} bars have a price that is no multiple of the tick {tick}; prices "
        "adjusted afterwards are one cause.",
        text_zh="{of} 根K线中有 {count} 根的价格不是最小变动价位 {tick} 的整数倍；"
        "复权价格是常见原因。",
    ),
    Check(
        name="looks_adjusted",
        limits=(0, _NEVER, _NEVER, _NEVER, _NEVER),
        title_en="Looks adjusted",
        title_zh="疑似复权价格",
        text_en="Prices lie off the tick before {since} ({count} of {of} bars) and on it after: "
        "they look adjusted forward, and limits and fees worked out from them are not real.",
        text_zh="{since} 之前的价格不在最小变动价位上（{of} 根中有 {count} 根），之后则在："
        "疑似前复权，据此计算的涨跌停与费用并非真实值。",
    ),
    Check(
        name="outside_limits",
        limits=(0, 0.002, 0.02, 0.1, _NEVER),
        title_en="Outside the price limit",
        title_zh="超出涨跌停",
        text_en="{count} of {of} days trade beyond the limit of {ratio} that the rule book has: "
        "an unknown action, a listing, special treatment or a wrong price.",
        text_zh="{of} 个交易日中有 {count} 个超出规则手册的涨跌停幅度 {ratio}："
        "可能有未知的除权、新上市、特别处理或错误价格。",
    ),
    Check(
        name="outliers",
        limits=(0, 0.001, 0.01, 0.05, 0.2),
        title_en="Prices that jump there and back",
        title_zh="瞬间跳出又返回的价格",
        text_en="{count} bars have a price far off both neighbours ({sigmas} times the local "
        "volatility at most), as wrong prints have.",
        text_zh="{count} 根K线的价格远离前后两根（最远为当地波动率的 {sigmas} 倍），像是错误成交。",
    ),
    Check(
        name="jumps",
        limits=(0.002, 0.02, _NEVER, _NEVER, _NEVER),
        title_en="Great jumps",
        title_zh="巨幅跳动",
        text_en="{count} of {of} bars move the price far beyond its local volatility, at most by "
        "{move} on {day}.",
        text_zh="价格有 {count} 次变动远超当地波动率，最大为 {day} 的 {move}。",
    ),
    Check(
        name="splits",
        limits=(0, 0, 0, _NEVER, _NEVER),
        title_en="Jumps like a split",
        title_zh="疑似未处理的拆股送转",
        text_en="The price jumps by a simple ratio as splits make it, and no action is known: "
        "{ratios}.",
        text_zh="价格按简单比例跳动，形如拆股或送转，而没有已知的公司行为：{ratios}。",
    ),
    Check(
        name="ticker_reuse",
        limits=(0, 0, 0, _NEVER, _NEVER),
        title_en="Another company",
        title_zh="代码换了公司",
        text_en="After a gap of {days} days the price goes on at {ratio} times what it was: the "
        "ticker may have passed to something else, first on {day}.",
        text_zh="中断 {days} 天后价格变为此前的 {ratio} 倍：代码可能已属于别的品种，首次在 {day}。",
    ),
    Check(
        name="stale",
        limits=(0.001, 0.02, 0.1, 0.3, 0.6),
        title_en="Stale prices",
        title_zh="停滞的价格",
        text_en="{count} of {of} bars repeat the bar before in runs of five or more, the longest "
        "{longest}: the source may have filled holes.",
        text_zh="{of} 根K线中有 {count} 根连续五根以上重复前值，最长 {longest} 根："
        "数据源可能做过填充。",
    ),
    Check(
        name="zero_volume",
        limits=(0.01, 0.1, 0.5, 0.8, _NEVER),
        title_en="No volume",
        title_zh="零成交",
        text_en="{count} of {of} bars have no volume; in {moved} of them the price moves all the "
        "same.",
        text_zh="{of} 根K线中有 {count} 根成交量为零，其中 {moved} 根价格却有变动。",
    ),
    Check(
        name="volume_unknown",
        limits=(0.9, _NEVER, _NEVER, _NEVER, _NEVER),
        title_en="Volume not known",
        title_zh="成交量未知",
        text_en="{count} of {of} bars have no volume that is known; fills cannot be capped by it.",
        text_zh="{of} 根K线中有 {count} 根没有成交量，成交无法按其限制。",
    ),
    Check(
        name="double_volume",
        limits=(0, 0, _NEVER, _NEVER, _NEVER),
        title_en="Volume counted twice",
        title_zh="成交量双边计算",
        text_en="{count} of {of} bars, those before {since}, count both sides of a trade: {what} "
        "falls to {ratio} of itself overnight{market}.",
        text_zh="{of} 根K线中 {since} 之前的 {count} 根按双边计算成交："
        "{what_zh}一夜之间变为 {ratio} 倍{market_zh}。",
    ),
    Check(
        name="rolls",
        limits=(0, 0, _NEVER, _NEVER, _NEVER),
        title_en="Rolls without adjustment",
        title_zh="换月跳空未调整",
        text_en="{count} of {of} nights jump as a change of contract does, at most by {move} on "
        "{day}: profit and loss across them is not real.",
        text_zh="{of} 个隔夜中有 {count} 个的跳空形如换月，最大为 {day} 的 {move}："
        "跨越它们的盈亏并不真实。",
    ),
    Check(
        name="crossed_quotes",
        limits=(0, 0.001, 0.01, 0.1, 0.5),
        title_en="Crossed quotes",
        title_zh="买卖价倒挂",
        text_en="{count} of {of} rows had a bid above the ask, and were left out.",
        text_zh="{of} 行中有 {count} 行的买价高于卖价，已舍去。",
    ),
    Check(
        name="repeated_ticks",
        limits=(0, 0.01, 0.1, 0.5, _NEVER),
        title_en="Same quote twice",
        title_zh="重复的报价",
        text_en="{count} of {of} quotes repeat the one before, its time included.",
        text_zh="{of} 条中有 {count} 条与前一条完全相同，时间也相同。",
    ),
    Check(
        name="falling_volume",
        limits=(0, 0, 0.001, 0.01, 0.1),
        title_en="Volume of the day falls",
        title_zh="当日累计成交量倒退",
        text_en="In {count} of {of} snapshots the volume of the day so far is less than before.",
        text_zh="{of} 条快照中有 {count} 条的当日累计成交量小于此前。",
    ),
    Check(
        name="ticks_off_tick",
        limits=(0, 0.05, _NEVER, _NEVER, _NEVER),
        title_en="Ticks off the price grid",
        title_zh="价格不在最小变动价位上",
        text_en="{count} of {of} ticks have a price that is no multiple of {tick}.",
        text_zh="{of} 条中有 {count} 条的价格不是最小变动价位 {tick} 的整数倍。",
    ),
    Check(
        name="ticks_outside_hours",
        limits=(0.0001, 0.01, 0.05, 0.3, _NEVER),
        title_en="Ticks outside trading hours",
        title_zh="非交易时段的逐笔",
        text_en="{count} of {of} ticks lie at times at which {calendar} was closed.",
        text_zh="{of} 条中有 {count} 条在 {calendar} 的休市时间。",
    ),
    Check(
        name="silences",
        limits=(0.001, 0.05, 0.2, 0.5, 0.8),
        title_en="Long silences",
        title_zh="长时间没有行情",
        text_en="While the market was open nothing came for five minutes or more {spans} times, "
        "{count} of {of} seconds in all, {longest} at the longest.",
        text_zh="开市期间有 {spans} 次五分钟以上没有行情，{of} 秒中共 {count} 秒，"
        "最长 {longest} 秒。",
    ),
)

CHECKS: Mapping[str, Check] = {check.name: check for check in _LISTED}
"""Every check by its name, in the order they are told."""

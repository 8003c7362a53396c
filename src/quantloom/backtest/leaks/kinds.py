# ruff: noqa: RUF001  Chinese sentences have Chinese punctuation
"""What an audit may find, told in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Literal, NamedTuple

from quantloom.kit import from_ns

LeakKind = Literal["next_bars", "day", "sample", "length", "adjusted", "column", "elsewhere"]
"""Where the future most likely comes from."""

NoteKind = Literal["deaf", "adjusted_data", "column", "unrepeatable", "untested"]
"""What keeps an audit from saying more."""


class _Words(NamedTuple):
    text_en: str
    text_zh: str


LEAKS: Mapping[LeakKind, _Words] = MappingProxyType(
    {
        "next_bars": _Words(
            "it reads the next bars: a shift by -1, a centred window, values filled backwards, "
            "or an unfinished bigger bar",
            "读取了后面的K线：向前移位（shift(-1)）、居中窗口、向后填充，或尚未走完的大周期K线",
        ),
        "day": _Words(
            "it knows the rest of the trading day: a daily high, close or volume profile used "
            "before the day is over",
            "提前知道当日余下行情：在当日结束前使用了日内最高、收盘或成交量分布",
        ),
        "sample": _Words(
            "it was reckoned from the whole sample: scaling, ranks or a model fitted over bars "
            "that come later",
            "用到了全样本：以之后的K线做标准化、排名或拟合模型",
        ),
        "length": _Words(
            "it knows where the data end, or breaks where they end elsewhere",
            "知道数据在哪里结束，或在数据提前结束时行为不同",
        ),
        "adjusted": _Words(
            "it goes by prices that later dividends, splits or rolls have moved; use "
            "Anchor.FIRST, or real prices with actions=",
            "使用了被之后的分红、拆股或换月调整过的价格；请改用 Anchor.FIRST，"
            "或真实价格加 actions=",
        ),
        "column": _Words(
            "it goes by a column of the data that was made with the future",
            "依据了用未来数据做成的数据列",
        ),
        "elsewhere": _Words(
            "its orders foresee the original prices on bars that have none of them: it reads "
            "data which the run does not give it, such as a frame loaded outside",
            "在价格已全部替换的K线上，委托仍预见原来的行情：策略读取了回测之外的数据，"
            "例如在外部载入的数据表",
        ),
    }
)

NOTES: Mapping[NoteKind, _Words] = MappingProxyType(
    {
        "deaf": _Words(
            "Its orders stay the same on wholly other prices. If it trades by the calendar alone, "
            "that is right; if it holds signals prepared outside, this audit cannot see whether "
            "they look ahead.",
            "换成完全不同的价格，委托仍不变。若策略只按日历交易，这没有问题；"
            "若信号在外部事先算好，本检查无法判断它们是否偷看未来。",
        ),
        "adjusted_data": _Words(
            "Prices of {what} are adjusted to the latest day, so that later actions have moved "
            "the past.",
            "{what} 的价格为前复权，过去的价格已被之后的除权除息改动。",
        ),
        "column": _Words(
            "Column {what} of the data tells the move of the bars after it (rank correlation "
            "{value:.2f} over {bars} bar(s)): it was made with the future.",
            "数据列 {what} 能预知其后的涨跌（{bars} 根K线的秩相关为 {value:.2f}）："
            "它是用未来数据做成的。",
        ),
        "unrepeatable": _Words(
            "Run again on the same bars it decides otherwise, so nothing can be told: seed its "
            "randomness by ctx.random, and keep nothing from run to run.",
            "在相同K线上重跑，决策却不同，无法判断：请用 ctx.random 产生随机数，"
            "并且不要在两次运行之间保留状态。",
        ),
        "untested": _Words(
            "Only {cuts} cut(s) could be made: too few bars, too little time, or re-runs "
            "that fail.",
            "只做了 {cuts} 次截断：K线太少、时间不够，或重跑失败。",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A decision that changes with bars which had not come when it was made.

    Attributes:
        kind: where the future most likely comes from.
        what: what differs: an order, a line, a signal or a weight; `name` says which.
        symbol: of the instrument that it is about.
        at_ns: the bar at which it differs first, by its open; UTC nanoseconds.
        cut_ns: the last bar that was left as it was; the same as `at_ns` or later.
        was, became: the decision in the run, and on other bars after the cut.
    """

    kind: LeakKind
    what: Literal["order", "line", "signal", "weight"]
    name: str
    symbol: str
    at_ns: int
    cut_ns: int
    was: str
    became: str

    @property
    def at(self) -> datetime:
        """The bar at which it differs first, aware."""
        return from_ns(self.at_ns)

    @property
    def cut(self) -> datetime:
        """The last bar that was left as it was, aware."""
        return from_ns(self.cut_ns)

    @property
    def text_en(self) -> str:
        return (
            f"{self.what} {self.name} of {self.symbol} at {_minute(self.at)} was {self.was} and "
            f"becomes {self.became} when bars after {_minute(self.cut)} are others: "
            f"{LEAKS[self.kind].text_en}"
        )

    @property
    def text_zh(self) -> str:
        what = _WHAT_ZH[self.what]
        return (
            f"{self.symbol} 在 {_minute(self.at)} 的{what} {self.name} 原为 {self.was}，"
            f"把 {_minute(self.cut)} 之后的K线换掉则变为 {self.became}："
            f"{LEAKS[self.kind].text_zh}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something else to know of an audit.

    Attributes:
        facts: the numbers and names that its text tells.
    """

    kind: NoteKind
    facts: Mapping[str, float | int | str]

    @property
    def text_en(self) -> str:
        return NOTES[self.kind].text_en.format(**self.facts)

    @property
    def text_zh(self) -> str:
        return NOTES[self.kind].text_zh.format(**self.facts)


_WHAT_ZH = {"order": "委托", "line": "指标", "signal": "信号", "weight": "权重"}


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"

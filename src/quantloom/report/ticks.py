"""What a report says of a run on ticks: its models, and what they assume in its favour."""

from collections.abc import Iterator

from quantloom.backtest import TickUse
from quantloom.performance import Severity
from quantloom.report.texts import Words


def facts_of_ticks(use: TickUse | None, words: Words) -> dict[str, str]:
    """What takes the place of assumptions about bars, by the name of the fact."""
    if use is None:
        return {}
    return {
        "ticks": words("fact.ticks.value", count=f"{use.count:,}", levels=use.levels),
        "signals": words("fact.signals.ticks"),
        "fills": words("fact.fills.ticks"),
        "liquidity": words("fact.liquidity.ticks"),
        "slippage": words("fact.slippage.ticks"),
        "queue": _queue(use.queue, words),
        "latency": _latency(use.latency, words),
    }


def of_ticks(use: TickUse | None, words: Words) -> Iterator[tuple[Severity, str]]:
    """What was assumed in the strategy's favour."""
    for one in () if use is None else use.kinder:
        yield "warning", words("warn.kinder", what=words(f"kinder.{one.name.lower()}"))


def _queue(name: str, words: Words) -> str:
    kind, _, exponent = name.rstrip(")").partition("(")
    return words(f"queue.{kind}", exponent=exponent)


def _latency(told: str, words: Words) -> str:
    parts = (part.partition(" ") for part in told.split(", "))
    return words("join").join(words(f"latency.{name}", takes=takes) for name, _, takes in parts)

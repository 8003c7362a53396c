"""What the report says of a run on ticks."""

from pathlib import Path

import pytest

from quantloom.backtest.ticks import DEFAULT_LATENCY, NO_LATENCY, RISK_AVERSE, power_queue
from quantloom.report.texts import Words
from tests.library.backtest.ticks.builders import SYMBOL, run_script

QUOTES = [(9.99, 50, 10.00, 50)] * 3
BUY = {0: lambda ctx, _tick: ctx.buy(SYMBOL, 1)}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            [
                "3 rows, prices known to 1 level(s)",
                "power 2.5: trades and a share of cancellations",
                "orders 0 ms, cancels 0 ms, news of them 0 ms, data without times of receipt 0 ms",
                "favour: an order, a cancel or its news takes no time.",
                "no trades are known: limit orders fill where quotes cross them",
            ],
        ),
        (
            "zh",
            [
                "3 行，已知盘口 1 档",
                "幂函数 2.5（power）",
                "委托 0 ms，撤单 0 ms，回报 0 ms，无接收时间的行情 0 ms",
                "有利于策略的假设：委托、撤单或其回报没有延迟。",
            ],
        ),
    ],
)
def test_it_names_the_models_and_what_they_assume(
    language: str, said: list[str], tmp_path: Path
) -> None:
    result, _ = run_script(QUOTES, BUY, latency=NO_LATENCY, queue=power_queue(2.5))

    page = result.to_html(tmp_path / "ticks.html", language=language).read_text("utf-8")

    assert [text for text in said if text not in page] == []


def test_nothing_that_holds_for_bars_alone_is_said(tmp_path: Path) -> None:
    result, _ = run_script(QUOTES, BUY, latency=DEFAULT_LATENCY, queue=RISK_AVERSE)

    page = result.to_html(tmp_path / "ticks.html").read_text("utf-8")

    words = Words("en")
    assert words("fact.fills.ticks") in page
    assert words("fact.fills.value") not in page
    assert words("fact.signals.value") not in page
    assert "takes no time" not in page

"""Pages of a search, a walk forward and a cross-validation."""

import re
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from quantloom.backtest.optimise import (
    EarlyStop,
    OptimisationResult,
    cross_validate,
    optimise,
    walk_forward,
)
from quantloom.data import random_walk
from quantloom.report import (
    LANGUAGES,
    UnknownLanguage,
    cross_validation_html,
    optimisation_html,
    walk_forward_html,
)
from quantloom.report.sets import Ruler
from quantloom.report.texts import Words

BARS = random_walk(240, seed=8, timeframe="1d")
SPACE: dict[str, Any] = {"fast": (3, 9, 3), "slow": (10, 30, 10)}
TERMS: dict[str, Any] = {"participation": None, "workers": 1}
FOUND = optimise("sma-cross", BARS, SPACE, **TERMS)


class Balanced(HTMLParser):
    """Notes tags that are not closed in the order in which they were opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None: ...

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def check(page: str) -> None:
    reader = Balanced()
    reader.feed(page)
    assert (reader.open, reader.faults) == ([], [])
    assert re.search(r"\bnan\b", page, flags=re.IGNORECASE) is None
    assert "://" not in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_whole_and_hold_their_figures(language: Any) -> None:
    walked = walk_forward("sma-cross", BARS, SPACE, train="100d", test="40d", **TERMS)
    folded = cross_validate("sma-cross", BARS, SPACE, **TERMS)
    pages = [
        optimisation_html(FOUND, language=language),
        walk_forward_html(walked, language=language),
        cross_validation_html(folded, language=language),
    ]

    for page in pages:
        check(page)
    assert f"{FOUND.best.metrics['sharpe_ratio']:.2f}" in pages[0].replace("\N{MINUS SIGN}", "-")
    assert pages[1].count("<tr>") >= len(walked.windows)
    assert pages[2].count("<polyline") == 5


def test_the_map_has_a_cell_for_each_pair_and_frames_the_best() -> None:
    page = optimisation_html(FOUND)

    best = FOUND.best.parameters
    assert page.count("<title>fast") == 9
    assert page.count('fill="none" stroke="currentColor" stroke-width="3"') == 1
    assert f"<title>fast {best['fast']}, slow {best['slow']}: " in page


def test_what_speaks_against_the_best_is_said_in_words() -> None:
    page = optimisation_html(FOUND)

    assert FOUND.overfitting is not None
    assert f"Probability of backtest overfitting: {FOUND.overfitting.probability:.0%}" in page
    assert "Deflated Sharpe ratio" in page
    assert FOUND.stability is not None
    assert FOUND.stability.verdict in page


def test_several_objectives_one_parameter_and_stopped_sets_are_shown() -> None:
    several = optimise(
        *("sma-cross", BARS, SPACE), objective=["sharpe_ratio", "max_drawdown_ratio"], **TERMS
    )
    alone = optimise("sma-cross", BARS, {"fast": (3, 9)}, early_stop=EarlyStop(), **TERMS)

    check(optimisation_html(several))
    check(optimisation_html(alone))
    assert "Sets that none other beats" in optimisation_html(several)
    assert "were given up" in optimisation_html(alone)


def test_a_search_without_a_winner_has_a_page_too() -> None:
    empty = OptimisationResult(spec=FOUND.spec, trials=())

    check(optimisation_html(empty))


def test_pages_are_written_and_shown_in_notebooks(tmp_path: Path) -> None:
    written = FOUND.to_html(tmp_path / "found.html")

    assert written.read_text(encoding="utf-8") == optimisation_html(FOUND)
    assert FOUND._repr_html_().startswith("<section>")
    with pytest.raises(UnknownLanguage):
        FOUND.to_html(tmp_path / "x.html", language="fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_scattered_sets_are_dots_and_lines_with_words_that_explain_them(language: Any) -> None:
    space = {"fast": (4, 9), "slow": (10, 24), "signal": (3, 9)}
    found = optimise("macd", BARS, space, method="random", trials=40, seed=2, **TERMS)
    page = optimisation_html(found, language=language)

    check(page)
    words = Words(language)
    assert found.stability is not None
    assert found.stability.reach is not None
    assert escape(words("optimise.dots_note", metric=words.label("sharpe_ratio"))) in page
    assert escape(words("optimise.pbo_reading")) in page
    assert escape(words("optimise.dsr_reading")) in page
    # A thread for each set through four scales, the best one thick.
    assert page.count("<polyline") == len(found.ranked)
    assert page.count('stroke="currentColor" stroke-width="3"') == 2
    assert page.count('<circle cx="') > 4 * len(found.ranked)


def test_what_ran_the_sets_is_told_in_the_reader_s_words() -> None:
    ran = {
        "sweep, and backtests, 2 processes": ["optimise.by_sweep", "optimise.by_backtests"],
        "signals and backtests, 1 process": ["optimise.by_signals", "optimise.by_backtests"],
        "": ["optimise.by_unknown"],
    }
    for executor, keys in ran.items():
        for language in LANGUAGES:
            page = optimisation_html(replace(FOUND, executor=executor), language=language)
            assert all(escape(Words(language)(key)) in page for key in keys)
            assert executor == "" or executor not in page


def test_two_parameters_need_no_lines_through_all() -> None:
    assert Words("en")("optimise.threads") not in optimisation_html(FOUND)


def test_a_scale_puts_numbers_by_size_and_names_in_even_steps() -> None:
    numbers = Ruler.of("fast", [2, 12, 7])
    names = Ruler.of("mode", ["wild", "calm", "wild"])

    assert numbers.shares.tolist() == [0.0, 1.0, 0.5]
    assert numbers.ticks[0] == (0.0, "2")
    assert names.shares.tolist() == [1.0, 0.0, 1.0]
    assert names.ticks == ((0.0, "calm"), (1.0, "wild"))
    assert Ruler.of("one", [5, 5]).ticks == ((0.0, "5"),)

import gzip
import hashlib
import os
import re
import sys
import time
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import BacktestResult, Table
from quantloom.errors import Unavailable
from quantloom.performance import FINDINGS, REASONS
from quantloom.report import (
    LANGUAGES,
    ReportExtraMissing,
    UnknownLanguage,
    charts,
    html,
    plotly_bundle,
    render_report,
    trips,
    write_report,
)
from quantloom.report.formats import percent
from quantloom.report.texts import TEXTS
from quantloom.strategy import Strategy
from tests.library.report.runs import (
    HOSTILE,
    SYMBOLS,
    Calm,
    Flip,
    Greedy,
    Hold,
    Idle,
    Page,
    Swing,
    rove,
    run,
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("strategy", [Idle, Hold, Greedy, Flip])
def test_a_page_is_well_formed_and_its_data_is_json(
    strategy: type[Strategy], language: str
) -> None:
    page = Page(render_report(run(strategy), language=language))

    assert page.is_closed
    assert set(page.data) >= {"instruments", "equity", "trips", "distribution", "texts"}


def test_the_same_result_gives_the_same_bytes() -> None:
    assert render_report(run(Flip)) == render_report(run(Flip))


def test_a_page_names_no_address_to_load_from() -> None:
    page = Page(render_report(run(Flip)))

    assert not [attrs for _, attrs in page.opened if "src" in attrs or "href" in attrs]
    assert "http" not in page.scripts["own"]
    policy = _policy(page)
    assert policy.startswith("default-src 'none'")


def test_only_the_two_known_scripts_may_run() -> None:
    page = Page(render_report(run(Flip)))
    library = gzip.decompress(b64decode(page.scripts["plotly"]))

    allowed = set(re.findall(r"'sha256-([^']+)'", _policy(page)))

    assert library.startswith(b"/**\n* plotly.js")
    assert allowed == {_sha256(library), _sha256(page.scripts["own"].encode())}


def test_words_of_a_strategy_are_never_markup() -> None:
    hostile = type("<script>alert(1)</script>", (Flip,), {"__doc__": "Hostile."})
    html_of_flip = render_report(run(hostile))

    page = Page(html_of_flip)

    assert "<script>alert" not in html_of_flip
    assert [tag for tag, _ in page.opened].count("script") == 3
    assert page.texts["h1"] == ["<script>alert(1)</script>"]
    assert HOSTILE in page.texts["td"]
    assert set(page.data["instruments"][0]["marks"]["tag"]) == {HOSTILE}


def test_the_log_is_shown_and_escaped() -> None:
    html_of_greedy = render_report(run(Greedy))

    assert HOSTILE not in html_of_greedy
    assert HOSTILE in Page(html_of_greedy).texts["td"]


def test_gains_are_red_for_chinese_readers_and_green_for_others() -> None:
    style = Page(render_report(run(Flip), language="zh")).texts["style"][0]

    general, chinese = style.split(":root:lang(zh)", maxsplit=1)

    assert "--up: var(--green)" in general
    assert "--up: var(--red)" in chinese.split("}", maxsplit=1)[0]


def test_what_never_moved_has_no_charts_of_how_it_moved() -> None:
    page = Page(render_report(run(Idle)))

    assert (page.data["rolling"], page.data["returns"]) == (None, None)
    assert not {TEXTS["rolling"].en, TEXTS["returns"].en} & set(page.headings)


def test_a_run_without_trades_says_so_and_shows_no_empty_table() -> None:
    page = Page(render_report(run(Idle)))

    assert TEXTS["empty.round_trips"].en in page.texts["p"]
    assert any(FINDINGS["no_fills"].text_en in text for text in page.texts["li"])
    assert TEXTS["refused"].en not in page.headings
    assert not [attrs for tag, attrs in page.opened if attrs.get("id") == "distribution-chart"]


def test_one_bar_is_enough_for_a_report() -> None:
    page = Page(render_report(run(Hold, bars=1)))

    assert page.data["instruments"][0]["candles"]["x"] == [0.0]
    assert page.data["equity"]["equity"] == [100_000.0]


def test_a_position_that_stays_open_is_shown_and_warned_of() -> None:
    page = Page(render_report(run(Hold)))

    assert TEXTS["positions"].en in page.headings
    assert any(TEXTS["warn.open_position"].en in text for text in page.texts["li"])
    assert page.data["instruments"][0]["marks"]["kind"] == [charts.MARKS.index("long_entry")]


def test_refused_orders_are_listed_with_rule_and_reason() -> None:
    page = Page(render_report(run(Greedy, bars=20), language="zh"))

    assert TEXTS["refused"].zh in page.headings
    assert TEXTS["rule.insufficient_funds"].zh in page.texts["td"]
    assert any("the account needs" in text for text in page.texts["td"])


def test_a_run_that_lost_everything_can_be_reported() -> None:
    idle = run(Idle, bars=40)
    equity = np.linspace(90_000.0, -5_000.0, 40)
    ruined = Table({**idle.equity, "equity": equity})

    page = Page(render_report(replace(idle, equity=ruined)))

    assert page.texts["b"][0] == TEXTS["severity.grave"].en
    assert "Equity fell to -5,000.00" in page.texts["li"][0]
    assert page.data["equity"]["drawdown"][-1] == -105.0


def test_a_page_shows_the_last_round_trips_and_carries_all_of_them() -> None:
    result = run(Swing, bars=1_300)

    page = Page(render_report(result))

    assert TEXTS["note.truncated"].en.format(shown=40, total="649") in page.texts["p"]
    profit = next(column for column in page.data["trips"] if column["name"] == "pnl")
    assert profit["values"] == result.round_trips.floats("pnl").round(2).tolist()


def test_several_instruments_have_a_chart_each_and_one_equity() -> None:
    page = Page(render_report(rove()))

    assert page.texts["option"] == list(SYMBOLS)
    assert len(page.data["instruments"]) == 3
    assert "rebased" not in page.data["equity"]
    assert "A.LOCAL, B.LOCAL, C.LOCAL" in page.texts["dd"]


def test_a_run_beside_a_benchmark_is_compared_with_it() -> None:
    result = rove()

    page = Page(render_report(result))

    assert TEXTS["benchmark"].en.format(symbol="INDEX.LOCAL") in page.headings
    assert percent(result.metrics.alpha or 0.0) in page.texts["dd"]


def test_a_headline_figure_without_a_value_says_why() -> None:
    page = Page(render_report(run(Idle)))

    assert page.texts["p"].count(REASONS["no_trips"].text_en) == 2


def test_findings_stand_before_everything_but_the_headline() -> None:
    html_of_greedy = render_report(run(Greedy, bars=20))

    page = Page(html_of_greedy)

    assert page.headings[0] == TEXTS["warnings"].en
    severities = [str(attrs["class"]) for tag, attrs in page.opened if tag == "li"]
    order = ["grave", "warning", "note"]
    assert severities == sorted(severities, key=order.index)


def test_every_hash_is_at_the_foot() -> None:
    result = run(Flip)
    page = Page(render_report(result))
    hashes = result.hashes

    assert {hashes.data, hashes.code, hashes.spec, hashes.result} <= set(page.texts["dd"])
    assert TEXTS["version"].en.format(version=hashes.engine) in page.texts["p"]


@pytest.mark.untraced
@pytest.mark.soak
def test_a_long_run_is_rendered_within_its_time_and_size() -> None:
    result = run(Swing, bars=50_000, timeframe="1m")
    render_report(run(Idle, bars=10))

    started = time.perf_counter()
    page = render_report(result)

    # As many round trips as a million bars have in the benchmark, and more.
    assert len(result.round_trips) > 20_000
    assert time.perf_counter() - started < 5.0
    assert len(page.encode()) < 6_000_000


@pytest.mark.untraced
def test_a_million_bars_keep_every_extreme_and_every_mark_in_time_and_size() -> None:
    result = run(Calm, bars=1_000_000, timeframe="1m")
    render_report(run(Idle, bars=10))

    started = time.perf_counter()
    page = render_report(result)
    took = time.perf_counter() - started

    assert took < 5.0
    assert len(page.encode()) < 6_000_000
    assert len(result.round_trips) > 9_000
    hold_extremes_and_marks(Page(page).data, result)


@pytest.mark.parametrize("bars", [3, 4_001, 40_000])
def test_no_extreme_and_no_mark_is_lost_on_the_way_to_the_page(bars: int) -> None:
    result = run(Calm, bars=bars, timeframe="1m")

    hold_extremes_and_marks(Page(render_report(result)).data, result)


def hold_extremes_and_marks(data: dict[str, Any], result: BacktestResult) -> None:
    drawn, equity = data["instruments"][0], result.equity.floats("equity")
    assert max(drawn["candles"]["high"]) == result.bars.high.max()
    assert min(drawn["candles"]["low"]) == result.bars.low.min()
    assert max(data["equity"]["equity"]) == round(equity.max(), 2)
    assert min(data["equity"]["equity"]) == round(equity.min(), 2)
    rebased = result.bars.close / result.bars.close[0] * 100_000
    assert max(data["equity"]["rebased"]) == round(rebased.max(), 2)
    assert min(data["equity"]["rebased"]) == round(rebased.min(), 2)
    assert drawn["marks"]["price"] == result.fills.floats("price").tolist()
    places = np.searchsorted(result.bars.ts, result.fills["ts_ns"].astype(np.int64))
    assert np.cumsum(drawn["marks"]["x"]).tolist() == places.tolist()


def test_a_run_of_more_fills_than_a_page_holds_says_how_many_it_shows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(charts, "MAX_MARKS", 10)
    monkeypatch.setattr(trips, "MAX_TRIPS", 5)
    result = run(Swing, bars=60)

    page = Page(render_report(result))

    facts = {"shown": 10, "total": len(result.fills)}
    assert TEXTS["note.marks_cut"].en.format(**facts) in page.texts["p"]
    assert (
        page.data["instruments"][0]["marks"]["price"] == result.fills.floats("price")[-10:].tolist()
    )
    assert any(
        text.startswith("The table and its search hold the last 5 of") for text in page.texts["p"]
    )
    first, *_ = page.data["trips"]
    assert first["values"] == list(range(len(result.round_trips) - 4, len(result.round_trips) + 1))


@pytest.mark.soak
def test_the_most_fills_that_a_page_holds_fit_into_six_megabytes() -> None:
    result = run(Swing, bars=200_000, timeframe="1m")

    page = render_report(result)

    assert len(result.fills) > charts.MAX_MARKS
    assert len(page.encode()) < 6_000_000


@pytest.mark.untraced
def test_a_report_is_under_four_megabytes_however_long_the_run() -> None:
    page = render_report(run(Swing, bars=12_000, timeframe="1m"))

    assert len(page.encode()) < 4_000_000


def test_writing_replaces_the_file_whole_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "reports" / "flip.html"

    written = write_report(run(Idle), target)
    write_report(run(Flip), str(target))

    assert written == target
    assert target.read_text(encoding="utf-8") == render_report(run(Flip))
    assert list(target.parent.iterdir()) == [target]


def test_writing_follows_a_link_and_leaves_it_there(tmp_path: Path) -> None:
    target, link = tmp_path / "flip.html", tmp_path / "latest.html"
    link.symlink_to(target)

    assert write_report(run(Flip), link) == link
    assert link.is_symlink()
    assert target.stat().st_size > 0


def test_what_is_no_file_is_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for path in (pipe, tmp_path):
        with pytest.raises(OSError, match="not a regular file"):
            write_report(run(Idle), path)
    assert pipe.is_fifo()


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownLanguage, match="ask for en or zh"):
        render_report(run(Idle), language="fr")


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    plotly_bundle.plotly_bundle.cache_clear()
    monkeypatch.setattr(plotly_bundle, "find_spec", lambda name: None)

    with pytest.raises(ReportExtraMissing, match=r"pip install 'quantloom\[report\]'") as caught:
        render_report(run(Idle))

    assert isinstance(caught.value, Unavailable)


def test_a_missing_template_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    html._environment.cache_clear()
    monkeypatch.setitem(sys.modules, "jinja2", None)

    with pytest.raises(ReportExtraMissing, match="reports need jinja2"):
        render_report(run(Idle))

    html._environment.cache_clear()


def _policy(page: Page) -> str:
    found = [attrs["content"] for tag, attrs in page.opened if attrs.get("http-equiv")]
    return str(found[0])


def _sha256(script: bytes) -> str:
    return b64encode(hashlib.sha256(script).digest()).decode()

"""The page of a check: whole, self-contained, in both languages."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from quantloom.data.quality import CHECKS, check
from quantloom.data.quality.page import Checked, NoSuchLanguage, render_page
from tests.library.data.quality.builders import FAULTS, clean

MARKETS = (("600000.SSE", "5m"), ("rb-MAIN.SHFE", "15m"), ("BTC-USDT.BINANCE", "1h"))


def checked(name: str) -> Checked:
    fault = next(one for one in FAULTS if one.check == name)
    bars = fault.plant(clean(fault.symbol, fault.timeframe, start=fault.start, days=fault.days), 60)
    return Checked(bars, check(bars))


def svgs(page: str) -> list[ET.Element]:
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_tells_the_grade_and_every_finding(language: str) -> None:
    one = checked("splits")

    page = render_page([one], language=language)

    assert f'class="badge g{one.report.grade}"' in page
    for found in one.report.findings:
        assert found.text(language) in page
    title = CHECKS["duplicates"].title_zh if language == "zh" else CHECKS["duplicates"].title_en
    assert title in page
    assert "http" not in re.sub(r"http-equiv", "", page)
    assert "<script" not in page


def test_it_draws_coverage_price_and_volume() -> None:
    one = checked("splits")

    coverage, price, volume = svgs(render_page([one]))

    assert len(coverage.findall("rect")) >= 100
    [line] = price.findall("polyline")
    assert len(line.attrib["points"].split()) == len(one.bars)
    assert [mark.attrib["class"] for mark in price.findall("circle")] == ["serious"]
    assert len(volume.findall("rect")) >= 12


@pytest.mark.parametrize(("symbol", "timeframe"), MARKETS)
def test_coverage_has_a_strip_for_each_session(symbol: str, timeframe: str) -> None:
    bars = clean(symbol, timeframe, days=30)

    coverage = svgs(render_page([Checked(bars, check(bars))]))[0]

    names = [text.text for text in coverage.findall("text") if text.attrib["class"] == "name"]
    told = {
        "600000.SSE": ["09:30", "13:00"],
        "rb-MAIN.SHFE": ["21:00", "09:00", "10:30", "13:30"],
        "BTC-USDT.BINANCE": ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00"],
    }
    assert names == told[symbol]
    assert {cell.attrib["class"] for cell in coverage.findall("rect")} == {"full"}


def test_missing_bars_show_in_the_strip_of_their_session() -> None:
    one = checked("missing_months")

    coverage = svgs(render_page([one]))[0]

    assert {"full", "none"} <= {cell.attrib["class"] for cell in coverage.findall("rect")}


def test_no_line_is_drawn_over_a_hole() -> None:
    bars = clean("BTC-USDT.BINANCE", "1h", days=50)
    kept = bars[np.r_[0:300, 900 : len(bars)]]

    price = svgs(render_page([Checked(kept, check(kept))]))[1]

    drawn = [len(line.attrib["points"].split()) for line in price.findall("polyline")]
    assert drawn == [300, len(bars) - 900]


def test_examples_say_their_clock_and_speak_the_language_of_the_page() -> None:
    page = render_page([checked("gaps")], language="zh")

    assert re.search(r'class="ex">(UTC 时间|例如): \d{4}-\d\d-\d\d[^<]* 缺 \d', page)


def test_of_many_the_worst_are_shown() -> None:
    good, bad = clean("BTC-USDT.BINANCE", "1h", days=3), checked("splits")
    fine = Checked(good, check(good))

    page = render_page([*[fine] * 20, bad])

    assert page.count("<section>") == 20
    assert f"<span>{bad.report.symbol}</span>" in page


def test_several_are_listed_first() -> None:
    page = render_page([checked("splits"), checked("gaps")])

    assert page.index("What the grade hangs on") < page.index("AAPL.NASDAQ</span>")
    assert page.count("<section>") == 2


def test_names_of_symbols_are_no_html() -> None:
    bars = clean("BTC-USDT.BINANCE", "1h", days=5)
    report = check(bars)

    page = render_page([Checked(bars, report.__class__(**{**vars(report), "symbol": "<b>X</b>"}))])

    assert "<b>X" not in page


def test_two_languages_there_are() -> None:
    with pytest.raises(NoSuchLanguage):
        render_page([], language="fr")

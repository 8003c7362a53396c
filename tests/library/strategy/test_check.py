"""What the static check says of a strategy's source, and where."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tools.findings_page import PAGE, with_tables

from quantloom.strategy.check import (
    LONGEST_SOURCE,
    MOST_FINDINGS,
    RULES,
    Finding,
    Rule,
    Severity,
    check_source,
)
from quantloom.strategy.starter import starter_files
from tests.house.checkout import ROOT

FRAME = '''from quantloom import Parameter, Strategy


class Mine(Strategy):
    """Does nothing yet."""

    def on_bar(self, ctx, bar):
        {line}
'''
WHOLE = '''from quantloom.strategy import Signals, Strategy
import numpy as np


class Mine(Strategy):
    """Buys."""

    def generate_signals(self, bars):
        {line}
        return Signals(entries=above, exits=~above)
'''
ATTACKS = ROOT.parent / "shared" / "sandbox-attacks"
# Memory and time are for the sandbox to bound: no text shows them.
UNSEEN = {"mem_bomb.py", "regex_bomb.py"}
BUILT_APART = {"encoding", "too_large", "too_deep"}
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def codes(source: str | bytes) -> list[str]:
    return [finding.code for finding in check_source(source)]


def test_a_sound_strategy_has_no_findings() -> None:
    assert check_source(FRAME.format(line="ctx.buy(bar.symbol)")) == ()


def test_the_starter_file_has_no_findings() -> None:
    assert check_source(starter_files("my_idea")["my_idea.py"]) == ()


@pytest.mark.parametrize("code", sorted(RULES.keys() - BUILT_APART))
def test_a_rule_finds_its_own_example_and_no_other_does(code: str) -> None:
    assert set(codes(RULES[code].source)) == {code}


def test_a_finding_has_its_place_its_texts_and_its_file() -> None:
    (found,) = check_source(FRAME.format(line="eval('1')"), filename="mine.py")

    assert found == Finding(
        8,
        9,
        8,
        18,
        Severity.WARNING,
        "forbidden_call",
        "sandbox",
        "eval() runs text as code, or leaves the strategy",
        "eval() 把文本当代码运行，或越出策略",
        "say what you mean in code; a sandboxed run may refuse it",
        "请直接用代码表达；沙箱可能拒绝",
        "mine.py",
    )


def test_columns_are_counted_in_characters() -> None:
    (found,) = check_source(FRAME.format(line="ctx.log('均线', eval('1'))"))

    assert (found.column, found.end_column) == (23, 32)


def test_a_syntax_error_is_the_only_finding_and_has_its_place() -> None:
    (finding,) = check_source("class Mine(Strategy):\n    def on_bar(:\n")

    assert (finding.line, finding.code, finding.severity) == (2, "syntax", Severity.ERROR)


def test_an_asynchronous_strategy_needs_no_base_class() -> None:
    methods = "    async def on_market_data(self, data): ...\n    def generate_signals(self): ...\n"

    assert check_source(f"class Mine:\n{methods}") == ()
    assert codes(f"class Mine:\n{methods.partition('...')[0]}...\n") == ["no_strategy"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("from urllib.request import urlopen", "forbidden_import"),
        ("from random import _os", "forbidden_import"),
        ("from . import other", "unlisted_import"),
        ("open('prices.csv')", "file_access"),
        ("self.now = datetime.datetime.now()", "own_clock"),
        ("np.random.normal()", "own_random"),
        ("frame.close.shift(periods=-1)", "shift_ahead"),
        ("np.roll(prices, -1)", "shift_ahead"),
        ("np.append(prices[1:], 0)", "shift_ahead"),
        ("frame.iloc[i + 1]", "index_ahead"),
        ("frame.fillna(method='bfill')", "fills_backward"),
        ("frame.close.interpolate()", "fills_backward"),
        ("np.convolve(prices, window, mode='same')", "centered"),
        ("frame.gi_frame.f_back", "private_attribute"),
        ("self.kept.append(bar)", "bar_kept"),
    ],
)
def test_what_is_likely_a_mistake_is_warned_of_at_its_line(line: str, code: str) -> None:
    found = check_source(FRAME.format(line=line))

    assert {(one.code, one.severity, one.line) for one in found} == {(code, Severity.WARNING, 8)}


@pytest.mark.parametrize(
    "source",
    [
        "import datetime as d\nd.datetime.now()",
        "from datetime import datetime as clock\nclock.now()",
        "from time import time as now\nnow()",
    ],
)
def test_a_name_is_known_by_what_it_was_imported_as(source: str) -> None:
    assert "own_clock" in codes(source)


@pytest.mark.parametrize(
    "line",
    [
        "frame.close.shift(1)",
        "self.average[-1]",
        "prices[i + 1]",
        "self.last = bar.copy()",
        "self.last = bar.close",
        "np.random.default_rng(7)",
        "frame.rolling(20).mean()",
    ],
)
def test_what_is_sound_is_no_finding(line: str) -> None:
    assert check_source(FRAME.format(line=line)) == ()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("above = bars.close > np.mean(bars.close)", "whole_sample"),
        ("close = bars.close\n        above = close > max(close)", "whole_sample"),
        ("above = model.fit(bars.close).predict(bars.close) > 0", "whole_sample"),
        ("above = np.array([bars.close[i + 1] > 1 for i in x])", None),
        ("for i in x: above[i] = bars.close[i + 1] > bars.close[i]", "index_ahead"),
        ("for i in x: above[i] = bars.close[i : i + 5].sum() > 0", "index_ahead"),
        ("for i in x: above[i] = bars.close[i - 9 : i + 1].mean() > 0", None),
        ("for i in x: above[i + 1] = bars.close[i] > 0", None),
        ("above = np.mean(windows(bars.close), axis=1) > 0", None),
        ("above = bars.close[:20].mean() > 1", None),
        ("above = np.maximum.accumulate(bars.high) > 1", None),
    ],
)
def test_what_knows_the_whole_run_is_found_where_signals_are_made(
    line: str, code: str | None
) -> None:
    assert set(codes(WHOLE.format(line=line))) == ({code} if code else set())


def test_a_misspelled_callback_is_told_with_the_right_one() -> None:
    source = FRAME.format(line="pass") + "\n    def on_bars_close(self, ctx):\n        pass\n"

    (finding,) = check_source(source)

    assert finding.code == "unknown_callback"
    assert "did you mean on_bars?" in finding.hint_en


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("on_bar(self, bar)", "on_bar(self, ctx, bar)"),
        ("on_fill(self, ctx)", "on_fill(self, ctx, fill)"),
        ("restore_state(self)", "restore_state(self, state)"),
        ("initialize(self, ctx, *, size)", "initialize(self, ctx)"),
        ("generate_signals(self)", "generate_signals(self, bars)"),
    ],
)
def test_a_callback_that_cannot_be_called_is_an_error_with_its_signature(
    method: str, wanted: str
) -> None:
    source = FRAME.format(line="pass") + f"\n    def {method}: ...\n"

    (finding,) = [one for one in check_source(source) if one.code == "wrong_signature"]

    assert finding.severity is Severity.ERROR
    assert wanted in finding.hint_en


@pytest.mark.parametrize("method", ["on_fill(self, *news)", "on_fill(self, ctx, fill, more=1)"])
def test_a_callback_may_take_more_than_it_is_given(method: str) -> None:
    assert codes(FRAME.format(line="pass") + f"\n    def {method}: ...\n") == []


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ("used: int = Parameter(1, low=1, high=9)", []),
        ("used: bool = Parameter(True)", []),
        ("used: int = Parameter(1, choices=(1, 2))", []),
        ("used: int = Parameter(1, low=LOW, high=9)", []),
        ("used: int = Parameter(1)", ["unbounded_parameter"]),
        ("used: int = Parameter(1, low=5, high=9)", ["bad_parameter"]),
        ("used: int = Parameter(1, low='a', high=9)", ["bad_parameter"]),
        ("used: int = Parameter([])", ["bad_parameter"]),
        ("used: int = Parameter()", ["bad_parameter"]),
    ],
)
def test_parameters_are_looked_over(declared: str, found: list[str]) -> None:
    source = FRAME.format(line="ctx.log(str(self.used))")

    assert codes(source.replace("    def", f"    {declared}\n\n    def", 1)) == found


def test_findings_come_by_line() -> None:
    source = FRAME.format(line="open('x')\n        import os\n        eval('1')")

    lines = [finding.line for finding in check_source(source)]

    assert lines == [8, 9, 10]


def test_what_extends_a_preset_or_a_strategy_of_the_file_may_inherit_on_bar() -> None:
    source = (
        "from quantloom import Strategy\n"
        "from quantloom.strategy.presets import SmaCross\n"
        "class Faster(SmaCross):\n    fast = 5\n"
        "class Base(Strategy):\n    def on_bar(self, ctx, bar):\n        pass\n"
        "class Mine(Base):\n    pass\n"
    )

    assert "no_callback" not in codes(source)


@pytest.mark.skipif(not ATTACKS.is_dir(), reason="the corpus of attacks is not beside the checkout")
def test_nearly_every_attack_of_the_corpus_is_noticed() -> None:
    """Feedback for an honest author; what keeps attacks in is the sandbox."""
    files = sorted(ATTACKS.glob("*.py"))
    unseen = {
        file.name
        for file in files
        if not any(one.group == "sandbox" for one in check_source(file.read_bytes()))
    }

    assert len(files) > 40
    assert unseen == UNSEEN


def test_an_attribute_pattern_is_seen_too() -> None:
    source = FRAME.format(line="match bar:\n            case object(__globals__=g): ctx.log(g)")

    assert codes(source) == ["private_attribute"]


# Its very example is a strategy that looks ahead.
ON_PURPOSE = {"docs/how-to/find-look-ahead.md": {"whole_sample"}}
# What pages do around a strategy: write files, import the module made above, hold several classes.
AROUND = {"no_strategy", "several_strategies", "file_access", "forbidden_import", "unlisted_import"}


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in sorted((ROOT / "docs").rglob("*.md"))
        if PYTHON.search(page.read_text("utf-8"))
    ],
    ids=lambda page: page.stem,
)
def test_the_examples_of_a_page_have_no_findings(page: Path) -> None:
    source = "\n".join(PYTHON.findall(page.read_text("utf-8")))

    found = {one.code for one in check_source(source) if one.severity is not Severity.HINT}

    assert found - AROUND == ON_PURPOSE.get(page.relative_to(ROOT).as_posix(), set())


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.name
)
def test_an_example_has_no_findings(path: Path) -> None:
    assert set(codes(path.read_bytes())) - {"several_strategies"} == set()


def test_the_page_lists_the_rules_as_they_are() -> None:
    page = PAGE.read_text("utf-8")

    assert with_tables(page) == page, "write them anew: python tools/findings_page.py"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_a_rule_speaks_both_languages_of_the_same_facts(rule: Rule) -> None:
    named = [set(re.findall(r"\{(\w+?)(?:_zh)?\}", text)) for text in (rule.text_en, rule.text_zh)]

    assert named[0] == named[1]
    assert rule.hint_en
    assert rule.hint_zh


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("\0", "syntax"),
        (b"\xff\xfe", "encoding"),
        (b"# -*- coding: klingon -*-\n", "encoding"),
        ("\ud800", "encoding"),
        ("x" * (LONGEST_SOURCE + 1), "too_large"),
        (b"x" * (4 * LONGEST_SOURCE + 1), "too_large"),
        ("x\n" * 100_000, "too_large"),
        ("[" * 5_000, "too_deep"),
        ("1" + "+1" * 90_000, "too_deep"),
        ("-" * 90_000 + "1", "too_deep"),
    ],
    ids=["nul", "bytes", "codec", "surrogate", "long", "longer", "much", "nested", "sum", "minus"],
)
def test_what_cannot_be_looked_at_is_the_only_finding(source: str | bytes, code: str) -> None:
    (found,) = check_source(source)

    assert found.code == code
    assert found.severity is Severity.ERROR


def test_deep_chains_that_python_reads_are_looked_over() -> None:
    for depth in (50, 500, 900):
        check_source(FRAME.format(line="x = a" + ".b" * depth + "()" * 50))


def test_findings_have_an_end() -> None:
    assert len(check_source(FRAME.format(line="\n        ".join(["eval('1')"] * 900)))) == (
        MOST_FINDINGS
    )


def test_a_source_in_another_encoding_is_read() -> None:
    source = "# -*- coding: gbk -*-\n# 均线\n" + FRAME.format(line="ctx.buy(bar.symbol)")

    assert check_source(source.encode("gbk")) == ()


PIECES = st.sampled_from(
    [
        "class Mine(Strategy):\n",
        "    def on_bar(self, ctx, bar):\n",
        "        ",
        "bar",
        ".close",
        "(",
        ")",
        "[",
        "]",
        ":",
        "-1",
        " + 1",
        "\n",
        "\r",
        "\x0c",
        "import os\n",
        "eval",
        "='均线'",
        "match x:\n  case A(b=1): pass\n",
        "lambda: 0",
        "f'{x!r:>{y}}'",
        "Parameter",
        " = ",
        "self.",
    ]
)


def lies_within(found: Finding, source: str) -> bool:
    lines = re.split(r"\r\n|\r|\n", source)
    starts = 1 <= found.line <= len(lines) and 1 <= found.column <= len(lines[found.line - 1]) + 1
    ends = found.end_line <= len(lines) and found.end_column <= len(lines[found.end_line - 1]) + 1
    return starts and ends and (found.line, found.column) <= (found.end_line, found.end_column)


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=80))
def test_any_text_is_answered_with_places_that_lie_in_it(source: str) -> None:
    assert all(lies_within(found, source) for found in check_source(source))


@given(st.binary(max_size=80))
@settings(max_examples=30)
def test_any_bytes_are_answered(source: bytes) -> None:
    assert all(found.code in RULES for found in check_source(source))


@given(st.data())
@settings(max_examples=30)
def test_a_strategy_with_a_piece_cut_out_is_answered(data: st.DataObject) -> None:
    source = RULES[data.draw(st.sampled_from(sorted(RULES)))].source
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, len(source)))
    cut = source[:start] + data.draw(st.text(max_size=3)) + source[end:]

    assert all(lies_within(found, cut) for found in check_source(cut))


@pytest.mark.parametrize("copies", [17, pytest.param(66, marks=pytest.mark.soak)])
def test_ten_thousand_lines_take_less_than_a_second(copies: int) -> None:
    turtle = (ROOT / "src/quantloom/strategy/presets/turtle.py").read_text("utf-8")
    source = "\n".join([turtle] * copies)

    # Of processor time, since others may be busy; the tracer of coverage may double it.
    spent = min(_seconds(source) for _ in range(2))

    assert spent / source.count("\n") < 2 / 10_000


def _seconds(source: str) -> float:
    start = time.process_time()
    check_source(source)
    return time.process_time() - start

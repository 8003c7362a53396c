"""What the static check says of a strategy's source, and where."""

import pytest

from quantloom.strategy.check import Severity, check_source
from quantloom.strategy.starter import starter_files

FRAME = '''from quantloom import Parameter, Strategy


class Mine(Strategy):
    """Does nothing yet."""

    def on_bar(self, ctx, bar):
        {line}
'''


def codes(source: str) -> list[str]:
    return [finding.code for finding in check_source(source)]


def test_a_sound_strategy_has_no_findings() -> None:
    assert check_source(FRAME.format(line="ctx.buy(bar.symbol)")) == []


def test_the_starter_file_has_no_findings() -> None:
    assert check_source(starter_files("my_idea")["my_idea.py"]) == []


def test_a_syntax_error_is_the_only_finding_and_has_its_place() -> None:
    (finding,) = check_source("class Mine(Strategy):\n    def on_bar(:\n")

    assert (finding.line, finding.code, finding.severity) == (2, "syntax", Severity.ERROR)


def test_an_asynchronous_strategy_needs_no_base_class() -> None:
    methods = "    async def on_market_data(self, data): ...\n    def generate_signals(self): ...\n"

    assert check_source(f"class Mine:\n{methods}") == []
    assert codes(f"class Mine:\n{methods.partition('...')[0]}...\n") == ["no_strategy"]


def test_a_file_without_a_strategy_cannot_run() -> None:
    (finding,) = check_source("class Helper:\n    pass\n")

    assert finding.severity is Severity.ERROR
    assert finding.code == "no_strategy"


def test_a_strategy_without_on_bar_cannot_run() -> None:
    (finding,) = check_source("class Mine(quantloom.Strategy):\n    pass\n")

    assert finding.severity is Severity.ERROR
    assert finding.code == "no_on_bar"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("import os", "forbidden_import"),
        ("from urllib.request import urlopen", "forbidden_import"),
        ("open('prices.csv')", "forbidden_call"),
        ("eval('1')", "forbidden_call"),
        ("self.now = datetime.now()", "own_clock"),
        ("self.now = datetime.datetime.now()", "own_clock"),
        ("random.random()", "own_random"),
        ("np.random.normal()", "own_random"),
        ("frame.close.shift(-1)", "look_ahead"),
        ("self.average[i + 1]", "look_ahead"),
        ("bar.__class__", "private_attribute"),
    ],
)
def test_what_is_likely_a_mistake_is_warned_of_at_its_line(line: str, code: str) -> None:
    (finding,) = check_source(FRAME.format(line=line))

    assert (finding.code, finding.severity) == (code, Severity.WARNING)
    assert (finding.line, finding.column) == (8, 9 if "=" not in line else finding.column)


@pytest.mark.parametrize("line", ["frame.close.shift(1)", "self.average[-1]", "prices[i + 1]"])
def test_looking_back_is_no_finding(line: str) -> None:
    assert check_source(FRAME.format(line=line)) == []


def test_a_misspelled_callback_is_told_with_the_right_ones() -> None:
    source = FRAME.format(line="pass") + "\n    def on_bars_close(self, ctx):\n        pass\n"

    (finding,) = check_source(source)

    assert finding.code == "unknown_callback"
    assert "on_bar" in finding.message


@pytest.mark.parametrize(
    ("method", "wanted"),
    [
        ("on_bar(self, bar)", "on_bar(self, ctx, bar)"),
        ("on_fill(self, ctx)", "on_fill(self, ctx, fill)"),
        ("restore_state(self)", "restore_state(self, state)"),
        ("initialize(self, ctx, *, size)", "initialize(self, ctx)"),
    ],
)
def test_a_callback_that_cannot_be_called_is_an_error_with_its_signature(
    method: str, wanted: str
) -> None:
    source = FRAME.format(line="pass") + f"\n    def {method}: ...\n"

    (finding,) = [one for one in check_source(source) if one.code == "wrong_signature"]

    assert finding.severity is Severity.ERROR
    assert wanted in finding.message


@pytest.mark.parametrize("method", ["on_fill(self, *news)", "on_fill(self, ctx, fill, more=1)"])
def test_a_callback_may_take_more_than_it_is_given(method: str) -> None:
    assert codes(FRAME.format(line="pass") + f"\n    def {method}: ...\n") == []


def test_a_parameter_nobody_reads_is_told() -> None:
    source = FRAME.format(line="ctx.log(str(self.used))").replace(
        '    """Does nothing yet."""',
        "    used: int = Parameter(1)\n    forgotten: int = Parameter(2)\n    bare = Parameter(3)",
    )

    assert codes(source) == ["unused_parameter", "unused_parameter"]
    assert [finding.line for finding in check_source(source)] == [6, 7]


def test_findings_come_by_line() -> None:
    source = FRAME.format(line="open('x')\n        import os\n        eval('1')")

    lines = [finding.line for finding in check_source(source)]

    assert lines == sorted(lines)


def test_what_extends_a_preset_or_a_strategy_of_the_file_may_inherit_on_bar() -> None:
    source = (
        "from quantloom import Strategy\n"
        "from quantloom.strategy.presets import SmaCross\n"
        "class Faster(SmaCross):\n    fast = 5\n"
        "class Base(Strategy):\n    def on_bar(self, ctx, bar):\n        pass\n"
        "class Mine(Base):\n    pass\n"
    )

    assert check_source(source) == []

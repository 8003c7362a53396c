"""What cannot be compiled is refused with its place, its text and what to write instead."""

import re
from pathlib import Path

import pytest

from quantloom.backtest.lowering.refusals import NotCompilable
from quantloom.strategy import Strategy, load_strategy
from tests.library.backtest.lowering.written import lower, with_body, write

CASES = {
    "self.seen = {}": ("a dict cannot be compiled", "use numbers"),
    "x = [1, 2]": ("a list cannot be compiled", "use numbers"),
    "x = 'long'": ("stands where a number belongs", "use a number"),
    "self.unknown = 1": ("self.unknown has no value before the first bar", "set it in initialize"),
    "self.none = 1": ("self.none is None", "math.nan"),
    "self.name = 1": ("self.name is of type str", "numbers and lines"),
    "y = ctx.orders()": ("ctx.orders is not compiled", "use one of position, account"),
    "x = ctx.position.realised": ("ctx.position.realised is not compiled", "use one of is_flat"),
    "order = ctx.buy(bar.symbol)": ("an order is not kept", "on a line of its own"),
    "ctx.buy()": ("the symbol is missing", "write bar.symbol first"),
    "ctx.buy('OTHER.LOCAL')": ("not the run's symbol", "write bar.symbol"),
    "ctx.buy(bar.symbol, tif='DAY')": ("tif= of ctx.buy is not compiled", "the terms known are"),
    "ctx.sell(bar.symbol, stop_loss=1)": ("stop_loss= of ctx.sell is not compiled", "known are"),
    "ctx.buy(bar.symbol, take_profit=trailing(percent(1)))": ("does not trail", "a distance"),
    "ctx.target_weight(bar.symbol)": ("weight is missing", "give it"),
    "x = bar.bid": ("bar.bid is not compiled", "use one of open"),
    "while bar.close > 1: pass": ("while cannot be compiled", "for over range"),
    "for x in (1, 2): pass": ("only `for name in range(...)`", "write it so"),
    "for i in range(bar.close): pass": ("whole numbers", "write int(...)"),
    "if bar.close > 1: x = 1\ny = x": ("x may have no value here", "give x one before"),
    "x = bar.close if 1 else None": ("stands where a number belongs", "math.nan"),
    "x = print(1)": ("print cannot be compiled", "use abs, min, max"),
    "x = math.gamma(1.0)": ("gamma cannot be compiled", "and math"),
    "x = missing + 1": ("missing is not known", "define it, or import it"),
    "x = bar.close or 5": ("`and` and `or` of numbers", "write a if a else b"),
    "x = ctx.account.cash * 0.5": ("does not add up with a float", "write float(...)"),
    "x = ctx.account.cash / 2": ("division and powers of an exact number", "float(...)"),
    "x = ctx.position.is_flat is True": ("`is` and `in` compare no numbers", "=="),
    "x, y = 1, 2": ("a tuple cannot be compiled", "use numbers"),
    "x = round(bar.close, -2)": ("such a rounding", "written out"),
    "x = int(bar.close) ** 9": ("power of a whole number", "float(...)"),
    "x = 2 ** 100": ("power of a whole number", "float(...)"),
    "x = 10000000000000000000": ("whole numbers reach to 2**53", "smaller"),
    "x = ctx.position\nx = 1": ("x is first ctx.position", "use two names"),
    "ctx.on = 1": ("only attributes of self are assigned", "self.name"),
    "self.repeat()": ("repeat calls itself", "write a loop"),
    "x = self.nothing()": ("nothing returns nothing", "return a number"),
    "x = self.half()": ("it may end without a value", "on every way"),
    "x = self.price": ("self.price is a property", "a plain method"),
    "ctx.log('now')": ("ctx.log is not compiled", "use one of"),
    "bar.close": ("a line that does nothing here", "take it out"),
    "def inner(): pass": ("a function inside a function", "use if"),
    "try:\n    x = 1\nexcept ValueError: pass": ("try cannot be compiled", "use if"),
}
HELD = """
class Written(Strategy):
    none = None
    name = "long"

    @property
    def price(self):
        return 1.0

    def repeat(self):
        self.repeat()

    def nothing(self):
        pass

    def half(self):
        if 1 > 2:
            return 1

    def on_bar(self, ctx, bar):
"""


@pytest.mark.parametrize("body", CASES)
def test_each_refusal_says_where_what_and_how(body: str) -> None:
    lines = "".join(f"        {line}\n" for line in body.splitlines())

    with pytest.raises(NotCompilable) as refused:
        lower(write(HELD + lines))

    problem, advice = CASES[body]
    assert problem in refused.value.problem
    assert advice in refused.value.advice
    assert re.match(r"<ipython-input-\d+>, line \d+", refused.value.place)
    assert refused.value.text
    assert 'engine="event"' in str(refused.value)


def test_the_line_of_a_file_is_shown(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(
        "from quantloom.strategy import Strategy\n\n\nclass Mine(Strategy):\n"
        "    def on_bar(self, ctx, bar):\n        x = 1\n        self.seen.append(x)\n"
    )

    with pytest.raises(NotCompilable) as refused:
        lower(load_strategy(str(file)))

    assert refused.value.place == f"{file}, line 7"
    assert refused.value.text == "self.seen.append(x)"


@pytest.mark.parametrize("name", ["on_fill", "on_timer", "on_start", "save_state", "on_bars"])
def test_other_callbacks_are_refused(name: str) -> None:
    strategy = with_body("x = 1")
    more = type("More", (strategy,), {name: lambda *_: None})

    with pytest.raises(NotCompilable, match=f"{name} is not compiled"):
        lower(more)


def test_a_class_typed_into_a_bare_prompt_has_no_source() -> None:
    space: dict[str, type[Strategy]] = {"Strategy": Strategy}
    exec("class Bare(Strategy):\n    def on_bar(self, ctx, bar): pass", space)

    with pytest.raises(NotCompilable, match="the source of on_bar is not found"):
        lower(space["Bare"])

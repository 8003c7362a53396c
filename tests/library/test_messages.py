"""Every error a user can see is told in both languages, with its facts in both."""

import importlib
import inspect
import pkgutil
import string
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

import quantloom
from quantloom import errors
from quantloom.backtest import BadRunSetting, StrategyFailed, backtest
from quantloom.data import random_walk
from quantloom.errors import QuantloomError
from quantloom.market import BadBars, Bar, bar_problems
from quantloom.messages import _CHINESE, chinese_codes, in_chinese
from quantloom.strategy import (
    BadParameter,
    BadTerms,
    BadTimer,
    Context,
    Strategy,
    Timer,
    ticks,
    trailing,
)
from quantloom.strategy.presets import SmaCross


@cache
def concrete_errors() -> list[type[QuantloomError]]:
    for module in pkgutil.walk_packages(quantloom.__path__, "quantloom."):
        importlib.import_module(module.name)
    found = {cls for cls in _below(QuantloomError) if cls.__module__ != errors.__name__}
    mine = (cls for cls in found if cls.__module__.startswith("quantloom."))
    return sorted(mine, key=lambda cls: cls.code)


def _below(cls: type[QuantloomError]) -> Iterator[type[QuantloomError]]:
    for child in cls.__subclasses__():
        yield child
        yield from _below(child)


def make(cls: type[QuantloomError]) -> QuantloomError:
    parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
    named = [item for item in parameters if item.kind is item.POSITIONAL_OR_KEYWORD]
    facts: list[Any] = [("a", "b") if "tuple" in str(item.annotation) else 7 for item in named]
    return cls(*facts)


@pytest.mark.parametrize("cls", concrete_errors(), ids=lambda cls: cls.code)
def test_every_error_has_a_code_of_its_own_and_a_chinese_text(cls: type[QuantloomError]) -> None:
    assert cls.code in chinese_codes()
    assert sum(other.code == cls.code for other in concrete_errors()) == 1


@pytest.mark.parametrize("cls", concrete_errors(), ids=lambda cls: cls.code)
def test_a_chinese_text_names_facts_that_the_error_has(cls: type[QuantloomError]) -> None:
    told = in_chinese(make(cls))

    names = {name for _, name, _, _ in string.Formatter().parse(_CHINESE[cls.code]) if name}
    assert told is not None
    assert "{" not in told
    assert names <= vars(make(cls)).keys()


def test_no_text_is_left_over() -> None:
    assert chinese_codes() == {cls.code for cls in concrete_errors()}


def test_an_error_without_a_text_is_not_invented() -> None:
    assert in_chinese(QuantloomError("x")) is None


def test_every_problem_of_a_bar_is_told_in_chinese() -> None:
    bars = random_walk(3, seed=1)

    for problem, _ in bar_problems(bars):
        told = in_chinese(BadBars("X.US", problem, 1, (0,)))
        assert told is not None
        assert problem not in told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"fast": 0}, "参数 fast 为 0，范围是 2 到 200"),
        ({"fast": "x"}, "参数 fast 为 'x'，应为整数"),
        ({"speed": 1}, "参数 speed 不存在，现有 fast, slow"),
    ],
)
def test_a_bad_parameter_is_told_in_chinese(values: dict[str, Any], told: str) -> None:
    with pytest.raises(BadParameter) as caught:
        SmaCross(**values)

    assert told in str(in_chinese(caught.value))


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ({"tif": "DAYS"}, "tif='DAYS' 无此取值，可选 'GTC', 'DAY'"),
        ({"stop": 9, "tif": "IOC"}, "IOC 只用于市价单和限价单，不用于 stop"),
        ({"tif": "GTD"}, "until= 与 tif='GTD' 须同时给出"),
        ({"post_only": True}, "post_only 只用于可以等待的限价单"),
        ({"trail": 2}, "trail=2 不是距离"),
        ({"trail": ticks(2), "price": 9}, "跟踪止损自行确定价格"),
        ({"when": 9.5}, "when=9.5 不是条件"),
        ({"take_profit": trailing(ticks(2))}, "止盈不能跟踪"),
        ({"reduce_only": True, "stop_loss": 9}, "不能带 stop_loss 或 take_profit"),
        ({"reduce_only": True, "offset": "open"}, "不能用 offset='open'"),
        ({"colour": 1}, "没有委托条款 colour"),
    ],
)
def test_terms_that_do_not_fit_are_told_in_chinese(terms: dict[str, Any], told: str) -> None:
    class Misfit(Strategy):
        def on_bar(self, ctx: Context, bar: Bar) -> None:
            ctx.buy(bar.symbol, 1, **terms)

    with pytest.raises(StrategyFailed) as caught:
        backtest(Misfit, random_walk(3, seed=1))

    assert isinstance(caught.value.__cause__, BadTerms)
    assert told in str(in_chinese(caught.value.__cause__))


@pytest.mark.parametrize(
    ("times", "told"),
    [
        ({}, "须在 every=、at=、once= 中给出一个"),
        ({"every": "2d"}, "的 every='2d' 过长，最长为 1d"),
        ({"at": "25:00"}, "的 at='25:00' 不是一天中的时间"),
    ],
)
def test_a_bad_timer_is_told_in_chinese(times: dict[str, Any], told: str) -> None:
    class Late(Strategy):
        def initialize(self, ctx: Context) -> None:
            ctx.timer("close", **times)

        def on_timer(self, ctx: Context, timer: Timer) -> None: ...

    with pytest.raises(BadTimer) as caught:
        backtest(Late, random_walk(3, seed=1))

    assert told in str(in_chinese(caught.value))


@pytest.mark.parametrize("setting", [{"participation": 2}, {"latency": -1}, {"latency": 0.5}])
def test_a_bad_setting_of_a_run_is_told_in_chinese(setting: dict[str, Any]) -> None:
    with pytest.raises(BadRunSetting) as caught:
        backtest("sma-cross", random_walk(40, seed=1), **setting)

    told = str(in_chinese(caught.value))
    assert caught.value.field in told
    assert caught.value.wanted not in told

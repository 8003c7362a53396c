"""Finding strategies by name, file and module; telling their code apart."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from quantloom.strategy import (
    Strategy,
    StrategyNotFound,
    StrategyUnreadable,
    WhichStrategy,
    code_digest,
    list_strategies,
    load_strategy,
)
from quantloom.strategy.presets import Bollinger, SmaCross

ONE = """
from quantloom import Strategy

class One(Strategy):
    def on_bar(self, ctx, bar):
        ctx.buy(bar.symbol)
"""
TWO = ONE + ONE.replace("One", "Two")
TYPED = ONE + "        total = {'b', 'a'} and sum(n for n in (1, 2))\n"


def write(folder: Path, text: str, name: str = "mine.py") -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return str(path)


def test_presets_load_by_name() -> None:
    assert load_strategy("sma-cross") is SmaCross
    assert load_strategy("bollinger") is Bollinger
    assert {"sma-cross", "bollinger"} <= set(list_strategies())


def test_a_file_with_one_strategy_needs_no_more(tmp_path: Path) -> None:
    found = load_strategy(write(tmp_path, ONE))

    assert found.__name__ == "One"
    assert issubclass(found, Strategy)


def test_a_file_with_several_asks_which(tmp_path: Path) -> None:
    path = write(tmp_path, TWO)

    assert load_strategy(f"{path}:Two").__name__ == "Two"
    with pytest.raises(WhichStrategy) as caught:
        load_strategy(path)
    assert caught.value.found == ("One", "Two")
    assert str(caught.value) == f"{path} holds One, Two; say which, as in {path}:One"


def test_a_file_without_a_strategy_says_what_to_write(tmp_path: Path) -> None:
    path = write(tmp_path, "from quantloom import Strategy\nfast = 3\n")

    with pytest.raises(WhichStrategy, match="holds no subclass of quantloom"):
        load_strategy(path)


def test_what_a_file_imports_is_not_its_own_unless_named(tmp_path: Path) -> None:
    path = write(tmp_path, "from quantloom.strategy.presets import SmaCross\n" + ONE)

    assert load_strategy(path).__name__ == "One"
    assert load_strategy(f"{path}:SmaCross") is SmaCross


def test_a_module_and_its_class_load() -> None:
    assert load_strategy("quantloom.strategy.presets.sma_cross:SmaCross") is SmaCross
    assert load_strategy("quantloom.strategy.presets:SmaCross") is SmaCross


@pytest.mark.parametrize("reference", ["sma_cross", "nowhere.py", "nowhere.py:One"])
def test_an_unknown_name_lists_what_there_is(reference: str) -> None:
    with pytest.raises(StrategyNotFound) as caught:
        load_strategy(reference)

    assert caught.value.reference == reference
    assert "sma-cross" in caught.value.known
    assert "bollinger" in str(caught.value)


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("SmaCross", "no strategy 'SmaCross'; did you mean sma-cross?"),
        ("nowhere.py:One", "there is no file nowhere.py; check the path"),
    ],
)
def test_an_unknown_name_says_what_may_be_meant(reference: str, told: str) -> None:
    with pytest.raises(StrategyNotFound, match=re.escape(told)):
        load_strategy(reference)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("x = 1\n\nclass (", "SyntaxError: invalid syntax (line 3)"),
        ("x = 1\n1 / 0\n", "ZeroDivisionError: division by zero (line 2)"),
        ("import no_such_module_anywhere\n", "No module named 'no_such_module_anywhere'"),
    ],
)
def test_a_file_that_fails_says_why_and_where(
    text: str, problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, text, "broken.py")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StrategyUnreadable) as caught:
        load_strategy("broken.py")

    assert problem in str(caught.value)
    assert str(caught.value).startswith("broken.py cannot be read: ")


def test_a_module_that_fails_says_why() -> None:
    with pytest.raises(StrategyUnreadable, match="No module named 'no_such_package'"):
        load_strategy("no_such_package.strategies:Mine")


# Digests


def test_the_digest_changes_with_the_file(tmp_path: Path) -> None:
    before = code_digest(load_strategy(write(tmp_path, ONE)))
    same = code_digest(load_strategy(write(tmp_path / "copy", ONE)))
    after = code_digest(load_strategy(write(tmp_path, ONE + "# slower\n")))

    assert before == same
    assert before != after


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    one = load_strategy(write(tmp_path / "a", ONE))
    digest = code_digest(one)

    two = load_strategy(write(tmp_path / "b", ONE + "# other\n"))

    assert code_digest(one) == digest != code_digest(two)


def typed(source: str) -> type[Strategy]:
    """A class as a bare prompt makes it: there is no source to read again."""
    names: dict[str, type[Strategy]] = {}
    exec(source, names)
    return names["One"]


def test_a_class_without_source_has_a_digest_of_its_code() -> None:
    digest = code_digest(typed(TYPED))

    assert code_digest(typed(TYPED)) == digest
    assert code_digest(typed(TYPED.replace("buy", "short"))) != digest
    assert code_digest(typed(TYPED.replace("sum(n", "sum(-n"))) != digest
    assert code_digest(typed(TYPED.replace("(1, 2)", "(1, 3)"))) != digest


@pytest.mark.untraced
def test_the_digest_without_source_is_the_same_in_every_process() -> None:
    script = (
        "from quantloom.strategy import code_digest\n"
        f"names = {{}}\nexec({TYPED!r}, names)\nprint(code_digest(names['One']))"
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert digests == {code_digest(typed(TYPED))}

import re
import string
from pathlib import Path

from quantloom.backtest import Kindness
from quantloom.backtest.ticks import QueueKind
from quantloom.backtest.ticks.desk import ENDINGS
from quantloom.market.rulebook.topics import TOPICS
from quantloom.performance import METRICS, REASONS
from quantloom.report import html
from quantloom.report.texts import LANGUAGES, PARTS, TEXTS, Words
from quantloom.trading import OrderKind, OrderStatus, Role

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WITHOUT_WORDS = {"join", "join.clauses", "orders.part", "version"}


def test_every_sentence_is_there_in_both_languages() -> None:
    for key, pair in TEXTS.items():
        assert pair.en
        assert not _CHINESE.search(pair.en), key
        assert _CHINESE.search(pair.zh) or key in _WITHOUT_WORDS, key


def test_no_key_stands_in_two_parts() -> None:
    assert sum(len(part) for part in PARTS) == len(TEXTS)


def test_both_languages_tell_the_same_facts() -> None:
    for key, pair in TEXTS.items():
        assert _facts(pair.en) == _facts(pair.zh), key


def test_every_key_that_is_asked_for_exists() -> None:
    asked = set(re.findall(r"\b(?:words|t)\(\"([^\"]+)\"", _code()))

    assert len(asked) > 40
    # A key that ends in a dot is the beginning of one that is put together.
    assert not {key for key in asked if key not in TEXTS and not key.endswith(".")}


def test_every_sentence_is_used() -> None:
    code = _code()
    built = re.compile(
        r"(hash|head|kind|order|rule|side|status|exit|mark|fact|cost|chart|page|held|group|severity"
        r"|compare|optimise|validate|grade|payment|offsets|margin_mode|topic|kinder|queue|latency|executor)"
        r"\.[A-Za-z_]+|symbol|optimise|validate|walk"
    )
    unused = {key for key in TEXTS if f'"{key}"' not in code and not built.fullmatch(key)}

    assert not unused


def test_every_word_of_the_engine_is_told_in_both_languages() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/orders.md").read_text("utf-8")
    rules = re.findall(r"^\| `([a-z_]+)` \| (?:rejected|cancelled|expired)", page, re.MULTILINE)
    words = {
        "rule": [*rules, *ENDINGS],
        "kind": [*OrderKind],
        "exit": [*OrderKind, *({*Role} - {Role.ENTRY})],
        "status": [*OrderStatus],
        "topic": [*TOPICS],
        "kinder": [one.name.lower() for one in Kindness],
        "queue": [*QueueKind],
    }

    assert len(rules) > 28
    keys = [f"{group}.{word}" for group, found in words.items() for word in found]
    assert [key for key in keys if key not in TEXTS] == []


def test_words_speak_the_language_asked_for() -> None:
    english, chinese = (Words(language) for language in LANGUAGES)

    assert english("note.truncated", shown=5, total=9) == "Showing the last 5 of 9."
    assert chinese.label("win_rate") == METRICS["win_rate"].label_zh
    assert english.meaning("win_rate") == METRICS["win_rate"].meaning_en
    assert chinese.meaning("win_rate") == METRICS["win_rate"].meaning_zh
    assert chinese.reason("no_trips") == REASONS["no_trips"].text_zh
    assert english.reason("no_trips") == REASONS["no_trips"].text_en
    assert chinese.name("rule.not_known_here", "not_known_here") == "not_known_here"


def _code() -> str:
    folder = html._TEMPLATES.parent
    files = [*folder.glob("*.py"), *folder.glob("templates/*")]
    return "".join(file.read_text("utf-8") for file in files)


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}

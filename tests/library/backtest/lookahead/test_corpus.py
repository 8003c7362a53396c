"""Every leaking strategy of the corpus is caught and every clean one passes, by the default too."""

import pytest

from quantloom.backtest.leaks import Audit
from tests.library.backtest.lookahead import corpus, signal_corpus
from tests.library.backtest.lookahead.corpus import Case

LEAKING = corpus.LEAKING | signal_corpus.LEAKING
CLEAN = corpus.CLEAN | signal_corpus.CLEAN


def audit_of(case: Case, setting: str = "auto") -> Audit:
    audit = case.run(setting).audit
    assert audit is not None
    return audit


@pytest.mark.parametrize("name", LEAKING)
@pytest.mark.sample(0.6)
def test_a_leak_is_caught(name: str) -> None:
    audit = audit_of(LEAKING[name])

    assert audit.verdict == "failed"
    assert audit.leaks


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.untraced
@pytest.mark.sample(0.5)
def test_an_honest_strategy_passes(name: str) -> None:
    audit = audit_of(CLEAN[name])

    assert audit.verdict == "passed"
    assert audit.leaks == ()
    assert audit.decisions


@pytest.mark.soak
@pytest.mark.parametrize("setting", ["auto", "full"])
def test_it_accuses_nobody_falsely_and_misses_little(
    setting: str, capsys: pytest.CaptureFixture[str]
) -> None:
    caught = [audit_of(case, setting).has_failed for case in LEAKING.values()]
    accused = [audit_of(case, setting).has_failed for case in CLEAN.values()]

    with capsys.disabled():
        text = f"missed {caught.count(False)} of {len(caught)}, accused {sum(accused)}"
        print(f"\nlook-ahead audit, {setting}: {text} of {len(accused)}")  # noqa: T201  asked for
    assert not any(accused)
    assert all(caught)


@pytest.mark.soak
@pytest.mark.parametrize("name", [*LEAKING, *CLEAN])
def test_the_whole_audit_tells_them_apart(name: str) -> None:
    audit = audit_of((LEAKING | CLEAN)[name], "full")

    assert audit.verdict == ("failed" if name in LEAKING else "passed")

"""The longer pages: their examples run one after the other, and print what the page shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

PAGES = [
    "tutorials/portfolio-strategy.md",
    "tutorials/orders.md",
    "how-to/coming-from-backtesting-py.md",
    # Thousands of runs over chance, which the library's own tests make fewer of.
    pytest.param("explanation/overfitting.md", marks=pytest.mark.soak),
    "how-to/coming-from-vnpy.md",
    "how-to/several-timeframes.md",
    "how-to/timers-and-days.md",
    "how-to/state.md",
    "how-to/detail-bars.md",
    "how-to/continuous-and-adjusted.md",
    "explanation/offsets.md",
]
BLOCK = re.compile(r"^```(python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Between the outputs of two examples; nothing else prints it.
MARK = "\x1e"


def read_examples(page: str) -> list[tuple[str, str]]:
    """Each example of a page with the output that it shows, empty where it shows none."""
    found: list[tuple[str, str]] = []
    for kind, text in BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8")):
        if kind == "python":
            found.append((text, ""))
        else:
            found[-1] = (found[-1][0], text)
    return found


@pytest.mark.untraced
@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_print_what_it_shows(page: str, tmp_path: Path) -> None:
    examples = read_examples(page)
    program = f"\nprint({MARK!r}, end='')\n".join(code for code, _ in examples)

    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=tmp_path,
        # Runs are counted in the user's own folder, which is not that of tests.
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split(MARK) == [output for _, output in examples]
    assert any(output for _, output in examples)

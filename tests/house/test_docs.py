"""The documentation leads somewhere: links point at files, and its whole examples run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT

PAGES = [ROOT / name for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_points_at_a_file(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.untraced
@pytest.mark.parametrize(
    "name",
    [
        "notebook.md",
        "collect-data.md",
        "prepare-data.md",
        "costs.md",
        "fill-band.md",
        "find-look-ahead.md",
        "check-a-strategy.md",
        "currencies.md",
        "sizing.md",
        "signals.md",
        "portfolio-weights.md",
        "asynchronous-strategies.md",
        "wake-on.md",
        "compile-a-strategy.md",
        "optimise.md",
        "sweep.md",
        "validate.md",
        "ticks.md",
        "trials.md",
    ],
)
def test_the_examples_of_a_how_to_page_run(name: str, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "how-to" / name).read_text(encoding="utf-8")
    # In a file, since what is compiled needs its source.
    file = tmp_path / "page.py"
    file.write_text("\n".join(PYTHON.findall(page)), encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-W", "error", str(file)],
        cwd=tmp_path,
        # Runs are counted in the user's own folder, which is not that of tests.
        env=os.environ | {"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


def test_every_page_of_the_documentation_is_in_its_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [
        page.relative_to(ROOT / "docs").as_posix()
        for page in (ROOT / "docs").rglob("*.md")
        if page.name != "README.md"
    ]

    assert [page for page in pages if f"({page})" not in index] == []

"""What a newcomer does first, through the installed console script."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quantloom.data import random_walk

pytestmark = pytest.mark.untraced

QUANTLOOM = str(Path(sys.executable).with_name("quantloom"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [QUANTLOOM, *arguments],
        cwd=home,
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"HOME": str(home / "home"), "QUANTLOOM_LANG": "en"}


def test_from_a_starter_file_to_a_report_on_packaged_markets(home: Path) -> None:
    started = run(home, "strategy", "new", "my_strategy")
    checked = run(home, "strategy", "check", "my_strategy.py")
    command = ("backtest", "run", "my_strategy.py", "--symbol", "SPY.ARCA", "--timeframe", "1d")
    first = run(home, *command, "--report", "report.html", "--json")
    again = run(home, *command, "--json")

    assert started.returncode == checked.returncode == first.returncode == 0, first.stderr
    result = json.loads(first.stdout)
    assert result["round_trips"] > 20
    assert result["hashes"] == json.loads(again.stdout)["hashes"]
    assert "my_strategy" in (home / "report.html").read_text(encoding="utf-8")


def test_every_command_that_a_command_suggests_runs_as_it_stands(home: Path) -> None:
    random_walk(500, seed=1).to_frame().to_csv(home / "walk.csv")
    told = run(home, "strategy", "new", "my_strategy").stdout
    told += run(home, "data", "import", "walk.csv", "--symbol", "WALK.LOCAL").stdout

    suggested = re.findall(r"^(?:next|then): quantloom (.*)$", told, flags=re.MULTILINE)

    assert len(suggested) == 3
    for command in suggested:
        ran = run(home, *command.split())
        assert ran.returncode == 0, f"{command}: {ran.stderr}"


def test_the_stop_of_the_tutorial_does_what_the_tutorial_says(home: Path) -> None:
    run(home, "strategy", "new", "my_strategy")
    file = home / "my_strategy.py"
    code = file.read_text(encoding="utf-8")
    buy, first = "            ctx.buy(bar.symbol)\n", "\n\n\nclass MyStrategy"
    assert buy in code
    assert first in code
    command = "backtest run my_strategy.py --symbol SPY.ARCA --timeframe 1d --commission 0.0005"
    bare = json.loads(run(home, *command.split(), "--json").stdout)

    code = code.replace(buy, "            ctx.buy(bar.symbol, stop_loss=percent(5))\n")
    code = code.replace(first, f"\nfrom quantloom.strategy import percent{first}")
    file.write_text(code, encoding="utf-8")
    protected = json.loads(run(home, *command.split(), "--json").stdout)

    returns = [result["metrics"]["total_return"] for result in (bare, protected)]
    assert [round(made, 2) for made in returns] == [0.05, -0.45]
    assert protected["rejected_orders"] == 0


def test_ctrl_c_in_an_import_leaves_no_half_written_file(home: Path) -> None:
    random_walk(400_000, seed=1).to_frame().to_csv(home / "large.csv")
    command = [QUANTLOOM, "data", "import", "large.csv", "--symbol", "LARGE.LOCAL"]

    process = subprocess.Popen(
        command, cwd=home, env=environment(home), stderr=subprocess.PIPE, text=True
    )
    catalog = home / "home" / ".local" / "share" / "quantloom"
    while process.poll() is None and not catalog.exists():
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)

    listed = json.loads(run(home, "data", "list", "--json").stdout)["datasets"]
    rows = [row["rows"] for row in listed if row["symbol"] == "LARGE.LOCAL"]
    # Python itself dies of the signal where it comes while the interpreter shuts down.
    assert process.returncode in {0, 130, -signal.SIGINT}
    assert rows in ([], [400_000])
    assert "Traceback" not in errors

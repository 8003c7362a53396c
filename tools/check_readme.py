"""Runs the commands of README.md in a copy of the checkout, and holds README.zh-CN.md to them.

Blocks fenced as sh, bash, console and python are run, each on its own, from the copy's root.
Other languages are only shown. What fetches or installs is not run here: `make run` and
`make test` are run by CI itself, and of other make targets only the existence is checked.
"""

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
TIMEOUT_S = 300
FENCE = re.compile(r"^```(sh|bash|console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(
    r"""git\ clone\ | cd\ quantloom$ | \.\ \.venv/bin/activate$ | make\ |
        (python3?\ -m\ )?pip\ install\ ['"]?quantloom""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language and its code, without comments and prompts."""

    language: str
    code: str


def main() -> int:
    """Say what is wrong with the READMEs and return how many faults there are."""
    english, chinese = (read_blocks(ROOT / name) for name in READMES)
    faults = [*compare(english, chinese), *missing_targets(english)]
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_checkout(Path(folder) / "quantloom")
        # Started by root, the service's servers run as another account, which must get through.
        Path(folder).chmod(0o711)
        home = Path(folder) / "home"
        home.mkdir()
        for block in english:
            faults += run_block(block, copy, home)
    for fault in faults:
        print(f"README: {fault}")
    print(f"README: {len(english)} blocks, {len(faults)} faults")
    return len(faults)


def read_blocks(path: Path) -> list[Block]:
    """Read the blocks that a reader would run, in order."""
    found = [make_block(*match) for match in FENCE.findall(path.read_text(encoding="utf-8"))]
    if not found:
        raise SystemExit(f"{path.name} has no commands")
    return found


def make_block(language: str, text: str) -> Block:
    """Give a block without what the two languages may say differently."""
    if language == "python":
        return Block(language, ast.unparse(ast.parse(text)))
    lines = text.splitlines()
    if language == "console":
        lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    without_comments = [re.sub(r"(^|\s+)#\s.*$", "", line) for line in lines]
    return Block("sh", "\n".join(line for line in without_comments if line.strip()))


def compare(english: list[Block], chinese: list[Block]) -> list[str]:
    """Say where the second README differs in its commands."""
    if english == chinese:
        return []
    pairs = zip(english, chinese, strict=False)
    first = next((pair for pair in pairs if pair[0] != pair[1]), None)
    if first is None:
        return [f"{len(english)} blocks in {READMES[0]}, {len(chinese)} in {READMES[1]}"]
    return [f"the commands differ: {first[0].code!r} and {first[1].code!r}"]


def missing_targets(blocks: list[Block]) -> list[str]:
    """List the make targets that are named and do not exist."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    lines = [line for block in blocks for line in block.code.splitlines()]
    named = [shlex.split(line)[1] for line in lines if line.startswith("make ")]
    return [f"make {name} is no target" for name in named if name not in targets]


def copy_checkout(target: Path) -> Path:
    """Copy what git would keep, so that commands leave the checkout as it is."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


def run_block(block: Block, folder: Path, home: Path) -> list[str]:
    """Run one block and give its fault, if it has one."""
    print(f"--- {block.language}\n{block.code}", flush=True)
    if block.language == "python":
        command = [sys.executable, "-c", block.code]
    else:
        lines = [line for line in block.code.splitlines() if not NOT_RUN.match(line)]
        command = ["bash", "-euo", "pipefail", "-c", "\n".join(lines)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(home), "PATH": path}
    environment["QUANTLOOM_SERVICE_DIR"] = str(home.parent / "service")
    try:
        done = subprocess.run(command, cwd=folder, env=environment, timeout=TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired:
        return [f"still running after {TIMEOUT_S} s: {block.code!r}"]
    return [] if done.returncode == 0 else [f"exit code {done.returncode}: {block.code!r}"]


if __name__ == "__main__":
    sys.exit(main())

"""The rules of the house that no other tool checks."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.checkout import ROOT, text_files

SRC = ROOT / "src"
LIBRARY_PACKAGES = sorted((SRC / "quantloom").rglob("__init__.py"))
SERVER_PACKAGES = sorted((SRC / "quantloom_server").rglob("__init__.py"))
LATE = ("duckdb", "jinja2", "numba", "pandas", "plotly", "pyarrow", "scipy", "talib", "typer")

_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|farm)/|(?<![\w./])/(?:root|home/\w+)/")
_REGISTRY = re.compile(r"pypi[.]org|pythonhosted[.]org|registry[.]npmjs[.]org|download[.]pytorch")
_NOUNS_TO_AVOID = {"utils", "helpers", "common", "manager", "base_service"}


def in_src(path: Path) -> str:
    return path.relative_to(SRC).as_posix()


def names_assigned(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    targets = [node.targets for node in tree.body if isinstance(node, ast.Assign)]
    return {name.id for names in targets for name in names if isinstance(name, ast.Name)}


@pytest.mark.parametrize("path", LIBRARY_PACKAGES, ids=in_src)
def test_a_library_package_lists_its_public_names(path: Path) -> None:
    assert "__all__" in names_assigned(path)


@pytest.mark.parametrize("path", SERVER_PACKAGES, ids=in_src)
def test_a_server_package_file_stays_empty(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == ""


def test_importing_quantloom_loads_no_heavy_package() -> None:
    code = f"import sys, quantloom; print([name for name in {LATE} if name in sys.modules])"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"


def test_modules_are_named_after_what_they_are() -> None:
    modules = {path.stem for path in SRC.rglob("*.py")} | {path.name for path in SRC.rglob("*/")}

    assert not modules & _NOUNS_TO_AVOID


@pytest.mark.parametrize("pattern", [_MACHINE_PATH, _REGISTRY], ids=["machine", "registry"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in text_files()
        if (match := pattern.search(path.read_text(encoding="utf-8", errors="ignore")))
    ]

    assert found == []


def test_every_tests_folder_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}

    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []

"""The locks: every direct dependency, three Pythons, hashes, and nothing about where from."""

import re
import tomllib
from functools import cache
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.checkout import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
DOCS_LOCK = (ROOT / "requirements-docs.lock").read_text(encoding="utf-8")
BOTH = pytest.mark.parametrize("lock", [LOCK, DOCS_LOCK], ids=["requirements", "docs"])
PYTHONS = ("3.11", "3.12", "3.13")
LOCKED_APART = ("docs", "vendors")
LOCKED_EXTRAS = ("excel", "frames", "hdf5", "optimise", "report", "s3", "server", "xlsx")


@cache
def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def pins(lock: str) -> list[Requirement]:
    return [
        Requirement(line.removesuffix("\\").strip())
        for line in lock.splitlines()
        if re.match(r"[a-z0-9]", line)
    ]


def direct_dependencies() -> list[Requirement]:
    project, groups = pyproject()["project"], pyproject()["dependency-groups"]
    extras = [line for name in LOCKED_EXTRAS for line in project["optional-dependencies"][name]]
    grouped = [
        line
        for group, lines in groups.items()
        for line in lines
        if group not in LOCKED_APART and isinstance(line, str)
    ]
    named = [Requirement(line) for line in (*project["dependencies"], *extras, *grouped)]
    return [requirement for requirement in named if requirement.name != "quantloom"]


def docs_dependencies() -> list[Requirement]:
    return [Requirement(line) for line in pyproject()["dependency-groups"]["docs"]]


def pinned_version(lock: str, name: str, python: str) -> str:
    environment = {"python_version": python, "python_full_version": f"{python}.0"}
    (version,) = (
        next(iter(pin.specifier)).version
        for pin in pins(lock)
        if pin.name == canonicalize_name(name)
        and (pin.marker is None or pin.marker.evaluate(environment))
    )
    return version


@pytest.mark.parametrize("python", PYTHONS)
def test_every_direct_dependency_has_one_fitting_pin_for_each_python(python: str) -> None:
    for lock, dependencies in ((LOCK, direct_dependencies()), (DOCS_LOCK, docs_dependencies())):
        for wanted in dependencies:
            assert wanted.specifier.contains(pinned_version(lock, wanted.name, python)), wanted


@pytest.mark.parametrize("python", PYTHONS)
def test_the_supported_pythons_are_the_locked_ones(python: str) -> None:
    project = pyproject()["project"]

    assert Requirement(f"x{project['requires-python']}").specifier.contains(f"{python}.0")
    assert f"Programming Language :: Python :: {python}" in project["classifiers"]


def test_the_extra_called_all_is_what_is_locked() -> None:
    extras = pyproject()["project"]["optional-dependencies"]

    assert extras["all"] == [f"quantloom[{','.join(LOCKED_EXTRAS)}]"]


@BOTH
def test_every_pin_has_hashes(lock: str) -> None:
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE)[1:]

    assert len(entries) == len(pins(lock))
    assert all("--hash=sha256:" in entry for entry in entries)


@BOTH
def test_a_lock_says_nothing_about_where_packages_come_from(lock: str) -> None:
    for sign in ("://", "index-url", "find-links", "file:", " @ "):
        assert sign not in lock
    assert not re.search(r"(^|\s)/", lock)


def test_torch_is_not_locked() -> None:
    assert not [
        pin.name for pin in pins(LOCK) if pin.name.startswith(("torch", "nvidia", "triton"))
    ]

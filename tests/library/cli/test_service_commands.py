"""Commands of the service, where its packages are not installed."""

from importlib.metadata import EntryPoint

import pytest

from quantloom.cli.entry import ENTRY_POINTS, LateCommand, ServiceMissing


def make_command(name: str) -> LateCommand:
    return LateCommand(EntryPoint(name, "no_such_package.cli:app", ENTRY_POINTS), "")


def test_a_command_of_the_service_says_what_to_install() -> None:
    with pytest.raises(ServiceMissing, match=r"no_such_package.*pip install 'quantloom\[server\]'"):
        make_command("up").make_context("up", [])


def test_a_package_of_somebody_else_says_what_it_lacks_itself() -> None:
    with pytest.raises(ModuleNotFoundError):
        make_command("theirs").make_context("theirs", [])

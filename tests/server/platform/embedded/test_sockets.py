"""The folder for sockets: short, private, and never one that somebody else laid out."""

import os
import stat
from pathlib import Path

import pytest

from quantloom_server.platform.embedded.errors import FolderNotOurs, SocketPathTooLong
from quantloom_server.platform.embedded.sockets import (
    LONGEST_FOLDER,
    choose_socket_folder,
    make_socket_folder,
)


def test_a_short_data_folder_holds_its_sockets_itself() -> None:
    assert choose_socket_folder(Path("/var/lib/quantloom")) == Path(
        "/var/lib/quantloom/run/sockets"
    )


def test_a_deep_data_folder_has_a_short_one_of_its_own_elsewhere() -> None:
    one, other = (choose_socket_folder(Path("/", *["deep"] * 30, name)) for name in "ab")

    assert one != other
    assert max(len(os.fsencode(one)), len(os.fsencode(other))) <= LONGEST_FOLDER


def test_it_is_made_private(tmp_path: Path) -> None:
    make_socket_folder(tmp_path / "s", None)

    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700


def test_one_that_lets_others_in_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s").chmod(0o755)

    with pytest.raises(FolderNotOurs, match="lets other users in"):
        make_socket_folder(tmp_path / "s", None)


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "s").symlink_to(tmp_path / "real")

    with pytest.raises(FolderNotOurs, match="is not a folder"):
        make_socket_folder(tmp_path / "s", None)


@pytest.mark.root
def test_one_of_another_user_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir(mode=0o700)
    os.chown(tmp_path / "s", 1, 1)

    with pytest.raises(FolderNotOurs, match="belongs to user 1"):
        make_socket_folder(tmp_path / "s", None)


def test_a_path_without_room_for_a_name_is_refused() -> None:
    with pytest.raises(SocketPathTooLong):
        make_socket_folder(Path("/", "x" * LONGEST_FOLDER), None)

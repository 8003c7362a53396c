"""The file of states: written at every change, and honest about processes that are gone."""

import os
from pathlib import Path

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.embedded.holding import started
from quantloom_server.platform.supervision.board import Board, State, Status, read_board

CLOCK = ManualClock(0)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    board = Board(tmp_path / "state.json", CLOCK)

    board.change("one", state=State.READY, pid=os.getpid(), started=started(os.getpid()))
    board.change("two", state=State.CRASH_LOOP, restarts=4, last_exit="exit 1")

    assert read_board(tmp_path / "state.json") == board.all()
    assert board.of("two").since == "1970-01-01T00:00:00Z"


def test_a_process_that_is_gone_counts_as_stopped(tmp_path: Path) -> None:
    board = Board(tmp_path / "state.json", CLOCK)

    board.change("one", state=State.READY, pid=os.getpid(), started="another boot:1")

    (found,) = read_board(tmp_path / "state.json")
    assert (found.state, found.pid) == (State.STOPPED, None)


def test_nothing_is_known_without_a_file_or_from_a_torn_one(tmp_path: Path) -> None:
    (tmp_path / "torn.json").write_text('{"processes": [{"name"')

    assert read_board(tmp_path / "none.json") == ()
    assert read_board(tmp_path / "torn.json") == ()


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    board = Board(tmp_path / "no folder" / "state.json", CLOCK)

    board.change("one", state=State.READY)

    assert board.of("one") == Status("one", State.READY, since="1970-01-01T00:00:00Z")

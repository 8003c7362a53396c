"""One log of many processes: readable, harmless to a terminal, and in nobody's way."""

import io
import json
import os
import threading
from pathlib import Path

import pytest

from quantloom.kit.clock import ManualClock
from quantloom_server.platform.supervision import console as console_module
from quantloom_server.platform.supervision.console import Console, LogFormat, wants_colour
from quantloom_server.platform.supervision.lines import LONGEST_LINE, LineSplitter

CLOCK = ManualClock(1_700_000_000_000_000_000)  # 2023-11-14 22:13:20


def shown(
    process: str, text: str, *, form: LogFormat = LogFormat.TEXT, coloured: bool = False
) -> str:
    out = io.StringIO()
    console = Console(out, clock=CLOCK, form=form, coloured=coloured)
    console.pass_on(process, text)
    console.close()
    return out.getvalue()


def test_structured_lines_become_readable() -> None:
    line = {"timestamp": "2024-01-02T03:04:05Z", "level": "info", "event": "order.sent", "id": 7}

    assert shown("worker", json.dumps(line | {"note": "two words"})) == (
        '03:04:05 worker   order.sent id=7 note="two words"\n'
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("FATAL:  no space left", "CRITICAL no space left"),
        ("LOG:  ready", "ready"),
        ("7:M 22 Nov 2026 02:17:01.123 # low memory", "WARNING low memory"),
        ("7:M 22 Nov 2026 02:17:01.123 * Ready", "Ready"),
        ("Note:  nothing known", "Note:  nothing known"),
        ("{half a brace", "{half a brace"),
    ],
)
def test_lines_of_the_servers_are_understood(text: str, told: str) -> None:
    assert shown("server", text) == f"22:13:20 server   {told}\n"


def test_machines_get_one_json_object_a_line() -> None:
    line = json.loads(shown("valkey", "plain words", form=LogFormat.JSON))

    assert line == {
        "timestamp": "2023-11-14T22:13:20.000Z",
        "level": "info",
        "process": "valkey",
        "event": "plain words",
    }


def test_a_structured_line_keeps_its_fields_for_machines() -> None:
    text = '{"event": "order.sent", "level": "error", "order_id": "x"}'

    line = json.loads(shown("serve", text, form=LogFormat.JSON))

    assert (line["process"], line["level"], line["order_id"]) == ("serve", "error", "x")


@pytest.mark.parametrize("text", ["\x1b]0;title\x07", "\x1b[2J", "one\rtwo", "a\u202eb"])
def test_a_line_cannot_steer_the_terminal(text: str) -> None:
    told = shown("serve", json.dumps({"event": text, "note": text}))

    assert not set(told[:-1]) & set("\x1b\x07\r\u202e\n")


def test_a_line_cannot_pretend_to_be_two() -> None:
    told = shown("serve", json.dumps({"event": "one\n22:13:20 up       everything is ready"}))

    assert told.count("\n") == 1


def test_names_and_levels_have_colours_where_wanted() -> None:
    assert "\x1b[" in shown("serve", "ERROR:  broken", coloured=True)
    assert "\x1b[" not in shown("serve", "ERROR:  broken")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_no_color_is_honoured(environment: dict[str, str], wanted: bool) -> None:
    assert wants_colour(Terminal(), environment) is wanted
    assert not wants_colour(io.StringIO(), environment)


def test_a_full_disk_loses_lines_and_nothing_else() -> None:
    with Path("/dev/full").open("w") as out:
        console = Console(out, clock=CLOCK)
        console.tell("lost")
        console.close()
        out_is_broken = not console._writer.is_alive()
        with pytest.raises(OSError, match="No space"):
            out.close()

    assert out_is_broken


def test_a_stuck_terminal_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console_module, "_HELD", 3)
    reading, writing = os.pipe()
    go = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            go.wait()
            return os.write(writing, text.encode())

    console = Console(Stuck(), clock=CLOCK)
    for number in range(50):
        console.tell(f"line {number}")
    go.set()
    while console._lines.qsize():
        pass
    console.tell("the last")
    console.close()
    os.close(writing)
    with os.fdopen(reading) as written:
        lines = written.read().splitlines()

    assert len(lines) <= 7
    assert lines[-2].endswith("lines dropped)")
    assert lines[-1].endswith("the last")


def test_a_line_without_an_end_is_cut() -> None:
    taken: list[str] = []
    splitter = LineSplitter(taken.append)

    splitter.feed(b"x" * (LONGEST_LINE + 5))
    splitter.close()

    assert [len(line) for line in taken] == [LONGEST_LINE, 5]


def test_lines_come_whole_however_they_arrive() -> None:
    taken: list[str] = []
    splitter = LineSplitter(taken.append)

    for part in (b"on", b"e\ntw", b"o\n\nthr", b"ee"):
        splitter.feed(part)
    splitter.close()

    assert taken == ["one", "two", "three"]

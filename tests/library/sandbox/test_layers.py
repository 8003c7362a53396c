"""Which walls stand on this machine; one that is missing fails here, loudly."""

import os
import struct

import pytest

from quantloom.sandbox import (
    Layer,
    NoWalls,
    PreloadFailed,
    Profile,
    Sandbox,
    Value,
    calls,
    filters,
    survey,
)
from tests.library.sandbox.conftest import JOBS

ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050001


def test_every_wall_stands_on_this_machine() -> None:
    layers = survey()

    assert layers.seccomp
    assert layers.landlock
    assert layers.namespaces
    assert layers.oom_score
    assert layers.own_user == (os.geteuid() == 0)


def test_without_landlock_the_normal_profile_is_the_strict_one() -> None:
    with Sandbox(preload=(), profile=Profile.NORMAL, without=(Layer.LANDLOCK,)) as sandbox:
        assert sandbox.layers.profile is Profile.STRICT
        assert any(gap.startswith("landlock") for gap in sandbox.layers.gaps)


def test_user_code_is_refused_where_nothing_holds() -> None:
    sandbox = Sandbox(preload=(JOBS,), without=(Layer.SECCOMP, Layer.LANDLOCK))

    with pytest.raises(NoWalls):
        sandbox.start()


def test_whoever_turns_walls_off_runs_without() -> None:
    bare = (Layer.SECCOMP, Layer.LANDLOCK)

    with Sandbox(preload=(JOBS,), walls="off", without=bare) as sandbox:
        assert not sandbox.layers.hold
        assert isinstance(sandbox.run(f"{JOBS}:echo", b"x"), Value)


def test_a_module_that_cannot_be_loaded_is_named() -> None:
    with pytest.raises(PreloadFailed, match="no_such_module"):
        Sandbox(preload=("no_such_module",)).start()


@pytest.mark.parametrize("machine", sorted(calls.ARCHITECTURES))
@pytest.mark.parametrize("is_strict", [True, False])
def test_each_architecture_has_a_filter_that_decides(machine: str, is_strict: bool) -> None:
    program = filters.make_filter(is_strict=is_strict, machine=machine)
    mark = calls.ARCHITECTURES[machine][1]

    def decide(name: str, *arguments: int) -> int:
        number = calls.number(name, machine)
        assert number is not None
        return run_filter(program, number, mark, arguments)

    assert decide("read") == ALLOW
    assert decide("execve") == KILL
    assert decide("openat", 0, 0, 0) == (REFUSE if is_strict else ALLOW)
    assert decide("openat", 0, 0, os.O_WRONLY) == REFUSE
    assert decide("prlimit64", 0, 9, 0) == ALLOW
    assert decide("prlimit64", 0, 9, 1 << 40) == REFUSE
    assert decide("prlimit64", 1, 9, 0) == REFUSE
    assert decide("fcntl", 3, 3) == ALLOW
    assert decide("fcntl", 3, 1031) == REFUSE
    assert run_filter(program, 999, mark, ()) == REFUSE
    assert run_filter(program, 0, 0x40000003, ()) == KILL


def run_filter(program: bytes, number: int, mark: int, arguments: tuple[int, ...]) -> int:
    """What the kernel would decide, by a machine of four instructions."""
    given = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number, mark, 0, *given)
    held = place = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("<HBBI", program, place * 8)
        place += 1
        if code == 0x20:
            (held,) = struct.unpack_from("<I", data, value)
        elif code == 0x54:
            held &= value
        elif code == 0x06:
            return int(value)
        else:
            is_so = held == value if code == 0x15 else held >= value
            place += if_true if is_so else if_false

"""What a child does to itself before it runs anybody's code; the order matters."""

import fcntl
import io
import math
import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from quantloom.sandbox import calls, filters, landlock
from quantloom.sandbox.layers import Layer
from quantloom.sandbox.limits import Limits

RESULT, PAYLOAD, COMMANDS = 3, 4, 5
"""Descriptors of a child besides standard input, output and error."""

_RULESET = 6
# Descriptors are moved above this before they are put in place.
_ABOVE = 100
_DESCRIPTORS = 64
_OWN_SPACES = calls.CLONE_NEWNET | calls.CLONE_NEWIPC | calls.CLONE_NEWUTS
_PAST_ALL = 1 << 20


class StepFailed(Exception):
    """A step of the lockdown that the kernel refused."""

    def __init__(self, step: str, problem: str) -> None:
        super().__init__(step, problem)
        self.step, self.problem = step, problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What every child of a zygote does.

    Attributes:
        zygote: id of the process that forks; a child without it ends.
        layers: those walls that the kernel may lack, and that stood when they were tried.
        ruleset: descriptor of Landlock's. program: seccomp's; both used where their layer stands.
        space: bytes of address space that are in use before anything is run.
    """

    zygote: int
    layers: frozenset[Layer]
    ruleset: int
    program: bytes
    space: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wires:
    """The descriptors that a child keeps, as the zygote knows them."""

    null: int
    log: int
    result: int
    payload: int
    commands: int | None = None


Try = Callable[[str, Callable[[], object]], bool]
"""Takes a step; says whether it went well."""


def demand(step: str, act: Callable[[], object]) -> bool:
    """Take a step that must not fail.

    Raises:
        StepFailed: it did.
    """
    try:
        act()
    except (OSError, ValueError) as error:
        raise StepFailed(step, str(error)) from None
    return True


def enter(plan: Plan, wires: Wires, limits: Limits, *, user: int | None, walls: Try) -> None:
    """Lock this process, for ever: raise every wall but the filter of calls.

    Args:
        user: whom to become; None to stay who runs the service.
        walls: takes the steps that a kernel may not know.
    Raises:
        StepFailed: a step failed; nothing may be run.
    """
    demand("session", os.setsid)
    demand("descriptors", lambda: _arrange(wires, plan.ruleset))
    calls.clear_environment()
    if Layer.OOM_SCORE in plan.layers:
        walls(Layer.OOM_SCORE, _go_first)
    demand("no_new_privs", lambda: calls.control(calls.PR_SET_NO_NEW_PRIVS, 1))
    if Layer.NAMESPACES in plan.layers:
        walls(Layer.NAMESPACES, _leave_namespaces)
    space = plan.space + limits.memory + os.fstat(PAYLOAD).st_size
    demand("limits", lambda: _bound(space, math.ceil(limits.cpu_s)))
    demand("user", lambda: _become(user))
    if Layer.LANDLOCK in plan.layers:
        walls(Layer.LANDLOCK, lambda: landlock.restrict(_RULESET))
    with suppress(OSError):
        os.close(_RULESET)
    demand("parent", lambda: _die_with(plan.zygote))


def close_calls(plan: Plan, walls: Try) -> None:
    """Filter system calls: the last wall, since raising the others takes calls that it refuses."""
    if Layer.SECCOMP in plan.layers:
        walls(Layer.SECCOMP, lambda: filters.install(plan.program))


def _arrange(wires: Wires, ruleset: int) -> None:
    """Put the kept descriptors where they belong, and close all others."""
    wanted = {0: wires.null, 1: wires.log, 2: wires.log, RESULT: wires.result}
    wanted[PAYLOAD] = wires.payload
    if wires.commands is not None:
        wanted[COMMANDS] = wires.commands
    if ruleset >= 0:
        wanted[_RULESET] = ruleset
    # First out of the way, so that none is overwritten before it is moved.
    away = {place: fcntl.fcntl(one, fcntl.F_DUPFD, _ABOVE) for place, one in wanted.items()}
    os.closerange(0, _ABOVE)
    for place, one in away.items():
        os.dup2(one, place)
    os.closerange(_ABOVE, _PAST_ALL)
    # Those of the zygote know where its own ended; what is printed now goes somewhere else.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115  descriptors, open as long as it lives
    sys.stdout, sys.stderr = (_by_line(place) for place in (1, 2))


def _by_line(descriptor: int) -> io.TextIOWrapper:
    raw = io.FileIO(descriptor, "w", closefd=False)
    buffered = io.BufferedWriter(raw)
    return io.TextIOWrapper(buffered, "utf-8", errors="backslashreplace", line_buffering=True)


def _go_first() -> None:
    Path("/proc/self/oom_score_adj").write_bytes(b"1000")


def _leave_namespaces() -> None:
    # Only root may leave them as it is; anybody else is root of an empty house first.
    is_root = os.geteuid() == 0
    calls.unshare(_OWN_SPACES if is_root else _OWN_SPACES | calls.CLONE_NEWUSER)


def _bound(space: int, cpu_s: int) -> None:
    bounds = {
        resource.RLIMIT_AS: space,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: _DESCRIPTORS,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }
    for kind, most in bounds.items():
        _, ceiling = resource.getrlimit(kind)
        allowed = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        # Soft and hard alike: a soft limit of CPU is a signal that can be ignored.
        resource.setrlimit(kind, (allowed, allowed))


def _become(user: int | None) -> None:
    """Give up every right, and the user that had them."""
    calls.drop_bounds()
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    calls.drop_capabilities()
    calls.control(calls.PR_SET_DUMPABLE, 0)


def _die_with(zygote: int) -> None:
    # After the change of user, which takes it back.
    calls.control(calls.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != zygote:
        raise OSError("the process that forked this one is gone")

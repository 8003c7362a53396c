"""The process that children are forked from: loaded, warm, and without anything worth reading.

It is started by exec with an empty environment, hands on descriptors that it never reads, and says
how each child ended. What it is told comes over one socket, a message at a time.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

from quantloom.sandbox import filters, frames, inside, landlock, lockdown
from quantloom.sandbox.frames import Kind
from quantloom.sandbox.inside import Function
from quantloom.sandbox.layers import Layer, Layers, Profile
from quantloom.sandbox.limits import Limits
from quantloom.sandbox.lockdown import Plan, StepFailed, Wires

MESSAGE = 1 << 17
"""Bytes of a message at most."""

_DESCRIPTORS = 5
_TRIAL = Limits(cpu_s=30)
_PAGE = os.sysconf("SC_PAGE_SIZE")
_BROKEN = 70


@dataclass(slots=True)
class _Child:
    """One that runs: who it is, whom to tell of its end, and as whom it runs."""

    pid: int
    report: socket.socket
    user: int | None


@dataclass(slots=True)
class Zygote:
    """Forks children and tells of their ends."""

    control: socket.socket
    plan: Plan
    users: range
    null: int
    children: dict[int, _Child] = field(default_factory=dict)
    forked: int = 0

    def serve(self) -> None:
        """Fork whenever asked, until nobody asks any more."""
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        while True:
            for descriptor, _ in poll.poll():
                if descriptor != self.control.fileno():
                    poll.unregister(descriptor)
                    self._bury(descriptor)
                    continue
                message, given, _, _ = socket.recv_fds(self.control, MESSAGE, _DESCRIPTORS)
                if not message:
                    self._end_all()
                    return
                child = self._fork(json.loads(message), given)
                if child is not None:
                    poll.register(child, select.POLLIN)

    def _fork(self, asked: Mapping[str, Any], given: list[int]) -> int | None:
        """Start a child; give a descriptor of it."""
        report = socket.socket(fileno=given[0])
        wires = Wires(
            null=self.null,
            result=given[1],
            log=given[2],
            payload=given[3],
            commands=given[4] if len(given) > 4 else None,
        )
        user = self._free_user()
        try:
            pid = os.fork()
        except OSError as error:
            _say(report, {"failed": str(error)})
            report.close()
            return None
        finally:
            if os.getpid() == self.plan.zygote:
                for one in given[1:]:
                    os.close(one)
        if pid == 0:
            _run(self.plan, wires, asked, user)
        self.forked += 1
        descriptor = os.pidfd_open(pid)
        self.children[descriptor] = _Child(pid, report, user)
        _say(report, {"pid": pid}, descriptor)
        return descriptor

    def _end_all(self) -> None:
        """Leave no child behind, and none for others to bury."""
        for child in self.children.values():
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            child.report.close()

    def _free_user(self) -> int | None:
        if not self.users:
            return None
        taken = {child.user for child in self.children.values()}
        # Another sandbox on this machine takes from the same pool, so each begins elsewhere.
        first = self.plan.zygote + self.forked
        places = (self.users[(first + step) % len(self.users)] for step in range(len(self.users)))
        return next((one for one in places if one not in taken), self.users[0])

    def _bury(self, descriptor: int) -> None:
        child = self.children.pop(descriptor)
        _, status, used = os.wait4(child.pid, 0)
        os.close(descriptor)
        ended = {
            "status": os.waitstatus_to_exitcode(status),
            "cpu_s": used.ru_utime + used.ru_stime,
            "peak_bytes": used.ru_maxrss * 1024,
        }
        _say(child.report, ended)
        child.report.close()


def main(descriptor: int) -> None:
    """Load what is asked for, find out which walls stand, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=descriptor)
    asked = json.loads(control.recv(MESSAGE))
    try:
        zygote, layers = _prepare(control, asked)
    except BaseException as error:  # noqa: BLE001  the parent says it to whoever wanted a sandbox
        _say(control, {"failed": f"{type(error).__name__}: {error}"[:2000]})
        return
    _say(control, {"layers": _plain(layers)})
    zygote.serve()


def resolve(function: str) -> Any:
    """The function of a loaded module that is written `package.module:function`."""
    module, _, name = function.partition(":")
    return getattr(sys.modules[module], name)


def _prepare(control: socket.socket, asked: Mapping[str, Any]) -> tuple[Zygote, Layers]:
    os.chdir("/")
    os.umask(0o077)
    sys.path[:] = asked["paths"]
    for name in asked["preload"]:
        importlib.import_module(name)
    if asked["warm_up"]:
        resolve(asked["warm_up"])()
    # What it loads late cannot be loaded behind the walls.
    traceback.format_exception(NameError("name 'x' is not defined"))
    if threading.active_count() > 1:
        started = [one.name for one in threading.enumerate()]
        raise RuntimeError(f"loading started threads, which do not survive a fork: {started}")
    is_root = os.geteuid() == 0
    users = range(*asked["users"]) if is_root else range(0)
    null = os.open(os.devnull, os.O_RDWR)
    readable = [Path(one) for one in asked["readable"]]
    plan, layers = _survey(asked, readable, null, users)
    # Pages of what is loaded are shared with children as long as nobody writes to them.
    gc.collect()
    gc.freeze()
    plan = replace(plan, space=_space())
    return Zygote(control, plan, users, null), layers


def _survey(
    asked: Mapping[str, Any], readable: list[Path], null: int, users: range
) -> tuple[Plan, Layers]:
    """Find out which walls stand here, by having a child raise them all."""
    left_out = {Layer(one) for one in asked["without"]}
    wanted = frozenset(Layer) - left_out
    abi = landlock.version() if Layer.LANDLOCK in wanted else 0
    if not abi:
        wanted -= {Layer.LANDLOCK}
    if not filters.is_available():
        wanted -= {Layer.SECCOMP}
    # Without Landlock nothing says which files may be read, so none may.
    profile = Profile(asked["profile"]) if abi else Profile.STRICT
    plan = _plan(wanted, abi, profile, readable)
    found = _try_out(plan, null, users[0] if users else None, asked["readable"])
    standing = wanted - {Layer(one) for one in found["failed"]}
    if Layer.LANDLOCK not in standing and profile is Profile.NORMAL:
        profile, abi = Profile.STRICT, 0
    plan = _plan(standing, abi, profile, readable)
    layers = Layers(
        profile=profile,
        seccomp=Layer.SECCOMP in standing,
        landlock=abi if Layer.LANDLOCK in standing else 0,
        namespaces=Layer.NAMESPACES in standing,
        own_user=bool(users),
        oom_score=Layer.OOM_SCORE in standing,
        unreadable=found["unreadable"],
    )
    return plan, layers


def _plan(layers: Iterable[Layer], abi: int, profile: Profile, readable: list[Path]) -> Plan:
    standing = frozenset(layers)
    is_strict = profile is Profile.STRICT
    ruleset, program = -1, b""
    if Layer.LANDLOCK in standing:
        ruleset = landlock.make_ruleset(abi, [] if is_strict else readable)
    if Layer.SECCOMP in standing:
        program = filters.make_filter(is_strict=is_strict)
    return Plan(
        zygote=os.getpid(), layers=standing, ruleset=ruleset, program=program, space=_space()
    )


def _try_out(plan: Plan, null: int, user: int | None, readable: list[str]) -> dict[str, Any]:
    """Have a child lock itself, and say what failed; what must not fail, fails here."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        _lock_and_tell(
            plan, Wires(null=null, log=null, result=writing, payload=null), user, readable
        )
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        told = answer.read(MESSAGE)
    _, status = os.waitpid(pid, 0)
    if not told:
        ended = os.waitstatus_to_exitcode(status)
        raise RuntimeError(f"the first child ended with {ended} before it was locked")
    found: dict[str, Any] = json.loads(told)
    if "broken" in found:
        raise RuntimeError(f"a child cannot be locked here: {found['broken']}")
    return found


def _lock_and_tell(plan: Plan, wires: Wires, user: int | None, readable: list[str]) -> NoReturn:
    failed: list[str] = []

    def walls(step: str, act: Any) -> bool:
        try:
            act()
        except OSError:
            failed.append(str(step))
            return False
        return True

    try:
        lockdown.enter(plan, wires, _TRIAL, user=user, walls=walls)
        unreadable = _first_closed(readable) if user is not None else ""
        lockdown.close_calls(plan, walls)
        failed += _holes(plan, failed)
        told: dict[str, Any] = {"failed": failed, "unreadable": unreadable}
    except StepFailed as error:
        told = {"broken": f"{error.step}: {error.problem}"}
    except BaseException as error:  # noqa: BLE001  nothing else would tell of it
        told = {"broken": f"{type(error).__name__}: {error}"}
    os.write(lockdown.RESULT, json.dumps(told).encode())
    os._exit(0)


def _holes(plan: Plan, failed: list[str]) -> list[str]:
    """Walls that say they stand and do not hold, as under a kernel that only pretends."""
    holes = []
    if Layer.SECCOMP in plan.layers and Layer.SECCOMP not in failed and _can(socket.socket):
        holes.append(str(Layer.SECCOMP))
    return holes


def _first_closed(paths: Iterable[str]) -> str:
    """The topmost folder on the way to the libraries that this user cannot enter; empty if none."""
    for path in map(Path, paths):
        for place in (*reversed(path.parents), path):
            if place.is_dir() and not os.access(place, os.X_OK):
                return str(place)
    return ""


def _can(act: Any) -> bool:
    try:
        act()
    except OSError:
        return False
    return True


def _run(plan: Plan, wires: Wires, asked: Mapping[str, Any], user: int | None) -> NoReturn:
    """The whole life of a child."""
    status = _BROKEN
    try:
        ready = _locked(plan, wires, asked, user)
        if ready is not None:
            frames.write(lockdown.RESULT, Kind.READY, b"")
            inside.answer(*ready)
            status = 0
    finally:
        # Not by leaving main: that is the zygote's own, and cleaning up after it takes calls.
        os._exit(status)


def _locked(
    plan: Plan, wires: Wires, asked: Mapping[str, Any], user: int | None
) -> tuple[Function, memoryview] | None:
    """Lock this process and give what it is to run; None where it could not be locked."""
    try:
        function, limits = resolve(asked["function"]), Limits(**asked["limits"])
        lockdown.enter(plan, wires, limits, user=user, walls=lockdown.demand)
        payload = inside.payload()
        lockdown.close_calls(plan, lockdown.demand)
    except (StepFailed, KeyError, AttributeError) as error:
        step, problem = getattr(error, "step", "function"), getattr(error, "problem", repr(error))
        told = json.dumps({"step": str(step), "problem": problem}).encode()
        is_early = step in {"function", "session", "descriptors"}
        frames.write(wires.result if is_early else lockdown.RESULT, Kind.BROKEN, told)
        return None
    return function, payload


def _say(to: socket.socket, told: Mapping[str, Any], *descriptors: int) -> None:
    try:
        socket.send_fds(to, [json.dumps(told).encode()], descriptors)
    except OSError:
        # Nobody waits for it any more.
        return


def _plain(layers: Layers) -> dict[str, Any]:
    return {name: getattr(layers, name) for name in Layers.__slots__}


def _space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE

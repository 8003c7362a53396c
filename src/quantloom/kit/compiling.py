"""The one way in which kernels are compiled, and what keeps their machine code up to date."""

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, ParamSpec, TypeVar

from numba import njit
from numba.core import event
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher

from quantloom.kit.announcing import announce

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_PACKAGE = Path(__file__).resolve().parent.parent
_STAMP = "kernels.sha256"
# Seconds of compiling that nobody has to be told of.
_BLINK = 1.0
# numba takes it, and its stubs do not name it.
_UNCOUNTED: Any = {"error_model": "numpy", "nogil": True, "_nrt": False}


def kernel(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile on the first call and keep the machine code on disk for the next process.

    A kernel runs on one core and lets other Python threads run meanwhile; it starts no threads of
    its own, so a process that has run one may be forked.
    """
    try:
        return _compile(function, cache=True)
    except RuntimeError:
        # Installed read-only and without a home folder: every process compiles for itself.
        return _compile(function, cache=False)


def part(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Make a piece of kernels that is copied into each of them.

    An array that is handed to a kernel of its own is counted, atomically; where such pieces are
    called for every order that takes ten times as long as what they do.
    """
    return njit(error_model="numpy", inline="always")(function)


def _compile(function: Callable[Arguments, Result], *, cache: bool) -> Callable[Arguments, Result]:
    # The numpy error model leaves out a check at every division; kernels check where it can be 0.
    return njit(cache=cache, error_model="numpy", nogil=True)(function)


def uncounted(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile a kernel that counts nowhere who holds its arrays; it must make and return none.

    Where many arrays meet in one loop the counting took nine tenths of its time.
    """
    try:
        compiled: Callable[Arguments, Result] = njit(cache=True, **_UNCOUNTED)(function)
    except RuntimeError:
        compiled = njit(**_UNCOUNTED)(function)
    return compiled


def inlined(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Compile into the loop of an `uncounted` kernel that calls it."""
    compiled: Callable[Arguments, Result] = njit(inline="always", **_UNCOUNTED)(function)
    return compiled


def load_compiled() -> int:
    """Load the machine code of every imported kernel, and ask the disk for none any more.

    For a process whose copies may open no files.

    Returns:
        How many were loaded; what is not on disk is compiled when it is first called.
    """
    count = 0
    for dispatcher in _dispatchers():
        stored = getattr(dispatcher._cache, "_cache_file", None)  # noqa: SLF001  numba offers no way
        for signature, *_ in [] if stored is None else [*stored._load_index()]:  # noqa: SLF001
            dispatcher.compile(signature)
            count += 1
        dispatcher._cache = NullCache()  # noqa: SLF001
    return count


def _dispatchers() -> list[Any]:
    """The kernels of every module of the package that is imported."""
    modules = [one for name, one in [*sys.modules.items()] if name.startswith("quantloom")]
    found = (held for module in modules for held in vars(module).values())
    return [*{id(one): one for one in found if isinstance(one, Dispatcher)}.values()]


def forget_stale(package: Path = _PACKAGE) -> None:
    """Remove machine code that was made from other kernels than those that are there now.

    numba looks at the file of a function alone, and keeps what a kernel calls in other files as it
    was: after an update it would go on with the old step, silently.
    """
    folders = sorted(found for found in package.rglob("kernels") if found.is_dir())
    digest = hashlib.sha256()
    for file in (file for folder in folders for file in sorted(folder.rglob("*.py"))):
        digest.update(file.read_bytes())
    # Read-only folders hold no machine code either.
    with suppress(OSError):
        for folder in folders:
            _renew(folder / "__pycache__", digest.hexdigest())


def _renew(cache: Path, digest: str) -> None:
    stamp = cache / _STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return
    for old in (*cache.glob("*.nbi"), *cache.glob("*.nbc")):
        old.unlink(missing_ok=True)
    cache.mkdir(exist_ok=True)
    stamp.write_text(digest)


class Compiling(event.Listener):
    """Says that kernels are compiled where it takes longer than a blink; numba tells of each."""

    def __init__(self) -> None:
        self.depth, self.began = 0, 0.0

    def on_start(self, event: Any) -> None:  # noqa: ARG002  one kernel is like another
        if not self.depth:
            self.began = monotonic()
        self.depth += 1

    def on_end(self, event: Any) -> None:  # noqa: ARG002
        self.depth -= 1
        if monotonic() - self.began > _BLINK:
            announce("compiling kernels, once")


forget_stale()
event.register("numba:compile", Compiling())  # type: ignore[no-untyped-call]

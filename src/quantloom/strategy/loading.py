"""Finding a strategy by what users write: a preset's name, a file, `module:Class`, a package's."""

import hashlib
import importlib
import importlib.util
import inspect
import linecache
import sys
import types
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from quantloom.errors import Invalid, NotFound
from quantloom.strategy import asynchronous
from quantloom.strategy.asynchronous import adapt, is_asynchronous
from quantloom.strategy.base import Strategy

ENTRY_POINTS = "quantloom.strategies"
# Where a module that was made of a text keeps it.
_TEXT = "__quantloom_source__"
_LIBRARY = str(Path(__file__).parents[1])


class StrategyNotFound(NotFound):
    """No preset, file, module or installed package offers the strategy."""

    code = "strategy.unknown"

    def __init__(self, reference: str, known: tuple[str, ...]) -> None:
        super().__init__(reference, known)
        self.reference, self.known = reference, known

    def __str__(self) -> str:
        place, known = self.reference.partition(":")[0], ", ".join(self.known)
        if place.endswith(".py"):
            return f"there is no file {place}; check the path, or name one of {known}"
        near = get_close_matches(self.reference.casefold(), self.known, n=1)
        guess = f"did you mean {near[0]}? " if near else ""
        return (
            f"no strategy {self.reference!r}; {guess}there are {known}, "
            "or give a file like my_strategy.py, or module:Class"
        )


class StrategyUnreadable(Invalid):
    """A strategy's file or module fails while it is imported."""

    code = "strategy.unreadable"

    def __init__(self, reference: str, problem: str) -> None:
        super().__init__(reference, problem)
        self.reference, self.problem = reference, problem

    def __str__(self) -> str:
        return f"{self.reference} cannot be read: {self.problem}"


class WhichStrategy(Invalid):
    """A file or module with several strategies, or none, and nothing that says which."""

    code = "strategy.which"

    def __init__(self, reference: str, found: tuple[str, ...]) -> None:
        super().__init__(reference, found)
        self.reference, self.found = reference, found

    def __str__(self) -> str:
        if not self.found:
            return f"{self.reference} holds no subclass of quantloom.Strategy; write one there"
        return (
            f"{self.reference} holds {', '.join(self.found)}; "
            f"say which, as in {self.reference}:{self.found[0]}"
        )


def list_strategies() -> dict[str, type[Strategy]]:
    """Every strategy with a short name: the presets and those of installed packages.

    Raises:
        StrategyUnreadable: a package's strategy cannot be imported.
    """
    return {point.name: _load_point(point) for point in entry_points(group=ENTRY_POINTS)}


def load_strategy(reference: str) -> type[Strategy]:
    """Find a strategy class.

    A class that is written as an asynchronous strategy is adapted.

    Args:
        reference: a short name (`sma-cross`), a file (`my.py`, `my.py:Class`) or a module
            (`package.module:Class`).
    Raises:
        StrategyNotFound: nothing of that name.
        StrategyUnreadable: importing the file, module or package failed.
        WhichStrategy: several classes there, or none.
    """
    place, _, class_name = reference.partition(":")
    if place.endswith(".py"):
        return _pick(_load_file(Path(place), reference), place, class_name)
    if class_name:
        return _pick(_load_module(place, reference), place, class_name)
    named = entry_points(group=ENTRY_POINTS)
    if reference not in named.names:
        raise StrategyNotFound(reference, tuple(sorted(named.names)))
    return _load_point(named[reference])


def load_source(source: str, *, file: str = "strategy.py", class_name: str = "") -> type[Strategy]:
    """Find a strategy class in the text of a file; nothing is read from the disk.

    Args:
        source: the text.
        file: what errors call it.
        class_name: which class; the only one where it is empty.
    Raises:
        StrategyUnreadable: running the text failed.
        WhichStrategy: several classes there, or none.
    """
    digest = hashlib.sha256(source.encode()).hexdigest()
    name = f"quantloom_user_{Path(file).stem}_{digest[:8]}"
    module = types.ModuleType(name)
    # Not `__file__`: what lies there, if anything, is not this.
    vars(module)[_TEXT] = source
    shown = f"<{file}>"
    linecache.cache[shown] = (len(source), None, source.splitlines(keepends=True), shown)
    sys.modules[name] = module
    try:
        exec(compile(source, shown, "exec"), vars(module))  # noqa: S102  what a file is for
    except (Exception, SystemExit) as error:  # user code may fail in any way
        del sys.modules[name]
        raise StrategyUnreadable(file, describe(error, shown)) from error
    return _pick(module, file, class_name)


def code_digest(strategy: type[Strategy]) -> str:
    """SHA-256 of the source of a strategy: its whole module, or its class in a notebook."""
    text = vars(sys.modules.get(strategy.__module__, types)).get(_TEXT)
    if isinstance(text, str):
        return hashlib.sha256(text.encode()).hexdigest()
    module = inspect.getmodule(strategy)
    path = getattr(module, "__file__", None)
    if path and Path(path).is_file():
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    try:
        source = inspect.getsource(strategy)
    except (OSError, TypeError):
        # Typed into a bare prompt: there is no source, but its byte code stands for it.
        source = "".join(sorted(_byte_code(inspect.unwrap(strategy))))
    return hashlib.sha256(source.encode()).hexdigest()


def _byte_code(strategy: type) -> list[str]:
    return [
        f"{name}{_spelled(member.__code__)}"
        for name, member in vars(strategy).items()
        if isinstance(member, types.FunctionType)
    ]


def _spelled(code: types.CodeType) -> str:
    """Byte code with the names and constants it uses, the same in every process."""
    # The repr of a nested function holds its address, and a set's follows the hash seed.
    constants = [
        _spelled(constant)
        if isinstance(constant, types.CodeType)
        else repr(sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant)
        for constant in code.co_consts
    ]
    return f"{code.co_code.hex()}{code.co_names}{code.co_varnames}{constants}"


def _load_point(point: EntryPoint) -> type[Strategy]:
    try:
        found: type[Strategy] = point.load()
    except (Exception, SystemExit) as error:  # an installed package may fail in any way
        raise StrategyUnreadable(f"{point.name} ({point.value})", describe(error, "")) from error
    return found


def _load_file(path: Path, reference: str) -> types.ModuleType:
    if not path.is_file():
        raise StrategyNotFound(reference, tuple(sorted(entry_points(group=ENTRY_POINTS).names)))
    # The path is part of the name, so that two files called alike stay two modules.
    full = path.resolve()
    name = f"quantloom_user_{path.stem}_{hashlib.sha256(str(full).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, full)
    if spec is None or spec.loader is None:
        raise StrategyUnreadable(str(path), "it is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # user code may fail in any way
        del sys.modules[name]
        raise StrategyUnreadable(str(path), describe(error, str(full))) from error
    return module


def _load_module(name: str, reference: str) -> types.ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as error:  # user code may fail in any way
        raise StrategyUnreadable(reference, describe(error, name)) from error


def _pick(module: types.ModuleType, place: str, class_name: str) -> type[Strategy]:
    present = {name: one for name, one in vars(module).items() if _is_strategy(one)}
    if class_name in present:
        return _runnable(present[class_name])
    # What a file imports is not its own, unless it is asked for by name.
    found = {name: one for name, one in present.items() if one.__module__ == module.__name__}
    if class_name or len(found) != 1:
        raise WhichStrategy(place, tuple(found))
    return _runnable(next(iter(found.values())))


def _is_strategy(member: object) -> bool:
    is_plain = isinstance(member, type) and issubclass(member, Strategy)
    return (is_plain and member is not Strategy) or is_asynchronous(member)


def _runnable(found: type) -> type[Strategy]:
    return found if issubclass(found, Strategy) else adapt(found)


def describe(error: BaseException, path: str) -> str:
    """Say what went wrong in user code, and on which line of its file if that is known.

    Args:
        path: the file; where it is the adapter's, the one that the adapter called is meant.
    """
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, SyntaxError):
        return f"SyntaxError: {error.msg} (line {error.lineno})"
    places = [(frame.tb_frame.f_code.co_filename, frame.tb_lineno) for frame in _frames(error)]
    if path == asynchronous.__file__:
        path = next((file for file, _ in places if not file.startswith(_LIBRARY)), "")
    lines = [line for file, line in places if file == str(path)]
    return f"{text} (line {lines[-1]})" if lines else text


def _frames(error: BaseException) -> list[types.TracebackType]:
    frames, frame = [], error.__traceback__
    while frame is not None:
        frames.append(frame)
        frame = frame.tb_next
    return frames

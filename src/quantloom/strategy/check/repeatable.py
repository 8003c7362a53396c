"""What makes a run that is made again come out otherwise."""

import ast
from collections.abc import Iterator

from quantloom.strategy.check.code import Code
from quantloom.strategy.check.findings import Mark

_CLOCKS = (
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.perf_counter",
    "time.localtime",
    "time.gmtime",
    "Timestamp.now",
    "Timestamp.today",
)
_CHANCE = ("random.", "numpy.random.", "np.random.", "secrets.")
_CHANCE_CALLS = frozenset({"uuid.uuid1", "uuid.uuid4", "os.urandom", "random.Random"})


def check(code: Code) -> Iterator[Mark]:
    """Look for clocks, chance and orders that are no part of the run."""
    for call in code.of(ast.Call):
        yield from _check_call(code, call)
    for loop in code.of(ast.For):
        if _is_set(loop.iter):
            yield Mark("unordered", loop.iter, {"name": "the order of a set"})


def _check_call(code: Code, node: ast.Call) -> Iterator[Mark]:
    name = code.origin(node.func)
    if any(name == clock or name.endswith(f".{clock}") for clock in _CLOCKS):
        yield Mark("own_clock", node, {"name": name})
    elif name in _CHANCE_CALLS or name.startswith(_CHANCE):
        if not _is_seeded(name, node):
            yield Mark("own_random", node, {"name": name})
    elif name == "hash":
        yield Mark("unordered", node, {"name": "hash()"})


def _is_seeded(name: str, node: ast.Call) -> bool:
    """Whether a generator of its own is made from a number that the code gives."""
    return name.rpartition(".")[2] in {"default_rng", "Random", "Generator", "PCG64"} and bool(
        node.args or node.keywords
    )


def _is_set(node: ast.expr) -> bool:
    if isinstance(node, ast.Set):
        return any(
            isinstance(one, ast.Constant) and isinstance(one.value, str) for one in node.elts
        )
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "set"

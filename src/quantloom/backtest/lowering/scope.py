"""What is known of a strategy and of one of its functions while it is lowered."""

import ast
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from quantloom.backtest.lowering.refusals import Source
from quantloom.backtest.lowering.sources import Written, read_method
from quantloom.backtest.lowering.values import Found, Kind, Number, Role, Thing
from quantloom.kit import FloatArray
from quantloom.strategy import Line, Strategy
from quantloom.strategy.lines import whole

# As far as float64 holds every whole number.
WHOLE = 2**53
SHARED = "row, open, high, low, close, volume, lines, state, desk, commands"
"""What every function of compiled code is handed."""
_NUMBERS = {bool: Kind.BOOL, int: Kind.INT, float: Kind.FLOAT}


@dataclass(slots=True)
class Program:
    """One strategy, already initialised, and what its callback comes to.

    Attributes:
        lower_body: what lowers the statements of a function, a method's among them.
        slots: place in the state of each attribute that is a number, by name.
        kinds: what each of them may be, as far as has been seen.
        columns: the lines that are read, each once.
        functions: code of every function, by what it was made of; the callback last.
        has_changed: whether a kind has grown since the last look, so that all is lowered anew.
    """

    strategy: Strategy
    symbol: str
    has_whole_lots: bool
    lower_body: "Callable[[Function], None]"
    slots: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, Number] = field(default_factory=dict)
    first: list[float] = field(default_factory=list)
    columns: list[FloatArray] = field(default_factory=list)
    functions: dict[tuple[object, ...], "Function"] = field(default_factory=dict)
    methods: dict[str, Written] = field(default_factory=dict)
    has_changed: bool = False

    def method(self, name: str) -> Written:
        """The source of a method."""
        if name not in self.methods:
            self.methods[name] = read_method(type(self.strategy), name)
        return self.methods[name]

    def column(self, line: Line) -> int:
        """The row of a line's values in the array that the callback is handed."""
        values = whole(line)
        for place, known in enumerate(self.columns):
            if known is values:
                return place
        self.columns.append(values)
        return len(self.columns) - 1

    def slot(self, name: str, value: float) -> Number:
        """An attribute that is a number, as it is read."""
        if name not in self.slots:
            self.slots[name] = len(self.slots)
            self.first.append(float(value))
            self.kinds[name] = Number("", _NUMBERS[type(value)])
        kept = self.kinds[name]
        return Number(_read(self.slots[name], kept.kind), kept.kind, kept.is_exact, kept.is_rough)

    def hold(self, value: float) -> str:
        """Code of a constant that the compiler must not see through."""
        # It would turn a power of 2 into a product, which now and then is another float.
        return self.slot(f"constant {value!r}", value).code

    def keep(self, name: str, number: Number) -> str:
        """Note what is assigned to an attribute, and give the code of its place."""
        self.kinds[name] = self.grown(number, self.kinds[name])
        return f"state[{self.slots[name]}]"

    def grown(self, number: Number, known: Number | None) -> Number:
        """Join what a name may be with what it may be besides."""
        found = number.joined(known)
        if known is None or not found.same_kind(known):
            self.has_changed = True
        return found


def _read(place: int, kind: Kind) -> str:
    plain = f"state[{place}]"
    if kind is Kind.FLOAT:
        return plain
    return f"int({plain})" if kind is Kind.INT else f"({plain} != 0.0)"


@dataclass(slots=True)
class Function:
    """One function of a strategy while it is lowered, for one choice of things among arguments.

    Attributes:
        locals: what each name may be, as far as has been seen.
        assigned: the names that have a value wherever the code has come to.
        result: what it returns; None while nothing was returned.
    """

    name: str
    program: Program
    written: Written
    arguments: tuple[str, ...] = ()
    locals: dict[str, Found] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    result: Number | None = None
    always_returns: bool = False
    is_lowering: bool = False
    loops: int = 0
    lines: list[str] = field(default_factory=list)
    depth: int = 1

    @property
    def source(self) -> Source:
        return self.written.source

    def emit(self, line: str) -> None:
        """Write a line of code."""
        self.lines.append("    " * self.depth + line)

    @contextmanager
    def block(self) -> Iterator[None]:
        """Write what follows a line that ends with a colon."""
        self.depth += 1
        count = len(self.lines)
        yield
        if len(self.lines) == count:
            self.emit("pass")
        self.depth -= 1

    def read(self, node: ast.Name) -> Found:
        """What a local name is."""
        name = node.id
        if name not in self.assigned:
            self.source.refuse(node, f"{name} may have no value here", f"give {name} one before")
        found = self.locals[name]
        if isinstance(found, Thing):
            return found
        return Number(f"v_{name}", found.kind, found.is_exact, found.is_rough)

    def assign(self, node: ast.AST, name: str, found: Found) -> None:
        """Give a local name a value."""
        known = self.locals.get(name)
        self.assigned.add(name)
        if isinstance(found, Thing) or isinstance(known, Thing):
            if known is not None and known != found:
                self.source.refuse(node, f"{name} is first {known}, then {found}", "use two names")
            self.locals[name] = found
            return
        grown = self.program.grown(found, known)
        self.locals[name] = grown
        self.emit(f"v_{name} = {stored(found, grown.kind)}")


def stored(number: Number, kind: Kind) -> str:
    """Code of a number as it is kept; whole ones are checked to be exact as float64."""
    if number.kind is Kind.INT and number.constant is None:
        number = replace(number, code=f"guards.whole({number.code}, desk)")
    return number.as_kind(kind)


SELF, CTX, BAR = Thing(Role.SELF), Thing(Role.CTX), Thing(Role.BAR)

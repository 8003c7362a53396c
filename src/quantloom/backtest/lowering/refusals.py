"""Why a strategy cannot be compiled, and what happens then."""

import ast
from dataclasses import dataclass
from typing import NoReturn

from quantloom.errors import Invalid


class NotCompilable(Invalid):
    """A strategy uses what compiled code does not know; the event engine runs it.

    Attributes:
        place: file and line. text: of the source there. problem: what is not known.
        advice: what to write instead.
    """

    code = "strategy.not_compilable"

    def __init__(self, strategy: str, place: str, text: str, problem: str, advice: str) -> None:
        super().__init__(strategy, place, text, problem, advice)
        self.strategy, self.place, self.text = strategy, place, text
        self.problem, self.advice = problem, advice

    def __str__(self) -> str:
        shown = f"`{self.text}`: " if self.text else ""
        return (
            f"{self.strategy} cannot be compiled: {self.place}: {shown}{self.problem}; "
            f'{self.advice}, or run it as Python by engine="event"'
        )


class RunsAsPython(UserWarning):
    """A strategy marked `@compiled` is run by the event engine, many times slower."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the code of a function stands.

    Attributes:
        first_line: of the function in its file. lines: its text.
    """

    strategy: str
    file: str
    first_line: int
    lines: tuple[str, ...]

    def refuse(self, node: ast.AST, problem: str, advice: str) -> NoReturn:
        """Say what cannot be compiled here.

        Raises:
            NotCompilable: always.
        """
        line = getattr(node, "lineno", 1)
        text = self.lines[line - 1].strip() if line <= len(self.lines) else ""
        place = f"{self.file}, line {self.first_line + line - 1}"
        raise NotCompilable(self.strategy, place, text, problem, advice)

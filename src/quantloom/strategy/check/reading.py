"""Text to tree, within bounds: the answer is a tree, or one mark that says why there is none."""

import ast
import io
import tokenize
import warnings

from quantloom.strategy.check.code import Code, Lines
from quantloom.strategy.check.findings import Mark, Place

LONGEST_SOURCE = 1 << 20
"""Characters that are looked at; no strategy comes near it."""

_MOST_NODES = 200_000
_START = Place(1, 1, 1, 1)
_TOO_DEEP = ("too many nested", "too complex", "stack overflow")


class Unparsed(Exception):
    """Why there is no tree to look at."""

    def __init__(self, mark: Mark) -> None:
        super().__init__(mark)
        self.mark = mark


def decode(text: str | bytes) -> str:
    """The text of a source.

    Raises:
        Unparsed: it is too long, or its bytes are none of the encoding that it names.
    """
    if len(text) > 4 * LONGEST_SOURCE:
        raise Unparsed(_too_large("the text", "文本", len(text), LONGEST_SOURCE))
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        named, _ = tokenize.detect_encoding(io.BytesIO(text).readline)
        return text.decode(named).removeprefix("\ufeff")
    except (SyntaxError, LookupError, ValueError) as error:
        raise Unparsed(Mark("encoding", _START, {"problem": str(error)})) from None


def parse(text: str) -> Code:
    """The tree of a text.

    Raises:
        Unparsed: it is no Python, or more of it than is looked at.
    """
    if len(text) > LONGEST_SOURCE:
        raise Unparsed(_too_large("the text", "文本", len(text), LONGEST_SOURCE))
    try:
        with warnings.catch_warnings():
            # Of odd escapes in texts; they would be told to the caller, who cannot mend them.
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except SyntaxError as error:
        raise Unparsed(_syntax(error, Lines(text))) from None
    except UnicodeError as error:
        raise Unparsed(Mark("encoding", _START, {"problem": str(error)})) from None
    except (RecursionError, MemoryError):
        raise Unparsed(Mark("too_deep", _START, {})) from None
    except ValueError as error:  # a NUL in the text
        raise Unparsed(Mark("syntax", _START, {"problem": str(error)})) from None
    return Code(tree, _nodes(tree))


def _nodes(tree: ast.Module) -> list[ast.AST]:
    found: list[ast.AST] = []
    for node in ast.walk(tree):
        found.append(node)
        if len(found) > _MOST_NODES:
            raise Unparsed(_too_large("the code", "代码", len(found), _MOST_NODES))
    return found


def _too_large(what: str, what_zh: str, size: int, most: int) -> Mark:
    facts = {"what": what, "what_zh": what_zh, "size": size, "most": most}
    return Mark("too_large", _START, facts)


def _syntax(error: SyntaxError, lines: Lines) -> Mark:
    problem = error.msg
    if any(told in problem for told in _TOO_DEEP):
        return Mark("too_deep", _START, {})
    line, column = error.lineno or 1, error.offset or 1
    end_line, end_column = error.end_lineno or line, error.end_offset or column + 1
    return Mark("syntax", lines.within(line, column, end_line, end_column), {"problem": problem})

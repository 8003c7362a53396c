"""Errors as users see them: one line, in their language, with an exit code for scripts."""

import json
import os
import sys
import traceback
from collections.abc import Sequence

from quantloom.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    QuantloomError,
    Unavailable,
)
from quantloom.messages import in_chinese

EXIT_CODES: dict[type[QuantloomError], int] = {
    Invalid: 2,
    NotFound: 3,
    Forbidden: 4,
    Conflict: 5,
    Unavailable: 6,
}
UNEXPECTED = 70
_DEBUG = "QUANTLOOM_DEBUG"


def tell_failure(error: Exception, arguments: Sequence[str]) -> int:
    """Print an error to standard error, as JSON if the command was asked for JSON.

    Returns:
        The exit code: 2 invalid, 3 not found, 4 forbidden, 5 conflict, 6 unavailable or refused by
        the system, and 70 for what should never happen.
    """
    if os.environ.get(_DEBUG):
        traceback.print_exception(error)
    if "--json" in arguments:
        body = {"error": {"code": _code(error), "message": describe_failure(error, chinese=False)}}
        print(json.dumps(body, ensure_ascii=False), file=sys.stderr)  # noqa: T201
    else:
        chinese = speaks_chinese()
        label = "错误" if chinese else "error"
        print(f"{label}: {describe_failure(error, chinese=chinese)}", file=sys.stderr)  # noqa: T201
    return exit_code(error)


def describe_failure(error: Exception, *, chinese: bool) -> str:
    """Say what went wrong; an error that is not ours names itself and how to see more."""
    if isinstance(error, QuantloomError):
        return (chinese and in_chinese(error)) or str(error)
    if isinstance(error, OSError):
        return _describe_refusal(error, chinese=chinese)
    if (usage := _usage(error)) is not None:
        return usage
    text = f"{type(error).__name__}: {error}"
    if chinese:
        return f"内部错误 {text}。设置 {_DEBUG}=1 再运行可查看详情"
    return f"unexpected {text}; run again with {_DEBUG}=1 to see where, and please report it"


def exit_code(error: Exception) -> int:
    """The exit code that stands for an error."""
    if isinstance(error, OSError):
        return EXIT_CODES[Unavailable]
    if _usage(error) is not None:
        return EXIT_CODES[Invalid]
    return next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), UNEXPECTED)


def _usage(error: Exception) -> str | None:
    """What is wrong with how a command was called; None for any other error."""
    # typer.BadParameter's base, which typer gives no public name.
    tell = getattr(error, "format_message", None)
    return str(tell()) if tell is not None else None


def speaks_chinese() -> bool:
    """Whether the user's locale is a Chinese one."""
    names = ("QUANTLOOM_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    chosen = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return chosen.lower().startswith("zh")


def _describe_refusal(error: OSError, *, chinese: bool) -> str:
    """Say what a full disk, a missing right or an impossible path has stopped."""
    reason = error.strerror or str(error)
    text = reason if error.filename is None else f"{error.filename}: {reason}"
    if chinese:
        return f"{text}。请检查路径、权限和磁盘空间"
    return f"{text}; check the path, the rights to it and the free space"


def _code(error: Exception) -> str:
    if isinstance(error, OSError):
        return "system.refused"
    if _usage(error) is not None:
        return "cli.usage"
    return error.code if isinstance(error, QuantloomError) else "unexpected"

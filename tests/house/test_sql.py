"""No SQL of the service is put together from text: values go beside a statement, never into it."""

import ast
from collections.abc import Iterator

from tests.house.checkout import ROOT

SERVICE = ROOT / "src" / "quantloom_server"
RUNS_SQL = {
    "exec_driver_sql",
    "execute",
    "executemany",
    "fetch",
    "fetchrow",
    "fetchval",
    "prepare",
    "scalar",
    "scalars",
    "stream",
    "text",
}
# Where names of tables, columns and roles go into a statement; all of them are constants of ours,
# and none of it is reached by a request.
NAMES_OF_OURS = {
    "platform/database.py",
    "platform/migrating.py",
    "platform/rotation.py",
}


def put_together(source: str) -> list[int]:
    """The lines of calls that run a text which is put together there."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if call.args and _is_put_together(call)]


def _is_put_together(node: ast.Call) -> bool:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name in RUNS_SQL and any(map(_is_made, _parts(node.args[0])))


def _parts(told: ast.expr) -> Iterator[ast.expr]:
    """What is run, be it wrapped in a call of `text` or not."""
    yield told
    if isinstance(told, ast.Call):
        yield from told.args


def _is_made(told: ast.expr) -> bool:
    if isinstance(told, ast.JoinedStr):
        return any(isinstance(value, ast.FormattedValue) for value in told.values)
    if isinstance(told, ast.BinOp):
        return any(isinstance(side, ast.Constant | ast.JoinedStr) for side in _sides(told))
    if not isinstance(told, ast.Call) or not isinstance(told.func, ast.Attribute):
        return False
    return told.func.attr in {"format", "format_map", "join"}


def _sides(told: ast.BinOp) -> Iterator[ast.expr]:
    for side in (told.left, told.right):
        if isinstance(side, ast.Constant) and not isinstance(side.value, str):
            continue
        yield side


def sources() -> dict[str, str]:
    return {
        str(path.relative_to(SERVICE)): path.read_text(encoding="utf-8")
        for path in SERVICE.rglob("*.py")
        if "migrations" not in path.parts  # their statements name tables, and run before any user
    }


def test_only_names_of_ours_go_into_statements() -> None:
    found = {name for name, source in sources().items() if put_together(source)}

    assert found <= NAMES_OF_OURS
    assert {name for name, source in sources().items() if "noqa: S608" in source} <= NAMES_OF_OURS


def test_whatever_puts_one_together_is_found() -> None:
    wrong = (
        'session.execute(text(f"SELECT {name}"))',
        'connection.fetch("SELECT " + name)',
        'connection.fetchval("SELECT %s" % name)',
        'session.scalar(text("SELECT {}".format(name)))',
    )

    assert all(put_together(each) for each in wrong)
    assert not put_together('session.execute(text("SELECT :name"), {"name": name})')
    assert not put_together('connection.fetch("SELECT $1", f"{name}%")')

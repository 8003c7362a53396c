"""What runs in the worker process: it takes questions, calls a vendor's package, and answers.

Run by its path and never imported, with the standard library, the vendor's package and pyarrow
alone, so that neither this library nor anything it knows is within the vendor's reach. It locks
itself up before it imports anything of a vendor. The parent is `process.py` beside it.
"""

import ctypes
import json
import os
import resource
import struct
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

_HEAD = struct.Struct(">QQ")
_MEBI = 1 << 20
_NOBODY = 65_534
_TEXT = 2_000

_SET_PDEATHSIG, _SET_DUMPABLE, _CAPBSET_DROP, _SET_NO_NEW_PRIVS = 1, 4, 24, 38
_SIGKILL = 9
# Landlock has the same numbers on every architecture.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH, _RULE_PORT = 1, 2
_ASK_VERSION = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_READ = _READ_FILE | _READ_DIR
# Execute, write and read files, list, remove, make: the first thirteen rights; then by version
# linking across folders, cutting files, device controls.
_RIGHTS = ((1, 0x1FFF), (2, 1 << 13), (3, 1 << 14), (5, 1 << 15))
_OF_FILES = 1 << 0 | 1 << 1 | _READ_FILE | 1 << 14 | 1 << 15
_BIND, _CONNECT = 1, 2
_SCOPES = 3  # abstract sockets and signals stay inside
_WEB_PORTS = (80, 443, 53)
_SYSTEM = (
    *("/usr/lib", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache"),
    *("/usr/share/zoneinfo", "/etc/localtime", "/usr/share/ca-certificates"),
    *("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/run/systemd/resolve"),
    *("/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf"),
    *("/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/dev/urandom", "/dev/random"),
)


def lock_up(setup: Mapping[str, Any]) -> list[str]:
    """Give away every right that asking a vendor does not need; name the walls that stand."""
    os.umask(0o077)
    walls = ["limits"]
    _limit(int(setup["memory_mb"]))
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() == 0:
        walls.append(_drop_root(libc))
    # After the change of user, which clears the first of them.
    libc.prctl(_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        walls.append("no_new_privileges")
        walls += _shut_files(libc, setup)
    return walls


def _limit(memory_mb: int) -> None:
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 256 * _MEBI,
        resource.RLIMIT_NOFILE: 256,
        # Not the address space: a JavaScript engine reserves gigabytes that it never touches.
        resource.RLIMIT_DATA: memory_mb * _MEBI,
    }
    for what, wanted in limits.items():
        _, ceiling = resource.getrlimit(what)
        most = wanted if ceiling == resource.RLIM_INFINITY else min(wanted, ceiling)
        resource.setrlimit(what, (most, most))


def _drop_root(libc: ctypes.CDLL) -> str:
    """Become nobody; where the interpreter lies in root's own folder, root without its powers."""
    places = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()}
    folders = {folder for place in places for folder in (place, *place.parents)}
    if all(folder.stat().st_mode & 0o001 for folder in folders):
        with suppress(PermissionError):  # in a container that lets nobody change
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
            return "nobody"
    for capability in range(64):
        libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    head, none = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    libc.capset(head, none)
    return "no_capabilities"


def _shut_files(libc: ctypes.CDLL, setup: Mapping[str, Any]) -> list[str]:
    """Leave only libraries to read, the scratch folder to write, and the web to talk to."""
    known = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)
    if known < 1:
        return []
    rights = sum(bits for since, bits in _RIGHTS if known >= since)
    fields = [rights]
    if known >= 4:
        fields.append(_BIND | _CONNECT)
    if known >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return []
    site = [path for path in sys.path if path]
    for place in (*_SYSTEM, sys.prefix, sys.base_prefix, *site, *setup["readable"]):
        _allow(libc, ruleset, place, _READ & rights)
    _allow(libc, ruleset, f"/proc/{os.getpid()}", _READ & rights)
    _allow(libc, ruleset, "/dev/null", _OF_FILES & rights & ~1)
    # No program may be started, not even one of the scratch folder's own.
    _allow(libc, ruleset, str(Path.cwd()), rights & ~1)
    if known >= 4:
        for port in (*_WEB_PORTS, *setup["ports"]):
            rule = struct.pack("=QQ", _CONNECT, port)
            libc.syscall(_ADD_RULE, ruleset, _RULE_PORT, rule, 0)
    if libc.syscall(_RESTRICT_SELF, ruleset, 0) != 0:
        return []
    os.close(ruleset)
    return ["files", "ports"] if known >= 4 else ["files"]


def _allow(libc: ctypes.CDLL, ruleset: int, place: str, rights: int) -> None:
    with suppress(OSError):
        folder = os.open(place, os.O_PATH | os.O_CLOEXEC)
        if not Path(place).is_dir():
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, folder)
        libc.syscall(_ADD_RULE, ruleset, _RULE_PATH, rule, 0)
        os.close(folder)


def _ask_akshare(question: Mapping[str, Any], _: Mapping[str, Any]) -> Any:
    called = getattr(import_module("akshare"), question["function"])
    # It keeps some answers for as long as it runs, which may be weeks.
    if hasattr(called, "cache_clear"):
        called.cache_clear()
    return called(**question["arguments"])


def _ask_yfinance(question: Mapping[str, Any], _: Mapping[str, Any]) -> Any:
    yfinance = import_module("yfinance")
    # Otherwise a failure is logged and an empty frame returned.
    import_module("yfinance.config").YfConfig.debug.hide_exceptions = False
    # It keeps answers of the past for ever, faulty ones among them.
    import_module("yfinance.data").YfData.cache_get.cache_clear()
    arguments = dict(question["arguments"])
    ticker = yfinance.Ticker(arguments.pop("ticker"))
    return getattr(ticker, question["function"])(**arguments).reset_index()


_exchanges: dict[str, Any] = {}


def _ask_ccxt(question: Mapping[str, Any], _: Mapping[str, Any]) -> Any:
    ccxt = import_module("ccxt")
    name = question["exchange"]
    key = f"{name} {question['markets']}"
    if key not in _exchanges:
        options: dict[str, Any] = {
            "enableRateLimit": True,
            "timeout": int(question["timeout_s"] * 1_000),
            "options": {"fetchMarkets": {"types": question["markets"]}, "fetchCurrencies": False},
        }
        # Its proxy and its certificates stand in the environment, like everybody's.
        options["requests_trust_env"] = True
        _exchanges[key] = getattr(ccxt, name)(options)
    return getattr(_exchanges[key], question["function"])(**question["arguments"])


class _Refused(Exception):
    """A fault that the vendor reports in its answer."""


def _ask_tushare(question: Mapping[str, Any], setup: Mapping[str, Any]) -> Any:
    """Ask by the documented protocol over https; the vendor's package sends the token in clear."""
    endpoint = question["endpoint"]
    if not endpoint.startswith("https://"):
        raise ValueError("the token travels over https only")
    body = {
        "api_name": question["function"],
        "token": question["token"],
        "params": question["arguments"],
        "fields": question["fields"],
    }
    request = urllib.request.Request(  # noqa: S310  https, checked above
        endpoint, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    opener = urllib.request.build_opener(_NoRedirect)
    with opener.open(request, timeout=question["timeout_s"]) as reply:
        told = json.loads(reply.read(setup["most_bytes"] + 1))
    if told["code"] != 0:
        raise _Refused(f"{told['code']}: {told['msg']}")
    pyarrow = import_module("pyarrow")
    names, rows = told["data"]["fields"], told["data"]["items"]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(names)
    return pyarrow.table([_column(pyarrow, column) for column in columns], names=names)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected question would carry the token to somewhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


_VENDORS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Any]] = {
    "akshare": _ask_akshare,
    "ccxt": _ask_ccxt,
    "tushare": _ask_tushare,
    "yfinance": _ask_yfinance,
}


def answer(question: Mapping[str, Any], setup: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Ask a vendor; a header that tells what came, and its bytes."""
    _allow_seconds(question["timeout_s"])
    try:
        found = _VENDORS[question["vendor"]](question, setup)
        form, body = _written(found)
    except Exception as error:  # noqa: BLE001  whatever a vendor raises, the parent tells apart
        return _told(error, question), b""
    return {"form": form, "version": _version(question["vendor"])}, body


def _allow_seconds(seconds: float) -> None:
    """Let this question burn as much of the processor as it may take time."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    most = int(spent.ru_utime + spent.ru_stime + seconds) + 1
    _, ceiling = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (most, ceiling))


def _written(found: Any) -> tuple[str, bytes]:
    pyarrow = import_module("pyarrow")
    table = found if isinstance(found, pyarrow.Table) else None
    if hasattr(found, "columns") and hasattr(found, "dtypes"):
        table = _table(pyarrow, found)
    if table is None:
        return "json", json.dumps(found, default=str).encode()
    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return "arrow", sink.getvalue().to_pybytes()


def _table(pyarrow: Any, frame: Any) -> Any:
    # Two-level columns (price, ticker) of one ticker: the first level says all.
    names = [name[0] if isinstance(name, tuple) else name for name in frame.columns]
    columns = [frame.iloc[:, place] for place in range(len(names))]
    return pyarrow.table(
        [_column(pyarrow, column) for column in columns], names=[str(name) for name in names]
    )


def _column(pyarrow: Any, column: Any) -> Any:
    try:
        return pyarrow.array(column, from_pandas=True)
    except (pyarrow.ArrowException, TypeError, ValueError):
        return pyarrow.array([None if cell is None else str(cell) for cell in column])


def _told(error: Exception, question: Mapping[str, Any]) -> dict[str, Any]:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(error, "code", None)
    headers = getattr(response, "headers", None) or getattr(error, "headers", None) or {}
    text = f"{error}"[:_TEXT]
    if token := question.get("token"):
        text = text.replace(token, "(token)")
    names = [f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__]
    wait = headers.get("Retry-After") if hasattr(headers, "get") else None
    return {
        "form": "error",
        "kinds": names,
        "text": text,
        "status": status if isinstance(status, int) else None,
        "wait": None if wait is None else str(wait),
    }


def _version(vendor: str) -> str:
    try:
        return version(vendor)
    except PackageNotFoundError:
        return ""


def _read(asks: BinaryIO) -> dict[str, Any] | None:
    head = asks.read(8)
    if len(head) < 8:
        return None
    body: dict[str, Any] = json.loads(asks.read(int.from_bytes(head, "big")))
    return body


def _write(answers: BinaryIO, header: Mapping[str, Any], body: bytes) -> None:
    text = json.dumps(header).encode()
    answers.write(_HEAD.pack(len(text), len(body)))
    answers.write(text)
    answers.write(body)
    answers.flush()


def main() -> None:
    """Serve questions until the parent hangs up."""
    asks, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a vendor prints must not stand between two answers.
    os.dup2(2, 1)
    setup = _read(asks)
    if setup is None:
        return
    sys.path[:0] = setup["path"]
    _write(answers, {"form": "ready", "walls": lock_up(setup), "python": sys.version}, b"")
    while (question := _read(asks)) is not None:
        _write(answers, *answer(question, setup))


if __name__ == "__main__":
    main()

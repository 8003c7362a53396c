"""What `quantloom doctor` says of the service: is everything here that it needs, and is it well."""

import asyncio
import ctypes
import os
import platform
import shutil
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from quantloom.cli.doctor import Check, State
from quantloom.cli.failure import describe_failure, speaks_chinese
from quantloom_server.messages import FINDINGS
from quantloom_server.platform.embedded.account import blocked_on_the_way, choose_account
from quantloom_server.platform.embedded.binaries import find_postgres, find_valkey
from quantloom_server.platform.embedded.errors import FolderOutOfReach
from quantloom_server.platform.embedded.server import EmbeddedServer
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.reaching.asking import Answer, ask_postgres, ask_valkey
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.platform.shape import needed_revision
from quantloom_server.platform.supervision import board
from quantloom_server.settings import Settings, read_settings
from quantloom_server.up import Servers, equip, find_servers

_SCARCE_B, _LITTLE_B = 500 << 20, 5 << 30
_UNSYNCHRONISED = 0x40  # STA_UNSYNC, as timex.h has it
_CLOCK_BYTES = 256
_CONNECT_S = 3.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What the checks look at: settings as a command here would use them, and the two servers."""

    settings: Settings
    servers: Servers
    running: tuple[board.Status, ...]


def checks() -> Iterator[Check]:
    """Look at everything of the service, from the kernel up; nothing is started or changed."""
    try:
        settings = read_settings()
    except Exception as error:  # noqa: BLE001  whatever it is, it belongs in the table
        yield _failed("settings", error)
        return
    running = board.read_board(settings.data_dir / board.RUN / board.STATE)
    alive = tuple(each for each in running if each.pid is not None)
    scene = Scene(_equipped(settings), find_servers(settings), alive)
    for name, look in _LOOKS.items():
        yield _tried(f"service {name}", look, scene)


def _equipped(settings: Settings) -> Settings:
    try:
        return equip(settings)
    except Exception:  # noqa: BLE001  nothing was started yet; each check says what that means
        return settings


def _tried(name: str, look: Callable[[Scene], Check], scene: Scene) -> Check:
    try:
        return replace(look(scene), name=name)
    except Exception as error:  # noqa: BLE001  whatever it is, it belongs in the table
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    return Check(name, State.FAILED, describe_failure(error, chinese=speaks_chinese()))


def _say(key: str, state: State = State.OK, **facts: object) -> Check:
    return Check("", state, FINDINGS[key][speaks_chinese()].format(**facts))


def _settings(scene: Scene) -> Check:
    refuse_unsafe(scene.settings)
    return _say("well")


def _kernel(_: Scene) -> Check:
    told = f"{platform.system()} {platform.release()}"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except (AttributeError, OSError):
        return _say("no_kernel", State.FAILED, kernel=told)
    return _say("kernel", kernel=told)


def _folder(scene: Scene) -> Check:
    folder = scene.settings.data_dir
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    free_b = shutil.disk_usage(nearest).free
    free = round(free_b / (1 << 30), 1)
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        return _say("no_write", State.FAILED, folder=folder)
    _demand_way(scene, nearest)
    secrets = folder / "secrets"
    if secrets.exists() and secrets.stat().st_mode & 0o077:
        return _say("open_secrets", State.FAILED, folder=secrets)
    if free_b < _LITTLE_B:
        return _say(
            "scarce",
            State.FAILED if free_b < _SCARCE_B else State.WARNING,
            folder=folder,
            free=free,
        )
    return _say("folder" if folder.exists() else "new_folder", folder=folder, free=free)


def _demand_way(scene: Scene, folder: Path) -> None:
    account = choose_account() if scene.servers.own else None
    blocked = None if account is None else blocked_on_the_way(folder, account)
    if account is not None and blocked is not None:
        raise FolderOutOfReach(folder, blocked, account.name)


def _postgres(scene: Scene) -> Check:
    own = scene.servers.postgres
    if own is not None and not _is_up(scene, own):
        program = find_postgres(scene.settings.data_dir / "postgres")
        return _say("not_running", program=f"PostgreSQL {program.major} in {program.bin}")
    facts = _wait(ask_postgres(scene.servers.owner_url))
    found = f"PostgreSQL {facts.version}"
    if facts.revision != needed_revision():
        present = facts.revision or "-"
        return _say("behind", State.WARNING, found=found, present=present, needed=needed_revision())
    if not facts.has_admin:
        return _say("no_admin", State.WARNING, found=found)
    return Check("", State.OK, f"{found}, {facts.database} at {facts.revision}")


def _valkey(scene: Scene) -> Check:
    own = scene.servers.valkey
    if own is not None and not _is_up(scene, own):
        return _say("not_running", program=f"Valkey in {find_valkey()}")
    return Check("", State.OK, f"Valkey {_wait(ask_valkey(scene.servers.redis_url))}")


def _is_up(scene: Scene, server: EmbeddedServer) -> bool:
    return any(each.name == server.name for each in scene.running)


def _keys(scene: Scene) -> Check:
    settings = scene.settings
    if settings.secret_key is None and not settings.is_production:
        return _say("own_key")
    KeyRing.of(settings)
    return _say("keys", count=1 + len(settings.previous_secret_keys))


def _port(scene: Scene) -> Check:
    host, port = scene.settings.host, scene.settings.port
    serving = next((each for each in scene.running if each.name == "serve"), None)
    place = f"{host}:{port}"
    if serving is not None:
        return _say("ours", place=place, pid=serving.pid)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError:
            return _say("taken", State.FAILED, place=place)
    return _say("port", place=place)


def _clock(_: Scene) -> Check:
    # struct timex begins with its modes and, after three long words, has its status.
    told = ctypes.create_string_buffer(_CLOCK_BYTES)
    if ctypes.CDLL(None).adjtimex(told) < 0:
        return _say("no_clock", State.WARNING)
    place = 5 * ctypes.sizeof(ctypes.c_long)
    status = ctypes.c_int.from_buffer(told, place).value
    return _say("no_clock", State.WARNING) if status & _UNSYNCHRONISED else _say("clock")


def _mail(scene: Scene) -> Check:
    host, port = scene.settings.smtp_host, scene.settings.smtp_port
    if host is None:
        is_needed = scene.settings.is_production
        return _say("no_mail_at_all", State.WARNING) if is_needed else _say("no_mail")
    place = f"{host}:{port}"
    try:
        socket.create_connection((host, port), timeout=_CONNECT_S).close()
    except OSError as error:
        return _say("mail_silent", State.FAILED, place=place, problem=error)
    return _say("mail", place=place)


def _processes(scene: Scene) -> Check:
    file = scene.settings.data_dir / board.RUN / board.STATE
    if not scene.running:
        return _say("stopped")
    known = board.read_board(file)
    told = ", ".join(f"{each.name} {each.state}" for each in known)
    is_well = all(each.state is board.State.READY for each in known)
    return _say("running" if is_well else "sick", _state(is_well=is_well), told=told, file=file)


def _state(*, is_well: bool) -> State:
    return State.OK if is_well else State.FAILED


def _wait(asking: Awaitable[Answer]) -> Answer:
    async def wait() -> Answer:
        return await asking

    return asyncio.run(wait())


_LOOKS: dict[str, Callable[[Scene], Check]] = {
    "kernel": _kernel,
    "settings": _settings,
    "folder": _folder,
    "postgres": _postgres,
    "valkey": _valkey,
    "keys": _keys,
    "port": _port,
    "clock": _clock,
    "mail": _mail,
    "processes": _processes,
}

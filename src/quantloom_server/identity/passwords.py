"""Passwords: which are refused, and how the others are hashed without taking the machine down."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from quantloom_server.identity.errors import WeakPassword
from quantloom_server.platform.errors import TooMany

SHORTEST, LONGEST = 8, 1024
MEMORY_KIB, ROUNDS = 19 * 1024, 2

Result = TypeVar("Result")

# What is tried first wherever passwords have leaked, as far as it is long enough to be asked about.
_TRIED = """
00000000 11111111 12341234 12345678 123456789 1234567890 123123123 1qaz2wsx 1q2w3e4r 1q2w3e4r5t
87654321 88888888 987654321 aa123456 abc12345 abcd1234 admin123 administrator asdfghjkl baseball
changeme computer dragon123 football iloveyou letmein1 password password1 password12 password123
passw0rd p@ssw0rd princess q1w2e3r4 qazwsxedc qwer1234 qwerty12 qwerty123 qwertyuiop quantloom
starwars sunshine superman test1234 trustno1 welcome1 welcome123 woaini1314 woaini520 zxcvbnm1
"""
_TRIED_FIRST = frozenset(_TRIED.split())


def refuse_weak(password: str, *names: str) -> None:
    """Refuse a password that others would try.

    Args:
        password: what somebody wants as theirs.
        names: what everybody may know of them: the username, the e-mail address.
    Raises:
        WeakPassword: it is too short or too long, well known, or one of the names.
    """
    if len(password) < SHORTEST:
        raise WeakPassword(f"has {len(password)} characters of at least {SHORTEST}")
    if len(password.encode()) > LONGEST:
        raise WeakPassword(f"is longer than {LONGEST} bytes")
    lowered = password.lower()
    if lowered in _TRIED_FIRST or len(set(lowered)) < 4:
        raise WeakPassword("is one of those that everybody tries")
    if lowered in _spellings(names):
        raise WeakPassword("is your name")


def _spellings(names: tuple[str, ...]) -> set[str]:
    return {part for name in names for part in (name.lower(), name.lower().partition("@")[0])}


class Hasher:
    """Hashes by argon2id in a few threads of low priority; more than `most_waiting` are refused.

    A hash takes 19 MiB and tens of milliseconds of a core: without a bound, whoever can send
    sign-ins could take all of both.
    """

    def __init__(
        self, threads: int = 0, *, most_waiting: int = 400, memory_kib: int = MEMORY_KIB
    ) -> None:
        self._hashes = PasswordHash((Argon2Hasher(ROUNDS, memory_kib, 1),))
        self._pool = ThreadPoolExecutor(
            threads or os.cpu_count() or 1, "argon2", initializer=_step_back
        )
        self._most_waiting = most_waiting
        self._waiting = 0
        # Verified where there is no account, so that an answer takes as long as where there is one.
        self._nobody = self._hashes.hash(os.urandom(16).hex())

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """Hash a password, with a salt of its own."""
        return await self._run(partial(self._hashes.hash, password))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Tell whether a password is the one stored, and the hash to store where it is of old.

        Args:
            password: what was typed.
            stored: the hash of the account; None where there is none, which takes as long.
        """
        if len(password.encode()) > LONGEST:
            return False, None
        is_right, renewed = await self._run(
            partial(self._compare, password, stored or self._nobody)
        )
        return is_right and stored is not None, renewed if is_right else None

    def _compare(self, password: str, stored: str) -> tuple[bool, str | None]:
        try:
            return self._hashes.verify_and_update(password, stored)
        except UnknownHashError:
            return False, None

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._waiting >= self._most_waiting:
            raise TooMany(2, "sign-ins at once")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1


def _step_back() -> None:
    """Let the thread that answers requests go first; on Linux a thread has its own niceness."""
    os.nice(10)

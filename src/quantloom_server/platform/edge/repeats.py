"""Writes that may be sent twice: the second is answered with what the first was told.

The answer is kept in the transaction of the act itself, so either both are there or neither. Of two
at once, the second waits for the first. What is kept can be read only with the key that the client
made: an answer may hold a secret that is shown once.
"""

import hashlib
import os
from dataclasses import dataclass
from datetime import timedelta

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response

from quantloom_server.platform.callers import Caller
from quantloom_server.platform.errors import KeyInUse, KeyReused
from quantloom_server.platform.transaction import Transaction

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 255
_KEPT = timedelta(hours=24)
_WAIT_MS = 5_000
_NONCE = 12
_LOCK_NOT_AVAILABLE = "55P03"
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_LEFT_OUT = frozenset({"content-length", "set-cookie", "date"})

_FORGET = text("DELETE FROM kept_answers WHERE user_id = :user AND created_at < :before")
_CLAIM = text(
    "INSERT INTO kept_answers (user_id, key_hash, request_hash, created_at) "
    "VALUES (:user, :key, :request, :now) ON CONFLICT (user_id, key_hash) DO NOTHING "
    "RETURNING user_id"
)
_FIND = text(
    "SELECT request_hash, answer FROM kept_answers WHERE user_id = :user AND key_hash = :key"
)
_KEEP = text("UPDATE kept_answers SET answer = :answer WHERE user_id = :user AND key_hash = :key")
_PATIENCE = text("SELECT set_config('lock_timeout', :ms, true)")


class Replay(Exception):
    """A request that was answered before; not an error, and caught where requests are guarded."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to answer a key for the first time, and where the answer is kept."""

    tx: Transaction
    key_hash: bytes
    cipher: AESGCM

    async def keep(self, response: Response) -> None:
        """Keep an answer beside the act; both are committed together."""
        body = getattr(response, "body", None)
        if not isinstance(body, bytes):
            return
        headers = [pair for pair in response.headers.items() if pair[0] not in _LEFT_OUT]
        told = orjson.dumps([response.status_code, headers, body.decode()])
        nonce = os.urandom(_NONCE)
        sealed = nonce + self.cipher.encrypt(nonce, told, self.key_hash)
        user_id = self.tx.asked_by().user_id
        await self.tx.session.execute(
            _KEEP, {"answer": sealed, "user": user_id, "key": self.key_hash}
        )


async def claim(tx: Transaction, request: Request) -> Claim | None:
    """Take a write that carries a key; None for any other request.

    Raises:
        Replay: it was answered before; holds the answer.
        KeyReused: the key was sent with another request.
        KeyInUse: the first request with the key goes on for longer than anyone should wait.
    """
    key = request.headers.get(HEADER)
    if key is None or request.method not in WRITES or tx.caller is None:
        return None
    if not 1 <= len(key) <= LONGEST_KEY:
        raise KeyReused
    key_hash = _hash(_place(tx.caller, request), key.encode())
    cipher = AESGCM(_hash(b"answer", key.encode()))
    body = await request.body()
    request_hash = _hash(request.url.query.encode(), body)
    if await _is_first(tx, key_hash, request_hash):
        return Claim(tx, key_hash, cipher)
    row = (await tx.session.execute(_FIND, {"user": tx.caller.user_id, "key": key_hash})).one()
    if row.request_hash != request_hash:
        raise KeyReused
    if row.answer is None:
        raise KeyInUse
    raise Replay(_read(row.answer, cipher, key_hash))


async def _is_first(tx: Transaction, key_hash: bytes, request_hash: bytes) -> bool:
    user_id = tx.asked_by().user_id
    await tx.session.execute(_FORGET, {"user": user_id, "before": tx.now() - _KEPT})
    values = {"user": user_id, "key": key_hash, "request": request_hash, "now": tx.now()}
    await tx.session.execute(_PATIENCE, {"ms": str(_WAIT_MS)})
    try:
        claimed = (await tx.session.execute(_CLAIM, values)).first()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE:
            raise KeyInUse from error
        raise
    await tx.session.execute(_PATIENCE, {"ms": "0"})
    return claimed is not None


def _read(sealed: bytes, cipher: AESGCM, key_hash: bytes) -> Response:
    told = cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], key_hash)
    status, headers, body = orjson.loads(told)
    return Response(body, status, {**dict(headers), REPLAYED: "true"})


def _place(caller: Caller, request: Request) -> bytes:
    """Who asks for what: the same key elsewhere is another key."""
    asked = (caller.workspace_id, caller.key_id or "", request.method, request.url.path)
    return "\n".join(map(str, asked)).encode()


def _hash(*parts: bytes) -> bytes:
    made = hashlib.sha256()
    for part in parts:
        made.update(len(part).to_bytes(8, "big") + part)
    return made.digest()

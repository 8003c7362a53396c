"""What identity works with beside a transaction; each process that signs people in has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from quantloom_server.identity.passwords import Hasher
from quantloom_server.identity.tokens import LONGEST_LIFE
from quantloom_server.platform.database import Scope
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.secrets import Vault
from quantloom_server.settings import Settings

SIGN_IN = Scope(purpose="sign_in")
"""Who signs in is not known yet; the policies show what must be found before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Keys, the threads that hash, and how long what is given out lives."""

    ring: KeyRing
    hasher: Hasher
    vault: Vault
    access_life: timedelta
    session_life: timedelta
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """From where and by which program a request comes, and in which language it is answered."""

    address: str | None
    user_agent: str
    request_id: str = ""
    # None where nobody knows which language a reader reads.
    is_chinese: bool | None = False


@contextmanager
def open_means(settings: Settings) -> Iterator[Means]:
    """Make the means that settings describe, and stop the threads at the end.

    Raises:
        NotConfigured: there is no secret key.
        WeakSecret: there is one that others can guess.
    """
    ring, vault = KeyRing.of(settings), Vault(KeyRing.at_rest(settings))
    hasher = Hasher(settings.password_threads)
    try:
        yield Means(
            ring=ring,
            hasher=hasher,
            vault=vault,
            access_life=min(timedelta(minutes=settings.access_token_minutes), LONGEST_LIFE),
            session_life=timedelta(days=settings.session_days),
            public_url=settings.public_url,
        )
    finally:
        hasher.close()

"""The second factor: an authenticator's codes, each taken once, and ten codes for its loss."""

from uuid import UUID

from quantloom_server.identity import recovery, repository, totp
from quantloom_server.identity.errors import FactorThere, NoFactor
from quantloom_server.identity.means import Means
from quantloom_server.identity.tables import RecoveryCodeRow, SecondFactorRow
from quantloom_server.platform.transaction import Transaction


async def has_factor(tx: Transaction, user_id: UUID) -> bool:
    """Whether a second factor is set up and confirmed."""
    row = await repository.find_factor(tx.session, user_id)
    return row is not None and row.confirmed_at is not None


async def enrol(tx: Transaction, means: Means, user_id: UUID) -> bytes:
    """Make a secret to be shared with an authenticator; it counts once it is confirmed.

    Raises:
        FactorThere: one is set up already.
    """
    row = await repository.find_factor(tx.session, user_id, lock=True)
    if row is not None and row.confirmed_at is not None:
        raise FactorThere
    if row is not None:
        await repository.drop_row(tx.session, row)
    secret = totp.new_secret()
    sealed = means.vault.seal(secret, bound_to=_bound(user_id))
    await repository.add_rows(
        tx.session, SecondFactorRow(user_id=user_id, secret_sealed=sealed, created_at=tx.now())
    )
    return secret


async def confirm(tx: Transaction, means: Means, user_id: UUID, *, code: str) -> list[str] | None:
    """Let a factor count from now on; its recovery codes, or None where the code is wrong.

    Raises:
        NoFactor: none was begun.
        FactorThere: it was confirmed before.
    """
    row = await repository.find_factor(tx.session, user_id, lock=True)
    if row is None:
        raise NoFactor
    if row.confirmed_at is not None:
        raise FactorThere
    if not _takes(tx, means, row, code):
        return None
    row.confirmed_at = tx.now()
    return await renew_codes(tx, means, user_id)


async def renew_codes(tx: Transaction, means: Means, user_id: UUID) -> list[str]:
    """Give new recovery codes in place of all before."""
    codes = recovery.new_codes()
    await repository.drop_recovery_codes(tx.session, user_id)
    rows = [
        RecoveryCodeRow(
            id=tx.new_id(),
            user_id=user_id,
            code_hmac=means.ring.digest(recovery.PURPOSE, recovery.plain(code) or b""),
        )
        for code in codes
    ]
    await repository.add_rows(tx.session, *rows)
    return codes


async def remove(tx: Transaction, user_id: UUID) -> None:
    """Take a factor and its recovery codes away.

    Raises:
        NoFactor: there is none.
    """
    row = await repository.find_factor(tx.session, user_id, lock=True)
    if row is None:
        raise NoFactor
    await repository.drop_row(tx.session, row)
    await repository.drop_recovery_codes(tx.session, user_id)


async def use_code(tx: Transaction, means: Means, user_id: UUID, *, code: str) -> bool:
    """Use up a code of the authenticator or for its loss; of two uses at once one counts.

    Raises:
        NoFactor: none is set up, or it was not confirmed.
    """
    row = await repository.find_factor(tx.session, user_id, lock=True)
    if row is None or row.confirmed_at is None:
        raise NoFactor
    plain = recovery.plain(code)
    if plain is None:
        return _takes(tx, means, row, code)
    digests = means.ring.digests(recovery.PURPOSE, plain)
    return await repository.use_recovery_code(tx.session, user_id, digests, tx.now())


def _takes(tx: Transaction, means: Means, row: SecondFactorRow, code: str) -> bool:
    secret = means.vault.unseal(row.secret_sealed, bound_to=_bound(row.user_id))
    step = totp.matching_step(secret, code, tx.now(), last_step=row.last_step)
    if step is None:
        return False
    row.last_step = step
    return True


def _bound(user_id: UUID) -> str:
    return f"{SecondFactorRow.__tablename__}/{user_id}"

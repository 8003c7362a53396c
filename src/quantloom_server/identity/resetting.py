"""Passwords that were forgotten: a mail with a token that counts once, for half an hour.

Asking takes the same way whether there is such an account or not: the request only puts a message
into the outbox, and whoever delivers it looks. The token is made from the message's id and a key:
it exists in the mail alone, and is the same when the mail has to be sent again.
"""

from datetime import datetime, timedelta
from uuid import UUID

from quantloom_server.identity import repository, service, trying
from quantloom_server.identity.errors import ResetNotValid
from quantloom_server.identity.mailed import MailedToken
from quantloom_server.identity.mails import compose
from quantloom_server.identity.means import SIGN_IN, Means, Visit
from quantloom_server.identity.passwords import refuse_weak
from quantloom_server.identity.tables import PasswordResetRow, UserRow
from quantloom_server.identity.telling import note, warn
from quantloom_server.platform import outbox
from quantloom_server.platform.database import Scope
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.mail import Mail, make_mailer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Handler, Message
from quantloom_server.platform.transaction import Transaction

TOPIC = "identity.reset_asked"
LIFE = timedelta(minutes=30)
TOKEN = MailedToken("qlp_", "password-reset")


async def ask(parts: Parts, means: Means, *, email: str, visit: Visit) -> None:
    """Have a mail sent to an account, if there is one; nobody is told whether there is.

    Raises:
        TooMany: it was asked for too often.
    """
    charges = [trying.of_mail(email), trying.of_address(visit)]
    async with parts.transaction(scope=SIGN_IN, request_id=visit.request_id) as tx:
        await trying.charge(tx, means.ring, charges)
        payload = {"email": email, "is_chinese": visit.is_chinese, "address": visit.address}
        await outbox.add(tx, topic=TOPIC, payload=payload)


async def confirm(
    parts: Parts, means: Means, *, token: str, new_password: str, visit: Visit
) -> None:
    """Set a new password by the token of a mail. Every session ends, and the account opens again.

    Raises:
        ResetNotValid: the token is unknown, used, or too old.
        WeakPassword: others would try the password.
        TooMany: there were too many tries from around here.
    """
    async with trying.one_try(parts, means, trying.of_address(visit)):
        async with parts.transaction(scope=SIGN_IN) as tx:
            user = (await _asked(tx, means, token))[1]
        refuse_weak(new_password, user.username, user.email)
        hashed = await means.hasher.hash(new_password)
        scope = Scope(user_id=user.id, purpose="sign_in")
        async with parts.transaction(scope=scope, request_id=visit.request_id) as tx:
            row, user = await _asked(tx, means, token)
            row.used_at, user.password_hash = tx.now(), hashed
            user.must_change_password = False
            # The mail was read where it went.
            user.email_verified_at, user.must_verify_email = tx.now(), False
            await repository.drop_confirmations(tx.session, user.id)
            await service.end_sessions(tx, user.id)
            await trying.release(tx, means.ring, user.id)
            await note(tx, "password_reset", user.id, visit=visit)
            await warn(tx, means, "password_changed", user, visit=visit)


def reset_sender(parts: Parts) -> Handler:
    """What delivers the resets that were asked for."""
    ring = KeyRing.of(parts.settings)

    async def send(message: Message) -> None:
        async with parts.transaction(scope=SIGN_IN, request_id=message.request_id) as tx:
            user = await repository.find_user(tx.session, str(message.payload["email"]))
            if user is None or not user.is_active:
                return
            token = TOKEN.write(message.id, ring)
            if await repository.find_reset(tx.session, message.id) is None:
                await _store(tx, ring, message.id, user)
                visit = Visit(address=message.payload["address"], user_agent="")
                await note(tx, "reset_asked", user.id, visit=visit)
            mail = _mail(user, token, message, parts.settings.public_url)
        # Only now: a token that is in a mail must be in the database.
        await make_mailer(parts.settings).send(mail, message.id)

    return send


async def _store(tx: Transaction, ring: KeyRing, reset_id: UUID, user: UserRow) -> None:
    now = tx.now()
    row = PasswordResetRow(
        id=reset_id,
        user_id=user.id,
        token_hmac=TOKEN.digest(reset_id, ring),
        created_at=now,
        expires_at=now + LIFE,
    )
    await repository.add_rows(tx.session, row)


async def _asked(tx: Transaction, means: Means, token: str) -> tuple[PasswordResetRow, UserRow]:
    digests = TOKEN.digests(token, means.ring)
    owner_id = await repository.find_owner_of_reset(tx.session, digests)
    # The account first, as whoever takes its tokens back locks it: else two could wait for ever.
    user = owner_id and await repository.find_user_by_id(tx.session, owner_id, lock=True)
    row = await repository.lock_reset(tx.session, digests)
    if not user or not user.is_active or row is None or not _is_valid(row, tx.now()):
        raise ResetNotValid
    return row, user


def _is_valid(row: PasswordResetRow, now: datetime) -> bool:
    return row.used_at is None and now < row.expires_at


def _mail(user: UserRow, token: str, message: Message, url: str) -> Mail:
    return compose(
        "password_reset",
        user.email,
        is_chinese=bool(message.payload["is_chinese"]),
        username=user.username,
        minutes=int(LIFE.total_seconds()) // 60,
        # After the #: browsers keep that to themselves, so it is in nobody's log.
        link=f"{url}/reset-password#token={token}",
    )

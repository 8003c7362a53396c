"""E-mail addresses that somebody has to prove are theirs, by a token that is mailed to them.

A new address counts only once its token has come back in a session of the account: a stranger who
gets the mail of a mistyped address cannot take the account over. The old address is told when the
change is asked for and when it is done.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from quantloom_server.identity import repository, trying
from quantloom_server.identity.errors import ConfirmationNotValid, NameTaken, SameEmail
from quantloom_server.identity.mailed import MailedToken
from quantloom_server.identity.mails import compose
from quantloom_server.identity.means import SIGN_IN, Means, Visit
from quantloom_server.identity.proving import Acting, Proof, proven
from quantloom_server.identity.tables import EmailConfirmationRow, UserRow
from quantloom_server.identity.telling import note, warn
from quantloom_server.platform import outbox, trail
from quantloom_server.platform.keyring import KeyRing
from quantloom_server.platform.mail import Mail, make_mailer
from quantloom_server.platform.parts import Parts
from quantloom_server.platform.relay import Handler, Message
from quantloom_server.platform.transaction import Transaction

CHANGE_TOPIC = "identity.email_change_asked"
VERIFICATION_TOPIC = "identity.verification_asked"
LIFE = timedelta(hours=24)
TOKEN = MailedToken("qle_", "email-confirmation")


class Purpose(StrEnum):
    """What a token is for; one of the other kind does not do."""

    CHANGE = "change"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class _Address:
    """What is to be proven, and what for."""

    email: str
    purpose: Purpose


# The page of the console that each link leads to.
_PAGES = {Purpose.CHANGE: "change-email", Purpose.VERIFY: "verify-email"}
_MAILS = {Purpose.CHANGE: "email_change", Purpose.VERIFY: "email_verification"}


async def ask_change(acting: Acting, proof: Proof, *, email: str) -> None:
    """Have a mail sent to a new address of the caller's, and tell the present one.

    Raises:
        ProofRefused: the password or the code is wrong.
        SameEmail: it is the address that the account has.
        NameTaken: another account has it.
        TooMany: mails to it, or changes of the account, were asked for too often.
    """
    acting = _finding(acting)
    charges = [trying.of_mail(email), trying.of_changed_mail(acting.caller.user_id)]
    async with acting.parts.transaction(scope=SIGN_IN) as tx:
        await trying.charge(tx, acting.means.ring, charges)
    async with proven(acting, proof) as given:
        tx, user = given.tx, given.user
        await _refuse_taken(tx, user, email)
        await repository.drop_confirmations(tx.session, user.id)
        address = _Address(email, Purpose.CHANGE)
        row = await _add(tx, acting.means.ring, tx.new_id(), user=user, address=address)
        payload = {"confirmation_id": str(row.id), "is_chinese": acting.visit.is_chinese}
        await outbox.add(tx, topic=CHANGE_TOPIC, payload=payload)
        await note(tx, "email_change_asked", user.id, visit=acting.visit)
        await warn(tx, acting.means, "email_change_asked", user, visit=acting.visit)


async def confirm_change(acting: Acting, *, token: str) -> None:
    """Let the address of a mail be the caller's from now on.

    Raises:
        ConfirmationNotValid: the token is unknown, used, too old, or of another account.
        NameTaken: another account has taken the address since.
        TooMany: there were too many tries from around here.
    """
    acting = _finding(acting)
    means, visit = acting.means, acting.visit
    async with (
        trying.one_try(acting.parts, means, trying.of_address(visit)),
        acting.transaction() as tx,
    ):
        row, user = await _asked(tx, means, token, Purpose.CHANGE)
        if user.id != acting.caller.user_id:
            raise ConfirmationNotValid
        await warn(tx, means, "email_changed", user, visit=visit)
        await repository.drop_resets(tx.session, user.id)
        await _change(tx, row, user)


async def send_verification(tx: Transaction, *, email: str, visit: Visit) -> None:
    """Have a mail sent by which the owner of an address proves it."""
    payload = {"email": email, "is_chinese": visit.is_chinese, "address": visit.address}
    await outbox.add(tx, topic=VERIFICATION_TOPIC, payload=payload)


async def ask_verification(parts: Parts, means: Means, *, email: str, visit: Visit) -> None:
    """Have that mail sent once more; nobody is told whether there is such an account.

    Raises:
        TooMany: it was asked for too often.
    """
    async with parts.transaction(scope=SIGN_IN, request_id=visit.request_id) as tx:
        charges = [trying.of_mail(email), trying.of_address(visit)]
        await trying.charge(tx, means.ring, charges)
        await send_verification(tx, email=email, visit=visit)


async def confirm_verification(parts: Parts, means: Means, *, token: str, visit: Visit) -> None:
    """Take an address as proven; whoever registered with it may sign in.

    Raises:
        ConfirmationNotValid: the token is unknown, used or too old.
        TooMany: there were too many tries from around here.
    """
    async with (
        trying.one_try(parts, means, trying.of_address(visit)),
        parts.transaction(scope=SIGN_IN, request_id=visit.request_id) as tx,
    ):
        row, user = await _asked(tx, means, token, Purpose.VERIFY)
        if row.email != user.email:
            raise ConfirmationNotValid
        _prove(tx, row, user)
        await note(tx, "email_verified", user.id, visit=visit)


def change_sender(parts: Parts) -> Handler:
    """What delivers the mails to new addresses."""
    ring = KeyRing.of(parts.settings)

    async def send(message: Message) -> None:
        confirmation_id = UUID(message.payload["confirmation_id"])
        async with parts.transaction(scope=SIGN_IN, request_id=message.request_id) as tx:
            row = await repository.find_confirmation(tx.session, confirmation_id)
            # Taken back since, by a new password or another change.
            if row is None or row.used_at is not None:
                return
            user = await repository.find_user_by_id(tx.session, row.user_id)
            mail = user and _mail(row, user, message, ring=ring, url=parts.settings.public_url)
        if mail:
            await make_mailer(parts.settings).send(mail, message.id)

    return send


def verification_sender(parts: Parts) -> Handler:
    """What delivers the mails by which addresses are proven."""
    ring = KeyRing.of(parts.settings)

    async def send(message: Message) -> None:
        async with parts.transaction(scope=SIGN_IN, request_id=message.request_id) as tx:
            user = await repository.find_user(tx.session, str(message.payload["email"]))
            if user is None or not user.is_active or user.is_email_verified:
                return
            row = await repository.find_confirmation(tx.session, message.id)
            if row is None:
                address = _Address(user.email, Purpose.VERIFY)
                row = await _add(tx, ring, message.id, user=user, address=address)
                visit = Visit(address=message.payload["address"], user_agent="")
                await note(tx, "verification_asked", user.id, visit=visit)
            mail = _mail(row, user, message, ring=ring, url=parts.settings.public_url)
        # Only now: a token that is in a mail must be in the database.
        await make_mailer(parts.settings).send(mail, message.id)

    return send


def _finding(acting: Acting) -> Acting:
    """As somebody who may find whose an address is, which their own rows do not tell."""
    return replace(acting, scope=replace(acting.caller.scope, purpose="sign_in"))


async def _refuse_taken(tx: Transaction, user: UserRow, email: str) -> None:
    if email.lower() == user.email.lower():
        raise SameEmail
    if await repository.find_user(tx.session, email) is not None:
        raise NameTaken("email")


async def _add(
    tx: Transaction, ring: KeyRing, confirmation_id: UUID, *, user: UserRow, address: _Address
) -> EmailConfirmationRow:
    now = tx.now()
    row = EmailConfirmationRow(
        id=confirmation_id,
        user_id=user.id,
        email=address.email,
        purpose=address.purpose,
        token_hmac=TOKEN.digest(confirmation_id, ring),
        created_at=now,
        expires_at=now + LIFE,
    )
    await repository.add_rows(tx.session, row)
    return row


async def _asked(
    tx: Transaction, means: Means, token: str, purpose: Purpose
) -> tuple[EmailConfirmationRow, UserRow]:
    digests = TOKEN.digests(token, means.ring)
    owner_id = await repository.find_owner_of_confirmation(tx.session, digests)
    # The account first, as whoever takes its tokens back locks it: else two could wait for ever.
    user = owner_id and await repository.find_user_by_id(tx.session, owner_id, lock=True)
    row = await repository.lock_confirmation(tx.session, digests, purpose)
    if not user or not user.is_active or row is None or not _is_valid(row, tx):
        raise ConfirmationNotValid
    return row, user


def _is_valid(row: EmailConfirmationRow, tx: Transaction) -> bool:
    return row.used_at is None and tx.now() < row.expires_at


def _prove(tx: Transaction, row: EmailConfirmationRow, user: UserRow) -> None:
    row.used_at = user.email_verified_at = tx.now()
    user.must_verify_email = False


async def _change(tx: Transaction, row: EmailConfirmationRow, user: UserRow) -> None:
    before, user.email = user.email, row.email
    _prove(tx, row, user)
    try:
        await tx.session.flush()
    except IntegrityError as error:  # somebody registered with it since
        raise NameTaken("email") from error
    await trail.record(
        tx,
        action="identity.email_changed",
        object_kind="user",
        object_id=user.id,
        before={"email": before},
        after={"email": user.email},
    )


def _mail(
    row: EmailConfirmationRow, user: UserRow, message: Message, *, ring: KeyRing, url: str
) -> Mail:
    purpose = Purpose(row.purpose)
    return compose(
        _MAILS[purpose],
        row.email,
        is_chinese=bool(message.payload["is_chinese"]),
        username=user.username,
        hours=int(LIFE.total_seconds()) // 3600,
        # After the #: browsers keep that to themselves, so it is in nobody's log.
        link=f"{url}/{_PAGES[purpose]}#token={TOKEN.write(row.id, ring)}",
    )

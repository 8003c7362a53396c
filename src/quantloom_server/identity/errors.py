"""What can go wrong in who is who."""

from quantloom.errors import Conflict, Forbidden, Invalid, NotFound
from quantloom_server.platform.errors import Unauthenticated


class WrongCredentials(Unauthenticated):
    """No such account, or not its password: the same answer, so that none can be told apart."""

    code = "identity.wrong_credentials"

    def __str__(self) -> str:
        return "the name or the password is wrong; `POST /api/v1/auth/reset-password` sends a mail"


class AccountDisabled(Forbidden):
    """The password is right, and an administrator has shut the account."""

    code = "identity.account_disabled"

    def __str__(self) -> str:
        return "the account is disabled; ask an administrator"


class CodeNeeded(Unauthenticated):
    """The password is right, and the account asks for a second factor."""

    code = "identity.code_needed"

    def __str__(self) -> str:
        return "send `code` too: six digits of the authenticator, or a recovery code"


class WrongCode(Unauthenticated):
    """A code that is wrong, too old, or was used before."""

    code = "identity.wrong_code"

    def __str__(self) -> str:
        return "the code is wrong or was used before; wait for the next one"


class ProofRefused(Forbidden):
    """Somebody signed in asks for an act that needs proof again, and the proof is wrong."""

    code = "identity.proof_refused"

    def __str__(self) -> str:
        return "the password or the code is wrong; this act asks for both again"


class SessionOver(Unauthenticated):
    """A token of a session that has ended."""

    code = "identity.session_over"

    def __str__(self) -> str:
        return "the session has ended; sign in again"


class TokenExpired(Unauthenticated):
    """An access token past its time."""

    code = "identity.token_expired"

    def __str__(self) -> str:
        return "the access token has expired; `POST /api/v1/auth/refresh` gives a new one"


class BadToken(Unauthenticated):
    """A token that was not made here, or not for this."""

    code = "identity.bad_token"

    def __str__(self) -> str:
        return "the token is not valid here; sign in again"


class TokenReused(Unauthenticated):
    """A refresh token a second time: one of the two who held it stole it."""

    code = "identity.token_reused"

    def __str__(self) -> str:
        return "this refresh token was used before, so its session was ended; sign in again"


class CsrfMissing(Forbidden):
    """A cookie alone proves nothing: another site can make a browser send it."""

    code = "identity.csrf_missing"

    def __str__(self) -> str:
        return "send the value of the cookie quantloom_csrf as the header X-CSRF-Token"


class RegistrationClosed(Forbidden):
    """The operator adds users; nobody registers."""

    code = "identity.registration_closed"

    def __str__(self) -> str:
        return "registration is closed here; ask an administrator for an account"


class NeedsSession(Forbidden):
    """An act of a person that an API key asks for."""

    code = "identity.needs_session"

    def __str__(self) -> str:
        return "an API key cannot do this; sign in with name and password"


class NameTaken(Conflict):
    """Somebody else has this username or e-mail address."""

    code = "identity.name_taken"

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field

    def __str__(self) -> str:
        return f"the {self.field} belongs to another account; choose another one, or sign in"


class WeakPassword(Invalid):
    """A password that others would try."""

    code = "identity.weak_password"

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return f"the password {self.problem}; a sentence that only you know is best"


class ResetNotValid(Invalid):
    """A reset token that is unknown, used or too old."""

    code = "identity.reset_not_valid"

    def __str__(self) -> str:
        return "the reset token is not valid any more; ask for a new mail"


class ConfirmationNotValid(Invalid):
    """A token of an e-mail address that is unknown, used, too old, or of another account."""

    code = "identity.confirmation_not_valid"

    def __str__(self) -> str:
        return "the token of the address is not valid any more; ask for a new mail"


class EmailNotVerified(Forbidden):
    """The password is right, and the e-mail address of the account is not proven yet."""

    code = "identity.email_not_verified"

    def __str__(self) -> str:
        return (
            "open the link in the mail that was sent to your address first; "
            "`POST /api/v1/auth/verify-email` sends another"
        )


class SameEmail(Conflict):
    """A new e-mail address that is the present one."""

    code = "identity.same_email"

    def __str__(self) -> str:
        return "this is the e-mail address of the account already"


class UnlockRefused(Forbidden):
    """The trading password or the code is wrong; which one is not told."""

    code = "identity.unlock_refused"

    def __str__(self) -> str:
        return "the trading password or the code is wrong; a code counts once"


class NoSuchSession(NotFound):
    """A session that is not there, or not the caller's."""

    code = "identity.no_such_session"

    def __str__(self) -> str:
        return "there is no such session; `GET /api/v1/auth/sessions` lists yours"


class NoSuchUser(NotFound):
    """A user who is not there, or not to be seen from here."""

    code = "identity.no_such_user"

    def __str__(self) -> str:
        return "there is no such user"


class FactorThere(Conflict):
    """A second factor is set up already."""

    code = "identity.factor_there"

    def __str__(self) -> str:
        return "a second factor is set up already; take it away first"


class NoFactor(Conflict):
    """No second factor is set up, or it was never confirmed."""

    code = "identity.no_factor"

    def __str__(self) -> str:
        return "no second factor is set up; begin with `POST /api/v1/auth/totp`"


class NoTradingPassword(Conflict):
    """Trading cannot be unlocked without a password of its own."""

    code = "identity.no_trading_password"

    def __str__(self) -> str:
        return "there is no trading password; set one by `PUT /api/v1/auth/trading-password`"


class SameAsPassword(Invalid):
    """The trading password would be the one that signs in."""

    code = "identity.same_as_password"

    def __str__(self) -> str:
        return "the trading password must differ from the one you sign in with"

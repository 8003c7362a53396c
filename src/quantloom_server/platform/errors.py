"""What can go wrong in any part of the service."""

from quantloom.errors import Conflict, Forbidden, Invalid, Unavailable


class Unauthenticated(Forbidden):
    """Nobody is known to have sent the request."""

    code = "auth.unauthenticated"

    def __str__(self) -> str:
        return "sign in first, and send the access token as `Authorization: Bearer ...`"


class NotPermitted(Forbidden):
    """The sender is known and may not do this."""

    code = "auth.not_permitted"

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission

    def __str__(self) -> str:
        return f"this needs the permission {self.permission}; an administrator can grant it"


class PasswordChangeNeeded(Forbidden):
    """Somebody else knows the password: it was given by an operator, for the first sign-in."""

    code = "auth.password_change_needed"

    def __str__(self) -> str:
        return (
            "choose a password of your own first, by `POST /api/v1/auth/change-password`; this one "
            "was given to you"
        )


class StepUpRequired(Forbidden):
    """The act needs a fresh proof that it is the owner who asks."""

    code = "auth.step_up_required"

    def __str__(self) -> str:
        return "unlock trading first, with the trading password and a code of the second factor"


class TooMany(Unavailable):
    """More requests than allowed; the same one works after `retry_after_s`."""

    code = "limits.too_many"

    def __init__(self, retry_after_s: int, rule: str, limit: int | None = None) -> None:
        super().__init__(retry_after_s, rule, limit)
        self.retry_after_s, self.rule, self.limit = retry_after_s, rule, limit

    def __str__(self) -> str:
        return f"more than {self.rule} allows; try again in {self.retry_after_s} s"


class TooLarge(Invalid):
    """A body, a header or a list beyond its limit."""

    code = "limits.too_large"

    def __init__(self, what: str, limit: int) -> None:
        super().__init__(what, limit)
        self.what, self.limit = what, limit

    def __str__(self) -> str:
        return f"{self.what} is larger than the {self.limit} allowed"


class TooSlow(Invalid):
    """A body that was announced and does not come."""

    code = "limits.too_slow"

    def __init__(self, within_s: float) -> None:
        super().__init__(within_s)
        self.within_s = within_s

    def __str__(self) -> str:
        return f"the body did not come within {self.within_s:.0f} s; send it in one go"


class TooDeep(Invalid):
    """A body that nests deeper than anything here does."""

    code = "limits.too_deep"

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return f"the body nests deeper than {self.limit} arrays and objects; send it flatter"


class PreconditionFailed(Conflict):
    """The row has changed since its `ETag` was read."""

    code = "conflict.changed_since_read"

    def __str__(self) -> str:
        return "somebody changed this since you read it; read it again and repeat your change"


class UnstorableText(Invalid):
    """Text with a NUL character, which PostgreSQL does not take."""

    code = "request.unstorable_text"

    def __str__(self) -> str:
        return "a text holds a NUL character, which cannot be stored; leave it out"


class DatabaseDown(Unavailable):
    """PostgreSQL does not answer."""

    code = "platform.database_down"
    retry_after_s = 2

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"the database does not answer ({self.reason}); try again in a moment"


class DatabaseBusy(Unavailable):
    """PostgreSQL refused for a reason that passes: a deadlock, a query too long, a full disk."""

    code = "platform.database_busy"
    retry_after_s = 1

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"the database could not do this just now ({self.reason}), and nothing of it was kept; "
            "try again in a moment"
        )


class OutcomeUnknown(Unavailable):
    """The connection was lost while a transaction was being committed."""

    code = "platform.outcome_unknown"
    retry_after_s = 2

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"the database went away as this was being kept ({self.reason}), so it may have been "
            "done or not; look before you repeat it, or repeat it with the same Idempotency-Key"
        )


class NotConfigured(Unavailable):
    """A part that this process needs has no address."""

    code = "platform.not_configured"

    def __init__(self, setting: str) -> None:
        super().__init__(setting)
        self.setting = setting

    def __str__(self) -> str:
        return f"{self.setting} is not set; set it, or start everything by `quantloom up`"


class KeyReused(Invalid):
    """One idempotency key on two different requests."""

    code = "conflict.key_reused"

    def __str__(self) -> str:
        return "this Idempotency-Key was sent with another request before; take a new one"


class KeyInUse(Conflict):
    """The first request with an idempotency key is still being answered."""

    code = "conflict.key_in_use"

    def __str__(self) -> str:
        return "a request with this Idempotency-Key is still going on; send it again in a moment"


class UnsafeSettings(Invalid):
    """Settings that are good enough for a laptop alone."""

    code = "settings.unsafe"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        told = "; ".join(self.problems)
        return (
            f"not fit for production: {told}; mend them, or use QUANTLOOM_ENVIRONMENT=development"
        )

"""Accounts and sessions as they go over the wire."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

_In = ConfigDict(extra="forbid", str_strip_whitespace=False, hide_input_in_errors=True)
_Out = ConfigDict(from_attributes=True)

_REFRESH = "qlr_3v0mYkqf0dXg1n5Jc2Wb7xq9TzLhUeR4sPoAiKd8MfE"
_EMAIL = r"^[^@\s<>\"\\]{1,64}@[^@\s<>\"\\.]+(\.[^@\s<>\"\\.]+)+$"

Username = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9_.\-\u4e00-\u9fff]{3,32}$"),
    Field(description="3 to 32 letters, digits, points, hyphens or underscores.", examples=["ada"]),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254, pattern=_EMAIL),
    Field(examples=["ada@example.com"]),
]
Password = Annotated[SecretStr, Field(min_length=1, max_length=1024)]
Code = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=6, max_length=24),
    Field(description="Six digits of the authenticator, or a recovery code.", examples=["123456"]),
]
RecoveryCode = Annotated[str, Field(examples=["ABCD-EFGH-JKLM-NPQR"])]
FullName = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[\d \-]{5,24}$")]
AvatarUrl = Annotated[str, StringConstraints(max_length=500, pattern=r"^(https://|/)\S+$")]


class RegisterIn(BaseModel):
    """A new account."""

    model_config = _In

    username: Username
    email: Email
    password: Password = Field(description="At least 8 characters.")
    agree_terms: Literal[True] = Field(description="Nobody registers without agreeing.")
    full_name: FullName = ""
    phone: Phone | None = None


class LoginIn(BaseModel):
    """Who signs in."""

    model_config = _In

    username: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254)] = Field(
        min_length=1,
        validation_alias=AliasChoices("username", "email"),
        description="The username or the e-mail address.",
        examples=["ada"],
    )
    password: Password
    code: Code | None = Field(None, description="Where the account has a second factor.")
    use_cookie: bool = Field(
        default=False,
        description="Keep the refresh token in a cookie that scripts cannot read.",
    )


class RefreshIn(BaseModel):
    """The refresh token, where it is not in the cookie."""

    model_config = _In

    refresh_token: SecretStr | None = Field(None, max_length=256, examples=[_REFRESH])


class TokensOut(BaseModel):
    """What proves who sends the next requests."""

    access_token: str = Field(description="For `Authorization: Bearer ...`.")
    refresh_token: str | None = Field(
        description="Counts once; null where it is in the cookie.", examples=[_REFRESH]
    )
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  a word of OAuth 2
    expires_in: int = Field(description="Seconds until the access token ends.", examples=[900])


class ProfileIn(BaseModel):
    """What users say of themselves."""

    model_config = _In

    full_name: FullName = ""
    avatar_url: AvatarUrl | None = None
    phone: Phone | None = None


class ProfileOut(BaseModel):
    """A user, and what they are in the workspace that the request is for."""

    model_config = _Out

    id: UUID
    username: str
    email: str
    full_name: str
    avatar_url: str | None
    phone: str | None
    is_active: bool
    created_at: datetime
    workspace_id: UUID
    role: str | None = Field(examples=["trader"])
    is_email_verified: bool = Field(description="Whether a mail to the address was answered.")
    permissions: list[str] = Field(examples=[["market:read", "profile"]])


class RegisteredOut(BaseModel):
    """The account that was made."""

    id: UUID
    username: str
    email: str
    must_verify_email: bool = Field(
        description="Whether the link in a mail has to be opened before the first sign-in."
    )


class SessionOut(BaseModel):
    """One sign-in that counts."""

    model_config = _Out

    id: UUID
    address: str | None
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    is_current: bool = False


class SessionsOut(BaseModel):
    """The caller's sessions, the newest first."""

    items: list[SessionOut]


class ChangePasswordIn(BaseModel):
    """A new password in place of the present one."""

    model_config = _In

    current_password: Password = Field(
        validation_alias=AliasChoices("current_password", "old_password")
    )
    new_password: Password
    use_cookie: bool = Field(default=False, description="As at the sign-in.")


class ResetIn(BaseModel):
    """Whose password was forgotten."""

    model_config = _In

    email: Email


class ResetConfirmIn(BaseModel):
    """The token of the mail, and a new password."""

    model_config = _In

    token: SecretStr = Field(min_length=1, max_length=256)
    new_password: Password


class VerifyIn(BaseModel):
    """Whose address is to be proven."""

    model_config = _In

    email: Email


class MailTokenIn(BaseModel):
    """What stands in a mail after `#token=`."""

    model_config = _In

    token: SecretStr = Field(
        min_length=1,
        max_length=256,
        examples=["qle_GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3"],
    )


class ToldOut(BaseModel):
    """What happens next."""

    message: str = Field(examples=["a mail is on its way"])


class ProofIn(BaseModel):
    """Proof that it is still the owner who asks."""

    model_config = _In

    password: Password
    code: Code | None = Field(None, description="Where a second factor is set up.")


class FactorProofIn(ProofIn):
    """Proof for an act that ends every session and begins a new one."""

    use_cookie: bool = Field(default=False, description="As at the sign-in.")


class ChangeEmailIn(ProofIn):
    """Where mails are to go from now on."""

    email: Email


class EnrolmentOut(BaseModel):
    """What an authenticator needs to know. It is told this once."""

    model_config = _Out

    secret: str = Field(
        description="To be typed, in base 32.", examples=["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"]
    )
    uri: str = Field(
        description="To be shown as a QR code.",
        examples=["otpauth://totp/Quantloom:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
    )


class ConfirmIn(BaseModel):
    """The first code of a new authenticator."""

    model_config = _In

    code: Code
    use_cookie: bool = Field(default=False, description="As at the sign-in.")


class CodesOut(BaseModel):
    """Codes that each stand in for the authenticator once. They are told this once."""

    recovery_codes: list[RecoveryCode]


class ConfirmedOut(TokensOut):
    """A second factor that counts from now on; every session before has ended."""

    recovery_codes: list[RecoveryCode] = Field(description="Told this once; keep them apart.")


class TradingPasswordIn(ProofIn):
    """A password that unlocks trading; another one than signs in."""

    trading_password: Password


class UnlockIn(BaseModel):
    """What unlocks trading for a quarter of an hour."""

    model_config = _In

    trading_password: Password
    code: Code


class UnlockedOut(BaseModel):
    """How long trading is unlocked in this session."""

    unlocked_until: datetime


class FactorsOut(BaseModel):
    """What protects the account, and what is left of it."""

    model_config = _Out

    has_second_factor: bool
    recovery_codes_left: int
    has_trading_password: bool
    unlocked_until: datetime | None

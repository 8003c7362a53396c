"""What goes over the wire, as dictionaries with known keys. Made of the OpenAPI document by `make api`."""

# fmt: off
# ruff: noqa: E501, N801

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypeAlias, TypedDict

Category: TypeAlias = Literal['trend', 'mean_reversion', 'momentum', 'breakout', 'arbitrage', 'grid', 'market_making', 'portfolio', 'machine_learning', 'other']
"""How it makes its money."""

Format: TypeAlias = Literal['ndjson', 'csv']
"""How an export is written."""

JobState: TypeAlias = Literal['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead']
"""Where a job is. `failed` tells of an error that repeating would not mend; `dead` of one that was met each time."""

Kind: TypeAlias = Literal['stock', 'fund', 'bond', 'index', 'future', 'option', 'spot', 'perpetual', 'inverse', 'fx']
"""What an instrument is; it decides how a position is paid for. An inverse one is a perpetual swap that is quoted in money and settled in coin. An option is paid for in full, as a share is; it is neither exercised nor settled at its expiry."""

Language: TypeAlias = Literal['python']
"""What its code is written in."""

Origin: TypeAlias = Literal['strategy', 'template', 'listing', 'file']
"""Where a strategy was taken from."""

Permission: TypeAlias = Literal['profile', 'users:read', 'users:write', 'roles:read', 'roles:write', 'keys', 'workspaces:read', 'workspaces:write', 'members:write', 'approvals:read', 'approvals:decide', 'audit:read', 'system:read', 'jobs:read', 'jobs:write', 'schedules:read', 'schedules:write', 'market:read', 'strategies:read', 'strategies:write', 'strategies:publish']
"""One thing that a role may allow. Names are stored in roles, so they never change meaning."""

Queue: TypeAlias = Literal['backtest', 'optimise', 'data', 'report', 'notify', 'training']
"""A line of its own: a long optimisation never stands in the way of a notification."""

RiskLevel: TypeAlias = Literal['low', 'medium', 'high']
"""How much it may lose, as its author sees it."""

Severity: TypeAlias = Literal['error', 'warning', 'hint']
"""An error keeps the strategy from running, a warning is likely a mistake, a hint is style."""

Standing: TypeAlias = Literal['known', 'yours', 'carried', 'assumed']
"""How well a rule is known on a day, best first. Known: its source holds on that day. Carried: its source is older, and nothing newer is known. Yours: an overlay says so. Assumed: customary, and checked against nothing."""

State: TypeAlias = Literal['open', 'approved', 'rejected', 'withdrawn', 'expired']
"""What has become of a proposal."""

StrategyStatus: TypeAlias = Literal['draft', 'active', 'archived']
"""What its author makes of it."""

class Alive(TypedDict):
    """The process answers."""

    status: Literal['ok']
    """`ok`, or what is wrong."""
    processes: list[Process]
    """What `quantloom up` keeps running; empty where each part runs on its own."""


class ApprovalOut(TypedDict):
    """One act that waits, or waited, for a second person."""

    id: str
    """Of this one, for good."""
    kind: str
    """What it is of, such as `backtests.run`."""
    subject: str
    """What the act is about."""
    payload: dict[str, Any]
    """All that the act will be done with."""
    reason: str
    """Why it was proposed."""
    state: State
    """How far it is."""
    proposed_by: str
    """The id of who proposed it."""
    created_at: str
    """When it was made."""
    expires_at: str
    """When it stops to count."""
    decided_by: str | None
    """The id of who decided."""
    decided_at: str | None
    """When somebody decided."""
    note: str
    """Words to whoever reads it."""


class AttemptOut(TypedDict):
    """One worker's hold on a job."""

    worker: str
    """Which worker it was."""
    started_at: str
    """When it began."""
    ended_at: str | None
    """When it ended."""
    outcome: str | None
    """A state; or `retried`, `released` by a worker that ended, `lost` with one that died."""
    error: JobErrorOut | None
    """What went wrong; null where nothing did."""


class BundleFieldsIn(TypedDict):
    """The fields of a strategy in a file."""

    name: str
    """What it is called."""
    description: str
    """What it is for."""
    language: Language
    """What its code is written in."""
    status: StrategyStatus
    """A draft, in use, or put away."""
    category: Category
    """How it makes its money."""
    risk_level: RiskLevel
    """How much it may lose, as its author sees it."""


class BundleFieldsOut(TypedDict):
    """The fields of a strategy in a file."""

    name: str
    """What it is called."""
    description: str
    """What it is for."""
    language: Language
    """What its code is written in."""
    status: StrategyStatus
    """A draft, in use, or put away."""
    category: Category
    """How it makes its money."""
    risk_level: RiskLevel
    """How much it may lose, as its author sees it."""


class BundleIn(TypedDict):
    """A strategy as a file."""

    format: Literal['quantloom.strategy']
    """What kind of file it is."""
    format_version: Literal[1]
    """Of the kind of file."""
    strategy: BundleFieldsIn
    """The fields of the strategy."""
    versions: list[BundleVersionIn]
    """The oldest first."""
    checksum: str
    """SHA-256 of `strategy` and `versions` as JSON, sorted keys, no spaces."""


class BundleOut(TypedDict):
    """A strategy as a file, as an import takes it."""

    format: str
    """What kind of file it is."""
    format_version: int
    """Of the kind of file."""
    strategy: BundleFieldsOut
    """The fields of the strategy."""
    versions: list[BundleVersionOut]
    """The oldest first."""
    checksum: str
    """SHA-256 of `strategy` and `versions` as JSON, sorted keys, no spaces."""


class BundleVersionIn(TypedDict):
    """A version in a file."""

    number: int
    """Of the version, from 1."""
    code: str
    """The source, at most 256 KB."""
    changelog: str
    """What is new in the version."""


class BundleVersionOut(TypedDict):
    """A version in a file."""

    number: int
    """Of the version, from 1."""
    code: str
    """The source."""
    changelog: str
    """What is new in the version."""


class CategoriesOut(TypedDict):
    """Every category."""

    items: list[CategoryOut]
    """What the list holds, in its order."""


class CategoryOut(TypedDict):
    """A category, and how many strategies are in it here."""

    category: Category
    """How it makes its money."""
    name_en: str
    """What it is called, in English."""
    name_zh: str
    """What it is called, in Chinese."""
    count: int
    """How many strategies of the workspace are in it."""


class ChangeEmailIn(TypedDict):
    """Where mails are to go from now on."""

    password: str
    """The one that signs in."""
    code: NotRequired[str | None]
    """Where a second factor is set up."""
    email: str
    """Where mails go, and a name to sign in by."""


class ChangePasswordIn(TypedDict):
    """A new password in place of the present one."""

    current_password: str
    """The one that signs in now; `old_password` is read too."""
    new_password: str
    """At least 8 characters, not one that others would try."""
    use_cookie: NotRequired[bool]
    """As at the sign-in."""


class CodeIn(TypedDict):
    """Code to be looked over."""

    code: str
    """At most 256 KB."""


class CodesOut(TypedDict):
    """Codes that each stand in for the authenticator once. They are told this once."""

    recovery_codes: list[str]
    """Each stands in for the authenticator once. Shown this once."""


class CommissionOut(TypedDict):
    """Everything that a trade costs; what does not apply is null or empty."""

    fee: FeeOut | None
    """Of the exchange."""
    maker_taker: list[MakerTakerOut]
    """The lowest tier first."""
    levies: list[LevyOut]
    """Of authorities."""
    tax: TaxOut | None
    """Stamp duty."""
    transfer: float | None
    """Fee of the depository, a share of traded money."""


class ConfirmIn(TypedDict):
    """The first code of a new authenticator."""

    code: str
    """Six digits of the authenticator, or a recovery code."""
    use_cookie: NotRequired[bool]
    """As at the sign-in."""


class ConfirmedOut(TypedDict):
    """A second factor that counts from now on; every session before has ended."""

    access_token: str
    """For `Authorization: Bearer ...`."""
    refresh_token: str | None
    """Counts once; null where it is in the cookie."""
    token_type: Literal['bearer']
    """Always `bearer`."""
    expires_in: int
    """Seconds until the access token ends."""
    recovery_codes: list[str]
    """Told this once; keep them apart."""


class CopyIn(TypedDict):
    """What a copy is to be called."""

    name: NotRequired[str | None]
    """The name with a number, where left out."""


class DatasetOut(TypedDict):
    """Bars that are stored."""

    timeframe: str
    """How long a bar is."""
    rows: int
    """How many bars."""
    start: str
    """When the first one opens."""
    end: str
    """When the last one opens."""
    grade: str | None
    """A to F; null where nobody checked."""
    source: str
    """Where they came from."""


class DecisionIn(TypedDict):
    """What whoever decides has to say."""

    note: NotRequired[str]
    """Words to whoever reads it."""


class DifferenceOut(TypedDict):
    """How one version differs from another."""

    first: int
    """The number of the version before."""
    second: int
    """The number of the version after."""
    unified: str
    """As `diff -u` writes it; empty where nothing differs."""
    added: int
    """Lines."""
    removed: int
    """Lines."""


class DraftIn(TypedDict):
    """What is being written."""

    code: str
    """The source, at most 256 KB."""
    based_on: int
    """The version that it began with."""


class DraftOut(TypedDict):
    """What the caller is writing, or the last version where nothing is."""

    code: str
    """The source."""
    based_on: int
    """The version that it began with."""
    saved_at: str | None
    """Null where there is no draft."""


class EnrolmentOut(TypedDict):
    """What an authenticator needs to know. It is told this once."""

    secret: str
    """To be typed, in base 32."""
    uri: str
    """To be shown as a QR code."""


class EntryOut(TypedDict):
    """One act: who did what to which thing, when and from where."""

    id: str
    """Of this one, for good."""
    at: str
    """When it happened."""
    actor_id: str | None
    """Who did it; null where nobody was signed in."""
    session_id: str | None
    """The session that it was done in."""
    key_id: str | None
    """The API key, where a program did it."""
    address: str | None
    """The network address that it came from."""
    request_id: str
    """The request that did it."""
    action: str
    """What was done, such as `identity.password_changed`."""
    object_kind: str
    """What kind of thing that is."""
    object_id: str
    """What it was done to."""


class EntryWithDetails(TypedDict):
    """An act with what the thing was before and after it."""

    id: str
    """Of this one, for good."""
    at: str
    """When it happened."""
    actor_id: str | None
    """Who did it; null where nobody was signed in."""
    session_id: str | None
    """The session that it was done in."""
    key_id: str | None
    """The API key, where a program did it."""
    address: str | None
    """The network address that it came from."""
    request_id: str
    """The request that did it."""
    action: str
    """What was done, such as `identity.password_changed`."""
    object_kind: str
    """What kind of thing that is."""
    object_id: str
    """What it was done to."""
    before: dict[str, Any] | None
    """Null where there is none, or erased."""
    after: dict[str, Any] | None
    """The thing after the act, as far as it is kept."""


class ExpiryOut(TypedDict):
    """How a contract ends."""

    last_trading_day: str | None
    """Null of a chain."""
    is_estimate: bool
    """Whether holidays around that day are not published yet."""
    method: str | None
    """`physical` or `cash`."""
    persons_out: str | None
    """Day by whose close natural persons must be flat, by name."""


class FactorProofIn(TypedDict):
    """Proof for an act that ends every session and begins a new one."""

    password: str
    """The one that signs in."""
    code: NotRequired[str | None]
    """Where a second factor is set up."""
    use_cookie: NotRequired[bool]
    """As at the sign-in."""


class FactorsOut(TypedDict):
    """What protects the account, and what is left of it."""

    has_second_factor: bool
    """Whether signing in asks for a code."""
    recovery_codes_left: int
    """How many were not used yet."""
    has_trading_password: bool
    """Whether a password to unlock trading is set."""
    unlocked_until: str | None
    """Until when trading is unlocked in this session; null where it is not."""


class FeeOut(TypedDict):
    """What the exchange charges for a trade; a broker adds to it."""

    open: RateOut
    """For opening a position."""
    close: RateOut
    """For closing one."""
    close_today: RateOut | None
    """For lots of the same trading day."""
    minimum: float
    """Least charge of one order."""
    maximum: float | None
    """Most of one trade."""
    side: str | None
    """The one that pays; null for both."""


class FindingOut(TypedDict):
    """Something that the check has to say, and where; lines and columns from 1."""

    line: int
    """From 1."""
    column: int
    """In characters, from 1."""
    end_line: int
    """Where it ends."""
    end_column: int
    """Behind the last character."""
    severity: Severity
    """An error keeps it from running, a warning is likely a mistake, a hint is style."""
    code: str
    """The name of the rule; it stays."""
    group: str
    """What kind of rule it is of."""
    text_en: str
    """What is wrong, in English."""
    text_zh: str
    """What is wrong, in Chinese."""
    hint_en: str
    """What to do, in English."""
    hint_zh: str
    """What to do, in Chinese."""


class HoursOut(TypedDict):
    """When it is traded."""

    calendar: str
    """Whose holidays and hours count."""
    timezone: str
    """Of the venue."""
    trading_day: str | None
    """The first that is not before `on`."""
    is_known: bool
    """Whether holidays and hours of that day are published."""
    sessions: list[OpeningOut]
    """Of that trading day; the night before belongs to it."""


class InstrumentOut(TypedDict):
    """An instrument and its terms on a day."""

    symbol: str
    """`code.VENUE`, safe in a path."""
    code: str
    """Without its venue."""
    venue: str
    """Where it is traded."""
    kind: Kind
    """Such as `future` or `stock`."""
    name: NamesOut
    """What it is called, in both languages."""
    product: str | None
    """Of a Chinese future."""
    is_chain: bool
    """Whether it is the chain of dominant contracts."""
    last_trading_day: str | None
    """Of a dated contract."""
    is_estimate: bool
    """Whether the holidays around that day are not published yet."""
    timeframes: list[str]
    """Of the bars that are stored, shortest first."""
    taken_for: TakenFor
    """What the spelling in the path was read as."""
    on: str
    """The day whose terms these are."""
    currency: str
    """Of its prices and money."""
    tick_size: float
    """Distance between two prices."""
    lot: float
    """Distance between two quantities."""
    multiplier: float
    """Value of one unit at a price of 1, in `currency`."""
    can_short: bool
    """Whether what one does not have may be sold."""
    terms_from: str
    """Where tick, lot and multiplier come from."""
    orders: OrdersOut | None
    """What one order may be; null where nothing is known."""
    commission: CommissionOut
    """What a trade costs."""
    margin: MarginOut | None
    """Of futures; null where the whole value is paid."""
    maintenance: list[TierOut]
    """Of perpetual swaps, by size of position."""
    price_limit: PriceLimitOut | None
    """Null where there are none."""
    hours: HoursOut
    """When its market is open."""
    expiry: ExpiryOut | None
    """Null where it does not end."""
    turnaround: TurnaroundOut | None
    """Null where both are at once."""
    rules: RulesOut
    """Where the terms come from."""
    data: list[DatasetOut]
    """Bars that are stored of it."""


class InstrumentsOut(TypedDict):
    """A part of the list."""

    items: list[ListedOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""
    taken_for: TakenFor | None
    """Where `q` spells an instrument; it comes first."""


class JobDetailOut(TypedDict):
    """A job with what it was given and who has held it."""

    id: str
    """Of this one, for good."""
    kind: str
    """What it is of, such as `backtests.run`."""
    queue: Queue
    """Which workers do it."""
    state: JobState
    """How far it is."""
    progress: float
    """From 0 to 1."""
    note: str
    """What it is doing now."""
    attempt: int
    """How often it has been begun."""
    max_attempts: int
    """How often it may be begun."""
    cancel_requested_at: str | None
    """When it was asked to stop."""
    user_id: str | None
    """Who it is done for."""
    created_at: str
    """When it was made."""
    updated_at: str
    """When it was changed last."""
    started_at: str | None
    """When it began."""
    finished_at: str | None
    """When it was over."""
    result: dict[str, Any] | None
    """What it found, once it has succeeded."""
    error: JobErrorOut | None
    """Why it did not succeed, or not yet."""
    payload: dict[str, Any]
    """What the job is given."""
    attempts: list[AttemptOut]
    """Who has worked on it, the first one first."""


class JobErrorOut(TypedDict):
    """Why a job did not succeed."""

    code: str
    """Stable; the one to decide by."""
    message: str
    """In words."""


class JobOut(TypedDict):
    """A job, and how far it is."""

    id: str
    """Of this one, for good."""
    kind: str
    """What it is of, such as `backtests.run`."""
    queue: Queue
    """Which workers do it."""
    state: JobState
    """How far it is."""
    progress: float
    """From 0 to 1."""
    note: str
    """What it is doing now."""
    attempt: int
    """How often it has been begun."""
    max_attempts: int
    """How often it may be begun."""
    cancel_requested_at: str | None
    """When it was asked to stop."""
    user_id: str | None
    """Who it is done for."""
    created_at: str
    """When it was made."""
    updated_at: str
    """When it was changed last."""
    started_at: str | None
    """When it began."""
    finished_at: str | None
    """When it was over."""
    result: dict[str, Any] | None
    """What it found, once it has succeeded."""
    error: JobErrorOut | None
    """Why it did not succeed, or not yet."""


class KeyIn(TypedDict):
    """What a key is to be for."""

    name: str
    """What it is called."""
    scopes: list[Permission]
    """What it may do, of what you may; never what only a person does."""
    networks: NotRequired[list[str]]
    """From where it may be used; from everywhere where none are named."""
    expires_in_days: NotRequired[int]
    """How many days it counts."""
    requests_per_minute: NotRequired[int]
    """How many requests it may send in a minute."""


class KeyMadeOut(TypedDict):
    """A key that was made, with its text."""

    id: str
    """Of this one, for good."""
    workspace_id: str
    """The workspace that it belongs to, or that the session acts in."""
    name: str
    """What it is called."""
    hint: str
    """The beginning of the key, by which its owner knows it."""
    scopes: list[str]
    """What it may do, of what its owner may."""
    networks: list[str]
    """From where it may be used, as 203.0.113.0/24; from anywhere where empty."""
    requests_per_minute: int
    """How many requests it may send in a minute."""
    created_at: str
    """When it was made."""
    expires_at: str
    """When it stops to count."""
    revoked_at: str | None
    """When its owner took it back."""
    last_used_at: str | None
    """When it was used last, to a minute."""
    last_address: str | None
    """Where it was used from last."""
    key: str
    """For `X-API-Key`; shown this once."""


class KeyOut(TypedDict):
    """A key, without what it is proven by."""

    id: str
    """Of this one, for good."""
    workspace_id: str
    """The workspace that it belongs to, or that the session acts in."""
    name: str
    """What it is called."""
    hint: str
    """The beginning of the key, by which its owner knows it."""
    scopes: list[str]
    """What it may do, of what its owner may."""
    networks: list[str]
    """From where it may be used, as 203.0.113.0/24; from anywhere where empty."""
    requests_per_minute: int
    """How many requests it may send in a minute."""
    created_at: str
    """When it was made."""
    expires_at: str
    """When it stops to count."""
    revoked_at: str | None
    """When its owner took it back."""
    last_used_at: str | None
    """When it was used last, to a minute."""
    last_address: str | None
    """Where it was used from last."""


class LevyOut(TypedDict):
    """What an authority takes of a trade."""

    name: str
    """Which authority."""
    rate: RateOut
    """How much."""
    side: str | None
    """The one that pays; null for both."""


class ListedOut(TypedDict):
    """One instrument of a list."""

    symbol: str
    """`code.VENUE`, safe in a path."""
    code: str
    """Without its venue."""
    venue: str
    """Where it is traded."""
    kind: Kind
    """Such as `future` or `stock`."""
    name: NamesOut
    """What it is called, in both languages."""
    product: str | None
    """Of a Chinese future."""
    is_chain: bool
    """Whether it is the chain of dominant contracts."""
    last_trading_day: str | None
    """Of a dated contract."""
    is_estimate: bool
    """Whether the holidays around that day are not published yet."""
    timeframes: list[str]
    """Of the bars that are stored, shortest first."""


class ListingDetailOut(TypedDict):
    """A version that is offered, with its code."""

    parameters: dict[str, Any]
    """JSON Schema."""
    unreadable: list[UnreadableOut]
    """What only running the code would tell of its parameters."""
    id: str
    """Of this one, for good."""
    version: int
    """Of the strategy that it was published from."""
    name: str
    """What it is called."""
    description: str
    """What it is for."""
    licence: str
    """On which terms others may use it."""
    author: str
    """The name that everybody sees."""
    language: Language
    """What its code is written in."""
    category: Category
    """How it makes its money."""
    risk_level: RiskLevel
    """How much it may lose, as its author sees it."""
    warnings: int
    """Findings of the check; none is an error."""
    subscribers: int
    """Workspaces that have taken it."""
    rating: StandingOut
    """What those think who have taken it."""
    is_own: bool
    """Whether the caller's workspace offers it."""
    created_at: str
    """When it was made."""
    withdrawn_at: str | None
    """When it was taken off the market; null while it is offered."""
    code: str
    """The source."""
    code_sha256: str
    """SHA-256 of the code."""


class ListingIn(TypedDict):
    """A version to be offered."""

    strategy_id: str
    """The id of the strategy."""
    version: NotRequired[int | None]
    """The last one where left out."""
    description: NotRequired[str]
    """That of the strategy where empty."""
    licence: str
    """On which terms others may use it."""
    author: NotRequired[str]
    """The name that everybody sees."""


class ListingOut(TypedDict):
    """A version that is offered, without its code."""

    id: str
    """Of this one, for good."""
    version: int
    """Of the strategy that it was published from."""
    name: str
    """What it is called."""
    description: str
    """What it is for."""
    licence: str
    """On which terms others may use it."""
    author: str
    """The name that everybody sees."""
    language: Language
    """What its code is written in."""
    category: Category
    """How it makes its money."""
    risk_level: RiskLevel
    """How much it may lose, as its author sees it."""
    warnings: int
    """Findings of the check; none is an error."""
    subscribers: int
    """Workspaces that have taken it."""
    rating: StandingOut
    """What those think who have taken it."""
    is_own: bool
    """Whether the caller's workspace offers it."""
    created_at: str
    """When it was made."""
    withdrawn_at: str | None
    """When it was taken off the market; null while it is offered."""


class LoginIn(TypedDict):
    """Who signs in."""

    username: str
    """The username or the e-mail address."""
    password: str
    """The one that signs in."""
    code: NotRequired[str | None]
    """Where the account has a second factor."""
    use_cookie: NotRequired[bool]
    """Keep the refresh token in a cookie that scripts cannot read."""


class MailTokenIn(TypedDict):
    """What stands in a mail after `#token=`."""

    token: str
    """What stands in the mail after `#token=`."""


class MakerTakerOut(TypedDict):
    """Fees of a tier, as shares of traded money; below zero is a rebate."""

    tier: int
    """Which one, from 0 on."""
    volume: float
    """Least money traded in 30 days."""
    maker: float
    """Of an order that waited in the book."""
    taker: float
    """Of one that did not."""


class MarginOut(TypedDict):
    """Share of a position's value that equity must cover, as the exchange asks it."""

    long: float
    """Of who has bought; 0.07 is 7 %."""
    short: float
    """Of who has sold."""
    larger_side: bool
    """Whether only the larger of long and short is charged."""


class MemberIn(TypedDict):
    """What a member is to be."""

    role: str
    """The name of a role."""


class MemberOut(TypedDict):
    """Somebody in the workspace."""

    user_id: str
    """The id of the account."""
    username: str
    """The name to sign in by."""
    full_name: str
    """A name to be shown."""
    email: str
    """Where mails go, and a name to sign in by."""
    is_active: bool
    """Whether it is open; nobody signs in to one that is shut."""
    role: str
    """What the account is in this workspace; null where it is no member."""
    since: str
    """From when on."""
    approval_id: str | None
    """The approval that a second person has to give first; null where none is."""


class MembersOut(TypedDict):
    """Those in the workspace, by name."""

    items: list[MemberOut]
    """What the list holds, in its order."""


class NamesOut(TypedDict):
    """What an instrument is called; empty where nobody told."""

    zh: str
    """In Chinese."""
    en: str
    """In English."""


class NewMemberIn(TypedDict):
    """Somebody with an account, to be taken into the workspace."""

    login: str
    """A username or an e-mail address."""
    role: str
    """The name of a role."""


class NewRoleIn(TypedDict):
    """A role to be made."""

    description: NotRequired[str]
    """What it is for."""
    permissions: NotRequired[list[Permission] | None]
    """Null gives one of the platform's roles back what it comes with."""
    name: str
    """The name of a role."""


class OneTimePasswordOut(TypedDict):
    """A password for one sign-in."""

    one_time_password: str
    """For one sign-in; it must be changed then. Shown this once."""


class OpeningOut(TypedDict):
    """A span in which the market is open."""

    open: str
    """When it opens."""
    close: str
    """When it closes."""
    local_open: str
    """By the venue's own clock."""
    local_close: str
    """By the same clock."""


class OrdersOut(TypedDict):
    """What one order may be."""

    minimum: float
    """Least quantity."""
    maximum: float | None
    """Most of a limit order."""
    maximum_market: float | None
    """Most of a market order."""
    minimum_value: float | None
    """Least money of an order."""
    has_market_orders: bool
    """Whether the venue takes orders without a price."""


class Page_ApprovalOut(TypedDict):
    """Page_ApprovalOut."""

    items: list[ApprovalOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_EntryOut(TypedDict):
    """Page_EntryOut."""

    items: list[EntryOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_JobOut(TypedDict):
    """Page_JobOut."""

    items: list[JobOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_KeyOut(TypedDict):
    """Page_KeyOut."""

    items: list[KeyOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_ListingOut(TypedDict):
    """Page_ListingOut."""

    items: list[ListingOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_RatingOut(TypedDict):
    """Page_RatingOut."""

    items: list[RatingOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_ScheduleOut(TypedDict):
    """Page_ScheduleOut."""

    items: list[ScheduleOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_StrategyOut(TypedDict):
    """Page_StrategyOut."""

    items: list[StrategyOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_UserOut(TypedDict):
    """Page_UserOut."""

    items: list[UserOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class Page_VersionOut(TypedDict):
    """Page_VersionOut."""

    items: list[VersionOut]
    """What the list holds, in its order."""
    next_cursor: str | None
    """Send as `cursor` for the next page."""
    total: int | None
    """How many there are; with `page` alone."""


class ParametersOut(TypedDict):
    """The parameters as the code declares them; running it confirms them."""

    parameters: dict[str, Any]
    """JSON Schema."""
    unreadable: list[UnreadableOut]
    """What only running the code would tell of its parameters."""


class PriceLimitOut(TypedDict):
    """How far a price may be from the reference of the day."""

    ratio: float | None
    """Null for no limit."""
    base: str
    """`settlement` or `close` of the day before."""
    risk_ratio: float | None
    """Under special treatment."""
    free_days: int
    """First days without a limit."""
    last_day: float | None
    """On the last trading day."""


class Process(TypedDict):
    """A process that `quantloom up` keeps running beside this one."""

    name: str
    """What it is called."""
    state: str
    """`waiting`, `starting`, `ready`, `restarting`, `crash_loop` or `stopped`."""
    since: str
    """Since when it is in that state."""
    restarts: int
    """How often it was started again."""


class ProfileIn(TypedDict):
    """What users say of themselves."""

    full_name: NotRequired[str]
    """A name to be shown."""
    avatar_url: NotRequired[str | None]
    """A picture: an https URL, or a path of this site."""
    phone: NotRequired[str | None]
    """A telephone number, as it is dialled."""


class ProfileOut(TypedDict):
    """A user, and what they are in the workspace that the request is for."""

    id: str
    """Of this one, for good."""
    username: str
    """The name to sign in by."""
    email: str
    """Where mails go, and a name to sign in by."""
    full_name: str
    """A name to be shown."""
    avatar_url: str | None
    """A picture: an https URL, or a path of this site."""
    phone: str | None
    """A telephone number, as it is dialled."""
    is_active: bool
    """Whether it is open; nobody signs in to one that is shut."""
    created_at: str
    """When it was made."""
    workspace_id: str
    """The workspace that it belongs to, or that the session acts in."""
    role: str | None
    """What the account is in this workspace; null where it is no member."""
    is_email_verified: bool
    """Whether a mail to the address was answered."""
    permissions: list[str]
    """What may be done, each by its name."""


class ProofIn(TypedDict):
    """Proof that it is still the owner who asks."""

    password: str
    """The one that signs in."""
    code: NotRequired[str | None]
    """Where a second factor is set up."""


class RateOut(TypedDict):
    """A charge by traded money, by share or contract, or both."""

    money: float
    """Share of traded money; 0.0001 is one basis point."""
    unit: float
    """Money for each share, contract or coin."""


class RatingIn(TypedDict):
    """What somebody thinks."""

    stars: int
    """From 1 to 5."""
    comment: NotRequired[str]
    """In words."""


class RatingOut(TypedDict):
    """What somebody thinks; who it is, is not told."""

    id: str
    """Of this one, for good."""
    stars: int
    """From 1 to 5."""
    comment: str
    """In words."""
    created_at: str
    """When it was made."""
    updated_at: str
    """When it was changed last."""


class Ready(TypedDict):
    """Whether everything that a request needs answers too."""

    status: Literal['ok', 'failed']
    """`ok`, or what is wrong."""
    checks: dict[str, str]
    """`ok`, or what is wrong, of `database`, `migrations` and `redis`."""


class RefreshIn(TypedDict):
    """The refresh token, where it is not in the cookie."""

    refresh_token: NotRequired[str | None]
    """Of the last answer; it counts once."""


class RegisterIn(TypedDict):
    """A new account."""

    username: str
    """3 to 32 letters, digits, points, hyphens or underscores."""
    email: str
    """Where mails go, and a name to sign in by."""
    password: str
    """At least 8 characters."""
    agree_terms: Literal[True]
    """Nobody registers without agreeing."""
    full_name: NotRequired[str]
    """A name to be shown."""
    phone: NotRequired[str | None]
    """A telephone number, as it is dialled."""


class RegisteredOut(TypedDict):
    """The account that was made."""

    id: str
    """Of this one, for good."""
    username: str
    """The name to sign in by."""
    email: str
    """Where mails go, and a name to sign in by."""
    must_verify_email: bool
    """Whether the link in a mail has to be opened before the first sign-in."""


class ResetConfirmIn(TypedDict):
    """The token of the mail, and a new password."""

    token: str
    """What stands in the mail after `#token=`."""
    new_password: str
    """At least 8 characters, not one that others would try."""


class ResetIn(TypedDict):
    """Whose password was forgotten."""

    email: str
    """Where mails go, and a name to sign in by."""


class ReviewOut(TypedDict):
    """What is known of some code without running it."""

    parameters: dict[str, Any]
    """JSON Schema."""
    unreadable: list[UnreadableOut]
    """What only running the code would tell of its parameters."""
    findings: list[FindingOut]
    """By line, at most 500."""
    errors: int
    """How many keep it from running."""
    warnings: int
    """How many findings are likely mistakes."""
    code_sha256: str
    """SHA-256 of the code."""


class RoleIn(TypedDict):
    """What a role is to permit."""

    description: NotRequired[str]
    """What it is for."""
    permissions: NotRequired[list[Permission] | None]
    """Null gives one of the platform's roles back what it comes with."""


class RoleOut(TypedDict):
    """A role, and what it permits."""

    name: str
    """What it is called."""
    description: str
    """What it is for."""
    permissions: list[Permission]
    """What concerns everybody counts in the operators' workspace alone."""
    is_shipped: bool
    """Whether it came with the platform."""
    is_changed: bool
    """Whether it permits something else than it came with."""
    updated_at: str
    """When it was changed last."""
    approval_id: str | None
    """The approval that a second person has to give first; null where none is."""


class RolesOut(TypedDict):
    """All roles, and every permission there is."""

    items: list[RoleOut]
    """What the list holds, in its order."""
    permissions: list[Permission]
    """What may be done, each by its name."""


class RuleOut(TypedDict):
    """Where a rule comes from."""

    topic: str
    """What it rules, such as `fee`."""
    standing: Standing
    """How well it is known."""
    scope: str
    """Whom the entry names."""
    since: str
    """The first day on which it holds."""
    to: str | None
    """The last one; null while it holds."""
    source: str | None
    """Where it was read."""
    as_of: str | None
    """The last day on which the source is known to hold."""


class RulesOut(TypedDict):
    """How well the terms are known."""

    version: str
    """Of the rule book."""
    standing: Standing
    """Of the least known one."""
    entries: list[RuleOut]
    """One for each topic that applies."""


class ScheduleChangeIn(TypedDict):
    """What is to change of a schedule; the rest stays."""

    name: NotRequired[str | None]
    """What it is called."""
    payload: NotRequired[dict[str, Any] | None]
    """What the job is given."""
    cron: NotRequired[str | None]
    """Five fields: minute, hour, day, month, day of the week."""
    timezone: NotRequired[str | None]
    """The zone whose clock counts, as `Asia/Shanghai`."""
    is_enabled: NotRequired[bool | None]
    """Whether it starts anything."""


class ScheduleIn(TypedDict):
    """A new schedule."""

    name: str
    """What it is called."""
    kind: str
    """What is to be done."""
    payload: NotRequired[dict[str, Any]]
    """What that needs to know."""
    cron: str
    """Minute, hour, day of the month, month, day of the week."""
    timezone: NotRequired[str]
    """Whose clocks `cron` is read on."""
    is_enabled: NotRequired[bool]
    """Whether it starts anything."""


class ScheduleOut(TypedDict):
    """A schedule, and when it was and will be due."""

    id: str
    """Of this one, for good."""
    name: str
    """What it is called."""
    kind: str
    """What it is of, such as `backtests.run`."""
    payload: dict[str, Any]
    """What the job is given."""
    cron: str
    """Five fields: minute, hour, day, month, day of the week."""
    timezone: str
    """The zone whose clock counts, as `Asia/Shanghai`."""
    is_enabled: bool
    """Whether it starts anything."""
    next_run_at: str | None
    """When it starts something next."""
    last_run_at: str | None
    """When it started something last."""
    last_job_id: str | None
    """The job that it started last."""
    created_at: str
    """When it was made."""
    updated_at: str
    """When it was changed last."""


class SessionOut(TypedDict):
    """One sign-in that counts."""

    id: str
    """Of this one, for good."""
    address: str | None
    """The network address that it came from."""
    user_agent: str
    """The program that signed in, as it names itself."""
    created_at: str
    """When it was made."""
    last_used_at: str
    """When it was used last, to a minute."""
    expires_at: str
    """When it stops to count."""
    is_current: bool
    """Whether it is the one of this request."""


class SessionsOut(TypedDict):
    """The caller's sessions, the newest first."""

    items: list[SessionOut]
    """What the list holds, in its order."""


class StandingOut(TypedDict):
    """What those who have taken it think."""

    count: int
    """How many have rated it."""
    stars: float | None
    """The mean, from 1 to 5."""


class Status(TypedDict):
    """The same, with what is running and since when."""

    status: Literal['ok', 'failed']
    """`ok`, or what is wrong."""
    checks: dict[str, str]
    """`ok`, or what is wrong, of `database`, `migrations` and `redis`."""
    name: Literal['quantloom']
    """What it is called."""
    version: str
    """The release that runs."""
    environment: str
    """development or production."""
    started_at: str
    """When it began."""
    now: str
    """The time of the service."""
    processes: list[Process]
    """What `quantloom up` keeps running; empty where each part runs on its own."""


class StrategyChangeIn(TypedDict):
    """What is to change; what is left out stays. Other code than the last makes a version."""

    name: NotRequired[str | None]
    """What it is called."""
    description: NotRequired[str | None]
    """What it is for."""
    language: NotRequired[Language | None]
    """What its code is written in."""
    status: NotRequired[StrategyStatus | None]
    """A draft, in use, or put away."""
    category: NotRequired[Category | None]
    """How it makes its money."""
    risk_level: NotRequired[RiskLevel | None]
    """How much it may lose, as its author sees it."""
    code: NotRequired[str | None]
    """The source, at most 256 KB."""
    changelog: NotRequired[str]
    """What is new in the version."""


class StrategyDetailOut(TypedDict):
    """A strategy with the code of its last version."""

    parameters: dict[str, Any]
    """JSON Schema."""
    unreadable: list[UnreadableOut]
    """What only running the code would tell of its parameters."""
    id: str
    """Of this one, for good."""
    user_id: str
    """Who made it."""
    name: str
    """What it is called."""
    description: str
    """What it is for."""
    language: Language
    """What its code is written in."""
    status: StrategyStatus
    """A draft, in use, or put away."""
    category: Category
    """How it makes its money."""
    risk_level: RiskLevel
    """How much it may lose, as its author sees it."""
    version: int
    """The number of its last version."""
    errors: int
    """Findings that keep its last version from running."""
    warnings: int
    """How many findings are likely mistakes."""
    origin: Origin | None
    """What it was taken from."""
    origin_id: str | None
    """The id or the name of what it was taken from."""
    created_at: str
    """When it was made."""
    updated_at: str
    """When it was changed last."""
    code: str
    """The source."""
    code_sha256: str
    """SHA-256 of the code."""


class StrategyIn(TypedDict):
    """A new strategy."""

    name: str
    """What it is called."""
    description: NotRequired[str]
    """What it is for."""
    language: NotRequired[Language]
    """What its code is written in."""
    status: NotRequired[StrategyStatus]
    """A draft, in use, or put away."""
    category: NotRequired[Category]
    """How it makes its money."""
    risk_level: NotRequired[RiskLevel]
    """How much it may lose, as its author sees it."""
    code: NotRequired[str | None]
    """At most 256 KB; a file to begin with where left out."""
    template: NotRequired[str | None]
    """Takes the code of a template instead."""
    changelog: NotRequired[str]
    """What is new in the version."""


class StrategyOut(TypedDict):
    """A strategy, without its code."""

    id: str
    """Of this one, for good."""
    user_id: str
    """Who made it."""
    name: str
    """What it is called."""
    description: str
    """What it is for."""
    language: Language
    """What its code is written in."""
    status: StrategyStatus
    """A draft, in use, or put away."""
    category: Category
    """How it makes its money."""
    risk_level: RiskLevel
    """How much it may lose, as its author sees it."""
    version: int
    """The number of its last version."""
    errors: int
    """Findings that keep its last version from running."""
    warnings: int
    """How many findings are likely mistakes."""
    origin: Origin | None
    """What it was taken from."""
    origin_id: str | None
    """The id or the name of what it was taken from."""
    created_at: str
    """When it was made."""
    updated_at: str
    """When it was changed last."""


class SubscribeIn(TypedDict):
    """What the copy is to be called."""

    name: NotRequired[str | None]
    """The name it is offered by, where left out."""


class SwitchedOut(TypedDict):
    """What the next requests carry; the refresh token stays as it is."""

    access_token: str
    """For `Authorization: Bearer ...`."""
    token_type: Literal['bearer']
    """Always `bearer`."""
    expires_in: int
    """Seconds until the access token ends."""
    workspace_id: str
    """The workspace that it belongs to, or that the session acts in."""


class TakenFor(TypedDict):
    """What a spelling was taken for."""

    asked: str
    """What was sent."""
    symbol: str
    """What is meant."""
    note: str
    """The reading in words, with anything that was assumed."""


class TaxOut(TypedDict):
    """A tax by traded money, for either side."""

    buy: float
    """Of who buys; 0.001 is a thousandth."""
    sell: float
    """Of who sells."""


class TemplateDetailOut(TypedDict):
    """A template with its code, which `POST /api/v1/strategies` takes by its name."""

    name: str
    """What it is called."""
    is_preset: bool
    """Whether it comes with Quantloom."""
    package: str
    """The installed package that offers it."""
    package_version: str
    """The release of that package."""
    class_name: str
    """Of the class in its package."""
    description: str
    """What it is for."""
    parameters: dict[str, Any]
    """JSON Schema."""
    problem: str | None
    """Why its package cannot be read; null where it can."""
    code: str
    """The source."""


class TemplateOut(TypedDict):
    """A strategy of an installed package."""

    name: str
    """What it is called."""
    is_preset: bool
    """Whether it comes with Quantloom."""
    package: str
    """The installed package that offers it."""
    package_version: str
    """The release of that package."""
    class_name: str
    """Of the class in its package."""
    description: str
    """What it is for."""
    parameters: dict[str, Any]
    """JSON Schema."""
    problem: str | None
    """Why its package cannot be read; null where it can."""


class TemplatesOut(TypedDict):
    """Every template, by name."""

    items: list[TemplateOut]
    """What the list holds, in its order."""


class TierOut(TypedDict):
    """Least margin of a position of some size."""

    notional: float
    """From this value on."""
    ratio: float
    """Share of the value, as 0.004."""
    deduction: float
    """Taken off the product, in `currency`."""
    leverage: int
    """The most."""


class TokensOut(TypedDict):
    """What proves who sends the next requests."""

    access_token: str
    """For `Authorization: Bearer ...`."""
    refresh_token: str | None
    """Counts once; null where it is in the cookie."""
    token_type: Literal['bearer']
    """Always `bearer`."""
    expires_in: int
    """Seconds until the access token ends."""


class ToldOut(TypedDict):
    """What happens next."""

    message: str
    """In words."""


class TradingPasswordIn(TypedDict):
    """A password that unlocks trading; another one than signs in."""

    password: str
    """The one that signs in."""
    code: NotRequired[str | None]
    """Where a second factor is set up."""
    trading_password: str
    """Unlocks trading; another one than signs in."""


class TurnaroundOut(TypedDict):
    """When what was bought may be sold, and when cash comes."""

    sell_after: int
    """Trading days; 1 is T+1."""
    cash_after: int
    """Trading days until cash can be taken out."""


class UnlockIn(TypedDict):
    """What unlocks trading for a quarter of an hour."""

    trading_password: str
    """Unlocks trading; another one than signs in."""
    code: str
    """Six digits of the authenticator, or a recovery code."""


class UnlockedOut(TypedDict):
    """How long trading is unlocked in this session."""

    unlocked_until: str
    """Until when trading is unlocked in this session; null where it is not."""


class UnreadableOut(TypedDict):
    """What only running the code would tell of its parameters."""

    name: str
    """What it is called."""
    text_en: str
    """What is wrong, in English."""
    text_zh: str
    """What is wrong, in Chinese."""


class UserAddedOut(TypedDict):
    """An account that was added, with the password for its first sign-in."""

    id: str
    """Of this one, for good."""
    username: str
    """The name to sign in by."""
    email: str
    """Where mails go, and a name to sign in by."""
    full_name: str
    """A name to be shown."""
    avatar_url: str | None
    """A picture: an https URL, or a path of this site."""
    phone: str | None
    """A telephone number, as it is dialled."""
    is_active: bool
    """Whether it is open; nobody signs in to one that is shut."""
    is_email_verified: bool
    """Whether a mail to the address was answered."""
    must_change_password: bool
    """Whether the password has to be changed before anything else."""
    created_at: str
    """When it was made."""
    role: str | None
    """What the account is in this workspace; null where it is no member."""
    approval_id: str | None
    """The approval that a second person has to give first; null where none is."""
    one_time_password: str
    """Shown this once; it must be changed at the first sign-in."""


class UserChangeIn(TypedDict):
    """What is to be changed of an account; what is left out stays."""

    full_name: NotRequired[str | None]
    """A name to be shown."""
    email: NotRequired[str | None]
    """Where mails go, and a name to sign in by."""
    phone: NotRequired[str | None]
    """A telephone number, as it is dialled."""
    is_active: NotRequired[bool | None]
    """False shuts the account and ends its sessions; true opens it."""
    role: NotRequired[str | None]
    """What the account is in this workspace; null where it is no member."""


class UserIn(TypedDict):
    """An account to be added."""

    username: str
    """3 to 32 letters, digits, points, hyphens or underscores."""
    email: str
    """Where mails go, and a name to sign in by."""
    full_name: NotRequired[str]
    """A name to be shown."""
    phone: NotRequired[str | None]
    """A telephone number, as it is dialled."""
    role: NotRequired[str]
    """The name of a role."""


class UserOut(TypedDict):
    """An account, and what it is in this workspace."""

    id: str
    """Of this one, for good."""
    username: str
    """The name to sign in by."""
    email: str
    """Where mails go, and a name to sign in by."""
    full_name: str
    """A name to be shown."""
    avatar_url: str | None
    """A picture: an https URL, or a path of this site."""
    phone: str | None
    """A telephone number, as it is dialled."""
    is_active: bool
    """Whether it is open; nobody signs in to one that is shut."""
    is_email_verified: bool
    """Whether a mail to the address was answered."""
    must_change_password: bool
    """Whether the password has to be changed before anything else."""
    created_at: str
    """When it was made."""
    role: str | None
    """What the account is in this workspace; null where it is no member."""
    approval_id: str | None
    """The approval that a second person has to give first; null where none is."""


class VerifyIn(TypedDict):
    """Whose address is to be proven."""

    email: str
    """Where mails go, and a name to sign in by."""


class VersionDetailOut(TypedDict):
    """A version with its code."""

    parameters: dict[str, Any]
    """JSON Schema."""
    unreadable: list[UnreadableOut]
    """What only running the code would tell of its parameters."""
    number: int
    """Of the version, from 1."""
    changelog: str
    """What is new in the version."""
    code_sha256: str
    """SHA-256 of the code."""
    size_bytes: int
    """How long the code is."""
    errors: int
    """How many findings keep it from running."""
    warnings: int
    """How many findings are likely mistakes."""
    created_by: str
    """The id of who saved it."""
    created_at: str
    """When it was made."""
    code: str
    """The source."""


class VersionOut(TypedDict):
    """A version, without its code."""

    number: int
    """Of the version, from 1."""
    changelog: str
    """What is new in the version."""
    code_sha256: str
    """SHA-256 of the code."""
    size_bytes: int
    """How long the code is."""
    errors: int
    """How many findings keep it from running."""
    warnings: int
    """How many findings are likely mistakes."""
    created_by: str
    """The id of who saved it."""
    created_at: str
    """When it was made."""


class WorkspaceIn(TypedDict):
    """What a workspace is called."""

    name: str
    """What it is called."""


class WorkspaceOut(TypedDict):
    """A workspace that the caller is in."""

    id: str
    """Of this one, for good."""
    name: str
    """What it is called."""
    role: str
    """What the account is in this workspace; null where it is no member."""
    since: str
    """From when on."""
    is_operators: bool
    """Whether the platform is administered from it."""
    is_current: bool
    """Whether it is the one of this request."""


class WorkspacesOut(TypedDict):
    """The caller's workspaces, the one they have been in for longest first."""

    items: list[WorkspaceOut]
    """What the list holds, in its order."""


class Problem(TypedDict):
    """What went wrong (RFC 9457)."""

    type: str
    """A name of this kind of error."""
    title: str
    """The status in words."""
    status: int
    """Of HTTP."""
    detail: str
    """What happened, and what to do next."""
    message: str
    """The same as `detail`."""
    code: str
    """Stable; the one to decide by."""
    request_id: str
    """Finds the request in the logs."""
    errors: list[dict[str, Any]]
    """The fields that are wrong, where fields are."""

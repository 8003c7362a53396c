// Made of the OpenAPI document by `make api`.

/** The process answers. */
export interface Alive {
  status: "ok";
  /** What `quantloom up` keeps running; empty where each part runs on its own. */
  processes: Array<Process>;
}

/** One act that waits, or waited, for a second person. */
export interface ApprovalOut {
  id: string;
  kind: string;
  /** What the act is about. */
  subject: string;
  /** All that the act will be done with. */
  payload: Record<string, unknown>;
  reason: string;
  state: State;
  proposed_by: string;
  created_at: string;
  expires_at: string;
  decided_by: string | null;
  decided_at: string | null;
  note: string;
}

/** One worker's hold on a job. */
export interface AttemptOut {
  worker: string;
  started_at: string;
  ended_at: string | null;
  /** A state; or `retried`, `released` by a worker that ended, `lost` with one that died. */
  outcome: string | null;
  error: JobErrorOut | null;
}

/** Where mails are to go from now on. */
export interface ChangeEmailIn {
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
  email: string;
}

/** A new password in place of the present one. */
export interface ChangePasswordIn {
  current_password: string;
  new_password: string;
  /** As at the sign-in. */
  use_cookie?: boolean;
}

/** Codes that each stand in for the authenticator once. They are told this once. */
export interface CodesOut {
  recovery_codes: Array<string>;
}

/** Everything that a trade costs; what does not apply is null or empty. */
export interface CommissionOut {
  fee: FeeOut | null;
  /** The lowest tier first. */
  maker_taker: Array<MakerTakerOut>;
  levies: Array<LevyOut>;
  tax: TaxOut | null;
  /** Fee of the depository, a share of traded money. */
  transfer: number | null;
}

/** The first code of a new authenticator. */
export interface ConfirmIn {
  /** Six digits of the authenticator, or a recovery code. */
  code: string;
  /** As at the sign-in. */
  use_cookie?: boolean;
}

/** A second factor that counts from now on; every session before has ended. */
export interface ConfirmedOut {
  /** For `Authorization: Bearer ...`. */
  access_token: string;
  /** Counts once; null where it is in the cookie. */
  refresh_token: string | null;
  token_type: "bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
  /** Told this once; keep them apart. */
  recovery_codes: Array<string>;
}

/** Bars that are stored. */
export interface DatasetOut {
  timeframe: string;
  rows: number;
  start: string;
  end: string;
  /** A to F; null where nobody checked. */
  grade: string | null;
  source: string;
}

/** What whoever decides has to say. */
export interface DecisionIn {
  note?: string;
}

/** What an authenticator needs to know. It is told this once. */
export interface EnrolmentOut {
  /** To be typed, in base 32. */
  secret: string;
  /** To be shown as a QR code. */
  uri: string;
}

/** One act: who did what to which thing, when and from where. */
export interface EntryOut {
  id: string;
  at: string;
  /** Who did it; null where nobody was signed in. */
  actor_id: string | null;
  session_id: string | null;
  /** The API key, where a program did it. */
  key_id: string | null;
  address: string | null;
  request_id: string;
  action: string;
  object_kind: string;
  object_id: string;
}

/** An act with what the thing was before and after it. */
export interface EntryWithDetails {
  id: string;
  at: string;
  /** Who did it; null where nobody was signed in. */
  actor_id: string | null;
  session_id: string | null;
  /** The API key, where a program did it. */
  key_id: string | null;
  address: string | null;
  request_id: string;
  action: string;
  object_kind: string;
  object_id: string;
  /** Null where there is none, or erased. */
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** How a contract ends. */
export interface ExpiryOut {
  /** Null of a chain. */
  last_trading_day: string | null;
  is_estimate: boolean;
  /** `physical` or `cash`. */
  method: string | null;
  /** Day by whose close natural persons must be flat, by name. */
  persons_out: string | null;
}

/** Proof for an act that ends every session and begins a new one. */
export interface FactorProofIn {
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
  /** As at the sign-in. */
  use_cookie?: boolean;
}

/** What protects the account, and what is left of it. */
export interface FactorsOut {
  has_second_factor: boolean;
  recovery_codes_left: number;
  has_trading_password: boolean;
  unlocked_until: string | null;
}

/** What the exchange charges for a trade; a broker adds to it. */
export interface FeeOut {
  open: RateOut;
  close: RateOut;
  /** For lots of the same trading day. */
  close_today: RateOut | null;
  /** Least charge of one order. */
  minimum: number;
  /** Most of one trade. */
  maximum: number | null;
  /** The one that pays; null for both. */
  side: string | null;
}

/** How an export is written. */
export type Format = "ndjson" | "csv";

/** When it is traded. */
export interface HoursOut {
  calendar: string;
  timezone: string;
  /** The first that is not before `on`. */
  trading_day: string | null;
  /** Whether holidays and hours of that day are published. */
  is_known: boolean;
  /** Of that trading day; the night before belongs to it. */
  sessions: Array<quantloom_server__instruments__schemas__SessionOut>;
}

/** An instrument and its terms on a day. */
export interface InstrumentOut {
  /** `code.VENUE`, safe in a path. */
  symbol: string;
  code: string;
  venue: string;
  kind: Kind;
  name: NamesOut;
  /** Of a Chinese future. */
  product: string | null;
  /** Whether it is the chain of dominant contracts. */
  is_chain: boolean;
  /** Of a dated contract. */
  last_trading_day: string | null;
  /** Whether the holidays around that day are not published yet. */
  is_estimate: boolean;
  /** Of the bars that are stored, shortest first. */
  timeframes: Array<string>;
  taken_for: TakenFor;
  on: string;
  currency: string;
  /** Distance between two prices. */
  tick_size: number;
  /** Distance between two quantities. */
  lot: number;
  /** Value of one unit at a price of 1, in `currency`. */
  multiplier: number;
  can_short: boolean;
  /** Where tick, lot and multiplier come from. */
  terms_from: string;
  orders: OrdersOut | null;
  commission: CommissionOut;
  margin: MarginOut | null;
  /** Of perpetual swaps, by size of position. */
  maintenance: Array<TierOut>;
  price_limit: PriceLimitOut | null;
  hours: HoursOut;
  expiry: ExpiryOut | null;
  turnaround: TurnaroundOut | null;
  rules: RulesOut;
  data: Array<DatasetOut>;
}

/** A part of the list. */
export interface InstrumentsOut {
  items: Array<ListedOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
  /** Where `q` spells an instrument; it comes first. */
  taken_for: TakenFor | null;
}

/** A job with what it was given and who has held it. */
export interface JobDetailOut {
  id: string;
  kind: string;
  queue: Queue;
  state: JobState;
  /** From 0 to 1. */
  progress: number;
  /** What it is doing now. */
  note: string;
  /** How often it has been begun. */
  attempt: number;
  max_attempts: number;
  cancel_requested_at: string | null;
  /** Who it is done for. */
  user_id: string | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  finished_at: string | null;
  /** What it found, once it has succeeded. */
  result: Record<string, unknown> | null;
  /** Why it did not succeed, or not yet. */
  error: JobErrorOut | null;
  payload: Record<string, unknown>;
  attempts: Array<AttemptOut>;
}

/** Why a job did not succeed. */
export interface JobErrorOut {
  code: string;
  message: string;
}

/** A job, and how far it is. */
export interface JobOut {
  id: string;
  kind: string;
  queue: Queue;
  state: JobState;
  /** From 0 to 1. */
  progress: number;
  /** What it is doing now. */
  note: string;
  /** How often it has been begun. */
  attempt: number;
  max_attempts: number;
  cancel_requested_at: string | null;
  /** Who it is done for. */
  user_id: string | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  finished_at: string | null;
  /** What it found, once it has succeeded. */
  result: Record<string, unknown> | null;
  /** Why it did not succeed, or not yet. */
  error: JobErrorOut | null;
}

/** Where a job is. `failed` tells of an error that repeating would not mend; `dead` of one that was met each time. */
export type JobState = "queued" | "running" | "succeeded" | "failed" | "cancelled" | "dead";

/** What a key is to be for. */
export interface KeyIn {
  name: string;
  /** What it may do, of what you may; never what only a person does. */
  scopes: Array<Permission>;
  /** From where it may be used; from everywhere where none are named. */
  networks?: Array<string>;
  expires_in_days?: number;
  requests_per_minute?: number;
}

/** A key that was made, with its text. */
export interface KeyMadeOut {
  id: string;
  workspace_id: string;
  name: string;
  hint: string;
  scopes: Array<string>;
  networks: Array<string>;
  requests_per_minute: number;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  last_used_at: string | null;
  last_address: string | null;
  /** For `X-API-Key`; shown this once. */
  key: string;
}

/** A key, without what it is proven by. */
export interface KeyOut {
  id: string;
  workspace_id: string;
  name: string;
  hint: string;
  scopes: Array<string>;
  networks: Array<string>;
  requests_per_minute: number;
  created_at: string;
  expires_at: string;
  revoked_at: string | null;
  last_used_at: string | null;
  last_address: string | null;
}

/** What an instrument is; it decides how a position is paid for. An inverse one is a perpetual swap that is quoted in money and settled in coin. An option is paid for in full, as a share is; it is neither exercised nor settled at its expiry. */
export type Kind = "stock" | "fund" | "bond" | "index" | "future" | "option" | "spot" | "perpetual" | "inverse" | "fx";

/** What an authority takes of a trade. */
export interface LevyOut {
  name: string;
  rate: RateOut;
  /** The one that pays; null for both. */
  side: string | null;
}

/** One instrument of a list. */
export interface ListedOut {
  /** `code.VENUE`, safe in a path. */
  symbol: string;
  code: string;
  venue: string;
  kind: Kind;
  name: NamesOut;
  /** Of a Chinese future. */
  product: string | null;
  /** Whether it is the chain of dominant contracts. */
  is_chain: boolean;
  /** Of a dated contract. */
  last_trading_day: string | null;
  /** Whether the holidays around that day are not published yet. */
  is_estimate: boolean;
  /** Of the bars that are stored, shortest first. */
  timeframes: Array<string>;
}

/** Who signs in. */
export interface LoginIn {
  /** The username or the e-mail address. */
  username: string;
  password: string;
  /** Where the account has a second factor. */
  code?: string | null;
  /** Keep the refresh token in a cookie that scripts cannot read. */
  use_cookie?: boolean;
}

/** What stands in a mail after `#token=`. */
export interface MailTokenIn {
  token: string;
}

/** Fees of a tier, as shares of traded money; below zero is a rebate. */
export interface MakerTakerOut {
  tier: number;
  /** Least money traded in 30 days. */
  volume: number;
  maker: number;
  taker: number;
}

/** Share of a position's value that equity must cover, as the exchange asks it. */
export interface MarginOut {
  long: number;
  short: number;
  /** Whether only the larger of long and short is charged. */
  larger_side: boolean;
}

/** What a member is to be. */
export interface MemberIn {
  /** The name of a role. */
  role: string;
}

/** Somebody in the workspace. */
export interface MemberOut {
  user_id: string;
  username: string;
  full_name: string;
  email: string;
  is_active: boolean;
  role: string;
  since: string;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
}

/** Those in the workspace, by name. */
export interface MembersOut {
  items: Array<MemberOut>;
}

/** What an instrument is called; empty where nobody told. */
export interface NamesOut {
  zh: string;
  en: string;
}

/** Somebody with an account, to be taken into the workspace. */
export interface NewMemberIn {
  /** A username or an e-mail address. */
  login: string;
  /** The name of a role. */
  role: string;
}

/** A role to be made. */
export interface NewRoleIn {
  description?: string;
  /** Null gives one of the platform's roles back what it comes with. */
  permissions?: Array<Permission> | null;
  /** The name of a role. */
  name: string;
}

/** A password for one sign-in. */
export interface OneTimePasswordOut {
  one_time_password: string;
}

/** What one order may be. */
export interface OrdersOut {
  /** Least quantity. */
  minimum: number;
  /** Most of a limit order. */
  maximum: number | null;
  /** Most of a market order. */
  maximum_market: number | null;
  /** Least money of an order. */
  minimum_value: number | null;
  has_market_orders: boolean;
}

export interface Page_ApprovalOut {
  items: Array<ApprovalOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_EntryOut {
  items: Array<EntryOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_JobOut {
  items: Array<JobOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_KeyOut {
  items: Array<KeyOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_ScheduleOut {
  items: Array<ScheduleOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_UserOut {
  items: Array<UserOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

/** One thing that a role may allow. Names are stored in roles, so they never change meaning. */
export type Permission = "profile" | "users:read" | "users:write" | "roles:read" | "roles:write" | "keys" | "workspaces:read" | "workspaces:write" | "members:write" | "approvals:read" | "approvals:decide" | "audit:read" | "system:read" | "jobs:read" | "jobs:write" | "schedules:read" | "schedules:write" | "market:read";

/** How far a price may be from the reference of the day. */
export interface PriceLimitOut {
  /** Null for no limit. */
  ratio: number | null;
  /** `settlement` or `close` of the day before. */
  base: string;
  /** Under special treatment. */
  risk_ratio: number | null;
  /** First days without a limit. */
  free_days: number;
  /** On the last trading day. */
  last_day: number | null;
}

/** What went wrong (RFC 9457). */
export interface Problem {
  /** A name of this kind of error. */
  type: string;
  /** The status in words. */
  title: string;
  status: number;
  /** What happened, and what to do next. */
  detail: string;
  /** The same as `detail`. */
  message: string;
  /** Stable; the one to decide by. */
  code: string;
  /** Finds the request in the logs. */
  request_id: string;
  /** The fields that are wrong, where fields are. */
  errors?: Array<{ field: string; code: string; message: string; }>;
}

/** A process that `quantloom up` keeps running beside this one. */
export interface Process {
  name: string;
  /** `waiting`, `starting`, `ready`, `restarting`, `crash_loop` or `stopped`. */
  state: string;
  /** Since when it is in that state. */
  since: string;
  /** How often it was started again. */
  restarts: number;
}

/** What users say of themselves. */
export interface ProfileIn {
  full_name?: string;
  avatar_url?: string | null;
  phone?: string | null;
}

/** A user, and what they are in the workspace that the request is for. */
export interface ProfileOut {
  id: string;
  username: string;
  email: string;
  full_name: string;
  avatar_url: string | null;
  phone: string | null;
  is_active: boolean;
  created_at: string;
  workspace_id: string;
  role: string | null;
  /** Whether a mail to the address was answered. */
  is_email_verified: boolean;
  permissions: Array<string>;
}

/** Proof that it is still the owner who asks. */
export interface ProofIn {
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
}

/** A line of its own: a long optimisation never stands in the way of a notification. */
export type Queue = "backtest" | "optimise" | "data" | "report" | "notify" | "training";

/** A charge by traded money, by share or contract, or both. */
export interface RateOut {
  /** Share of traded money; 0.0001 is one basis point. */
  money: number;
  /** Money for each share, contract or coin. */
  unit: number;
}

/** Whether everything that a request needs answers too. */
export interface Ready {
  status: "ok" | "failed";
  /** `ok`, or what is wrong, of `database`, `migrations` and `redis`. */
  checks: Record<string, string>;
}

/** The refresh token, where it is not in the cookie. */
export interface RefreshIn {
  refresh_token?: string | null;
}

/** A new account. */
export interface RegisterIn {
  /** 3 to 32 letters, digits, points, hyphens or underscores. */
  username: string;
  email: string;
  /** At least 8 characters. */
  password: string;
  /** Nobody registers without agreeing. */
  agree_terms: true;
  full_name?: string;
  phone?: string | null;
}

/** The account that was made. */
export interface RegisteredOut {
  id: string;
  username: string;
  email: string;
  /** Whether the link in a mail has to be opened before the first sign-in. */
  must_verify_email: boolean;
}

/** The token of the mail, and a new password. */
export interface ResetConfirmIn {
  token: string;
  new_password: string;
}

/** Whose password was forgotten. */
export interface ResetIn {
  email: string;
}

/** What a role is to permit. */
export interface RoleIn {
  description?: string;
  /** Null gives one of the platform's roles back what it comes with. */
  permissions?: Array<Permission> | null;
}

/** A role, and what it permits. */
export interface RoleOut {
  name: string;
  description: string;
  /** What concerns everybody counts in the operators' workspace alone. */
  permissions: Array<Permission>;
  /** Whether it came with the platform. */
  is_shipped: boolean;
  /** Whether it permits something else than it came with. */
  is_changed: boolean;
  updated_at: string;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
}

/** All roles, and every permission there is. */
export interface RolesOut {
  items: Array<RoleOut>;
  permissions: Array<Permission>;
}

/** Where a rule comes from. */
export interface RuleOut {
  topic: string;
  standing: Standing;
  /** Whom the entry names. */
  scope: string;
  since: string;
  to: string | null;
  source: string | null;
  /** The last day on which the source is known to hold. */
  as_of: string | null;
}

/** How well the terms are known. */
export interface RulesOut {
  /** Of the rule book. */
  version: string;
  /** Of the least known one. */
  standing: Standing;
  entries: Array<RuleOut>;
}

/** What is to change of a schedule; the rest stays. */
export interface ScheduleChangeIn {
  name?: string | null;
  payload?: Record<string, unknown> | null;
  cron?: string | null;
  timezone?: string | null;
  is_enabled?: boolean | null;
}

/** A new schedule. */
export interface ScheduleIn {
  name: string;
  /** What is to be done. */
  kind: string;
  /** What that needs to know. */
  payload?: Record<string, unknown>;
  /** Minute, hour, day of the month, month, day of the week. */
  cron: string;
  /** Whose clocks `cron` is read on. */
  timezone?: string;
  is_enabled?: boolean;
}

/** A schedule, and when it was and will be due. */
export interface ScheduleOut {
  id: string;
  name: string;
  kind: string;
  payload: Record<string, unknown>;
  cron: string;
  timezone: string;
  is_enabled: boolean;
  next_run_at: string | null;
  last_run_at: string | null;
  last_job_id: string | null;
  created_at: string;
  updated_at: string;
}

/** The caller's sessions, the newest first. */
export interface SessionsOut {
  items: Array<quantloom_server__identity__schemas__SessionOut>;
}

/** How well a rule is known on a day, best first. Known: its source holds on that day. Carried: its source is older, and nothing newer is known. Yours: an overlay says so. Assumed: customary, and checked against nothing. */
export type Standing = "known" | "yours" | "carried" | "assumed";

/** What has become of a proposal. */
export type State = "open" | "approved" | "rejected" | "withdrawn" | "expired";

/** The same, with what is running and since when. */
export interface Status {
  status: "ok" | "failed";
  /** `ok`, or what is wrong, of `database`, `migrations` and `redis`. */
  checks: Record<string, string>;
  name: "quantloom";
  version: string;
  environment: string;
  started_at: string;
  now: string;
  /** What `quantloom up` keeps running; empty where each part runs on its own. */
  processes: Array<Process>;
}

/** What the next requests carry; the refresh token stays as it is. */
export interface SwitchedOut {
  access_token: string;
  token_type: "bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
  workspace_id: string;
}

/** What a spelling was taken for. */
export interface TakenFor {
  asked: string;
  symbol: string;
  /** The reading in words, with anything that was assumed. */
  note: string;
}

/** A tax by traded money, for either side. */
export interface TaxOut {
  buy: number;
  sell: number;
}

/** Least margin of a position of some size. */
export interface TierOut {
  /** From this value on. */
  notional: number;
  ratio: number;
  deduction: number;
  /** The most. */
  leverage: number;
}

/** What proves who sends the next requests. */
export interface TokensOut {
  /** For `Authorization: Bearer ...`. */
  access_token: string;
  /** Counts once; null where it is in the cookie. */
  refresh_token: string | null;
  token_type: "bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
}

/** What happens next. */
export interface ToldOut {
  message: string;
}

/** A password that unlocks trading; another one than signs in. */
export interface TradingPasswordIn {
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
  trading_password: string;
}

/** When what was bought may be sold, and when cash comes. */
export interface TurnaroundOut {
  /** Trading days; 1 is T+1. */
  sell_after: number;
  cash_after: number;
}

/** What unlocks trading for a quarter of an hour. */
export interface UnlockIn {
  trading_password: string;
  /** Six digits of the authenticator, or a recovery code. */
  code: string;
}

/** How long trading is unlocked in this session. */
export interface UnlockedOut {
  unlocked_until: string;
}

/** An account that was added, with the password for its first sign-in. */
export interface UserAddedOut {
  id: string;
  username: string;
  email: string;
  full_name: string;
  avatar_url: string | null;
  phone: string | null;
  is_active: boolean;
  /** Whether a mail to the address was answered. */
  is_email_verified: boolean;
  must_change_password: boolean;
  created_at: string;
  role: string | null;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
  /** Shown this once; it must be changed at the first sign-in. */
  one_time_password: string;
}

/** What is to be changed of an account; what is left out stays. */
export interface UserChangeIn {
  full_name?: string | null;
  email?: string | null;
  phone?: string | null;
  /** False shuts the account and ends its sessions; true opens it. */
  is_active?: boolean | null;
  role?: string | null;
}

/** An account to be added. */
export interface UserIn {
  /** 3 to 32 letters, digits, points, hyphens or underscores. */
  username: string;
  email: string;
  full_name?: string;
  phone?: string | null;
  /** The name of a role. */
  role?: string;
}

/** An account, and what it is in this workspace. */
export interface UserOut {
  id: string;
  username: string;
  email: string;
  full_name: string;
  avatar_url: string | null;
  phone: string | null;
  is_active: boolean;
  /** Whether a mail to the address was answered. */
  is_email_verified: boolean;
  must_change_password: boolean;
  created_at: string;
  role: string | null;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
}

/** Whose address is to be proven. */
export interface VerifyIn {
  email: string;
}

/** What a workspace is called. */
export interface WorkspaceIn {
  name: string;
}

/** A workspace that the caller is in. */
export interface WorkspaceOut {
  id: string;
  name: string;
  role: string;
  since: string;
  /** Whether the platform is administered from it. */
  is_operators: boolean;
  is_current: boolean;
}

/** The caller's workspaces, the one they have been in for longest first. */
export interface WorkspacesOut {
  items: Array<WorkspaceOut>;
}

/** One sign-in that counts. */
export interface quantloom_server__identity__schemas__SessionOut {
  id: string;
  address: string | null;
  user_agent: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  is_current: boolean;
}

/** A span in which the market is open. */
export interface quantloom_server__instruments__schemas__SessionOut {
  open: string;
  close: string;
  /** By the venue's own clock. */
  local_open: string;
  local_close: string;
}

export interface Operations {
  /** Is the process alive. */
  health: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Alive;
  };
  /** Can the process serve. */
  ready: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Ready;
  };
  /** What is running, and how it is. */
  status: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Status;
  };
  /** Measurements, as Prometheus reads them. */
  metrics: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: string;
  };
  /** Make an account. */
  register: {
    path: undefined;
    query: undefined;
    body: RegisterIn;
    answer: RegisteredOut;
  };
  /** Sign in. */
  login: {
    path: undefined;
    query: undefined;
    body: LoginIn;
    answer: TokensOut;
  };
  /** Exchange a refresh token for new tokens. */
  refresh: {
    path: undefined;
    query: undefined;
    body: RefreshIn | null | undefined;
    answer: TokensOut;
  };
  /** End this session. */
  logout: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** End all own sessions. */
  logout_all: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** The own account. */
  read_profile: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: ProfileOut;
  };
  /** Change the own account. */
  change_profile: {
    path: undefined;
    query: undefined;
    body: ProfileIn;
    answer: ProfileOut;
  };
  /** The own account. */
  read_profile_as_me: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: ProfileOut;
  };
  /** Where the account is signed in. */
  list_sessions: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: SessionsOut;
  };
  /** End a session. */
  end_session: {
    path: { session_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Change the password; all sessions end. */
  change_password: {
    path: undefined;
    query: undefined;
    body: ChangePasswordIn;
    answer: TokensOut;
  };
  /** Ask for a mail. */
  ask_reset: {
    path: undefined;
    query: undefined;
    body: ResetIn;
    answer: ToldOut;
  };
  /** Set a new password by a mail. */
  confirm_reset: {
    path: undefined;
    query: undefined;
    body: ResetConfirmIn;
    answer: undefined;
  };
  /** Ask for the mail that proves an address once more. */
  ask_verification: {
    path: undefined;
    query: undefined;
    body: VerifyIn;
    answer: ToldOut;
  };
  /** Prove an address by a mail. */
  confirm_verification: {
    path: undefined;
    query: undefined;
    body: MailTokenIn;
    answer: undefined;
  };
  /** Ask for another e-mail address. */
  ask_email_change: {
    path: undefined;
    query: undefined;
    body: ChangeEmailIn;
    answer: ToldOut;
  };
  /** Finish it by the mail. */
  confirm_email_change: {
    path: undefined;
    query: undefined;
    body: MailTokenIn;
    answer: undefined;
  };
  /** What protects the account. */
  read_factors: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: FactorsOut;
  };
  /** Begin to set a second factor up. */
  enrol: {
    path: undefined;
    query: undefined;
    body: ProofIn;
    answer: EnrolmentOut;
  };
  /** Finish it by the first code. */
  confirm_factor: {
    path: undefined;
    query: undefined;
    body: ConfirmIn;
    answer: ConfirmedOut;
  };
  /** Take the second factor away. */
  remove_factor: {
    path: undefined;
    query: undefined;
    body: FactorProofIn;
    answer: TokensOut;
  };
  /** New recovery codes. */
  renew_codes: {
    path: undefined;
    query: undefined;
    body: ProofIn;
    answer: CodesOut;
  };
  /** Set the password that unlocks trading. */
  set_trading_password: {
    path: undefined;
    query: undefined;
    body: TradingPasswordIn;
    answer: undefined;
  };
  /** Unlock trading for 15 minutes. */
  unlock: {
    path: undefined;
    query: undefined;
    body: UnlockIn;
    answer: UnlockedOut;
  };
  /** Lock trading again. */
  lock: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** List accounts. */
  list_users: {
    path: undefined;
    query: { q?: string | null; is_active?: boolean | null; limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_UserOut;
  };
  /** Add an account. */
  add_user: {
    path: undefined;
    query: undefined;
    body: UserIn;
    answer: UserAddedOut;
  };
  /** Read an account. */
  get_user: {
    path: { user_id: string };
    query: undefined;
    body: undefined;
    answer: UserOut;
  };
  /** Change an account. */
  change_user: {
    path: { user_id: string };
    query: undefined;
    body: UserChangeIn;
    answer: UserOut;
  };
  /** Delete an account. */
  delete_user: {
    path: { user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Give an account a password for one sign-in. */
  give_password: {
    path: { user_id: string };
    query: undefined;
    body: undefined;
    answer: OneTimePasswordOut;
  };
  /** Let a locked account be tried again. */
  unlock_user: {
    path: { user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Take the second factor of somebody who lost it away. */
  reset_second_factor: {
    path: { user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** List roles and permissions. */
  list_roles: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: RolesOut;
  };
  /** Make a role. */
  add_role: {
    path: undefined;
    query: undefined;
    body: NewRoleIn;
    answer: RoleOut;
  };
  /** Read a role. */
  get_role: {
    path: { name: string };
    query: undefined;
    body: undefined;
    answer: RoleOut;
  };
  /** Change a role. */
  change_role: {
    path: { name: string };
    query: undefined;
    body: RoleIn;
    answer: RoleOut;
  };
  /** Remove a role. */
  drop_role: {
    path: { name: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** List own workspaces. */
  list_workspaces: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: WorkspacesOut;
  };
  /** Make a workspace. */
  add_workspace: {
    path: undefined;
    query: undefined;
    body: WorkspaceIn;
    answer: WorkspaceOut;
  };
  /** Read an own workspace. */
  get_workspace: {
    path: { workspace_id: string };
    query: undefined;
    body: undefined;
    answer: WorkspaceOut;
  };
  /** Rename this workspace. */
  rename_workspace: {
    path: { workspace_id: string };
    query: undefined;
    body: WorkspaceIn;
    answer: WorkspaceOut;
  };
  /** Act in another workspace. */
  switch_workspace: {
    path: { workspace_id: string };
    query: undefined;
    body: undefined;
    answer: SwitchedOut;
  };
  /** List the members of this workspace. */
  list_members: {
    path: { workspace_id: string };
    query: undefined;
    body: undefined;
    answer: MembersOut;
  };
  /** Take somebody into this workspace. */
  add_member: {
    path: { workspace_id: string };
    query: undefined;
    body: NewMemberIn;
    answer: MemberOut;
  };
  /** Read a member of this workspace. */
  get_member: {
    path: { workspace_id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: MemberOut;
  };
  /** Give a member another role. */
  change_member: {
    path: { workspace_id: string; user_id: string };
    query: undefined;
    body: MemberIn;
    answer: MemberOut;
  };
  /** Take a member out of this workspace. */
  remove_member: {
    path: { workspace_id: string; user_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** List what waits for a second person. */
  list_approvals: {
    path: undefined;
    query: { state?: State | null; limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_ApprovalOut;
  };
  /** Read a proposal. */
  get_approval: {
    path: { approval_id: string };
    query: undefined;
    body: undefined;
    answer: ApprovalOut;
  };
  /** Withdraw an own proposal. */
  withdraw: {
    path: { approval_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Agree to a proposal. */
  approve: {
    path: { approval_id: string };
    query: undefined;
    body: DecisionIn | undefined;
    answer: ApprovalOut;
  };
  /** Refuse a proposal. */
  reject: {
    path: { approval_id: string };
    query: undefined;
    body: DecisionIn | undefined;
    answer: ApprovalOut;
  };
  /** List own API keys. */
  list_keys: {
    path: undefined;
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_KeyOut;
  };
  /** Make an API key. */
  add_key: {
    path: undefined;
    query: undefined;
    body: KeyIn;
    answer: KeyMadeOut;
  };
  /** Revoke an API key. */
  revoke_key: {
    path: { key_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Export all that is held of you. */
  export_account: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: Record<string, unknown>;
  };
  /** Delete the own account. */
  delete_account: {
    path: undefined;
    query: undefined;
    body: ProofIn;
    answer: undefined;
  };
  /** List who did what. */
  list_entries: {
    path: undefined;
    query: { actor_id?: string | null; action?: string | null; object_kind?: string | null; object_id?: string | null; since?: string | null; until?: string | null; limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_EntryOut;
  };
  /** Export who did what. */
  export_entries: {
    path: undefined;
    query: { format?: Format; actor_id?: string | null; action?: string | null; object_kind?: string | null; object_id?: string | null; since?: string | null; until?: string | null };
    body: undefined;
    answer: string;
  };
  /** Read one act. */
  get_entry: {
    path: { entry_id: string };
    query: undefined;
    body: undefined;
    answer: EntryWithDetails;
  };
  /** List jobs, newest first. */
  list_jobs: {
    path: undefined;
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null; state?: JobState | null; kind?: string | null; queue?: Queue | null };
    body: undefined;
    answer: Page_JobOut;
  };
  /** See how far a job is. */
  get_job: {
    path: { job_id: string };
    query: undefined;
    body: undefined;
    answer: JobDetailOut;
  };
  /** Cancel a job. */
  cancel_job: {
    path: { job_id: string };
    query: undefined;
    body: undefined;
    answer: JobOut;
  };
  /** Try a job again. */
  retry_job: {
    path: { job_id: string };
    query: undefined;
    body: undefined;
    answer: JobOut;
  };
  /** List schedules. */
  list_schedules: {
    path: undefined;
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_ScheduleOut;
  };
  /** Make a schedule. */
  add_schedule: {
    path: undefined;
    query: undefined;
    body: ScheduleIn;
    answer: ScheduleOut;
  };
  /** See a schedule. */
  get_schedule: {
    path: { schedule_id: string };
    query: undefined;
    body: undefined;
    answer: ScheduleOut;
  };
  /** Change a schedule. */
  change_schedule: {
    path: { schedule_id: string };
    query: undefined;
    body: ScheduleChangeIn;
    answer: ScheduleOut;
  };
  /** Delete a schedule. */
  delete_schedule: {
    path: { schedule_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** List and search instruments. */
  list_instruments: {
    path: undefined;
    query: { q?: string; venue?: string | null; kind?: Kind | null; product?: string | null; has_data?: boolean | null; limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: InstrumentsOut;
  };
  /** Read an instrument and its terms. */
  get_instrument: {
    path: { symbol: string };
    query: { on?: string | null };
    body: undefined;
    answer: InstrumentOut;
  };
}

export const routes = {
  health: ["GET", "/health"],
  ready: ["GET", "/health/ready"],
  status: ["GET", "/api/v1/status"],
  metrics: ["GET", "/metrics"],
  register: ["POST", "/api/v1/auth/register"],
  login: ["POST", "/api/v1/auth/login"],
  refresh: ["POST", "/api/v1/auth/refresh"],
  logout: ["POST", "/api/v1/auth/logout"],
  logout_all: ["POST", "/api/v1/auth/logout-all"],
  read_profile: ["GET", "/api/v1/auth/profile"],
  change_profile: ["PUT", "/api/v1/auth/profile"],
  read_profile_as_me: ["GET", "/api/v1/auth/me"],
  list_sessions: ["GET", "/api/v1/auth/sessions"],
  end_session: ["DELETE", "/api/v1/auth/sessions/{session_id}"],
  change_password: ["POST", "/api/v1/auth/change-password"],
  ask_reset: ["POST", "/api/v1/auth/reset-password"],
  confirm_reset: ["POST", "/api/v1/auth/reset-password/confirm"],
  ask_verification: ["POST", "/api/v1/auth/verify-email"],
  confirm_verification: ["POST", "/api/v1/auth/verify-email/confirm"],
  ask_email_change: ["POST", "/api/v1/auth/change-email"],
  confirm_email_change: ["POST", "/api/v1/auth/change-email/confirm"],
  read_factors: ["GET", "/api/v1/auth/factors"],
  enrol: ["POST", "/api/v1/auth/totp"],
  confirm_factor: ["POST", "/api/v1/auth/totp/confirm"],
  remove_factor: ["POST", "/api/v1/auth/totp/disable"],
  renew_codes: ["POST", "/api/v1/auth/recovery-codes"],
  set_trading_password: ["PUT", "/api/v1/auth/trading-password"],
  unlock: ["POST", "/api/v1/auth/unlock"],
  lock: ["DELETE", "/api/v1/auth/unlock"],
  list_users: ["GET", "/api/v1/users"],
  add_user: ["POST", "/api/v1/users"],
  get_user: ["GET", "/api/v1/users/{user_id}"],
  change_user: ["PATCH", "/api/v1/users/{user_id}"],
  delete_user: ["DELETE", "/api/v1/users/{user_id}"],
  give_password: ["POST", "/api/v1/users/{user_id}/password"],
  unlock_user: ["POST", "/api/v1/users/{user_id}/unlock"],
  reset_second_factor: ["POST", "/api/v1/users/{user_id}/reset-second-factor"],
  list_roles: ["GET", "/api/v1/roles"],
  add_role: ["POST", "/api/v1/roles"],
  get_role: ["GET", "/api/v1/roles/{name}"],
  change_role: ["PUT", "/api/v1/roles/{name}"],
  drop_role: ["DELETE", "/api/v1/roles/{name}"],
  list_workspaces: ["GET", "/api/v1/workspaces"],
  add_workspace: ["POST", "/api/v1/workspaces"],
  get_workspace: ["GET", "/api/v1/workspaces/{workspace_id}"],
  rename_workspace: ["PATCH", "/api/v1/workspaces/{workspace_id}"],
  switch_workspace: ["POST", "/api/v1/workspaces/{workspace_id}/switch"],
  list_members: ["GET", "/api/v1/workspaces/{workspace_id}/members"],
  add_member: ["POST", "/api/v1/workspaces/{workspace_id}/members"],
  get_member: ["GET", "/api/v1/workspaces/{workspace_id}/members/{user_id}"],
  change_member: ["PATCH", "/api/v1/workspaces/{workspace_id}/members/{user_id}"],
  remove_member: ["DELETE", "/api/v1/workspaces/{workspace_id}/members/{user_id}"],
  list_approvals: ["GET", "/api/v1/approvals"],
  get_approval: ["GET", "/api/v1/approvals/{approval_id}"],
  withdraw: ["DELETE", "/api/v1/approvals/{approval_id}"],
  approve: ["POST", "/api/v1/approvals/{approval_id}/approve"],
  reject: ["POST", "/api/v1/approvals/{approval_id}/reject"],
  list_keys: ["GET", "/api/v1/keys"],
  add_key: ["POST", "/api/v1/keys"],
  revoke_key: ["DELETE", "/api/v1/keys/{key_id}"],
  export_account: ["GET", "/api/v1/account/export"],
  delete_account: ["POST", "/api/v1/account/delete"],
  list_entries: ["GET", "/api/v1/audit"],
  export_entries: ["GET", "/api/v1/audit/export"],
  get_entry: ["GET", "/api/v1/audit/{entry_id}"],
  list_jobs: ["GET", "/api/v1/jobs"],
  get_job: ["GET", "/api/v1/jobs/{job_id}"],
  cancel_job: ["POST", "/api/v1/jobs/{job_id}/cancel"],
  retry_job: ["POST", "/api/v1/jobs/{job_id}/retry"],
  list_schedules: ["GET", "/api/v1/schedules"],
  add_schedule: ["POST", "/api/v1/schedules"],
  get_schedule: ["GET", "/api/v1/schedules/{schedule_id}"],
  change_schedule: ["PATCH", "/api/v1/schedules/{schedule_id}"],
  delete_schedule: ["DELETE", "/api/v1/schedules/{schedule_id}"],
  list_instruments: ["GET", "/api/v1/market/instruments"],
  get_instrument: ["GET", "/api/v1/market/instruments/{symbol}"],
} as const;

// Made of the OpenAPI document by `make api`.

/** The process answers. */
export interface Alive {
  /** `ok`, or what is wrong. */
  status: "ok";
  /** What `quantloom up` keeps running; empty where each part runs on its own. */
  processes: Array<Process>;
}

/** One act that waits, or waited, for a second person. */
export interface ApprovalOut {
  /** Of this one, for good. */
  id: string;
  /** What it is of, such as `backtests.run`. */
  kind: string;
  /** What the act is about. */
  subject: string;
  /** All that the act will be done with. */
  payload: Record<string, unknown>;
  /** Why it was proposed. */
  reason: string;
  /** How far it is. */
  state: State;
  /** The id of who proposed it. */
  proposed_by: string;
  /** When it was made. */
  created_at: string;
  /** When it stops to count. */
  expires_at: string;
  /** The id of who decided. */
  decided_by: string | null;
  /** When somebody decided. */
  decided_at: string | null;
  /** Words to whoever reads it. */
  note: string;
}

/** One worker's hold on a job. */
export interface AttemptOut {
  /** Which worker it was. */
  worker: string;
  /** When it began. */
  started_at: string;
  /** When it ended. */
  ended_at: string | null;
  /** A state; or `retried`, `released` by a worker that ended, `lost` with one that died. */
  outcome: string | null;
  /** What went wrong; null where nothing did. */
  error: JobErrorOut | null;
}

/** The fields of a strategy in a file. */
export interface BundleFieldsIn {
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** What its code is written in. */
  language: Language;
  /** A draft, in use, or put away. */
  status: StrategyStatus;
  /** How it makes its money. */
  category: Category;
  /** How much it may lose, as its author sees it. */
  risk_level: RiskLevel;
}

/** The fields of a strategy in a file. */
export interface BundleFieldsOut {
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** What its code is written in. */
  language: Language;
  /** A draft, in use, or put away. */
  status: StrategyStatus;
  /** How it makes its money. */
  category: Category;
  /** How much it may lose, as its author sees it. */
  risk_level: RiskLevel;
}

/** A strategy as a file. */
export interface BundleIn {
  /** What kind of file it is. */
  format: "quantloom.strategy";
  /** Of the kind of file. */
  format_version: 1;
  /** The fields of the strategy. */
  strategy: BundleFieldsIn;
  /** The oldest first. */
  versions: Array<BundleVersionIn>;
  /** SHA-256 of `strategy` and `versions` as JSON, sorted keys, no spaces. */
  checksum: string;
}

/** A strategy as a file, as an import takes it. */
export interface BundleOut {
  /** What kind of file it is. */
  format: string;
  /** Of the kind of file. */
  format_version: number;
  /** The fields of the strategy. */
  strategy: BundleFieldsOut;
  /** The oldest first. */
  versions: Array<BundleVersionOut>;
  /** SHA-256 of `strategy` and `versions` as JSON, sorted keys, no spaces. */
  checksum: string;
}

/** A version in a file. */
export interface BundleVersionIn {
  /** Of the version, from 1. */
  number: number;
  /** The source, at most 256 KB. */
  code: string;
  /** What is new in the version. */
  changelog: string;
}

/** A version in a file. */
export interface BundleVersionOut {
  /** Of the version, from 1. */
  number: number;
  /** The source. */
  code: string;
  /** What is new in the version. */
  changelog: string;
}

/** Every category. */
export interface CategoriesOut {
  /** What the list holds, in its order. */
  items: Array<CategoryOut>;
}

/** How it makes its money. */
export type Category = "trend" | "mean_reversion" | "momentum" | "breakout" | "arbitrage" | "grid" | "market_making" | "portfolio" | "machine_learning" | "other";

/** A category, and how many strategies are in it here. */
export interface CategoryOut {
  /** How it makes its money. */
  category: Category;
  /** What it is called, in English. */
  name_en: string;
  /** What it is called, in Chinese. */
  name_zh: string;
  /** How many strategies of the workspace are in it. */
  count: number;
}

/** Where mails are to go from now on. */
export interface ChangeEmailIn {
  /** The one that signs in. */
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
  /** Where mails go, and a name to sign in by. */
  email: string;
}

/** A new password in place of the present one. */
export interface ChangePasswordIn {
  /** The one that signs in now; `old_password` is read too. */
  current_password: string;
  /** At least 8 characters, not one that others would try. */
  new_password: string;
  /** As at the sign-in. */
  use_cookie?: boolean;
}

/** Code to be looked over. */
export interface CodeIn {
  /** At most 256 KB. */
  code: string;
}

/** Codes that each stand in for the authenticator once. They are told this once. */
export interface CodesOut {
  /** Each stands in for the authenticator once. Shown this once. */
  recovery_codes: Array<string>;
}

/** Everything that a trade costs; what does not apply is null or empty. */
export interface CommissionOut {
  /** Of the exchange. */
  fee: FeeOut | null;
  /** The lowest tier first. */
  maker_taker: Array<MakerTakerOut>;
  /** Of authorities. */
  levies: Array<LevyOut>;
  /** Stamp duty. */
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
  /** Always `bearer`. */
  token_type: "bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
  /** Told this once; keep them apart. */
  recovery_codes: Array<string>;
}

/** What a copy is to be called. */
export interface CopyIn {
  /** The name with a number, where left out. */
  name?: string | null;
}

/** Bars that are stored. */
export interface DatasetOut {
  /** How long a bar is. */
  timeframe: string;
  /** How many bars. */
  rows: number;
  /** When the first one opens. */
  start: string;
  /** When the last one opens. */
  end: string;
  /** A to F; null where nobody checked. */
  grade: string | null;
  /** Where they came from. */
  source: string;
}

/** What whoever decides has to say. */
export interface DecisionIn {
  /** Words to whoever reads it. */
  note?: string;
}

/** How one version differs from another. */
export interface DifferenceOut {
  /** The number of the version before. */
  first: number;
  /** The number of the version after. */
  second: number;
  /** As `diff -u` writes it; empty where nothing differs. */
  unified: string;
  /** Lines. */
  added: number;
  /** Lines. */
  removed: number;
}

/** What is being written. */
export interface DraftIn {
  /** The source, at most 256 KB. */
  code: string;
  /** The version that it began with. */
  based_on: number;
}

/** What the caller is writing, or the last version where nothing is. */
export interface DraftOut {
  /** The source. */
  code: string;
  /** The version that it began with. */
  based_on: number;
  /** Null where there is no draft. */
  saved_at: string | null;
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
  /** Of this one, for good. */
  id: string;
  /** When it happened. */
  at: string;
  /** Who did it; null where nobody was signed in. */
  actor_id: string | null;
  /** The session that it was done in. */
  session_id: string | null;
  /** The API key, where a program did it. */
  key_id: string | null;
  /** The network address that it came from. */
  address: string | null;
  /** The request that did it. */
  request_id: string;
  /** What was done, such as `identity.password_changed`. */
  action: string;
  /** What kind of thing that is. */
  object_kind: string;
  /** What it was done to. */
  object_id: string;
}

/** An act with what the thing was before and after it. */
export interface EntryWithDetails {
  /** Of this one, for good. */
  id: string;
  /** When it happened. */
  at: string;
  /** Who did it; null where nobody was signed in. */
  actor_id: string | null;
  /** The session that it was done in. */
  session_id: string | null;
  /** The API key, where a program did it. */
  key_id: string | null;
  /** The network address that it came from. */
  address: string | null;
  /** The request that did it. */
  request_id: string;
  /** What was done, such as `identity.password_changed`. */
  action: string;
  /** What kind of thing that is. */
  object_kind: string;
  /** What it was done to. */
  object_id: string;
  /** Null where there is none, or erased. */
  before: Record<string, unknown> | null;
  /** The thing after the act, as far as it is kept. */
  after: Record<string, unknown> | null;
}

/** How a contract ends. */
export interface ExpiryOut {
  /** Null of a chain. */
  last_trading_day: string | null;
  /** Whether holidays around that day are not published yet. */
  is_estimate: boolean;
  /** `physical` or `cash`. */
  method: string | null;
  /** Day by whose close natural persons must be flat, by name. */
  persons_out: string | null;
}

/** Proof for an act that ends every session and begins a new one. */
export interface FactorProofIn {
  /** The one that signs in. */
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
  /** As at the sign-in. */
  use_cookie?: boolean;
}

/** What protects the account, and what is left of it. */
export interface FactorsOut {
  /** Whether signing in asks for a code. */
  has_second_factor: boolean;
  /** How many were not used yet. */
  recovery_codes_left: number;
  /** Whether a password to unlock trading is set. */
  has_trading_password: boolean;
  /** Until when trading is unlocked in this session; null where it is not. */
  unlocked_until: string | null;
}

/** What the exchange charges for a trade; a broker adds to it. */
export interface FeeOut {
  /** For opening a position. */
  open: RateOut;
  /** For closing one. */
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

/** Something that the check has to say, and where; lines and columns from 1. */
export interface FindingOut {
  /** From 1. */
  line: number;
  /** In characters, from 1. */
  column: number;
  /** Where it ends. */
  end_line: number;
  /** Behind the last character. */
  end_column: number;
  /** An error keeps it from running, a warning is likely a mistake, a hint is style. */
  severity: Severity;
  /** The name of the rule; it stays. */
  code: string;
  /** What kind of rule it is of. */
  group: string;
  /** What is wrong, in English. */
  text_en: string;
  /** What is wrong, in Chinese. */
  text_zh: string;
  /** What to do, in English. */
  hint_en: string;
  /** What to do, in Chinese. */
  hint_zh: string;
}

/** How an export is written. */
export type Format = "ndjson" | "csv";

/** When it is traded. */
export interface HoursOut {
  /** Whose holidays and hours count. */
  calendar: string;
  /** Of the venue. */
  timezone: string;
  /** The first that is not before `on`. */
  trading_day: string | null;
  /** Whether holidays and hours of that day are published. */
  is_known: boolean;
  /** Of that trading day; the night before belongs to it. */
  sessions: Array<OpeningOut>;
}

/** An instrument and its terms on a day. */
export interface InstrumentOut {
  /** `code.VENUE`, safe in a path. */
  symbol: string;
  /** Without its venue. */
  code: string;
  /** Where it is traded. */
  venue: string;
  /** Such as `future` or `stock`. */
  kind: Kind;
  /** What it is called, in both languages. */
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
  /** What the spelling in the path was read as. */
  taken_for: TakenFor;
  /** The day whose terms these are. */
  on: string;
  /** Of its prices and money. */
  currency: string;
  /** Distance between two prices. */
  tick_size: number;
  /** Distance between two quantities. */
  lot: number;
  /** Value of one unit at a price of 1, in `currency`. */
  multiplier: number;
  /** Whether what one does not have may be sold. */
  can_short: boolean;
  /** Where tick, lot and multiplier come from. */
  terms_from: string;
  /** What one order may be; null where nothing is known. */
  orders: OrdersOut | null;
  /** What a trade costs. */
  commission: CommissionOut;
  /** Of futures; null where the whole value is paid. */
  margin: MarginOut | null;
  /** Of perpetual swaps, by size of position. */
  maintenance: Array<TierOut>;
  /** Null where there are none. */
  price_limit: PriceLimitOut | null;
  /** When its market is open. */
  hours: HoursOut;
  /** Null where it does not end. */
  expiry: ExpiryOut | null;
  /** Null where both are at once. */
  turnaround: TurnaroundOut | null;
  /** Where the terms come from. */
  rules: RulesOut;
  /** Bars that are stored of it. */
  data: Array<DatasetOut>;
}

/** A part of the list. */
export interface InstrumentsOut {
  /** What the list holds, in its order. */
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
  /** Of this one, for good. */
  id: string;
  /** What it is of, such as `backtests.run`. */
  kind: string;
  /** Which workers do it. */
  queue: Queue;
  /** How far it is. */
  state: JobState;
  /** From 0 to 1. */
  progress: number;
  /** What it is doing now. */
  note: string;
  /** How often it has been begun. */
  attempt: number;
  /** How often it may be begun. */
  max_attempts: number;
  /** When it was asked to stop. */
  cancel_requested_at: string | null;
  /** Who it is done for. */
  user_id: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
  /** When it began. */
  started_at: string | null;
  /** When it was over. */
  finished_at: string | null;
  /** What it found, once it has succeeded. */
  result: Record<string, unknown> | null;
  /** Why it did not succeed, or not yet. */
  error: JobErrorOut | null;
  /** What the job is given. */
  payload: Record<string, unknown>;
  /** Who has worked on it, the first one first. */
  attempts: Array<AttemptOut>;
}

/** Why a job did not succeed. */
export interface JobErrorOut {
  /** Stable; the one to decide by. */
  code: string;
  /** In words. */
  message: string;
}

/** A job, and how far it is. */
export interface JobOut {
  /** Of this one, for good. */
  id: string;
  /** What it is of, such as `backtests.run`. */
  kind: string;
  /** Which workers do it. */
  queue: Queue;
  /** How far it is. */
  state: JobState;
  /** From 0 to 1. */
  progress: number;
  /** What it is doing now. */
  note: string;
  /** How often it has been begun. */
  attempt: number;
  /** How often it may be begun. */
  max_attempts: number;
  /** When it was asked to stop. */
  cancel_requested_at: string | null;
  /** Who it is done for. */
  user_id: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
  /** When it began. */
  started_at: string | null;
  /** When it was over. */
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
  /** What it is called. */
  name: string;
  /** What it may do, of what you may; never what only a person does. */
  scopes: Array<Permission>;
  /** From where it may be used; from everywhere where none are named. */
  networks?: Array<string>;
  /** How many days it counts. */
  expires_in_days?: number;
  /** How many requests it may send in a minute. */
  requests_per_minute?: number;
}

/** A key that was made, with its text. */
export interface KeyMadeOut {
  /** Of this one, for good. */
  id: string;
  /** The workspace that it belongs to, or that the session acts in. */
  workspace_id: string;
  /** What it is called. */
  name: string;
  /** The beginning of the key, by which its owner knows it. */
  hint: string;
  /** What it may do, of what its owner may. */
  scopes: Array<string>;
  /** From where it may be used, as 203.0.113.0/24; from anywhere where empty. */
  networks: Array<string>;
  /** How many requests it may send in a minute. */
  requests_per_minute: number;
  /** When it was made. */
  created_at: string;
  /** When it stops to count. */
  expires_at: string;
  /** When its owner took it back. */
  revoked_at: string | null;
  /** When it was used last, to a minute. */
  last_used_at: string | null;
  /** Where it was used from last. */
  last_address: string | null;
  /** For `X-API-Key`; shown this once. */
  key: string;
}

/** A key, without what it is proven by. */
export interface KeyOut {
  /** Of this one, for good. */
  id: string;
  /** The workspace that it belongs to, or that the session acts in. */
  workspace_id: string;
  /** What it is called. */
  name: string;
  /** The beginning of the key, by which its owner knows it. */
  hint: string;
  /** What it may do, of what its owner may. */
  scopes: Array<string>;
  /** From where it may be used, as 203.0.113.0/24; from anywhere where empty. */
  networks: Array<string>;
  /** How many requests it may send in a minute. */
  requests_per_minute: number;
  /** When it was made. */
  created_at: string;
  /** When it stops to count. */
  expires_at: string;
  /** When its owner took it back. */
  revoked_at: string | null;
  /** When it was used last, to a minute. */
  last_used_at: string | null;
  /** Where it was used from last. */
  last_address: string | null;
}

/** What an instrument is; it decides how a position is paid for. An inverse one is a perpetual swap that is quoted in money and settled in coin. An option is paid for in full, as a share is; it is neither exercised nor settled at its expiry. */
export type Kind = "stock" | "fund" | "bond" | "index" | "future" | "option" | "spot" | "perpetual" | "inverse" | "fx";

/** What its code is written in. */
export type Language = "python";

/** What an authority takes of a trade. */
export interface LevyOut {
  /** Which authority. */
  name: string;
  /** How much. */
  rate: RateOut;
  /** The one that pays; null for both. */
  side: string | null;
}

/** One instrument of a list. */
export interface ListedOut {
  /** `code.VENUE`, safe in a path. */
  symbol: string;
  /** Without its venue. */
  code: string;
  /** Where it is traded. */
  venue: string;
  /** Such as `future` or `stock`. */
  kind: Kind;
  /** What it is called, in both languages. */
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

/** A version that is offered, with its code. */
export interface ListingDetailOut {
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** What only running the code would tell of its parameters. */
  unreadable: Array<UnreadableOut>;
  /** Of this one, for good. */
  id: string;
  /** Of the strategy that it was published from. */
  version: number;
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** On which terms others may use it. */
  licence: string;
  /** The name that everybody sees. */
  author: string;
  /** What its code is written in. */
  language: Language;
  /** How it makes its money. */
  category: Category;
  /** How much it may lose, as its author sees it. */
  risk_level: RiskLevel;
  /** Findings of the check; none is an error. */
  warnings: number;
  /** Workspaces that have taken it. */
  subscribers: number;
  /** What those think who have taken it. */
  rating: StandingOut;
  /** Whether the caller's workspace offers it. */
  is_own: boolean;
  /** When it was made. */
  created_at: string;
  /** When it was taken off the market; null while it is offered. */
  withdrawn_at: string | null;
  /** The source. */
  code: string;
  /** SHA-256 of the code. */
  code_sha256: string;
}

/** A version to be offered. */
export interface ListingIn {
  /** The id of the strategy. */
  strategy_id: string;
  /** The last one where left out. */
  version?: number | null;
  /** That of the strategy where empty. */
  description?: string;
  /** On which terms others may use it. */
  licence: string;
  /** The name that everybody sees. */
  author?: string;
}

/** A version that is offered, without its code. */
export interface ListingOut {
  /** Of this one, for good. */
  id: string;
  /** Of the strategy that it was published from. */
  version: number;
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** On which terms others may use it. */
  licence: string;
  /** The name that everybody sees. */
  author: string;
  /** What its code is written in. */
  language: Language;
  /** How it makes its money. */
  category: Category;
  /** How much it may lose, as its author sees it. */
  risk_level: RiskLevel;
  /** Findings of the check; none is an error. */
  warnings: number;
  /** Workspaces that have taken it. */
  subscribers: number;
  /** What those think who have taken it. */
  rating: StandingOut;
  /** Whether the caller's workspace offers it. */
  is_own: boolean;
  /** When it was made. */
  created_at: string;
  /** When it was taken off the market; null while it is offered. */
  withdrawn_at: string | null;
}

/** Who signs in. */
export interface LoginIn {
  /** The username or the e-mail address. */
  username: string;
  /** The one that signs in. */
  password: string;
  /** Where the account has a second factor. */
  code?: string | null;
  /** Keep the refresh token in a cookie that scripts cannot read. */
  use_cookie?: boolean;
}

/** What stands in a mail after `#token=`. */
export interface MailTokenIn {
  /** What stands in the mail after `#token=`. */
  token: string;
}

/** Fees of a tier, as shares of traded money; below zero is a rebate. */
export interface MakerTakerOut {
  /** Which one, from 0 on. */
  tier: number;
  /** Least money traded in 30 days. */
  volume: number;
  /** Of an order that waited in the book. */
  maker: number;
  /** Of one that did not. */
  taker: number;
}

/** Share of a position's value that equity must cover, as the exchange asks it. */
export interface MarginOut {
  /** Of who has bought; 0.07 is 7 %. */
  long: number;
  /** Of who has sold. */
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
  /** The id of the account. */
  user_id: string;
  /** The name to sign in by. */
  username: string;
  /** A name to be shown. */
  full_name: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** Whether it is open; nobody signs in to one that is shut. */
  is_active: boolean;
  /** What the account is in this workspace; null where it is no member. */
  role: string;
  /** From when on. */
  since: string;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
}

/** Those in the workspace, by name. */
export interface MembersOut {
  /** What the list holds, in its order. */
  items: Array<MemberOut>;
}

/** What an instrument is called; empty where nobody told. */
export interface NamesOut {
  /** In Chinese. */
  zh: string;
  /** In English. */
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
  /** What it is for. */
  description?: string;
  /** Null gives one of the platform's roles back what it comes with. */
  permissions?: Array<Permission> | null;
  /** The name of a role. */
  name: string;
}

/** A password for one sign-in. */
export interface OneTimePasswordOut {
  /** For one sign-in; it must be changed then. Shown this once. */
  one_time_password: string;
}

/** A span in which the market is open. */
export interface OpeningOut {
  /** When it opens. */
  open: string;
  /** When it closes. */
  close: string;
  /** By the venue's own clock. */
  local_open: string;
  /** By the same clock. */
  local_close: string;
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
  /** Whether the venue takes orders without a price. */
  has_market_orders: boolean;
}

/** Where a strategy was taken from. */
export type Origin = "strategy" | "template" | "listing" | "file";

export interface Page_ApprovalOut {
  /** What the list holds, in its order. */
  items: Array<ApprovalOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_EntryOut {
  /** What the list holds, in its order. */
  items: Array<EntryOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_JobOut {
  /** What the list holds, in its order. */
  items: Array<JobOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_KeyOut {
  /** What the list holds, in its order. */
  items: Array<KeyOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_ListingOut {
  /** What the list holds, in its order. */
  items: Array<ListingOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_RatingOut {
  /** What the list holds, in its order. */
  items: Array<RatingOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_ScheduleOut {
  /** What the list holds, in its order. */
  items: Array<ScheduleOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_StrategyOut {
  /** What the list holds, in its order. */
  items: Array<StrategyOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_UserOut {
  /** What the list holds, in its order. */
  items: Array<UserOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

export interface Page_VersionOut {
  /** What the list holds, in its order. */
  items: Array<VersionOut>;
  /** Send as `cursor` for the next page. */
  next_cursor: string | null;
  /** How many there are; with `page` alone. */
  total: number | null;
}

/** The parameters as the code declares them; running it confirms them. */
export interface ParametersOut {
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** What only running the code would tell of its parameters. */
  unreadable: Array<UnreadableOut>;
}

/** One thing that a role may allow. Names are stored in roles, so they never change meaning. */
export type Permission = "profile" | "users:read" | "users:write" | "roles:read" | "roles:write" | "keys" | "workspaces:read" | "workspaces:write" | "members:write" | "approvals:read" | "approvals:decide" | "audit:read" | "system:read" | "jobs:read" | "jobs:write" | "schedules:read" | "schedules:write" | "market:read" | "strategies:read" | "strategies:write" | "strategies:publish";

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
  /** Of HTTP. */
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
  /** What it is called. */
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
  /** A name to be shown. */
  full_name?: string;
  /** A picture: an https URL, or a path of this site. */
  avatar_url?: string | null;
  /** A telephone number, as it is dialled. */
  phone?: string | null;
}

/** A user, and what they are in the workspace that the request is for. */
export interface ProfileOut {
  /** Of this one, for good. */
  id: string;
  /** The name to sign in by. */
  username: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** A name to be shown. */
  full_name: string;
  /** A picture: an https URL, or a path of this site. */
  avatar_url: string | null;
  /** A telephone number, as it is dialled. */
  phone: string | null;
  /** Whether it is open; nobody signs in to one that is shut. */
  is_active: boolean;
  /** When it was made. */
  created_at: string;
  /** The workspace that it belongs to, or that the session acts in. */
  workspace_id: string;
  /** What the account is in this workspace; null where it is no member. */
  role: string | null;
  /** Whether a mail to the address was answered. */
  is_email_verified: boolean;
  /** What may be done, each by its name. */
  permissions: Array<string>;
}

/** Proof that it is still the owner who asks. */
export interface ProofIn {
  /** The one that signs in. */
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

/** What somebody thinks. */
export interface RatingIn {
  /** From 1 to 5. */
  stars: number;
  /** In words. */
  comment?: string;
}

/** What somebody thinks; who it is, is not told. */
export interface RatingOut {
  /** Of this one, for good. */
  id: string;
  /** From 1 to 5. */
  stars: number;
  /** In words. */
  comment: string;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
}

/** Whether everything that a request needs answers too. */
export interface Ready {
  /** `ok`, or what is wrong. */
  status: "ok" | "failed";
  /** `ok`, or what is wrong, of `database`, `migrations` and `redis`. */
  checks: Record<string, string>;
}

/** The refresh token, where it is not in the cookie. */
export interface RefreshIn {
  /** Of the last answer; it counts once. */
  refresh_token?: string | null;
}

/** A new account. */
export interface RegisterIn {
  /** 3 to 32 letters, digits, points, hyphens or underscores. */
  username: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** At least 8 characters. */
  password: string;
  /** Nobody registers without agreeing. */
  agree_terms: true;
  /** A name to be shown. */
  full_name?: string;
  /** A telephone number, as it is dialled. */
  phone?: string | null;
}

/** The account that was made. */
export interface RegisteredOut {
  /** Of this one, for good. */
  id: string;
  /** The name to sign in by. */
  username: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** Whether the link in a mail has to be opened before the first sign-in. */
  must_verify_email: boolean;
}

/** The token of the mail, and a new password. */
export interface ResetConfirmIn {
  /** What stands in the mail after `#token=`. */
  token: string;
  /** At least 8 characters, not one that others would try. */
  new_password: string;
}

/** Whose password was forgotten. */
export interface ResetIn {
  /** Where mails go, and a name to sign in by. */
  email: string;
}

/** What is known of some code without running it. */
export interface ReviewOut {
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** What only running the code would tell of its parameters. */
  unreadable: Array<UnreadableOut>;
  /** By line, at most 500. */
  findings: Array<FindingOut>;
  /** How many keep it from running. */
  errors: number;
  /** How many findings are likely mistakes. */
  warnings: number;
  /** SHA-256 of the code. */
  code_sha256: string;
}

/** How much it may lose, as its author sees it. */
export type RiskLevel = "low" | "medium" | "high";

/** What a role is to permit. */
export interface RoleIn {
  /** What it is for. */
  description?: string;
  /** Null gives one of the platform's roles back what it comes with. */
  permissions?: Array<Permission> | null;
}

/** A role, and what it permits. */
export interface RoleOut {
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** What concerns everybody counts in the operators' workspace alone. */
  permissions: Array<Permission>;
  /** Whether it came with the platform. */
  is_shipped: boolean;
  /** Whether it permits something else than it came with. */
  is_changed: boolean;
  /** When it was changed last. */
  updated_at: string;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
}

/** All roles, and every permission there is. */
export interface RolesOut {
  /** What the list holds, in its order. */
  items: Array<RoleOut>;
  /** What may be done, each by its name. */
  permissions: Array<Permission>;
}

/** Where a rule comes from. */
export interface RuleOut {
  /** What it rules, such as `fee`. */
  topic: string;
  /** How well it is known. */
  standing: Standing;
  /** Whom the entry names. */
  scope: string;
  /** The first day on which it holds. */
  since: string;
  /** The last one; null while it holds. */
  to: string | null;
  /** Where it was read. */
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
  /** One for each topic that applies. */
  entries: Array<RuleOut>;
}

/** What is to change of a schedule; the rest stays. */
export interface ScheduleChangeIn {
  /** What it is called. */
  name?: string | null;
  /** What the job is given. */
  payload?: Record<string, unknown> | null;
  /** Five fields: minute, hour, day, month, day of the week. */
  cron?: string | null;
  /** The zone whose clock counts, as `Asia/Shanghai`. */
  timezone?: string | null;
  /** Whether it starts anything. */
  is_enabled?: boolean | null;
}

/** A new schedule. */
export interface ScheduleIn {
  /** What it is called. */
  name: string;
  /** What is to be done. */
  kind: string;
  /** What that needs to know. */
  payload?: Record<string, unknown>;
  /** Minute, hour, day of the month, month, day of the week. */
  cron: string;
  /** Whose clocks `cron` is read on. */
  timezone?: string;
  /** Whether it starts anything. */
  is_enabled?: boolean;
}

/** A schedule, and when it was and will be due. */
export interface ScheduleOut {
  /** Of this one, for good. */
  id: string;
  /** What it is called. */
  name: string;
  /** What it is of, such as `backtests.run`. */
  kind: string;
  /** What the job is given. */
  payload: Record<string, unknown>;
  /** Five fields: minute, hour, day, month, day of the week. */
  cron: string;
  /** The zone whose clock counts, as `Asia/Shanghai`. */
  timezone: string;
  /** Whether it starts anything. */
  is_enabled: boolean;
  /** When it starts something next. */
  next_run_at: string | null;
  /** When it started something last. */
  last_run_at: string | null;
  /** The job that it started last. */
  last_job_id: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
}

/** One sign-in that counts. */
export interface SessionOut {
  /** Of this one, for good. */
  id: string;
  /** The network address that it came from. */
  address: string | null;
  /** The program that signed in, as it names itself. */
  user_agent: string;
  /** When it was made. */
  created_at: string;
  /** When it was used last, to a minute. */
  last_used_at: string;
  /** When it stops to count. */
  expires_at: string;
  /** Whether it is the one of this request. */
  is_current: boolean;
}

/** The caller's sessions, the newest first. */
export interface SessionsOut {
  /** What the list holds, in its order. */
  items: Array<SessionOut>;
}

/** An error keeps the strategy from running, a warning is likely a mistake, a hint is style. */
export type Severity = "error" | "warning" | "hint";

/** How well a rule is known on a day, best first. Known: its source holds on that day. Carried: its source is older, and nothing newer is known. Yours: an overlay says so. Assumed: customary, and checked against nothing. */
export type Standing = "known" | "yours" | "carried" | "assumed";

/** What those who have taken it think. */
export interface StandingOut {
  /** How many have rated it. */
  count: number;
  /** The mean, from 1 to 5. */
  stars: number | null;
}

/** What has become of a proposal. */
export type State = "open" | "approved" | "rejected" | "withdrawn" | "expired";

/** The same, with what is running and since when. */
export interface Status {
  /** `ok`, or what is wrong. */
  status: "ok" | "failed";
  /** `ok`, or what is wrong, of `database`, `migrations` and `redis`. */
  checks: Record<string, string>;
  /** What it is called. */
  name: "quantloom";
  /** The release that runs. */
  version: string;
  /** development or production. */
  environment: string;
  /** When it began. */
  started_at: string;
  /** The time of the service. */
  now: string;
  /** What `quantloom up` keeps running; empty where each part runs on its own. */
  processes: Array<Process>;
}

/** What is to change; what is left out stays. Other code than the last makes a version. */
export interface StrategyChangeIn {
  /** What it is called. */
  name?: string | null;
  /** What it is for. */
  description?: string | null;
  /** What its code is written in. */
  language?: Language | null;
  /** A draft, in use, or put away. */
  status?: StrategyStatus | null;
  /** How it makes its money. */
  category?: Category | null;
  /** How much it may lose, as its author sees it. */
  risk_level?: RiskLevel | null;
  /** The source, at most 256 KB. */
  code?: string | null;
  /** What is new in the version. */
  changelog?: string;
}

/** A strategy with the code of its last version. */
export interface StrategyDetailOut {
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** What only running the code would tell of its parameters. */
  unreadable: Array<UnreadableOut>;
  /** Of this one, for good. */
  id: string;
  /** Who made it. */
  user_id: string;
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** What its code is written in. */
  language: Language;
  /** A draft, in use, or put away. */
  status: StrategyStatus;
  /** How it makes its money. */
  category: Category;
  /** How much it may lose, as its author sees it. */
  risk_level: RiskLevel;
  /** The number of its last version. */
  version: number;
  /** Findings that keep its last version from running. */
  errors: number;
  /** How many findings are likely mistakes. */
  warnings: number;
  /** What it was taken from. */
  origin: Origin | null;
  /** The id or the name of what it was taken from. */
  origin_id: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
  /** The source. */
  code: string;
  /** SHA-256 of the code. */
  code_sha256: string;
}

/** A new strategy. */
export interface StrategyIn {
  /** What it is called. */
  name: string;
  /** What it is for. */
  description?: string;
  /** What its code is written in. */
  language?: Language;
  /** A draft, in use, or put away. */
  status?: StrategyStatus;
  /** How it makes its money. */
  category?: Category;
  /** How much it may lose, as its author sees it. */
  risk_level?: RiskLevel;
  /** At most 256 KB; a file to begin with where left out. */
  code?: string | null;
  /** Takes the code of a template instead. */
  template?: string | null;
  /** What is new in the version. */
  changelog?: string;
}

/** A strategy, without its code. */
export interface StrategyOut {
  /** Of this one, for good. */
  id: string;
  /** Who made it. */
  user_id: string;
  /** What it is called. */
  name: string;
  /** What it is for. */
  description: string;
  /** What its code is written in. */
  language: Language;
  /** A draft, in use, or put away. */
  status: StrategyStatus;
  /** How it makes its money. */
  category: Category;
  /** How much it may lose, as its author sees it. */
  risk_level: RiskLevel;
  /** The number of its last version. */
  version: number;
  /** Findings that keep its last version from running. */
  errors: number;
  /** How many findings are likely mistakes. */
  warnings: number;
  /** What it was taken from. */
  origin: Origin | null;
  /** The id or the name of what it was taken from. */
  origin_id: string | null;
  /** When it was made. */
  created_at: string;
  /** When it was changed last. */
  updated_at: string;
}

/** What its author makes of it. */
export type StrategyStatus = "draft" | "active" | "archived";

/** What the copy is to be called. */
export interface SubscribeIn {
  /** The name it is offered by, where left out. */
  name?: string | null;
}

/** What the next requests carry; the refresh token stays as it is. */
export interface SwitchedOut {
  /** For `Authorization: Bearer ...`. */
  access_token: string;
  /** Always `bearer`. */
  token_type: "bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
  /** The workspace that it belongs to, or that the session acts in. */
  workspace_id: string;
}

/** What a spelling was taken for. */
export interface TakenFor {
  /** What was sent. */
  asked: string;
  /** What is meant. */
  symbol: string;
  /** The reading in words, with anything that was assumed. */
  note: string;
}

/** A tax by traded money, for either side. */
export interface TaxOut {
  /** Of who buys; 0.001 is a thousandth. */
  buy: number;
  /** Of who sells. */
  sell: number;
}

/** A template with its code, which `POST /api/v1/strategies` takes by its name. */
export interface TemplateDetailOut {
  /** What it is called. */
  name: string;
  /** Whether it comes with Quantloom. */
  is_preset: boolean;
  /** The installed package that offers it. */
  package: string;
  /** The release of that package. */
  package_version: string;
  /** Of the class in its package. */
  class_name: string;
  /** What it is for. */
  description: string;
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** Why its package cannot be read; null where it can. */
  problem: string | null;
  /** The source. */
  code: string;
}

/** A strategy of an installed package. */
export interface TemplateOut {
  /** What it is called. */
  name: string;
  /** Whether it comes with Quantloom. */
  is_preset: boolean;
  /** The installed package that offers it. */
  package: string;
  /** The release of that package. */
  package_version: string;
  /** Of the class in its package. */
  class_name: string;
  /** What it is for. */
  description: string;
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** Why its package cannot be read; null where it can. */
  problem: string | null;
}

/** Every template, by name. */
export interface TemplatesOut {
  /** What the list holds, in its order. */
  items: Array<TemplateOut>;
}

/** Least margin of a position of some size. */
export interface TierOut {
  /** From this value on. */
  notional: number;
  /** Share of the value, as 0.004. */
  ratio: number;
  /** Taken off the product, in `currency`. */
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
  /** Always `bearer`. */
  token_type: "bearer";
  /** Seconds until the access token ends. */
  expires_in: number;
}

/** What happens next. */
export interface ToldOut {
  /** In words. */
  message: string;
}

/** A password that unlocks trading; another one than signs in. */
export interface TradingPasswordIn {
  /** The one that signs in. */
  password: string;
  /** Where a second factor is set up. */
  code?: string | null;
  /** Unlocks trading; another one than signs in. */
  trading_password: string;
}

/** When what was bought may be sold, and when cash comes. */
export interface TurnaroundOut {
  /** Trading days; 1 is T+1. */
  sell_after: number;
  /** Trading days until cash can be taken out. */
  cash_after: number;
}

/** What unlocks trading for a quarter of an hour. */
export interface UnlockIn {
  /** Unlocks trading; another one than signs in. */
  trading_password: string;
  /** Six digits of the authenticator, or a recovery code. */
  code: string;
}

/** How long trading is unlocked in this session. */
export interface UnlockedOut {
  /** Until when trading is unlocked in this session; null where it is not. */
  unlocked_until: string;
}

/** What only running the code would tell of its parameters. */
export interface UnreadableOut {
  /** What it is called. */
  name: string;
  /** What is wrong, in English. */
  text_en: string;
  /** What is wrong, in Chinese. */
  text_zh: string;
}

/** An account that was added, with the password for its first sign-in. */
export interface UserAddedOut {
  /** Of this one, for good. */
  id: string;
  /** The name to sign in by. */
  username: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** A name to be shown. */
  full_name: string;
  /** A picture: an https URL, or a path of this site. */
  avatar_url: string | null;
  /** A telephone number, as it is dialled. */
  phone: string | null;
  /** Whether it is open; nobody signs in to one that is shut. */
  is_active: boolean;
  /** Whether a mail to the address was answered. */
  is_email_verified: boolean;
  /** Whether the password has to be changed before anything else. */
  must_change_password: boolean;
  /** When it was made. */
  created_at: string;
  /** What the account is in this workspace; null where it is no member. */
  role: string | null;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
  /** Shown this once; it must be changed at the first sign-in. */
  one_time_password: string;
}

/** What is to be changed of an account; what is left out stays. */
export interface UserChangeIn {
  /** A name to be shown. */
  full_name?: string | null;
  /** Where mails go, and a name to sign in by. */
  email?: string | null;
  /** A telephone number, as it is dialled. */
  phone?: string | null;
  /** False shuts the account and ends its sessions; true opens it. */
  is_active?: boolean | null;
  /** What the account is in this workspace; null where it is no member. */
  role?: string | null;
}

/** An account to be added. */
export interface UserIn {
  /** 3 to 32 letters, digits, points, hyphens or underscores. */
  username: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** A name to be shown. */
  full_name?: string;
  /** A telephone number, as it is dialled. */
  phone?: string | null;
  /** The name of a role. */
  role?: string;
}

/** An account, and what it is in this workspace. */
export interface UserOut {
  /** Of this one, for good. */
  id: string;
  /** The name to sign in by. */
  username: string;
  /** Where mails go, and a name to sign in by. */
  email: string;
  /** A name to be shown. */
  full_name: string;
  /** A picture: an https URL, or a path of this site. */
  avatar_url: string | null;
  /** A telephone number, as it is dialled. */
  phone: string | null;
  /** Whether it is open; nobody signs in to one that is shut. */
  is_active: boolean;
  /** Whether a mail to the address was answered. */
  is_email_verified: boolean;
  /** Whether the password has to be changed before anything else. */
  must_change_password: boolean;
  /** When it was made. */
  created_at: string;
  /** What the account is in this workspace; null where it is no member. */
  role: string | null;
  /** The approval that a second person has to give first; null where none is. */
  approval_id: string | null;
}

/** Whose address is to be proven. */
export interface VerifyIn {
  /** Where mails go, and a name to sign in by. */
  email: string;
}

/** A version with its code. */
export interface VersionDetailOut {
  /** JSON Schema. */
  parameters: Record<string, unknown>;
  /** What only running the code would tell of its parameters. */
  unreadable: Array<UnreadableOut>;
  /** Of the version, from 1. */
  number: number;
  /** What is new in the version. */
  changelog: string;
  /** SHA-256 of the code. */
  code_sha256: string;
  /** How long the code is. */
  size_bytes: number;
  /** How many findings keep it from running. */
  errors: number;
  /** How many findings are likely mistakes. */
  warnings: number;
  /** The id of who saved it. */
  created_by: string;
  /** When it was made. */
  created_at: string;
  /** The source. */
  code: string;
}

/** A version, without its code. */
export interface VersionOut {
  /** Of the version, from 1. */
  number: number;
  /** What is new in the version. */
  changelog: string;
  /** SHA-256 of the code. */
  code_sha256: string;
  /** How long the code is. */
  size_bytes: number;
  /** How many findings keep it from running. */
  errors: number;
  /** How many findings are likely mistakes. */
  warnings: number;
  /** The id of who saved it. */
  created_by: string;
  /** When it was made. */
  created_at: string;
}

/** What a workspace is called. */
export interface WorkspaceIn {
  /** What it is called. */
  name: string;
}

/** A workspace that the caller is in. */
export interface WorkspaceOut {
  /** Of this one, for good. */
  id: string;
  /** What it is called. */
  name: string;
  /** What the account is in this workspace; null where it is no member. */
  role: string;
  /** From when on. */
  since: string;
  /** Whether the platform is administered from it. */
  is_operators: boolean;
  /** Whether it is the one of this request. */
  is_current: boolean;
}

/** The caller's workspaces, the one they have been in for longest first. */
export interface WorkspacesOut {
  /** What the list holds, in its order. */
  items: Array<WorkspaceOut>;
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
  /** List and search strategies. */
  list_strategies: {
    path: undefined;
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null; q?: string; category?: Category | null; status?: StrategyStatus | null; risk_level?: RiskLevel | null; mine?: boolean };
    body: undefined;
    answer: Page_StrategyOut;
  };
  /** Make a strategy. */
  add_strategy: {
    path: undefined;
    query: undefined;
    body: StrategyIn;
    answer: StrategyDetailOut;
  };
  /** List categories. */
  list_categories: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: CategoriesOut;
  };
  /** Look code over. */
  check_code: {
    path: undefined;
    query: undefined;
    body: CodeIn;
    answer: ReviewOut;
  };
  /** List templates. */
  list_all_templates: {
    path: undefined;
    query: undefined;
    body: undefined;
    answer: TemplatesOut;
  };
  /** See a template with its code. */
  read_template: {
    path: { template: string };
    query: undefined;
    body: undefined;
    answer: TemplateDetailOut;
  };
  /** Make a strategy of a file. */
  import_strategy: {
    path: undefined;
    query: undefined;
    body: BundleIn;
    answer: StrategyDetailOut;
  };
  /** See a strategy with its code. */
  get_strategy: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: StrategyDetailOut;
  };
  /** Change a strategy. */
  change_strategy: {
    path: { strategy_id: string };
    query: undefined;
    body: StrategyChangeIn;
    answer: StrategyDetailOut;
  };
  /** Delete a strategy. */
  delete_strategy: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Copy a strategy. */
  copy_strategy: {
    path: { strategy_id: string };
    query: undefined;
    body: CopyIn | null | undefined;
    answer: StrategyDetailOut;
  };
  /** Look a strategy over. */
  check_strategy: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: ReviewOut;
  };
  /** See what a strategy can be tuned by. */
  get_parameters: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: ParametersOut;
  };
  /** List versions. */
  list_versions: {
    path: { strategy_id: string };
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_VersionOut;
  };
  /** See a version with its code. */
  get_version: {
    path: { strategy_id: string; number: number };
    query: undefined;
    body: undefined;
    answer: VersionDetailOut;
  };
  /** Restore a version. */
  restore_version: {
    path: { strategy_id: string; number: number };
    query: undefined;
    body: undefined;
    answer: StrategyDetailOut;
  };
  /** Compare two versions. */
  diff_versions: {
    path: { strategy_id: string; first: number; second: number };
    query: undefined;
    body: undefined;
    answer: DifferenceOut;
  };
  /** See what you are writing. */
  get_draft: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: DraftOut;
  };
  /** Keep what you are writing. */
  put_draft: {
    path: { strategy_id: string };
    query: undefined;
    body: DraftIn;
    answer: DraftOut;
  };
  /** Throw away what you were writing. */
  drop_draft: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Export a strategy as a file. */
  export_strategy: {
    path: { strategy_id: string };
    query: undefined;
    body: undefined;
    answer: BundleOut;
  };
  /** Browse what is offered. */
  list_listings: {
    path: undefined;
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null; q?: string; category?: Category | null; risk_level?: RiskLevel | null; own?: boolean };
    body: undefined;
    answer: Page_ListingOut;
  };
  /** Offer a version to everybody. */
  publish_version: {
    path: undefined;
    query: undefined;
    body: ListingIn;
    answer: ListingDetailOut;
  };
  /** See what is offered with its code. */
  get_listing: {
    path: { listing_id: string };
    query: undefined;
    body: undefined;
    answer: ListingDetailOut;
  };
  /** Withdraw what the workspace offers. */
  withdraw_listing: {
    path: { listing_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
  };
  /** Take a copy of what is offered. */
  subscribe_to_listing: {
    path: { listing_id: string };
    query: undefined;
    body: SubscribeIn | null | undefined;
    answer: StrategyDetailOut;
  };
  /** List what others think. */
  list_ratings: {
    path: { listing_id: string };
    query: { limit?: number; cursor?: string | null; page?: number | null; per_page?: number | null };
    body: undefined;
    answer: Page_RatingOut;
  };
  /** Rate what you have taken. */
  put_rating: {
    path: { listing_id: string };
    query: undefined;
    body: RatingIn;
    answer: RatingOut;
  };
  /** Take your rating back. */
  drop_rating: {
    path: { listing_id: string };
    query: undefined;
    body: undefined;
    answer: undefined;
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
  list_strategies: ["GET", "/api/v1/strategies"],
  add_strategy: ["POST", "/api/v1/strategies"],
  list_categories: ["GET", "/api/v1/strategies/categories"],
  check_code: ["POST", "/api/v1/strategies/check"],
  list_all_templates: ["GET", "/api/v1/strategies/templates"],
  read_template: ["GET", "/api/v1/strategies/templates/{template}"],
  import_strategy: ["POST", "/api/v1/strategies/import"],
  get_strategy: ["GET", "/api/v1/strategies/{strategy_id}"],
  change_strategy: ["PUT", "/api/v1/strategies/{strategy_id}"],
  delete_strategy: ["DELETE", "/api/v1/strategies/{strategy_id}"],
  copy_strategy: ["POST", "/api/v1/strategies/{strategy_id}/copy"],
  check_strategy: ["GET", "/api/v1/strategies/{strategy_id}/check"],
  get_parameters: ["GET", "/api/v1/strategies/{strategy_id}/parameters"],
  list_versions: ["GET", "/api/v1/strategies/{strategy_id}/versions"],
  get_version: ["GET", "/api/v1/strategies/{strategy_id}/versions/{number}"],
  restore_version: ["POST", "/api/v1/strategies/{strategy_id}/versions/{number}/restore"],
  diff_versions: ["GET", "/api/v1/strategies/{strategy_id}/versions/{first}/diff/{second}"],
  get_draft: ["GET", "/api/v1/strategies/{strategy_id}/draft"],
  put_draft: ["PUT", "/api/v1/strategies/{strategy_id}/draft"],
  drop_draft: ["DELETE", "/api/v1/strategies/{strategy_id}/draft"],
  export_strategy: ["GET", "/api/v1/strategies/{strategy_id}/export"],
  list_listings: ["GET", "/api/v1/strategy-market"],
  publish_version: ["POST", "/api/v1/strategy-market"],
  get_listing: ["GET", "/api/v1/strategy-market/{listing_id}"],
  withdraw_listing: ["DELETE", "/api/v1/strategy-market/{listing_id}"],
  subscribe_to_listing: ["POST", "/api/v1/strategy-market/{listing_id}/subscribe"],
  list_ratings: ["GET", "/api/v1/strategy-market/{listing_id}/ratings"],
  put_rating: ["PUT", "/api/v1/strategy-market/{listing_id}/rating"],
  drop_rating: ["DELETE", "/api/v1/strategy-market/{listing_id}/rating"],
} as const;

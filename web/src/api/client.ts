// A typed client of the service. Types and paths come from the OpenAPI document (schema.ts).

import { routes, type Operations, type Problem, type TokensOut } from "./schema.js";

export type Name = keyof Operations;
type Filled<T> = T extends undefined ? never : T;
type Part<N extends Name, P extends "path" | "query" | "body"> =
  Operations[N][P] extends undefined
    ? { [K in P]?: undefined }
    : undefined extends Operations[N][P]
      ? { [K in P]?: Operations[N][P] }
      : Record<string, never> extends Filled<Operations[N][P]>
        ? { [K in P]?: Operations[N][P] }
        : { [K in P]: Operations[N][P] };

/** What an operation takes: the parts of its path, its query, its body. */
export type Ask<N extends Name> = Part<N, "path"> & Part<N, "query"> & Part<N, "body">;

export interface Options {
  /** Where the service is, such as http://127.0.0.1:8000. */
  base: string;
  /** An API key; without one, sign in. */
  apiKey?: string;
  /** The language of error texts, en or zh. */
  language?: string;
  fetch?: typeof fetch;
}

/** An answer that says what went wrong. `code` is stable; decide by it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem: Partial<Problem>,
    readonly retryAfterS: number | null,
  ) {
    super(problem.detail ?? `the service answered ${status}`);
    this.name = "ApiError";
  }

  get code(): string {
    return this.problem.code ?? `http.${this.status}`;
  }
}

export class Client {
  private access: string | null = null;
  private refreshToken: string | null = null;
  private refreshing: Promise<boolean> | null = null;

  constructor(private readonly options: Options) {}

  /** Sign in; tokens stay in memory and are renewed as they end. */
  async login(username: string, password: string, code?: string): Promise<void> {
    const body = { username, password, ...(code === undefined ? {} : { code }) };
    this.keep(await this.call("login", { body } as Ask<"login">));
  }

  async logout(): Promise<void> {
    await this.call("logout", {} as Ask<"logout">);
    this.access = this.refreshToken = null;
  }

  /** Call an operation by its name, with headers such as Idempotency-Key. Throws ApiError where the service does not do it. */
  async call<N extends Name>(
    name: N,
    ask: Ask<N>,
    headers: Record<string, string> = {},
  ): Promise<Operations[N]["answer"]> {
    let answer = await this.send(name, ask, headers);
    if (answer.status === 401 && this.refreshToken !== null && (await this.renew())) {
      answer = await this.send(name, ask, headers);
    }
    if (!answer.ok) throw await errorOf(answer);
    return (await read(answer)) as Operations[N]["answer"];
  }

  private async send<N extends Name>(
    name: N,
    ask: Ask<N>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const [method, path] = routes[name];
    const { path: parts, query, body } = ask as {
      path?: Record<string, unknown>;
      query?: Record<string, unknown>;
      body?: unknown;
    };
    const url = this.options.base + filled(path, parts ?? {}) + asked(query ?? {});
    const send = this.options.fetch ?? fetch;
    return send(url, {
      method,
      headers: { ...this.headers(body !== undefined), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  private headers(hasBody: boolean): Record<string, string> {
    const found: Record<string, string> = { Accept: "application/json" };
    if (hasBody) found["Content-Type"] = "application/json";
    if (this.options.language) found["Accept-Language"] = this.options.language;
    if (this.options.apiKey) found["X-API-Key"] = this.options.apiKey;
    else if (this.access) found["Authorization"] = `Bearer ${this.access}`;
    return found;
  }

  // A refresh token counts once, so requests that fail together share one renewal.
  private renew(): Promise<boolean> {
    this.refreshing ??= this.exchange().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async exchange(): Promise<boolean> {
    const body = { refresh_token: this.refreshToken };
    this.refreshToken = null;
    const answer = await this.send("refresh", { body } as Ask<"refresh">);
    if (answer.ok) this.keep((await answer.json()) as TokensOut);
    return answer.ok;
  }

  private keep(tokens: TokensOut): void {
    this.access = tokens.access_token;
    this.refreshToken = tokens.refresh_token ?? null;
  }
}

function filled(path: string, parts: Record<string, unknown>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts[name])));
}

function asked(query: Record<string, unknown>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) pairs.append(name, String(one));
    }
  }
  const text = pairs.toString();
  return text === "" ? "" : `?${text}`;
}

async function read(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined;
  const kind = answer.headers.get("Content-Type") ?? "";
  return kind.includes("json") ? answer.json() : answer.text();
}

async function errorOf(answer: Response): Promise<ApiError> {
  const after = answer.headers.get("Retry-After");
  const problem = (await answer.json().catch(() => ({}))) as Partial<Problem>;
  return new ApiError(answer.status, problem, after === null ? null : Number(after));
}

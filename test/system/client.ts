/**
 * An HTTP client that distrusts every answer: whatever a test is about, no answer may be a 5xx that nobody asked for, tell of the
 * inside, or be an error in another form than problem details.
 */
import { expect } from "vitest";

export type Json = Readonly<Record<string, unknown>>;
export type Answer = { readonly status: number; readonly headers: Headers; readonly text: string; readonly json: Json };

export type RequestOptions = {
  readonly method?: string;
  /** Text and bytes go as they are, everything else as JSON. */
  readonly body?: unknown;
  /** Replace the client's own; `undefined` leaves one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** 503 is a fair answer: a part has been taken away. */
  readonly mayBeUnavailable?: boolean;
};

export type Client = {
  readonly url: string;
  readonly send: (path: string, options?: RequestOptions) => Promise<Answer>;
  readonly get: (path: string, options?: RequestOptions) => Promise<Answer>;
  readonly post: (path: string, body: unknown, options?: RequestOptions) => Promise<Answer>;
  /** The same client with other credentials. */
  readonly as: (authorization: string | undefined) => Client;
  readonly check: (answer: Answer, exception?: { readonly mayBeUnavailable?: boolean; readonly byRuntime?: boolean }) => Answer;
};

/** What only the inside knows: stack frames, source files, SQL, names of error classes and of the parts that we are built from. */
const INTERNALS = [
  /\bat [\w.<>]+ \(/,
  /\n\s*at /,
  /\bstack\b/i,
  /\.(?:ts|mjs|cjs|js|wasm|toml|sqlite)\b/,
  /\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+\S/,
  /\b[A-Z][A-Za-z]*(?:Error|Exception)\b/,
  /node_modules|workerd|miniflare|sqlite|postgres|durable.?object|cloudflare|\bzod\b|\bhono\b|\bjose\b|undefined is not|cannot read propert/i,
];

const PROBLEM = {
  type: expect.stringMatching(/^\/problems\/[a-z-]+$/),
  title: expect.any(String),
  status: expect.any(Number),
  code: expect.stringMatching(/^[a-z_]+$/),
  requestId: expect.stringMatching(/./),
};

function headerText(headers: Headers): string {
  return [...headers].map(([name, value]) => `${name}: ${value}`).join("\n");
}

function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return {};
  }
}

export function createClient(
  url: string,
  own: Readonly<Record<string, string | undefined>>,
  confidential: readonly string[],
): Client {
  const check: Client["check"] = (answer, { mayBeUnavailable = false, byRuntime = false } = {}) => {
    const everything = `${headerText(answer.headers)}\n${answer.text}`;
    const seen = `${answer.status} ${everything.slice(0, 2_000)}`;
    if (!(mayBeUnavailable && answer.status === 503)) expect(answer.status, seen).toBeLessThan(500);
    for (const pattern of INTERNALS) expect(pattern.test(everything), `${pattern} in ${seen}`).toBe(false);
    for (const secret of confidential) expect(everything.includes(secret), `a secret in ${seen}`).toBe(false);
    if (answer.status < 400 || byRuntime) return answer;
    expect(answer.headers.get("content-type"), seen).toBe("application/problem+json");
    if (answer.text !== "") {
      expect(answer.json, seen).toMatchObject({ ...PROBLEM, status: answer.status });
      // What a caller quotes in a ticket is one id, wherever the caller has it from.
      expect(answer.headers.get("x-request-id"), seen).toBe(answer.json["requestId"]);
    }
    return answer;
  };
  const send: Client["send"] = async (path, { method = "GET", body, headers = {}, mayBeUnavailable = false } = {}) => {
    const all = Object.entries({ "content-type": "application/json", ...own, ...headers });
    const raw = typeof body === "string" || body instanceof Uint8Array;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: all.filter((entry): entry is [string, string] => entry[1] !== undefined),
      redirect: "manual",
      ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as BodyInit }),
    });
    const text = await response.text();
    return check(
      { status: response.status, headers: response.headers as Headers, text, json: parse(text) },
      { mayBeUnavailable },
    );
  };
  return {
    url,
    send,
    check,
    get: send,
    post: (path, body, options = {}) => send(path, { method: "POST", body, ...options }),
    as: (authorization) => createClient(url, { ...own, authorization }, confidential),
  };
}

/** The field errors of an answer by pointer, and the warnings of one. */
export const pointersOf = (answer: Answer, member: "errors" | "warnings"): readonly unknown[] =>
  ((answer.json[member] ?? []) as readonly Json[]).map((each) => each["pointer"]);

/** Requests to the running system. Whatever comes back that the demo did not expect ends it with a sentence, not with a stack. */
import { z } from "zod";

const REQUEST_DEADLINE_MS = 10_000;
const MAX_QUOTED = 300;

/** The demo cannot go on; the message is for the person who started it. */
export class DemoError extends Error {}

export function ensure(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new DemoError(otherwise);
}

export type Answer<T> = { readonly status: number; readonly headers: Headers; readonly body: T };

type Expectation<T> = {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly body?: unknown;
  readonly status: readonly number[];
  readonly schema: z.ZodType<T>;
};

export type Client = {
  readonly baseUrl: string;
  get<T>(path: string, schema: z.ZodType<T>, status?: readonly number[]): Promise<Answer<T>>;
  post<T>(path: string, body: unknown, schema: z.ZodType<T>, status: readonly number[]): Promise<Answer<T>>;
  patch<T>(path: string, body: unknown, schema: z.ZodType<T>, status: readonly number[]): Promise<Answer<T>>;
};

const quoted = (text: string): string => (text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text);

function unexpected(what: string, status: number, text: string): DemoError {
  const hint =
    status === 401
      ? "\nDoes the system on this port use another state folder? TRUNKLINE_STATE names it, for both commands."
      : "";
  return new DemoError(`${what} was answered with ${status}, which is not what the demo expects:\n${quoted(text)}${hint}`);
}

/** Undefined when it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function exchange<T>(
  baseUrl: string,
  apiKey: string,
  { method, path, body, status, schema }: Expectation<T>,
): Promise<Answer<T>> {
  const what = `${method} ${path}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    const late = error instanceof Error && error.name === "TimeoutError";
    throw new DemoError(
      late
        ? `${what}: no answer in ${REQUEST_DEADLINE_MS / 1_000} s`
        : `${what}: nobody answers at ${baseUrl}. Was the system started with another PORT?`,
    );
  }
  const parsed = schema.safeParse(jsonOf(text));
  if (!status.includes(response.status)) throw unexpected(what, response.status, text);
  if (!parsed.success)
    throw new DemoError(
      `The answer to ${what} is not of the expected form:\n${z.prettifyError(parsed.error)}\n${quoted(text)}`,
    );
  return { status: response.status, headers: response.headers, body: parsed.data };
}

/** @param apiKey or a token. */
export function clientOf(baseUrl: string, apiKey: string): Client {
  return {
    baseUrl,
    get: (path, schema, status = [200]) => exchange(baseUrl, apiKey, { method: "GET", path, status, schema }),
    post: (path, body, schema, status) => exchange(baseUrl, apiKey, { method: "POST", path, body, status, schema }),
    patch: (path, body, schema, status) => exchange(baseUrl, apiKey, { method: "PATCH", path, body, status, schema }),
  };
}

/** Every operation of the API by its operationId, typed: what all resources of this client are made of. */
import { OPERATIONS, type Operations, type QueryValue } from "./generated.ts";
import { RequestRefused } from "./refused.ts";
import type { Requests, Sent } from "./requests.ts";
import { textLines } from "./text-lines.ts";

export type OperationId = keyof Operations & keyof typeof OPERATIONS;
export type InputOf<Id extends OperationId> = Operations[Id]["input"];
export type BodyOf<Id extends OperationId> = Operations[Id]["answer"];
export type QueryOf<Id extends OperationId> = InputOf<Id> extends { readonly query?: infer Asked } ? NonNullable<Asked> : never;

export type CallOptions = {
  /** Over all tries; 60 s by default. Streams have none. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  /** Names the request where it is one that creates: the same again, also from another process, does nothing twice. Made where it is missing. */
  readonly idempotencyKey?: string;
  /** Nothing is done twice by it, whatever its method: sent again also where its answer was lost. */
  readonly isRepeatable?: boolean;
};

export type Answered<Body> = {
  readonly status: number;
  readonly body: Body;
  /** For `ifMatch`; null where the answer has none. */
  readonly etag: string | null;
  readonly headers: Headers;
};

type Arguments<Given> = {} extends Given ? [input?: Given, options?: CallOptions] : [input: Given, options?: CallOptions];

export type Operate = {
  readonly [Id in OperationId]: (...given: Arguments<InputOf<Id>>) => Promise<Answered<BodyOf<Id>>>;
};

const DEFAULT_DEADLINE_MS = 60_000;

type Query = Readonly<Record<string, QueryValue>>;
/** `query` and `body` by these names; everything else belongs into the path or is a header. */
type Input = { readonly query?: Query; readonly body?: unknown } & Readonly<Record<string, unknown>>;
type Row = {
  readonly method: string;
  readonly path: string;
  readonly gives: "json" | "text" | "lines" | "none";
  readonly accept?: string;
  readonly takes?: string;
  readonly isRepeatable?: true;
};

/** Without the names that have no value; of several values one is enough. */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, [value].flat().join(","));
  return parameters.toString();
}

function pathOf({ path }: Row, input: Input): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = input[name];
    // An empty one would be another path: that of the list.
    if (typeof value !== "string" || value === "") throw new TypeError(`${name} is missing: ${path}`);
    return encodeURIComponent(value);
  });
  const query = queryText(input.query ?? {});
  return query === "" ? filled : `${filled}?${query}`;
}

/** `ifMatch` is `If-Match`: names of headers are the same in capitals and without. */
function headersOf(row: Row, { query: _query, body, ...input }: Input): Record<string, string> {
  const headers: Record<string, string> = {};
  if (row.accept !== undefined) headers["Accept"] = row.accept;
  if (row.takes !== undefined && body !== undefined) headers["Content-Type"] = row.takes;
  for (const [name, value] of Object.entries(input))
    if (typeof value === "string" && !row.path.includes(`{${name}}`))
      headers[name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)] = value;
  return headers;
}

/** A POST has to be known again by its key; a change that is merged is the same twice. */
const isOnce = (row: Row): boolean => row.method === "POST" && row.isRepeatable !== true;

async function* parsedLines({ body }: Response): AsyncGenerator<unknown, void, undefined> {
  if (body === null) return;
  for await (const line of textLines(body.getReader())) if (line !== "") yield JSON.parse(line);
}

async function bodyOf({ gives }: Row, answer: Response): Promise<unknown> {
  switch (gives) {
    case "json":
      return answer.json();
    case "text":
      return answer.text();
    case "lines":
      return parsedLines(answer);
    case "none":
      await answer.body?.cancel();
      return undefined;
  }
}

async function operate(requests: Requests, row: Row, input: Input, options: CallOptions): Promise<Answered<unknown>> {
  const { deadlineMs = DEFAULT_DEADLINE_MS, signal, idempotencyKey, isRepeatable } = options;
  const headers = headersOf(row, input);
  if (row.isRepeatable === true) headers["Idempotency-Key"] = idempotencyKey ?? crypto.randomUUID();
  const body = input.body === undefined || typeof input.body === "string" ? input.body : JSON.stringify(input.body);
  const sent: Sent = {
    headers,
    ...(body === undefined ? {} : { body }),
    ...(row.gives === "lines" ? {} : { deadlineMs }),
    isOnce: isRepeatable !== true && isOnce(row),
    signal,
  };
  const answer = await requests.send(row.method, pathOf(row, input), sent);
  return { status: answer.status, body: await bodyOf(row, answer), etag: answer.headers.get("ETag"), headers: answer.headers };
}

/** Nothing is asked before the first call. */
export function operationsOf(requests: Requests): Operate {
  const all = Object.entries(OPERATIONS).map(([id, row]) => {
    const call = (input: Input = {}, options: CallOptions = {}): Promise<Answered<unknown>> =>
      operate(requests, row, input, options);
    return [id, call] as const;
  });
  return Object.fromEntries(all) as unknown as Operate;
}

/** Null for what is not there. */
export async function orNull<Body>(asked: Promise<Answered<Body>>): Promise<Body | null> {
  try {
    return (await asked).body;
  } catch (error) {
    if (error instanceof RequestRefused && error.status === 404) return null;
    throw error;
  }
}

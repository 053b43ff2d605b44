/** Requests to operations as the interface description has them, and what of an answer is other than it says. */
import { API, validateAnswer } from "../../../contracts/openapi/api.ts";
import type { Operation } from "../../../contracts/openapi/operation.ts";

/** Longer than the API takes for anything but a publication. */
const DEADLINE_MS = 30_000;
const JSON_TYPE = /[/+]json$/;
/** Through Unicode and control characters what an answer says stays a line. */
const MAX_QUOTED = 300;

export type Asked = {
  readonly body?: unknown;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Instead of what the operation's path says. */
  readonly path?: string;
  readonly token?: string;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Null where there is none. */
  readonly json: Readonly<Record<string, unknown>> | null;
  readonly mediaType: string;
};

/** Ids that exist, by the path of what they are in, e.g. `/v1/webhooks/{id}/deliveries`. */
export type Places = Map<string, string>;

export function operationOf(id: string): Operation {
  const found = API.operations.find((operation) => operation.id === id);
  if (found === undefined) throw new Error(`there is no operation ${id}`);
  return found;
}

/** The operation's path with ids that exist, or with those of its examples. */
export function pathIn(places: Places, { path, parameters }: Operation): string {
  const parts = path.split("/");
  return parts
    .map((part, at) => {
      if (!part.startsWith("{")) return part;
      const collection = parts.slice(0, at).join("/");
      const example = parameters.find(({ name }) => name === part.slice(1, -1))?.example;
      return encodeURIComponent(places.get(collection) ?? String(example));
    })
    .join("/");
}

export type Asker = {
  readonly places: Places;
  readonly ask: (operation: Operation, asked?: Asked) => Promise<Answer>;
};

/** Whoever has the token, at one URL. */
export function asker(url: string, token: string, places: Places = new Map()): Asker {
  return {
    places,
    async ask(operation, { body, query = {}, headers = {}, path, token: other } = {}) {
      const search = new URLSearchParams(query);
      const target = `${url}${path ?? pathIn(places, operation)}${search.size === 0 ? "" : `?${search}`}`;
      const raw = typeof body === "string" || body instanceof Uint8Array;
      const response = await fetch(target, {
        method: operation.method.toUpperCase(),
        redirect: "manual",
        signal: AbortSignal.timeout(DEADLINE_MS),
        headers: {
          ...(operation.proofs?.length === 0 ? {} : { Authorization: `Bearer ${other ?? token}` }),
          ...(body === undefined ? {} : { "Content-Type": operation.body?.[0]?.mediaType ?? "application/json" }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as BodyInit }),
      });
      const text = await response.text();
      const mediaType = (response.headers.get("content-type") ?? "").split(";")[0]!.trim();
      return {
        status: response.status,
        headers: response.headers as Headers,
        text,
        mediaType,
        json: JSON_TYPE.test(mediaType) && text !== "" ? (JSON.parse(text) as Record<string, unknown>) : null,
      };
    },
  };
}

export function quoted({ status, text }: Answer): string {
  return `${status} ${text.slice(0, MAX_QUOTED).replaceAll(/\s+/g, " ")}`;
}

/** What of the answer is not as the operation is described; nothing when it is. */
export function faultsOf(operation: Operation, answer: Answer): readonly string[] {
  const { status, headers, json, text, mediaType } = answer;
  const faults: string[] = [];
  if (headers.get("x-request-id") === null) faults.push("no X-Request-Id");
  if (status >= 500 && !(status === 503 && headers.has("retry-after"))) faults.push(`a ${status} that nobody asked for`);
  if (status >= 400 && mediaType !== "application/problem+json") faults.push(`a refusal in ${mediaType}`);
  if (status === 304 || status === 204) return text === "" ? faults : [...faults, "a body where there is none"];
  return [...faults, ...validateAnswer(operation.id, status, json ?? text, status < 400 ? mediaType : undefined)];
}

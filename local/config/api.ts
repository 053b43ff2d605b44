/** The configuration over HTTP. Whatever does not go well becomes a sentence for the person at the keyboard. */
import { z } from "zod";
import { itemJson, parseItem } from "../../contracts/configuration/entities.ts";
import type { ConfigurationItem } from "../../domain/configuration/model.ts";
import type { Target } from "./target.ts";
import { Trouble } from "./trouble.ts";

const DRAFT = "/v1/config/draft";
const PUBLISH = "/v1/config/publish";
const JSON_LINES = "application/x-ndjson";
/** A draft with a million rows is read and written in parts; nothing else takes long. */
const DEADLINE_MS = 300_000;
const LINES_PER_CHUNK = 1_000;
const MAX_QUOTED = 300;

/** A mistake that the server found; `line` counts the items that were sent, from 1. */
const fieldError = z.object({ pointer: z.string(), code: z.string(), detail: z.string(), line: z.int().optional() });
export type ServerError = z.output<typeof fieldError>;

const problem = z.object({
  title: z.string(),
  detail: z.string().optional(),
  errors: z.array(fieldError).default([]),
});
type Problem = z.output<typeof problem>;

const published = z.object({
  version: z.string(),
  changed: z.boolean(),
  /** Pointers begin with the kind and the entity's key. */
  warnings: z.array(fieldError),
  warningCount: z.int(),
});
export type Publication = z.output<typeof published>;

/** The server refused what was sent, and said what is wrong with it. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly errors: readonly ServerError[];
  constructor(message: string, errors: readonly ServerError[]) {
    super(message);
    this.errors = errors;
  }
}

export type Draft = { readonly items: readonly ConfigurationItem[]; readonly etag: string };

export type ConfigurationApi = {
  readonly readDraft: () => Promise<Draft>;
  /** @returns the draft's new ETag. @throws {Refused} with the server's mistakes; {Trouble} when the draft has another ETag by now. */
  readonly replaceDraft: (items: readonly ConfigurationItem[], etag: string) => Promise<string>;
  /** Puts the draft in force if it still has this ETag. @throws as `replaceDraft`. */
  readonly publish: (etag: string) => Promise<Publication>;
};

const startHint = "Start it in another terminal:  npm start";

async function request(target: Target, method: string, path: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(`${target.url}${path}`, {
      ...init,
      method,
      headers: { Authorization: `Bearer ${target.token}`, ...init.headers },
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      throw new Trouble(`${method} ${path}: no answer in ${DEADLINE_MS / 1_000} s`);
    throw new Trouble(`Nobody answers at ${target.url}.${target.isLocal ? ` ${startHint}` : ""}`);
  }
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    return problem.parse(JSON.parse(text));
  } catch {
    return { title: text.slice(0, MAX_QUOTED), errors: [] };
  }
}

const withDetail = ({ title, detail }: Problem): string => (detail === undefined ? title : `${title}: ${detail}`);

/** @throws always: what the answer means, in words. */
async function refuse(target: Target, what: string, response: Response): Promise<never> {
  const said = await problemOf(response);
  switch (response.status) {
    case 401:
      throw new Trouble(
        target.isLocal
          ? `${target.url} does not know the token (401). Does the system use another state folder? TRUNKLINE_STATE names it, for both commands.`
          : `${target.url} does not accept TRUNKLINE_TOKEN (401).`,
      );
    case 403:
      throw new Trouble(
        `The token may not do this (403): ${what}. Reading takes any role, editing operator, publishing admin.`,
      );
    case 404:
      throw new Trouble(`${what}: not found (404). Is ${target.url} the standard lane of Trunkline?`);
    case 409:
      throw new Trouble(`${what} was refused (409). ${withDetail(said)}`);
    case 412:
      throw new Trouble(`The draft has been changed by somebody else meanwhile: ${what} did nothing. Look at \`diff\` again.`);
    case 503:
      throw new Trouble(
        `The system cannot do this now (503). ${withDetail(said)}. Nothing was changed; calls go on as before.`,
      );
    default:
      if (said.errors.length > 0) throw new Refused(withDetail(said), said.errors);
      throw new Trouble(`${what} was answered with ${response.status}. ${withDetail(said)}`);
  }
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  yield rest + decoder.decode();
}

function itemOfLine(line: string): ConfigurationItem {
  const item = parseItem(JSON.parse(line));
  if (item.ok) return item.value;
  const [first] = item.error;
  throw new Trouble(`The draft has something that this version does not know: ${first?.pointer} ${first?.detail}`);
}

async function itemsOf(body: ReadableStream<Uint8Array>): Promise<ConfigurationItem[]> {
  const items: ConfigurationItem[] = [];
  try {
    for await (const line of linesOf(body)) if (line.trim() !== "") items.push(itemOfLine(line));
  } catch (error) {
    if (error instanceof Trouble) throw error;
    throw new Trouble("The draft could not be read to its end: it was edited meanwhile, or the connection broke. Try again.");
  }
  return items;
}

/** JSON lines, made as they are sent. */
function bodyOf(items: readonly ConfigurationItem[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let start = 0;
  return new ReadableStream({
    pull(controller) {
      if (start >= items.length) return controller.close();
      const lines = items.slice(start, start + LINES_PER_CHUNK).map((item) => `${JSON.stringify(itemJson(item))}\n`);
      start += LINES_PER_CHUNK;
      controller.enqueue(encoder.encode(lines.join("")));
    },
  });
}

function etagOf(response: Response, what: string): string {
  const etag = response.headers.get("etag");
  if (etag === null) throw new Trouble(`${what}: the answer has no ETag, which it needs.`);
  return etag;
}

export function configurationApi(target: Target): ConfigurationApi {
  return {
    readDraft: async () => {
      const what = `GET ${DRAFT}`;
      const response = await request(target, "GET", DRAFT, { headers: { Accept: JSON_LINES } });
      if (!response.ok) return refuse(target, what, response);
      return { items: response.body === null ? [] : await itemsOf(response.body), etag: etagOf(response, what) };
    },
    replaceDraft: async (items, etag) => {
      const what = `PUT ${DRAFT}`;
      const response = await request(target, "PUT", DRAFT, {
        headers: { "Content-Type": JSON_LINES, "If-Match": etag },
        body: bodyOf(items),
        duplex: "half",
      } as RequestInit);
      if (!response.ok) return refuse(target, what, response);
      await response.body?.cancel();
      return etagOf(response, what);
    },
    publish: async (etag) => {
      const response = await request(target, "POST", PUBLISH, {
        headers: { "Content-Type": "application/json", "If-Match": etag },
        body: "{}",
      });
      if (!response.ok) return refuse(target, `POST ${PUBLISH}`, response);
      return published.parse(await response.json());
    },
  };
}

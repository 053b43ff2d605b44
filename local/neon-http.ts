/** Neon's SQL over HTTP: one query, or a batch in one transaction, per request. */
import type { IncomingMessage, ServerResponse } from "node:http";
import pg from "pg";
import { z } from "zod";

const HOST = "127.0.0.1";
const MAX_BODY_BYTES = 16 << 20;
const MAX_CONNECTIONS_PER_ROLE = 20;
const CONNECT_DEADLINE_MS = 5_000;
/** Longer than the Workers wait for anything (adapters/postgres/client.ts): their deadline counts, not this one. */
const STATEMENT_DEADLINE_MS = 100_000;
const IDLE_MS = 10_000;

const query = z.object({ query: z.string(), params: z.array(z.unknown()).default([]), arrayMode: z.boolean().optional() });
const body = z.union([query, z.object({ queries: z.array(query) })]);
type Query = z.infer<typeof query>;

/** What the driver turns into the fields of its `NeonDbError`. */
const ERROR_FIELDS = [
  "severity",
  "code",
  "detail",
  "hint",
  "position",
  "internalPosition",
  "internalQuery",
  "where",
  "schema",
  "table",
  "column",
  "dataType",
  "constraint",
  "file",
  "line",
  "routine",
] as const;

const ISOLATION_LEVELS: Readonly<Record<string, string>> = {
  ReadUncommitted: "read uncommitted",
  ReadCommitted: "read committed",
  RepeatableRead: "repeatable read",
  Serializable: "serializable",
};

type Options = { readonly raw: boolean; readonly arrayMode: boolean };

class BadRequest extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function readBody(request: IncomingMessage): Promise<z.infer<typeof body>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new BadRequest(413, `a request may have ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return body.parse(JSON.parse(Buffer.concat(chunks).toString("utf8")));
  } catch {
    throw new BadRequest(400, "the body is neither a query nor a batch of queries");
  }
}

/** `begin`, with what the batch headers say. */
function beginStatement(headers: IncomingMessage["headers"]): string {
  const wanted = headers["neon-batch-isolation-level"];
  const words = ["begin"];
  if (typeof wanted === "string") {
    const level = ISOLATION_LEVELS[wanted];
    if (level === undefined) throw new BadRequest(400, `unknown isolation level ${wanted}`);
    words.push("isolation level", level);
  }
  if (headers["neon-batch-read-only"] === "true") words.push("read only");
  if (headers["neon-batch-deferrable"] === "true") words.push("deferrable");
  return words.join(" ");
}

/** Text as Postgres sent it: the driver has the parsers. */
const RAW = { getTypeParser: () => (value: unknown) => value } as unknown as pg.CustomTypesConfig;

async function run(client: pg.PoolClient, { query: text, params, arrayMode }: Query, options: Options): Promise<object> {
  const asArrays = arrayMode ?? options.arrayMode;
  const config = { text, values: params, ...(options.raw ? { types: RAW } : {}) };
  const result = asArrays ? await client.query({ ...config, rowMode: "array" as const }) : await client.query(config);
  return {
    fields: result.fields,
    rows: result.rows,
    command: result.command,
    rowCount: result.rowCount,
    rowAsArray: asArrays,
    viaNeonProxy: true,
  };
}

async function runBatch(client: pg.PoolClient, begin: string, queries: readonly Query[], options: Options): Promise<object> {
  await client.query(begin);
  const results: object[] = [];
  for (const each of queries) results.push(await run(client, each, options));
  await client.query("commit");
  return { results };
}

function failure(error: unknown): { status: number; body: Record<string, unknown> } {
  if (error instanceof BadRequest) return { status: error.status, body: { message: error.message } };
  const message = error instanceof Error ? error.message : "unknown error";
  if (!(error instanceof pg.DatabaseError)) return { status: 500, body: { message } };
  return { status: 400, body: { message, ...Object.fromEntries(ERROR_FIELDS.map((field) => [field, error[field]])) } };
}

/** Serves `/sql` with a pool per role. */
export class NeonHttp {
  readonly #databasePort: () => number;
  readonly #pools = new Map<string, pg.Pool>();

  constructor(databasePort: () => number) {
    this.#databasePort = databasePort;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new Promise<never>((_, reject) => {
      response.once(
        "close",
        () => void (response.writableFinished || reject(new Error("nobody waits for the answer any more"))),
      );
    });
    gone.catch(() => {});
    let answer: { status: number; body: object };
    try {
      if (request.url !== "/sql") throw new BadRequest(404, "only /sql is served");
      if (request.method !== "POST") throw new BadRequest(405, "only POST is served");
      answer = { status: 200, body: await this.#execute(request, gone) };
    } catch (error) {
      answer = failure(error);
    }
    const text = JSON.stringify(answer.body);
    response.writeHead(answer.status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
    response.end(text);
    // What is left of a body that was refused is not read: the connection cannot be used again.
    if (answer.status === 413) request.destroy();
  }

  /** @param gone rejects when the client has given up: what it has not been told must not take effect later. */
  async #execute(request: IncomingMessage, gone: Promise<never>): Promise<object> {
    const { headers } = request;
    const options = { raw: headers["neon-raw-text-output"] === "true", arrayMode: headers["neon-array-mode"] === "true" };
    const pool = this.#pool(headers["neon-connection-string"]);
    const wanted = await readBody(request);
    const begin = "queries" in wanted ? beginStatement(headers) : "";
    const client = await pool.connect();
    try {
      const running = "queries" in wanted ? runBatch(client, begin, wanted.queries, options) : run(client, wanted, options);
      const result = await Promise.race([gone, running]);
      // Nothing of a session may reach the next request on the same connection.
      await client.query("discard all");
      client.release();
      return result;
    } catch (error) {
      client.release(true);
      throw error;
    }
  }

  #pool(connectionString: string | string[] | undefined): pg.Pool {
    const url = typeof connectionString === "string" && URL.canParse(connectionString) ? new URL(connectionString) : undefined;
    if (url === undefined) throw new BadRequest(400, "the header Neon-Connection-String is missing or no URL");
    const port = this.#databasePort();
    const key = `${url.username} ${url.password} ${url.pathname} ${port}`;
    const known = this.#pools.get(key);
    if (known !== undefined) return known;
    const pool = new pg.Pool({
      host: HOST,
      port,
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: url.pathname.slice(1),
      max: MAX_CONNECTIONS_PER_ROLE,
      idleTimeoutMillis: IDLE_MS,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      statement_timeout: STATEMENT_DEADLINE_MS,
      query_timeout: STATEMENT_DEADLINE_MS + CONNECT_DEADLINE_MS,
    });
    // An idle connection breaks when the server goes; the pool dials anew. One in use may break between two statements: the next tells.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    this.#pools.set(key, pool);
    return pool;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }
}

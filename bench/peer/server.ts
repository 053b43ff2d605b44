/**
 * What a conventional control plane does at the least: an HTTP server in Node, one INSERT per call into PostgreSQL, and one SELECT for
 * reading a call back (`GET /<id>`).
 */
import { createServer, type IncomingMessage } from "node:http";
import { randomUUID } from "node:crypto";
import pg from "pg";
import type { FromPeer, ToPeer } from "./messages.ts";

const HOST = "127.0.0.1";
const POOL_SIZE = 32;
const INSERT = { name: "insert-call", text: "insert into peer_calls (id, state, body) values ($1, 'initiating', $2)" };
const SELECT = { name: "select-call", text: "select body from peer_calls where id = $1" };

function tell(message: FromPeer): void {
  if (process.connected) process.send?.(message);
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  request.setEncoding("utf8");
  for await (const chunk of request) text += chunk as string;
  return text;
}

async function serve({ port, databaseUrl }: ToPeer): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE });
  pool.on("error", () => {});
  await pool.query("drop table if exists peer_calls");
  await pool.query(
    "create table peer_calls (id uuid primary key, state text not null, body jsonb not null, at timestamptz default now())",
  );
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    const read = async (id: string): Promise<void> => {
      const { rows } = await pool.query<{ body: unknown }>({ ...SELECT, values: [id] });
      answer(rows.length === 0 ? 404 : 200, rows[0]?.body ?? {});
    };
    textOf(request)
      .then(async (body) => {
        if (request.method === "GET") return read((request.url ?? "").slice(1));
        const id = randomUUID();
        await pool.query({ ...INSERT, values: [id, body] });
        return answer(201, { id, state: "initiating" });
      })
      .catch(() => answer(500, {}));
  });
  server.listen(port, HOST, () => tell({ type: "serving" }));
}

process.on("message", (message: ToPeer) => {
  serve(message).catch((error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});

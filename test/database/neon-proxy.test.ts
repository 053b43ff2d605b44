/** The proxy against the driver that production uses. */
import { neon, neonConfig, Pool } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";

let server: TestDatabase;

beforeAll(async () => {
  server = await startTestDatabase();
  neonConfig.fetchEndpoint = () => server.endpoint;
  neonConfig.wsProxy = () => `127.0.0.1:${server.proxyPort}/v2`;
  neonConfig.useSecureWebSocket = false;
  // The default sends the password before it is asked for, which SCRAM does not allow.
  neonConfig.pipelineConnect = false;
  neonConfig.webSocketConstructor = WebSocket;
  await withClient(server.ownerUrl, async (client) => {
    await client.query("create table things (id int primary key, note text not null, made timestamptz not null default now())");
    await client.query("grant select, insert, delete on things to trunkline_app");
  });
});
afterAll(() => server.stop());

const count = () =>
  withClient(server.ownerUrl, async (client) => Number((await client.query("select count(*) from things")).rows[0].count));

describe("single queries over HTTP", () => {
  it("carry parameters and come back with Postgres' types", async () => {
    const sql = neon(server.appUrl);
    const [row] =
      await sql`select ${1}::int as number, ${"ümlaut 'quoted'"}::text as text, ${null}::text as nothing, true as truth,
      '{"a":[1]}'::json as json, array['a','b c'] as list, '\\x00ff'::bytea as bytes`;
    expect(row).toEqual({
      number: 1,
      text: "ümlaut 'quoted'",
      nothing: null,
      truth: true,
      json: { a: [1] },
      list: ["a", "b c"],
      bytes: Buffer.from([0, 255]),
    });
  });

  it("can come back as arrays with the full result", async () => {
    const sql = neon(server.appUrl, { arrayMode: true, fullResults: true });
    const result = await sql`select 1 as a, 2 as a`;
    expect(result.rows).toEqual([[1, 2]]);
    expect(result).toMatchObject({ command: "SELECT", rowCount: 1, fields: [{ name: "a", dataTypeID: 23 }, { name: "a" }] });
  });

  it("tell what Postgres objects to", async () => {
    const sql = neon(server.appUrl);
    await sql`insert into things (id, note) values (1, 'first')`;
    await expect(sql`insert into things (id, note) values (1, 'again')`).rejects.toMatchObject({
      name: "NeonDbError",
      code: "23505",
      constraint: "things_pkey",
      table: "things",
      schema: "public",
      severity: "ERROR",
      detail: "Key (id)=(1) already exists.",
    });
    await expect(sql`selec 1`).rejects.toMatchObject({ code: "42601", position: "1" });
    await sql`delete from things`;
  });

  it("leave nothing of their session to the next one", async () => {
    const sql = neon(server.appUrl);
    await sql`select set_config('trunkline.tenant', 'somebody', false)`;
    const settings = await Promise.all(
      Array.from({ length: 30 }, () => sql`select current_setting('trunkline.tenant', true) as tenant`),
    );
    expect(settings.map(([row]) => row?.["tenant"] ?? "")).toEqual(Array.from({ length: 30 }, () => ""));
  });

  it("refuse a wrong password, and a role that may not", async () => {
    const url = new URL(server.appUrl);
    url.password = "wrong";
    await expect(neon(url.toString())`select 1`).rejects.toMatchObject({ code: "28P01" });
    await expect(neon(server.appUrl)`drop table things`).rejects.toMatchObject({ code: "42501" });
  });
});

describe("batches over HTTP", () => {
  it("take place as a whole or not at all", async () => {
    const sql = neon(server.appUrl);
    const batch = sql.transaction([
      sql`insert into things (id, note) values (1, 'a')`,
      sql`insert into things (id, note) values (1, 'b')`,
    ]);
    await expect(batch).rejects.toMatchObject({ code: "23505" });
    expect(await count()).toBe(0);
    const [, rows] = await sql.transaction([sql`insert into things (id, note) values (1, 'a')`, sql`select note from things`]);
    expect(rows).toEqual([{ note: "a" }]);
    await sql`delete from things`;
  });

  it("run in the mode that their headers ask for", async () => {
    const sql = neon(server.appUrl);
    const mode = (options: object) =>
      sql.transaction(
        [
          sql`select current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as read_only,
        current_setting('transaction_deferrable') as deferrable`,
        ],
        options,
      );
    expect(await mode({ isolationLevel: "Serializable", readOnly: true, deferrable: true })).toEqual([
      [{ isolation: "serializable", read_only: "on", deferrable: "on" }],
    ]);
    expect(await mode({})).toEqual([[{ isolation: "read committed", read_only: "off", deferrable: "off" }]]);
    await expect(sql.transaction([sql`delete from things`], { readOnly: true })).rejects.toMatchObject({ code: "25006" });
  });
});

describe("connections over WebSocket", () => {
  it("hold an interactive transaction", async () => {
    const pool = new Pool({ connectionString: server.appUrl });
    pool.on("error", () => {});
    const client = await pool.connect();
    try {
      await client.query("begin");
      await client.query("insert into things (id, note) values ($1, $2)", [7, "seen by nobody else yet"]);
      const { rows } = await client.query("select note from things where id = 7");
      expect(rows).toEqual([{ note: "seen by nobody else yet" }]);
      expect(await count()).toBe(0);
      await client.query("rollback");
      expect(await count()).toBe(0);
      await expect(client.query("selec 1")).rejects.toMatchObject({ code: "42601" });
    } finally {
      client.release();
      await pool.end();
    }
  });

  it("carry rows larger than a frame of the network", async () => {
    const pool = new Pool({ connectionString: server.appUrl });
    pool.on("error", () => {});
    const { rows } = await pool.query("select repeat('x', 3000000) as text");
    expect(rows[0].text).toHaveLength(3_000_000);
    await pool.end();
  });
});

describe("requests that no driver sends", () => {
  const send = (init: RequestInit, path = "/sql") => fetch(new URL(path, server.endpoint), { method: "POST", ...init });
  const authorised = () => ({ "neon-connection-string": server.appUrl });

  it("are refused with a reason", async () => {
    expect((await send({ body: "{}" })).status).toBe(400);
    expect((await send({ headers: authorised(), body: "no json" })).status).toBe(400);
    expect((await send({ headers: authorised(), body: '{"query":1}' })).status).toBe(400);
    expect(
      (
        await send({
          headers: { ...authorised(), "neon-batch-isolation-level": "x; drop table things" },
          body: '{"queries":[]}',
        })
      ).status,
    ).toBe(400);
    expect((await send({ method: "GET" })).status).toBe(405);
    expect((await send({ body: "{}" }, "/other")).status).toBe(404);
  });

  it("may not be larger than the limit", async () => {
    const body = JSON.stringify({ query: "select $1::text", params: ["x".repeat(17 << 20)] });
    const outcome = await send({ headers: authorised(), body }).then(
      (response) => response.status,
      () => "connection closed",
    );
    expect([413, "connection closed"]).toContain(outcome);
    expect(await neon(server.appUrl)`select 1 as alive`).toEqual([{ alive: 1 }]);
  });
});

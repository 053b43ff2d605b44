/** Postgres that is slow, silent or gone: one error says so, in time. */
import { setTimeout as sleep } from "node:timers/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { neonConfig } from "@neondatabase/serverless";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccessStore } from "../../adapters/postgres/access/access-store.ts";
import { connect, type Database } from "../../adapters/postgres/client.ts";
import { createConfigurationStore } from "../../adapters/postgres/configuration/store.ts";
import { createVersionStore } from "../../adapters/postgres/configuration/version-store.ts";
import { DatabaseUnavailable } from "../../adapters/postgres/unavailable.ts";
import type { ConfigurationStore } from "../../domain/configuration/store.ts";
import { collect, LEFT, ONE_OF_EACH, rates, startMigrated, trunk } from "./draft-fixture.ts";
import { type TestDatabase, withClient } from "./fixture.ts";

const ANY = { tag: "any" } as const;
/** An editor waits no longer, with a margin for a busy machine. */
const PATIENCE_MS = 12_000;

let server: TestDatabase;
let database: Database;
let store: ConfigurationStore;
let silent: Server;

beforeAll(async () => {
  ({ server, database } = await startMigrated());
  store = createConfigurationStore(database);
  silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  silent.closeAllConnections();
  silent.close();
  await server.stop();
});

/** How it failed, and after how many milliseconds. */
async function failureOf(work: Promise<unknown>): Promise<{ readonly error: unknown; readonly afterMs: number }> {
  const startedAt = Date.now();
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { error, afterMs: Date.now() - startedAt };
}

function expectUnavailable({ error, afterMs }: Awaited<ReturnType<typeof failureOf>>): void {
  expect(error).toBeInstanceOf(DatabaseUnavailable);
  expect(afterMs).toBeLessThan(PATIENCE_MS);
}

describe("[CFG-15] a database", () => {
  it("that does not get on ends the query, which changes nothing", async () => {
    await withClient(server.superuserUrl, async (client) => {
      await client.query("begin");
      await client.query("lock table trunks in access exclusive mode");
      expectUnavailable(await failureOf(store.put(LEFT, "trunks", trunk("late"), ANY)));
      await client.query("rollback");
    });
    expect(await store.get(LEFT, "trunks", "late")).toBeNull();
  });

  it("that answers nothing at all is given up", async () => {
    const { port } = silent.address() as AddressInfo;
    neonConfig.fetchEndpoint = () => `http://127.0.0.1:${port}/sql`;
    try {
      expectUnavailable(await failureOf(store.draftRevision(LEFT)));
    } finally {
      connect(server.appUrl, server.endpoint);
    }
    expect(await store.draftRevision(LEFT)).toBe(0);
  });

  it("that is gone answers every question alike, and an upload in its midst takes effect as a whole or not at all", async () => {
    const items = [...ONE_OF_EACH.filter(({ kind }) => kind !== "rates"), ...rates(8_000)];
    const upload = await store.upload(LEFT, { kind: "draft" }, ANY);
    await upload.stage(items);
    const committing = upload.commit().then(
      ({ ok }) => ok,
      (error: unknown) => error instanceof DatabaseUnavailable && "unavailable",
    );
    await sleep(150);
    await server.kill();
    const outcome = await committing;
    const rows: [string, Promise<unknown>][] = [
      ["upload", store.upload(LEFT, { kind: "draft" }, ANY)],
      ["get", store.get(LEFT, "trunks", "main")],
      ["list", store.list(LEFT, "trunks", { filters: {}, afterKey: null, limit: 1 })],
      ["listRows", store.listRows(LEFT, "rates", "retail", { prefix: null, afterKey: null, limit: 1 })],
      ["put", store.put(LEFT, "trunks", trunk("main"), ANY)],
      ["remove", store.remove(LEFT, "trunks", "main", ANY)],
      ["readDraft", collect(store.readDraft(LEFT))],
      ["versions", createVersionStore(database).list(LEFT, null, 1)],
      ["access", createAccessStore(database).readAccess(LEFT)],
    ];
    const failures = await Promise.all(
      rows.map(([name, work]) =>
        work.then(
          () => `${name} worked`,
          (error: unknown) => error,
        ),
      ),
    );
    expect(failures.filter((failure) => !(failure instanceof DatabaseUnavailable))).toEqual([]);

    await server.restart();
    const draft = await collect(store.readDraft(LEFT));
    // What was answered has taken effect; what was not may have.
    const possible = [`true, ${items.length} items`, "unavailable, 0 items", `unavailable, ${items.length} items`];
    expect(possible).toContain(`${outcome}, ${draft.length} items`);
    expect(await store.put(LEFT, "trunks", trunk("after"), ANY)).toMatchObject({ ok: true });
  });
});

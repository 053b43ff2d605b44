import { readFileSync, statSync, existsSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { describe, expect, it, onTestFinished } from "vitest";
import { startPostgres } from "../../local/postgres.ts";
import { isAlive } from "../../local/processes.ts";
import { temporaryStateDir } from "./state-dir.ts";

const PASSWORDS = { superuser: "super", owner: "owner", app: "app" };

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function started(folder: string) {
  const postgres = await startPostgres(folder, PASSWORDS);
  onTestFinished(() => postgres.stop());
  return postgres;
}

describe("the embedded PostgreSQL", () => {
  it("keeps its data over an orderly stop and over SIGKILL", async () => {
    const folder = temporaryStateDir();
    const first = await started(folder);
    await query(first.url("trunkline_owner"), "create table kept (n int)");
    await query(first.url("trunkline_owner"), "insert into kept values (1)");
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);

    const second = await started(folder);
    await query(second.url("trunkline_owner"), "insert into kept values (2)");
    process.kill(second.pid, "SIGKILL");
    await second.exited;

    const third = await started(folder);
    expect(await query(third.url("trunkline_owner"), "select n from kept order by n")).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("ends a server that a killed predecessor left running on the same data", async () => {
    const folder = temporaryStateDir();
    const orphan = await started(folder);
    const successor = await started(folder);
    expect(isAlive(orphan.pid)).toBe(false);
    expect(await query(successor.url("trunkline_app"), "select 1 as one")).toEqual([{ one: 1 }]);
  });

  it("asks for passwords, listens on the loopback interface alone, and gives the Workers' role no power", async () => {
    const folder = temporaryStateDir();
    const postgres = await started(folder);
    const wrong = new URL(postgres.url("trunkline_app"));
    wrong.password = "wrong";
    await expect(query(wrong.toString(), "select 1")).rejects.toMatchObject({ code: "28P01" });
    expect(await query(postgres.url("trunkline_app"), "show listen_addresses")).toEqual([{ listen_addresses: "127.0.0.1" }]);
    expect(
      await query(
        postgres.url("trunkline_app"),
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = current_user",
      ),
    ).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }]);
  });

  it("never runs as root", async () => {
    const folder = temporaryStateDir();
    const postgres = await started(folder);
    // The folder belongs to whoever the server runs as: PostgreSQL insists.
    const inside = join(folder, "postgres", "data");
    const data = existsSync(inside) ? inside : join(readFileSync(join(folder, "postgres-location"), "utf8"), "server", "data");
    expect(statSync(data).uid).not.toBe(0);
    expect(statSync(data).mode & 0o077).toBe(0);
    await postgres.stop();
  });
});

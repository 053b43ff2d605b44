/** Postgres and the proxy in front of it, as the local system has them, for Workers that project. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type LocalDatabase, startDatabase } from "../local/database.ts";
import { removeOutsideFolder } from "../local/postgres-home.ts";
import { seedDatabase } from "../local/seed.ts";
import { onEnd } from "./cleanup.ts";
import type { Workspace } from "./workspace.ts";

/** Migrated, with the demo tenants. */
export async function startSeededDatabase(workspace: Workspace): Promise<LocalDatabase> {
  const stateDir = join(workspace.folder, "database");
  mkdirSync(stateDir);
  const remove = () => removeOutsideFolder(stateDir);
  onEnd(remove, remove);
  const notice = (text: string): void => void process.stderr.write(`${text}\n`);
  const database = await startDatabase(stateDir, workspace.secrets, { notice, changed: () => {} });
  onEnd(database.stop, database.killNow);
  await seedDatabase(database.client, workspace.secrets);
  return database;
}

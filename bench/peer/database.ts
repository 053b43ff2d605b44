/** PostgreSQL for the peer. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { removeOutsideFolder } from "../../local/postgres-home.ts";
import { startPostgres } from "../../local/postgres.ts";
import { onEnd } from "../cleanup.ts";
import type { Workspace } from "../workspace.ts";

/** Where it is, once it runs. */
export type DatabaseUrl = () => Promise<string>;

/** Started when it is first needed, in the same storage. */
export function peerDatabase(workspace: Workspace): DatabaseUrl {
  let url: Promise<string> | undefined;
  const start = async (): Promise<string> => {
    const stateDir = join(workspace.folder, "peer-database");
    mkdirSync(stateDir);
    const remove = () => removeOutsideFolder(stateDir);
    onEnd(remove, remove);
    const postgres = await startPostgres(stateDir, workspace.secrets.postgres);
    onEnd(postgres.stop, () => void process.kill(postgres.pid, "SIGQUIT"));
    return postgres.url("trunkline_owner");
  };
  return () => (url ??= start());
}

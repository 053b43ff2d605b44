/** The folder of one run, and what all variants share: secrets, bundles, the lanes' options. */
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../local/bundle.ts";
import { isFree } from "../local/ports.ts";
import { ensureSecrets, type Secrets } from "../local/secrets.ts";
import { type AccessByTenant, accessWithoutDatabase } from "../local/seed.ts";
import { onEnd } from "./cleanup.ts";

/** Memory, not disk: on disk new objects measure fsync and the neighbours. */
const MEMORY = "/dev/shm";
const FIRST_PORT = 21_700;
const LAST_PORT = 21_799;
const OTHERS_MAY_TRAVERSE = 0o755;

export type Workspace = {
  readonly folder: string;
  readonly storage: string;
  readonly secrets: Secrets;
  readonly access: AccessByTenant;
  /** Builds a Worker once per run. @param entry its source. @returns the bundle's path. */
  readonly bundle: (name: string, entry?: string) => Promise<string>;
  /** A loopback port that is free now. */
  readonly port: () => Promise<number>;
};

export async function createWorkspace(): Promise<Workspace> {
  const inMemory = existsSync(MEMORY);
  const storage = inMemory ? MEMORY : tmpdir();
  if (!inMemory) process.stderr.write(`There is no ${MEMORY}: storage is ${storage}, and the figures depend on its disk.\n`);
  const folder = mkdtempSync(join(storage, "trunkline-bench-"));
  // PostgreSQL may have to run as another user, who has to get here.
  chmodSync(folder, OTHERS_MAY_TRAVERSE);
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  onEnd(remove, remove);
  const secrets = await ensureSecrets(folder);
  const bundles = new Map<string, Promise<string>>();
  let nextPort = FIRST_PORT;
  return {
    folder,
    storage,
    secrets,
    access: await accessWithoutDatabase(secrets),
    bundle: (name, entry) => {
      const known = bundles.get(name);
      if (known !== undefined) return known;
      const building = bundleWorker(join(folder, "bundles", name), entry);
      bundles.set(name, building);
      return building;
    },
    port: async () => {
      for (let tried = FIRST_PORT; tried <= LAST_PORT; tried++) {
        const port = nextPort;
        nextPort = nextPort === LAST_PORT ? FIRST_PORT : nextPort + 1;
        if (await isFree(port)) return port;
      }
      throw new Error(`no port from ${FIRST_PORT} to ${LAST_PORT} is free`);
    },
  };
}

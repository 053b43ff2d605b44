/** Postgres and the Neon proxy as one thing that is started, watched and stopped. */
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Database } from "../adapters/postgres/client.ts";
import type { DatabaseAccess } from "./lane-options.ts";
import { applyMigrations } from "./migrate.ts";
import { startNeonProxy } from "./neon-proxy.ts";
import { type Postgres, startPostgres } from "./postgres.ts";
import { signal } from "./processes.ts";
import type { Secrets } from "./secrets.ts";

const RESTART_PAUSE_MS = 500;

export type LocalDatabase = {
  /** As the Workers get it. */
  readonly access: DatabaseAccess;
  /** The same, for this process. */
  readonly client: Database;
  pid(): number | undefined;
  /** Whatever the Workers ask gets to the server so much later. */
  delay(ms: number): void;
  /** Starts the server again after `stopServer`; the proxy runs on all the time. */
  startServer(): Promise<void>;
  stopServer(): Promise<void>;
  /** If the server ends by it, it is restarted. Resolves when the signal is delivered, and for SIGKILL when the server is gone. */
  kill(name: NodeJS.Signals): Promise<void>;
  killNow(): void;
  stop(): Promise<void>;
};

type Hooks = { readonly notice: (text: string) => void; readonly changed: () => void };

/** Starts the server, migrates, and puts the proxy in front. */
export async function startDatabase(stateDir: string, secrets: Secrets, hooks: Hooks): Promise<LocalDatabase> {
  let wanted = true;
  let server: Postgres | undefined;
  let lastPort = 0;
  let starting: Promise<void> | undefined;

  async function launch(): Promise<void> {
    const started = await startPostgres(stateDir, secrets.postgres, lastPort === 0 ? undefined : lastPort);
    server = started;
    lastPort = started.port;
    hooks.changed();
    void started.exited.then(() => {
      if (server === started) server = undefined;
      hooks.changed();
      if (wanted) restart();
    });
    if (!wanted) await started.stop();
  }

  function restart(): void {
    hooks.notice("Postgres ended; restarting");
    const attempt = async () => {
      while (wanted && server === undefined) {
        await sleep(RESTART_PAUSE_MS);
        if (!wanted) return;
        try {
          await launch();
          hooks.notice("Postgres is back");
        } catch (error) {
          hooks.notice(`Postgres did not start: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    };
    starting = attempt().finally(() => {
      starting = undefined;
    });
  }

  await launch();
  try {
    await applyMigrations(server!.url("trunkline_owner"));
    const proxy = await startNeonProxy(() => lastPort);
    const access = { url: server!.url("trunkline_app"), endpoint: proxy.endpoint };
    const stopServer = async () => {
      wanted = false;
      await starting;
      const stopping = server;
      await stopping?.stop();
      await stopping?.exited;
      // Whoever asks next sees it gone, also when its end has not been told here yet.
      if (server === stopping) server = undefined;
    };
    return {
      access,
      client: connect(access.url, access.endpoint),
      pid: () => server?.pid,
      delay: proxy.delay,
      startServer: async () => {
        wanted = true;
        if (starting === undefined && server === undefined) await launch();
        await starting;
      },
      stopServer,
      kill: async (name) => {
        const killed = server;
        if (killed === undefined) return;
        signal(killed.pid, name);
        if (name === "SIGKILL") await killed.exited;
      },
      killNow: () => {
        // Immediate shutdown: Postgres ends its own processes and recovers at the next start.
        if (server !== undefined) signal(server.pid, "SIGQUIT");
      },
      stop: async () => {
        await Promise.all([proxy.stop(), stopServer()]);
      },
    };
  } catch (error) {
    wanted = false;
    await server?.stop();
    throw error;
  }
}

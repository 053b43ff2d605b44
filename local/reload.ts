/** Watches the source for `npm run dev`. */
import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./paths.ts";

const FOLDERS = ["workers", "domain", "contracts", "schema", "adapters", "durable-objects"];
/** An editor writes a file in several steps, a checkout many files: one reload for all of it. */
const SETTLE_MS = 150;

/**
 * Calls `reload` after changes, never twice at once. A reload that fails is reported, and the next change tries again.
 * @returns a function that stops watching.
 */
export function watchSources(notice: (text: string) => void, reload: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    if (stopped) return;
    if (running) {
      again = true;
      return;
    }
    running = true;
    const startedAt = Date.now();
    try {
      await reload();
      notice(`Reloaded in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
    } catch (error) {
      notice(`Not reloaded: ${error instanceof Error ? error.message : String(error)}`);
    }
    running = false;
    if (again) {
      again = false;
      await run();
    }
  }

  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), SETTLE_MS);
  };
  const watchers = FOLDERS.map((folder) => join(ROOT, folder))
    .filter((folder) => existsSync(folder))
    .map((folder) => watch(folder, { recursive: true }, changed));
  return () => {
    stopped = true;
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

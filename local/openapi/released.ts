/** The description of the last released version: what clients out there were made of. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../paths.ts";
import { apiDocument } from "../../contracts/openapi/api.ts";
import { breakingChanges } from "./breaking.ts";
import type { Json } from "./schema-changes.ts";

export const RELEASED_FILE = "docs/openapi/released.json";
export type Released = { readonly version: string; readonly document: Json };

const GIT_DEADLINE_MS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** What git says; null where there is no git, no repository or no such thing. */
function git(...args: readonly string[]): string | null {
  try {
    return execFileSync("git", args, {
      cwd: ROOT,
      encoding: "utf8",
      timeout: GIT_DEADLINE_MS,
      stdio: ["ignore", "pipe", "ignore"],
      maxBuffer: MAX_BYTES,
    });
  } catch {
    return null;
  }
}

/** The newest tag `vX.Y.Z`, by version. */
function newestTag(): string | null {
  const tags = git("tag", "--list", "v*", "--sort=-v:refname")?.split("\n") ?? [];
  return tags.find((tag) => /^v\d+\.\d+\.\d+$/.test(tag)) ?? null;
}

/** The copy at the newest tag, where the clone has tags; else the one of this tree. Null: nothing was ever released. */
export function lastReleased(): Released | null {
  const tag = newestTag();
  const tagged = tag === null ? null : git("show", `${tag}:${RELEASED_FILE}`);
  if (tagged !== null) return JSON.parse(tagged) as Released;
  const path = join(ROOT, RELEASED_FILE);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Released) : null;
}

/** What would break clients of the last released version; null: nothing was ever released. */
export function changesSinceRelease(): { readonly version: string; readonly changes: readonly string[] } | null {
  const released = lastReleased();
  return released === null ? null : { version: released.version, changes: breakingChanges(released.document, apiDocument()) };
}

/** The sources of the kept data sets: installed when they are asked for, because nothing else needs their megabytes. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ROOT } from "../paths.ts";
import type { Topology } from "./outlines.ts";

const TOOLS = join(ROOT, "tools", "numbers");
const DEADLINE_MS = 120_000;
/** Addresses in a lock file would tie it to one registry. */
const QUIETLY = ["--no-audit", "--no-fund", "--ignore-scripts", "--omit-lockfile-registry-resolved"];

export const NUMBERS_PACKAGE = "google-libphonenumber";
export const OUTLINES_PACKAGE = "world-atlas";

/** A region's short numbers: fields of libphonenumber's `PhoneMetadata` (phonemetadata.proto) by their numbers. */
export type RegionMetadata = readonly unknown[];
export type ShortNumbers = {
  readonly regions: Readonly<Record<string, RegionMetadata>>;
  /** `ShortNumberInfo.isEmergencyNumber`. */
  readonly isEmergencyNumber: (number: string, region: string) => boolean;
};

function npm(...args: readonly string[]): void {
  const { status, error } = spawnSync("npm", [...args, ...QUIETLY], { cwd: TOOLS, stdio: "inherit", timeout: DEADLINE_MS });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}`);
}

/** As the lock file has them. */
export const install = (): void => npm("ci");

/** The newest there are; the lock file follows. */
export const installNewest = (): void =>
  npm("install", "--save-exact", `${NUMBERS_PACKAGE}@latest`, `${OUTLINES_PACKAGE}@latest`);

export const versionOf = (name: string): string => {
  const { version } = JSON.parse(readFileSync(join(TOOLS, "node_modules", name, "package.json"), "utf8")) as {
    version: string;
  };
  return version;
};

/** @returns the newest version of the package; null when no registry answers. */
export function newestOf(name: string): string | null {
  const { status, stdout } = spawnSync("npm", ["view", name, "version"], {
    cwd: TOOLS,
    encoding: "utf8",
    timeout: DEADLINE_MS,
  });
  return status === 0 ? stdout.trim() : null;
}

const load = createRequire(join(TOOLS, "package.json"));

export function shortNumbers(): ShortNumbers {
  const library = load(NUMBERS_PACKAGE) as {
    shortnumbermetadata: { countryToMetadata: ShortNumbers["regions"] };
    ShortNumberInfo: { getInstance: () => { isEmergencyNumber: ShortNumbers["isEmergencyNumber"] } };
  };
  const info = library.ShortNumberInfo.getInstance();
  return {
    regions: library.shortnumbermetadata.countryToMetadata,
    isEmergencyNumber: (number, region) => info.isEmergencyNumber(number, region),
  };
}

export const topology = (): Topology => load(`${OUTLINES_PACKAGE}/countries-10m.json`) as Topology;

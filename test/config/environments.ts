import { join } from "node:path";
import { experimental_readRawConfig as readRawConfig } from "wrangler";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type Environment = { readonly name: string; readonly lane: string; readonly region: string; readonly settings: Json };

const WRANGLER_TOML = join(import.meta.dirname, "..", "..", "wrangler.toml");

/** The environments of wrangler.toml, as they are written there. Their names are `<lane>-<region>`. */
export function readEnvironments(): readonly Environment[] {
  const { rawConfig } = readRawConfig({ config: WRANGLER_TOML });
  return Object.entries(rawConfig.env ?? {}).map(([name, settings]) => {
    const dash = name.indexOf("-");
    return { name, lane: name.slice(0, dash), region: name.slice(dash + 1), settings: settings as Json };
  });
}

/** Flattens settings into one entry per leaf, so that a difference has an address: `vars.LANE`, `r2_buckets.0.bucket_name`. */
export function leaves(value: Json, path = ""): ReadonlyMap<string, Json> {
  if (typeof value !== "object" || value === null) return new Map([[path, value]]);
  const entries = Object.entries(value).flatMap(([key, child]) => [
    ...leaves(child as Json, path === "" ? key : `${path}.${key}`),
  ]);
  return new Map(entries.length > 0 ? entries : [[path, JSON.stringify(value)]]);
}

/** Where two settings differ, except in the places that match one of `allowed`. */
export function differences(first: Json, second: Json, allowed: readonly RegExp[]): readonly string[] {
  const [left, right] = [leaves(first), leaves(second)];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((path) => left.get(path) !== right.get(path) && !allowed.some((pattern) => pattern.test(path)))
    .toSorted();
}

type Listed = {
  readonly durable_objects?: { readonly bindings?: readonly { readonly class_name: string; readonly script_name?: string }[] };
  readonly migrations?: readonly {
    readonly new_sqlite_classes?: readonly string[];
    readonly renamed_classes?: readonly { readonly from: string; readonly to: string }[];
    readonly deleted_classes?: readonly string[];
  }[];
};

/** The Durable Object classes that an environment binds although no migration of its own has made them. */
export function unmigratedClasses(settings: Json): readonly string[] {
  const { durable_objects: objects, migrations = [] } = settings as Listed;
  const made = new Set<string>();
  for (const step of migrations) {
    for (const name of step.new_sqlite_classes ?? []) made.add(name);
    for (const { from, to } of step.renamed_classes ?? []) {
      if (made.delete(from)) made.add(to);
    }
    for (const name of step.deleted_classes ?? []) made.delete(name);
  }
  return (objects?.bindings ?? [])
    .filter(({ class_name: name, script_name: elsewhere }) => elsewhere === undefined && !made.has(name))
    .map(({ class_name: name }) => name);
}

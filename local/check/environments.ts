/** What the environments of wrangler.toml may differ in, and where they differ in anything else. */
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

/** What is a region's own: names, routes, where data stays, and the limits that an operator tunes. */
export const REGION = [
  /^name$/,
  /^routes(\.|$)/,
  /^vars\.(REGION|JURISDICTION|LOG_EPOCH|LOG_SHARDS|LIVE_FEED_SHARDS|INTAKE_SHARDS|API_LIMITS|SHEDDING|PUBLIC_URL|FLUSH_AGE_MS|ANALYTICS_SINK|AUTH_ISSUERS|STATIC_EMERGENCY)$/,
  /^r2_buckets\.\d+\.(bucket_name|jurisdiction)$/,
  /^analytics_engine_datasets\.\d+\.dataset$/,
  /^services\.\d+\.service$/,
  /^ratelimits\.\d+\.namespace_id$/,
  /^queues\.(producers|consumers)\.\d+\.(queue|dead_letter_queue)$/,
];

/**
 * What is a lane's own: the emergency gate hands standard calls on, the standard lane has nobody to hand them to; the standard lane
 * publishes, and writes into the gate's bucket as well as into its own, and it replays, which takes more than the usual 30 s of
 * processor time. Its objects are compared by name, see `STANDARD_OBJECTS`.
 */
const LANE = [/^vars\.LANE$/, /^services\.\d+\.(binding|service)$/, /^r2_buckets\.2\.binding$/, /^limits\.cpu_ms$/];

/**
 * Durable Objects of the standard lane alone: the tenants' live feeds, the jobs that are answered later, the webhooks, the count of calls,
 * and who has called for help lately. By binding, each with its class.
 */
export const STANDARD_OBJECTS: Readonly<Record<string, string>> = {
  LIVE_FEED: "LiveFeed",
  JOB: "Job",
  WEBHOOK_ENDPOINT: "WebhookEndpoint",
  CAPACITY: "Capacity",
  EMERGENCY_CALLERS: "EmergencyCallers",
};

/**
 * Settings as two lanes are compared: bindings of objects by name, the classes that migrations make by tag, and of the standard lane without
 * what it alone should have. What it binds otherwise stays, and so is a difference.
 */
function betweenLanes({ lane, settings }: Environment): Json {
  const { durable_objects: objects, migrations = [], ...rest } = settings as Listed & Readonly<Record<string, Json>>;
  const own = lane === "standard" ? STANDARD_OBJECTS : {};
  const missing = Object.fromEntries(Object.keys(own).map((name) => [name, "missing"]));
  const bound = Object.fromEntries((objects?.bindings ?? []).map(({ name, ...to }) => [name, to]));
  const isOwn = ([name, to]: [string, unknown]): boolean => JSON.stringify(to) === JSON.stringify({ class_name: own[name] });
  const bindings = Object.fromEntries(Object.entries({ ...missing, ...bound }).filter((binding) => !isOwn(binding)));
  const ownClasses = new Set(Object.values(own));
  const made = migrations.map(({ tag, new_sqlite_classes: classes = [], ...others }) => {
    const shared = classes.filter((name) => !ownClasses.has(name)).toSorted();
    return [tag, { ...others, ...(shared.length > 0 ? { classes: shared.join(" ") } : {}) }] as const;
  });
  const steps = Object.fromEntries(made.filter(([, step]) => Object.keys(step).length > 0));
  return { ...rest, durable_objects: bindings, migrations: steps } as Json;
}

/** Where two environments of different lanes differ in more than what makes a lane, or a region. */
export function laneDifferences(one: Environment, other: Environment): readonly string[] {
  return differences(betweenLanes(one), betweenLanes(other), [...REGION, ...LANE]);
}

/** Where environments differ that should not: each from the first of its lane, and the two lanes of each region from each other. */
export function drift(environments: readonly Environment[] = readEnvironments()): readonly string[] {
  const told = (one: Environment, other: Environment, paths: readonly string[]): readonly string[] =>
    paths.map((path) => `${one.name} and ${other.name} differ in ${path}`);
  return environments.flatMap((environment) => {
    const ofLane = environments.find(({ lane }) => lane === environment.lane) ?? environment;
    const ofRegion = environments.find(({ region }) => region === environment.region) ?? environment;
    const without = unmigratedClasses(environment.settings).map((name) => `${environment.name} has no migration for ${name}`);
    return [
      ...told(ofLane, environment, differences(ofLane.settings, environment.settings, REGION)),
      ...told(ofRegion, environment, laneDifferences(ofRegion, environment)),
      ...without,
    ];
  });
}

type Binding = { readonly name: string; readonly class_name: string; readonly script_name?: string };
type Listed = {
  readonly durable_objects?: { readonly bindings?: readonly Binding[] };
  readonly migrations?: readonly {
    readonly tag: string;
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

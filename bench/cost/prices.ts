/**
 * The vendor's public list, Workers Paid, beyond what is included, read in November 2026.
 *   https://developers.cloudflare.com/workers/platform/pricing/
 *   https://developers.cloudflare.com/durable-objects/platform/pricing/
 *   https://developers.cloudflare.com/r2/pricing/
 *   https://developers.cloudflare.com/queues/platform/pricing/
 *   https://developers.cloudflare.com/analytics/analytics-engine/pricing/
 *   https://developers.cloudflare.com/workers/observability/logs/workers-logs/
 */
export const USD_PER_MILLION = {
  /**
   * Requests to the front door; what it hands on by a service binding is not billed again. Invocations by a queue or the cron are counted
   * like requests, to be on the safe side.
   */
  workerRequests: 0.3,
  workerCpuMs: 0.02,
  /** RPC calls and alarms; each call of a method is one. */
  objectRequests: 0.15,
  objectGbS: 12.5,
  rowsWritten: 1,
  rowsRead: 0.001,
  r2ClassA: 4.5,
  r2ClassB: 0.36,
  /** For each 64 KB of a message: one to write, one to read, one to delete it. */
  queueOperations: 0.4,
  /** Listed; the vendor says that it is not billed yet. */
  analyticsPoints: 0.25,
  /** Workers Logs: what the Worker logs, and one line per invocation. */
  logEvents: 0.6,
} as const;

/** For a gigabyte and a month. */
export const USD_PER_GB_MONTH = { r2: 0.015, objects: 0.2 } as const;

/** An object is billed as if it had this much memory. */
export const OBJECT_GB = 0.125;

export type Item = keyof typeof USD_PER_MILLION;

/** How much of each item one call uses. */
export type Usage = Readonly<Record<Item, number>>;

/** What keeps a call's events and follows it through the system. */
export const OPERATIONS: readonly Item[] = [
  "workerRequests",
  "workerCpuMs",
  "objectRequests",
  "objectGbS",
  "rowsWritten",
  "rowsRead",
  "r2ClassA",
  "r2ClassB",
  "queueOperations",
];
/** What is told about it. */
export const TELEMETRY: readonly Item[] = ["analyticsPoints", "logEvents"];

/** Dollars per million calls. */
export const dollarsOf = (usage: Usage, item: Item): number => usage[item] * USD_PER_MILLION[item];

/** Dollars per million calls for several items. */
export const totalOf = (usage: Usage, items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + dollarsOf(usage, item), 0);

/** Dollars per million calls that keep this many bytes each, for a part of a month. */
export const keptFor = (bytesPerCall: number, usdPerGbMonth: number, months: number): number =>
  ((bytesPerCall * 1e6) / 1e9) * usdPerGbMonth * months;

/** Those who ask, in every way that there is, and compare what they are told with the model. */
import { eventCursorAt, parseEventPage } from "../../../../contracts/events/query.ts";
import { parseExport } from "../../../../contracts/events/downloads.ts";
import { parseStats } from "../../../../contracts/events/stats.ts";
import type { EventId, SessionId, TenantId } from "../../../../domain/shared/ids.ts";
import { ok } from "../../../../domain/shared/result.ts";
import { exportChunks } from "../../../../workers/events/export.ts";
import { findEvent } from "../../../../workers/events/find.ts";
import { listEvents } from "../../../../workers/events/list.ts";
import { countEvents } from "../../../../workers/events/stats.ts";
import { readCallEvents } from "../../../../workers/events/timeline.ts";
import type { Holds, Json, Model, View } from "./model.ts";
import { CALLS, type Filter, TENANTS, filterOf, parametersOf } from "./questions.ts";
import { type Isolate, type StoreWorld, Violation } from "./world.ts";
import type { Writers } from "./writers.ts";

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
const NOBODY = "0198f6a1-0000-7000-8000-000000000000" as SessionId;
const MAX_PAGES = 10_000;

const mustParse = <T>(
  parsed: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown },
  what: string,
): T => {
  if (parsed.ok) return parsed.value;
  throw new Violation(`a good query was refused: ${what}: ${JSON.stringify(parsed.error)}`);
};

/** How an answer is to be: whether something may be left out, and whether counts are to be exact. */
export type Strictness = { readonly mayLack: boolean; readonly exactCounts: boolean };
const STRICT: Strictness = { mayLack: false, exactCounts: false };

export class Readers {
  readonly #world: StoreWorld;
  readonly #model: Model;
  readonly #writers: Writers;
  /** Answers that said that something was left out. */
  partial = 0;

  constructor(world: StoreWorld, model: Model, writers: Writers) {
    this.#world = world;
    this.#model = model;
    this.#writers = writers;
  }

  #nowMs(): number {
    this.#model.aheadMs = this.#world.aheadMs;
    return this.#world.scheduler.nowMs;
  }

  #left(isPartial: boolean, what: string, { mayLack }: Strictness): boolean {
    if (isPartial && !mayLack) throw new Violation(`${what}: damaged, and nobody has damaged anything`);
    if (isPartial) this.partial += 1;
    return isPartial;
  }

  filter(): Filter {
    return filterOf(this.#world.dice, this.#model, this.#writers.subjects, this.#nowMs());
  }

  /** A query read page by page. */
  async list(
    isolate: Isolate,
    tenant: string,
    filter: Filter,
    how = STRICT,
    between: () => Promise<void> = async () => {},
  ): Promise<void> {
    const { dice } = this.#world;
    // The oldest question of all, with the smallest of pages, is asked often enough of filters that find little.
    const limits = filter.parameters.length === 0 ? [20, 50, 200] : [1, 2, 7, 50, 200];
    const [order, limit] = [dice.pick(["id", "-id"]), String(dice.pick(limits))];
    const askedMs = this.#nowMs();
    const shown: Json[] = [];
    let [cursor, isPartial] = [null as string | null, false];
    const what = `list ${parametersOf(filter)} ${order} ${limit} of ${tenant}`;
    for (let pages = 0; ; pages++) {
      if (pages > MAX_PAGES) throw new Violation(`${what}: pages without end`);
      const others = cursor === null ? { order, limit } : { order, limit, cursor };
      const { query, identity } = mustParse(parseEventPage(parametersOf(filter, others), tenant as TenantId), what);
      const page = await listEvents(isolate.sources, query);
      shown.push(...page.items.map(({ line }) => JSON.parse(line) as Json));
      isPartial ||= page.damaged;
      if (page.next === null) break;
      cursor = eventCursorAt(identity, page.next);
      await between();
    }
    const question = { tenant, holds: filter.holds, newestFirst: order === "-id", askedMs };
    this.#model.check(what, question, shown, this.#nowMs(), this.#left(isPartial, what, how));
  }

  async export(isolate: Isolate, tenant: string, filter: Filter, how = STRICT): Promise<void> {
    const askedMs = this.#nowMs();
    const what = `export ${parametersOf(filter)} of ${tenant}`;
    const { query } = mustParse(parseExport(parametersOf(filter), tenant as TenantId), what);
    let text = "";
    for await (const chunk of exportChunks(isolate.sources, query, "ndjson")) text += chunk;
    const lines = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Json);
    const end = lines.at(-1)?.["end"] as { readonly events: number } | undefined;
    const shown = lines.filter((line) => !("end" in line) && !("damaged" in line));
    if (end?.events !== shown.length) throw new Violation(`${what}: its end says ${JSON.stringify(end)} of ${shown.length}`);
    const isPartial = lines.some((line) => "damaged" in line);
    const question = { tenant, holds: filter.holds, newestFirst: false, askedMs };
    this.#model.check(what, question, shown, this.#nowMs(), this.#left(isPartial, what, how));
  }

  async get(isolate: Isolate, tenant: string, id: string, how = STRICT): Promise<void> {
    const askedMs = this.#nowMs();
    const { found, damaged } = await findEvent(isolate.sources, tenant as TenantId, id as EventId);
    if (found === null && this.#left(damaged, `get ${id}`, how)) return;
    const shown = found === null ? null : (JSON.parse(found.line) as Json);
    this.#model.checkOne(tenant, id, shown, askedMs, this.#nowMs());
  }

  async getAny(isolate: Isolate): Promise<void> {
    const { dice } = this.#world;
    const tenant = dice.pick(TENANTS);
    const ids = this.#model.acknowledgedIds(dice.chance(0.9) ? tenant : dice.pick(TENANTS));
    if (ids.length > 0) await this.get(isolate, tenant, dice.pick(ids));
  }

  async timeline(isolate: Isolate, tenant: string, callId: string, how = STRICT): Promise<void> {
    const askedMs = this.#nowMs();
    const sessions = { identify: async () => ({ id: NOBODY }), timeline: async () => ok(null) };
    const ports = { sources: isolate.sources, sessions: sessions as never, lane: "standard" } as const;
    const what = `timeline of ${callId} of ${tenant}`;
    const answer = mustParse(await readCallEvents(ports, tenant as TenantId, callId, {}), what);
    const holds: Holds = ({ subject }) => subject === callId;
    const isPartial = this.#left(answer?.damaged ?? false, what, how);
    const question = { tenant, holds, newestFirst: false, askedMs };
    const shown = (answer?.events ?? []) as readonly Json[];
    // Nothing at all is no timeline, and has no place for saying that something is damaged.
    this.#model.check(what, question, shown, this.#nowMs(), isPartial || (answer === null && how.mayLack));
  }

  async stats(isolate: Isolate, tenant: string, how = STRICT): Promise<void> {
    const { dice } = this.#world;
    const askedMs = this.#nowMs();
    const [by, bucket] = [dice.pick(["type", "status", "direction", "source"] as const), dice.pick(["15m", "1h", "1d"])];
    const toMs = Math.ceil((askedMs + DAY_MS) / QUARTER_MS) * QUARTER_MS;
    const fromMs = toMs - dice.pick([2, 3, 31]) * DAY_MS;
    const [from, to] = [fromMs, toMs].map((ms) => new Date(ms).toISOString()) as [string, string];
    const what = `stats by ${by} per ${bucket} from ${from} to ${to} of ${tenant}`;
    const { query } = mustParse(parseStats(new URLSearchParams({ by, bucket, from, to }), askedMs), what);
    const { stats, partial } = await countEvents(isolate.sources, tenant as TenantId, query);
    const isPartial = this.#left(partial, what, how);
    const keyOf = (view: View): string | null =>
      view.atMs < fromMs || view.atMs >= toMs
        ? null
        : `${Math.floor(view.atMs / query.bucketMs) * query.bucketMs} ${view[by] ?? ""}`;
    const { least, most, unseen } = this.#model.count({ tenant, askedMs }, this.#nowMs(), keyOf);
    const counted = new Map<string, number>();
    for (const { startMs, counts, total } of stats.buckets) {
      for (const [value, count] of Object.entries(counts)) counted.set(`${startMs} ${value}`, count);
      if (Object.values(counts).reduce((sum, count) => sum + count, 0) !== total)
        throw new Violation(`${what}: a total is not the sum`);
    }
    for (const key of new Set([...least.keys(), ...counted.keys()])) {
      const [count, atLeast, atMost] = [counted.get(key) ?? 0, least.get(key) ?? 0, (most.get(key) ?? 0) + unseen];
      if ((count < atLeast && !isPartial) || (count > atMost && how.exactCounts))
        throw new Violation(`${what}: ${count} of "${key}", which are ${atLeast} to ${atMost}`);
    }
  }

  /** Something, whatever comes to mind. */
  async any(isolate: Isolate): Promise<void> {
    const { dice } = this.#world;
    const tenant = dice.pick(TENANTS);
    const pause = async (): Promise<void> => {
      if (dice.chance(0.3)) await new Promise<void>((resolve) => void setTimeout(resolve, dice.pick([100, 5_000, 120_000])));
    };
    const ways: readonly (() => Promise<void>)[] = [
      () => this.list(isolate, tenant, this.filter(), STRICT, pause),
      () => this.list(isolate, tenant, this.filter(), STRICT, pause),
      () => this.list(isolate, tenant, this.filter()),
      () => this.export(isolate, tenant, this.filter()),
      () => this.getAny(isolate),
      () => this.getAny(isolate),
      () => this.timeline(isolate, tenant, dice.pick([...CALLS, ...this.#writers.subjects])),
      () => this.stats(isolate, tenant),
    ];
    await dice.pick(ways)();
  }

  /** Everything there is to ask. */
  async everything(isolate: Isolate, how: Strictness): Promise<void> {
    for (const tenant of TENANTS) await this.everythingOf(isolate, tenant, how);
  }

  /** All that a tenant has. */
  async all(isolate: Isolate, tenant: string, how: Strictness): Promise<void> {
    await this.list(isolate, tenant, { parameters: [], holds: () => true }, how);
  }

  async everythingOf(isolate: Isolate, tenant: string, how: Strictness): Promise<void> {
    await this.all(isolate, tenant, how);
    await this.export(isolate, tenant, { parameters: [], holds: () => true }, how);
    await this.stats(isolate, tenant, how);
    for (const call of [...CALLS, ...this.#writers.subjects.slice(0, 1)]) await this.timeline(isolate, tenant, call, how);
    for (let count = 0; count < 4; count++) await this.list(isolate, tenant, this.filter(), how);
    const ids = this.#model.acknowledgedIds(tenant);
    for (const id of new Set([...ids.slice(-6), ...ids.slice(0, 6)])) await this.get(isolate, tenant, id, how);
  }
}

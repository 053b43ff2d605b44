import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DatabaseUnavailable } from "../../../adapters/postgres/unavailable.ts";
import { type FeedReader, feedShardOf } from "../../../domain/sessions/feed.ts";
import { mergeOverlays } from "../../../domain/sessions/merge-page.ts";
import { LINGER_MS, SessionOverlay } from "../../../domain/sessions/overlay.ts";
import {
  SORT_KEYS,
  type SessionFilter,
  type SessionOrder,
  type SessionQuery,
  byPlace,
  isListed,
} from "../../../domain/sessions/query.ts";
import type { SessionSummary } from "../../../domain/sessions/summary.ts";
import type { SessionId, TenantId } from "../../../domain/shared/ids.ts";
import { type SessionPage, type SessionRows, listSessions } from "../../../workers/session-list.ts";
import { OPENED_MS, sessionId, summary } from "./sessions.ts";

const TENANT = "acme" as TenantId;
const SHARDS = 2;
const SESSIONS = 10;

/** A step of the world: a commit of a session, the projection of one, or time that passes. */
type Step =
  | {
      readonly tag: "commit";
      readonly session: number;
      readonly status: SessionSummary["status"];
      readonly tags: readonly string[];
      readonly account: string;
      /** Where this is the end. */
      readonly durationMs: number;
    }
  | { readonly tag: "project"; readonly session: number }
  | { readonly tag: "wait"; readonly ms: number };

/** Sessions, a feed and a projection that is behind. Before anybody reads something, some steps are taken. */
class World {
  nowMs = OPENED_MS;
  databaseAway = false;
  /** Every acknowledged state, newest last. */
  readonly history = new Map<SessionId, SessionSummary[]>();
  readonly #shards = Array.from({ length: SHARDS }, () => new SessionOverlay());
  readonly #table = new Map<SessionId, SessionSummary>();
  readonly #steps: Step[];
  readonly #stepsPerRead: number;
  /** Time that a request may take in all, so that it is shorter than entries linger. */
  #budgetMs = LINGER_MS - 1;

  constructor(steps: readonly Step[], stepsPerRead: number) {
    this.#steps = [...steps];
    this.#stepsPerRead = stepsPerRead;
  }

  take(step: Step): void {
    if (step.tag === "wait") this.nowMs += step.ms;
    else if (step.tag === "project") this.#project(sessionId(step.session));
    else this.#commit(step);
  }

  beginRequest(): void {
    this.#budgetMs = LINGER_MS - 1;
  }

  newest(): SessionSummary[] {
    return [...this.history.values()].map((states) => states.at(-1)!);
  }

  readonly feed: FeedReader = {
    overlay: async (_, query) => {
      this.#goOn();
      const overlays = this.#shards.map((shard) => ({ ...shard.page(query, this.nowMs), complete: true }));
      return mergeOverlays(query, overlays);
    },
    newer: async (_, ids) => {
      this.#goOn();
      return this.#shards.flatMap((shard) => shard.newer(ids));
    },
  };

  readonly rows: SessionRows = async (_, query) => {
    const { order, after, limit } = query;
    this.#goOn();
    if (this.databaseAway) throw new DatabaseUnavailable(null);
    const compare = byPlace(order);
    return [...this.#table.values()]
      .filter((row) => isListed(query, row) && (after === null || compare(row, after) > 0))
      .sort(compare)
      .slice(0, limit);
  };

  #goOn(): void {
    for (const step of this.#steps.splice(0, this.#stepsPerRead)) {
      if (step.tag !== "wait") this.take(step);
      else if (step.ms <= this.#budgetMs) {
        this.#budgetMs -= step.ms;
        this.take(step);
      }
    }
  }

  #commit({ session, status, tags, account, durationMs }: Extract<Step, { tag: "commit" }>): void {
    const id = sessionId(session);
    const states = this.history.get(id) ?? [];
    const sequence = (states.at(-1)?.sequence ?? 2) + 1;
    // Pairs open in the same millisecond, so that the id decides.
    const openedMs = OPENED_MS + Math.floor(session / 2);
    const before = states.at(-1);
    // An end stands; what is written on the session afterwards changes.
    const isOver = before !== undefined && before.status !== "ongoing";
    const end = isOver
      ? { status: before.status, phase: before.phase, endedMs: before.endedMs, durationMs: before.durationMs }
      : status === "ongoing"
        ? {}
        : { status, phase: status, endedMs: openedMs + durationMs, durationMs };
    const said = {
      caller: `+1555${session}`,
      callee: `+4930${session % 3}`,
      metadata: { account, plan: { tier: session % 2 } },
    };
    const state = summary(session, { ...said, ...end, sequence, tags, openedMs, updatedMs: this.nowMs });
    this.history.set(id, [...states, state]);
    this.#shards[feedShardOf(id, SHARDS)]!.put(state, this.nowMs);
  }

  #project(id: SessionId): void {
    const state = this.history.get(id)?.at(-1);
    if (state === undefined) return;
    this.#table.set(id, state);
    this.#shards[feedShardOf(id, SHARDS)]!.projected(id, state.sequence, this.nowMs);
  }
}

async function everyPage(world: World, query: Omit<SessionQuery, "after">): Promise<SessionSummary[]> {
  const items: SessionSummary[] = [];
  const sources = {
    feed: world.feed,
    rows: world.rows,
    projectedUpToMs: async () => null,
    recheck: () => {},
    nowMs: () => world.nowMs,
  };
  let page: SessionPage = { items: [], next: null, asOfMs: null, partial: false };
  do {
    world.beginRequest();
    page = await listSessions(sources, TENANT, { ...query, after: page.next });
    expect(page.items.length).toBeLessThanOrEqual(query.limit);
    items.push(...page.items);
  } while (page.next !== null);
  return items;
}

const session = fc.integer({ min: 0, max: SESSIONS - 1 });
const status = fc.constantFrom("ongoing", "completed", "failed") satisfies fc.Arbitrary<SessionSummary["status"]>;
const commit: fc.Arbitrary<Step> = fc.record({
  tag: fc.constant("commit" as const),
  session,
  status,
  tags: fc.subarray(["vip", "sales"]),
  account: fc.constantFrom("1", "2"),
  durationMs: fc.constantFrom(0, 5, 5, 9),
});
const project: fc.Arbitrary<Step> = fc.record({ tag: fc.constant("project" as const), session });
const wait: fc.Arbitrary<Step> = fc.record({
  tag: fc.constant("wait" as const),
  ms: fc.integer({ min: 0, max: 2 * LINGER_MS }),
});
const among: fc.Arbitrary<SessionFilter> = fc.record(
  {
    status: fc.uniqueArray(status, { minLength: 1, maxLength: 2 }),
    tag: fc.subarray(["vip", "sales"], { minLength: 1 }),
    caller: fc.constantFrom([{ tag: "prefix", value: "+1555" }], [{ tag: "exact", value: "+15551" }]),
    part: fc.constantFrom(["302"], ["5550", "5551"]),
    metadata: fc.constantFrom([{ path: ["account"], values: ["1"] }], [{ path: ["plan", "tier"], values: ["0"] }]),
    minDurationMs: fc.constantFrom(1, 6),
  },
  { requiredKeys: [] },
);
const period: fc.Arbitrary<SessionFilter> = fc.record({
  fromMs: fc.integer({ min: OPENED_MS, max: OPENED_MS + 2 }),
  toMs: fc.integer({ min: OPENED_MS + 2, max: OPENED_MS + 4 }),
});
const filter: fc.Arbitrary<SessionFilter> = fc.oneof(
  { arbitrary: among, weight: 5 },
  { arbitrary: fc.tuple(among, period).map(([fields, times]) => ({ ...fields, ...times })), weight: 1 },
);
const order: fc.Arbitrary<SessionOrder> = fc.record({ key: fc.constantFrom(...SORT_KEYS), descending: fc.boolean() });
const limit = fc.integer({ min: 1, max: 5 });
const past = fc.array(fc.oneof(commit, commit, project, project, wait), { minLength: 10, maxLength: 60, size: "max" });
const stepsPerRead = fc.integer({ min: 0, max: 6 });

describe("[LST-3] [REC-7] a list of sessions", () => {
  it("is every session that matches in its newest state, once and in order, however far the projection is and while it goes on", () =>
    fc.assert(
      fc.asyncProperty(
        past,
        fc.array(fc.oneof(project, project, wait), { maxLength: 40, size: "max" }),
        stepsPerRead,
        filter,
        order,
        limit,
        async (before, meanwhile, perRead, wanted, sorted, size) => {
          const world = new World(meanwhile, perRead);
          for (const step of before) world.take(step);
          const model = world
            .newest()
            .filter((state) => isListed({ filter: wanted, order: sorted }, state))
            .sort(byPlace(sorted));
          expect(await everyPage(world, { filter: wanted, order: sorted, limit: size })).toEqual(model);
        },
      ),
      { numRuns: 2_000 },
    ));

  it("loses and doubles nothing while sessions change: each item was true, and what matched all the time is there", () =>
    fc.assert(
      fc.asyncProperty(
        past,
        fc.array(fc.oneof(commit, project, wait), { maxLength: 60, size: "max" }),
        stepsPerRead,
        filter,
        order,
        limit,
        async (before, meanwhile, perRead, wanted, sorted, size) => {
          const world = new World(meanwhile, perRead);
          for (const step of before) world.take(step);
          const acknowledged = new Map(world.newest().map(({ id, sequence }) => [id, sequence]));
          const items = await everyPage(world, { filter: wanted, order: sorted, limit: size });
          expect([...items].sort(byPlace(sorted))).toEqual(items);
          expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
          for (const item of items) {
            expect(isListed({ filter: wanted, order: sorted }, item)).toBe(true);
            expect(world.history.get(item.id)).toContainEqual(item);
            expect(item.sequence).toBeGreaterThanOrEqual(acknowledged.get(item.id) ?? 0);
          }
          const listed = new Set(items.map(({ id }) => id));
          for (const [id, sequence] of acknowledged) {
            const since = world.history.get(id)!.filter((state) => state.sequence >= sequence);
            const always = since.every((state) => isListed({ filter: wanted, order: sorted }, state));
            const never = since.every((state) => !isListed({ filter: wanted, order: sorted }, state));
            expect({ id, listed: listed.has(id), always, never }).not.toMatchObject({ listed: false, always: true });
            expect({ id, listed: listed.has(id), always, never }).not.toMatchObject({ listed: true, never: true });
          }
        },
      ),
      { numRuns: 2_000 },
    ));

  it("[LST-5] is what the feeds hold while Postgres is away", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(commit, { maxLength: 40, size: "max" }),
        filter,
        order,
        limit,
        async (before, wanted, sorted, size) => {
          const world = new World([], 0);
          world.databaseAway = true;
          for (const step of before) world.take(step);
          const model = world
            .newest()
            .filter((state) => isListed({ filter: wanted, order: sorted }, state))
            .sort(byPlace(sorted));
          expect(await everyPage(world, { filter: wanted, order: sorted, limit: size })).toEqual(model);
        },
      ),
    ));
});

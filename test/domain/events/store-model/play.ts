/** The life of one event store: everybody writes, reads, merges, erases and deletes while everything fails; then calm, and the last questions. */
import { changeState } from "../../../../adapters/r2/events/keeping-store.ts";
import { deletableMs } from "../../../../domain/events/compaction/trash.ts";
import { withPolicy } from "../../../../domain/events/keeping/state.ts";
import { DAY_MS, HOUR_MS, SHARDS_PREFIX, TRASH_PREFIX } from "../../../../domain/events/keys.ts";
import type { TenantId } from "../../../../domain/shared/ids.ts";
import { acceptErasure, liftHold, placeHold } from "../../../../workers/keeping/accept.ts";
import type { Played } from "../../simulation/play.ts";
import { asLife } from "../../simulation/platform/lives.ts";
import { Model } from "./model.ts";
import { NUMBERS, TENANTS } from "./questions.ts";
import { Readers } from "./readers.ts";
import { type Isolate, StoreWorld, Violation } from "./world.ts";
import { Writers } from "./writers.ts";

/** Ends of a year, of a month, and of nothing. */
const STARTS = ["2026-12-31T21:40:00Z", "2027-02-28T23:58:00Z", "2026-11-11T11:11:11Z"].map((text) => Date.parse(text));
const STEPS = 70;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
/** So long an isolate goes by the shards that it knows, and a moment. */
const LISTED_FOR_MS = 61 * SECOND_MS;
const PATIENCE_MS = 10 * MINUTE_MS;
const STACK_LINES = 20;
/** Attempts at a question that has to be answered some time. */
const MAX_ATTEMPTS = 12;

class Life {
  readonly world: StoreWorld;
  readonly model = new Model();
  readonly writers: Writers;
  readonly readers: Readers;
  #isolates: Isolate[] = [];
  readonly #holds = new Map<string, string>();

  constructor(seed: number) {
    this.world = new StoreWorld(seed, STARTS[seed % STARTS.length]!);
    this.writers = new Writers(this.world, this.model);
    this.readers = new Readers(this.world, this.model, this.writers);
    this.#deploy();
  }

  #deploy(): void {
    this.#isolates = [this.world.isolate(), this.world.isolate()];
  }

  get isolate(): Isolate {
    return this.world.dice.pick(this.#isolates);
  }

  /** A failure is nothing that is not expected, a wrong answer is. */
  #begin(isolate: Isolate, work: () => Promise<unknown>): void {
    asLife(isolate.life, work).catch((error: unknown) => {
      if (error instanceof Violation || error instanceof TypeError || error instanceof RangeError) this.world.found(error);
      else this.world.note(`failed: ${String(error)}`);
    });
  }

  #write(): void {
    this.writers.post(this.isolate);
  }

  #happen(): void {
    const { dice } = this.world;
    const { sessions } = this.writers;
    const session = sessions.length < 4 && dice.chance(0.4) ? this.writers.beginSession() : undefined;
    const one = session ?? (sessions.length === 0 ? this.writers.beginSession() : dice.pick(sessions));
    if (dice.chance(0.8)) this.writers.happen(one);
    void this.writers.offer(one, dice.chance(0.6));
  }

  #ask(): void {
    const { isolate } = this;
    this.#begin(isolate, () => this.readers.any(isolate));
  }

  #merge(): void {
    const { dice, scheduler } = this.world;
    const isolate = this.world.isolate();
    this.#begin(isolate, isolate.merge);
    if (dice.chance(0.3) && this.world.weather.crash > 0)
      scheduler.after(dice.below(3_000), "whoever merges dies", () => (isolate.life.alive = false));
  }

  #crash(): void {
    const hosts = [...this.world.shards.values()];
    if (hosts.length > 0) this.world.dice.pick(hosts).crash();
  }

  #loseAlarm(): void {
    for (const host of this.world.shards.values()) if (this.world.dice.chance(0.5)) host.disk.alarm = null;
  }

  /** The cron asks each shard to look after itself. */
  #nudge(): void {
    for (const name of this.world.shards.keys()) {
      const stub = this.world.stub(name) as { nudge: () => Promise<void> };
      this.#begin(this.isolate, () => stub.nudge());
    }
  }

  #outage(): void {
    const { scheduler, bucket, dice } = this.world;
    bucket.isUp = false;
    scheduler.after(dice.pick([2, 30, 300]) * SECOND_MS, "R2 is back", () => (bucket.isUp = true));
  }

  #jump(): void {
    const { dice, shards, weather } = this.world;
    if (shards.size === 0 || weather.crash === 0) return;
    dice.pick([...shards.values()]).clock.offsetMs = dice.between(-2 * HOUR_MS, HOUR_MS);
  }

  /**
   * A shard of a layout of before is found by what it has written, which isolates list once a minute: as long as one has written nothing yet,
   * the layout must not change.
   */
  #grow(): void {
    const { world } = this;
    const names = [...world.shards.keys()];
    const isKnown = (name: string): boolean => world.bucket.keys(`${SHARDS_PREFIX}${name}/`).length > 0;
    if (!names.every(isKnown)) return;
    world.scheduler.after(LISTED_FOR_MS, "a new layout", () => {
      if (!world.network.faulty || world.shards.size > names.length) return;
      const { epoch, sessions, intake } = world.layout;
      world.layout = world.dice.chance(0.5)
        ? { epoch, sessions, intake: Math.min(3, intake + 1) }
        : { epoch: epoch + 1, sessions: 3 - sessions, intake };
      this.#deploy();
    });
  }

  #erase(): void {
    const { dice, scheduler } = this.world;
    const tenant = dice.pick(TENANTS);
    const number = dice.pick(NUMBERS).replace(/^sip:|@pbx$/g, "");
    const erasure = { tenant, digits: number.replace(/\D/g, ""), askedMs: scheduler.nowMs, acceptedMs: null, untilMs: null };
    const { isolate } = this;
    this.model.erasures.push(erasure);
    this.#begin(isolate, async () => {
      const accepted = await acceptErasure(isolate.keeping, tenant as TenantId, { number, reason: "asked" }, "ops");
      this.world.note(`erasure of ${number} of ${tenant}: ${accepted.ok ? "accepted" : accepted.error.tag}`);
      if (accepted.ok) Object.assign(erasure, { acceptedMs: scheduler.nowMs, untilMs: accepted.value.untilMs });
      else this.model.erasures.splice(this.model.erasures.indexOf(erasure), 1);
    });
  }

  #retain(): void {
    const { dice } = this.world;
    const tenant = dice.pick(TENANTS);
    const deleteAfterDays = dice.pick([1, 2, 3]);
    const { isolate } = this;
    this.model.deletion.set(tenant, Math.min(deleteAfterDays, this.model.deletion.get(tenant) ?? deleteAfterDays));
    const policy = { infrequentAfterDays: null, archiveAfterDays: null, deleteAfterDays };
    this.#begin(isolate, () =>
      changeState(isolate.keeping.bucket, tenant as TenantId, (state) => withPolicy(state, policy, null)),
    );
  }

  #hold(): void {
    const { dice } = this.world;
    const tenant = dice.pick(TENANTS) as TenantId;
    const { isolate } = this;
    const held = this.#holds.get(tenant);
    this.#begin(isolate, async () => {
      if (held !== undefined) {
        await liftHold(isolate.keeping, tenant, held, "ops");
        this.#holds.delete(tenant);
        return;
      }
      const asked = { scope: { tag: "everything" }, fromMs: null, toMs: null, reason: "a case" } as const;
      const placed = await placeHold(isolate.keeping, tenant, asked, "ops");
      if (placed.ok) this.#holds.set(tenant, placed.value.id);
    });
  }

  #step(): void {
    const deeds: readonly (readonly [weight: number, what: string, deed: () => void])[] = [
      [24, "a request", () => this.#write()],
      [14, "a session", () => this.#happen()],
      [24, "a question", () => this.#ask()],
      [10, "merging", () => this.#merge()],
      [4, "a shard dies", () => this.#crash()],
      [2, "an alarm is lost", () => this.#loseAlarm()],
      [4, "the cron", () => this.#nudge()],
      [3, "R2 goes away", () => this.#outage()],
      [2, "a clock jumps", () => this.#jump()],
      [2, "a new layout is made", () => this.#grow()],
      [1, "a deployment", () => this.#deploy()],
      [2, "an erasure", () => this.#erase()],
      [1, "a policy", () => this.#retain()],
      [1, "a hold", () => this.#hold()],
    ];
    let at = this.world.dice.below(deeds.reduce((sum, [weight]) => sum + weight, 0));
    const [, what, deed] = deeds.find(([weight]) => (at -= weight) < 0)!;
    this.world.note(`-- ${what}`);
    deed();
  }

  #pauseMs(): number {
    const { dice } = this.world;
    const kind = dice.next();
    if (kind < 0.7) return dice.below(2 * SECOND_MS);
    if (kind < 0.9) return dice.below(2 * MINUTE_MS);
    return kind < 0.98 ? dice.below(2 * HOUR_MS) : dice.below(DAY_MS);
  }

  /** A question that is asked until it is answered. @throws Violation when the answer is wrong. */
  async insist(isolate: Isolate, what: string, ask: () => Promise<void>, attempts: number): Promise<void> {
    for (let left = attempts; left > 0; left--) {
      const answer = await this.world.until(isolate.life, ask, PATIENCE_MS);
      if (answer !== null && "value" in answer) return;
      if (answer !== null && (answer.error instanceof Violation || answer.error instanceof TypeError)) throw answer.error;
      this.world.note(`no answer to ${what}: ${answer === null ? "none" : String(answer.error)}`);
    }
    if (!this.world.network.faulty) throw new Violation(`no answer to ${what}, and nothing fails`);
  }

  /** Everything is asked when nothing fails any more. */
  async settle(): Promise<void> {
    const { world } = this;
    world.note("calm");
    world.calm();
    this.#deploy();
    const [isolate] = this.#isolates as [Isolate];
    const all = () => this.readers.everything(isolate, { mayLack: false, exactCounts: false });
    await this.insist(isolate, "everything", all, 2);
    for (const session of this.writers.sessions) void this.writers.offer(session, true);
    await world.pass(2 * MINUTE_MS);
    for (const tenant of this.#holds.keys())
      await this.insist(
        isolate,
        "lifting",
        async () => void (await liftHold(isolate.keeping, tenant as TenantId, this.#holds.get(tenant)!, "ops")),
        2,
      );
    this.#nudge();
    // Hours, days, trash, and once more, since days that are merged make trash.
    for (const pauseMs of [
      MINUTE_MS,
      3 * HOUR_MS,
      DAY_MS + 3 * HOUR_MS,
      11 * MINUTE_MS,
      DAY_MS,
      11 * MINUTE_MS,
      11 * MINUTE_MS,
    ]) {
      await world.pass(pauseMs);
      await this.insist(isolate, "merging", () => this.#mergeAll(isolate), 3);
      await this.insist(isolate, "everything", all, 1);
    }
    await this.insist(isolate, "everything", () => this.readers.everything(isolate, { mayLack: false, exactCounts: true }), 1);
    this.#lookAtObjects();
  }

  async #mergeAll(isolate: Isolate): Promise<void> {
    for (let runs = 0; runs < 10; runs++) {
      const report = await isolate.merge();
      if (report === null) throw new Error("somebody else merges");
      if (report.failures > 0) throw new Violation(`merging fails ${report.failures} times, and nothing else does`);
      if (!report.unfinished) return;
    }
    throw new Violation("merging does not come to an end");
  }

  /** What is left in R2 when everything is done. */
  #lookAtObjects(): void {
    const { bucket, scheduler } = this.world;
    // The last run may have made some.
    const trash = bucket.keys(TRASH_PREFIX).filter((key) => (deletableMs(key) ?? 0) <= scheduler.nowMs);
    if (trash.length > 0) throw new Violation(`trash is left: ${trash.join(", ")}`);
    const unmerged = bucket.keys("events/").filter((key) => !key.includes("/tenants/"));
    if (unmerged.length > 0) throw new Violation(`segments of shards are left: ${unmerged.join(", ")}`);
  }

  async live(): Promise<void> {
    const { world } = this;
    for (let step = 0; step < STEPS; step++) {
      this.#step();
      await world.pass(this.#pauseMs());
      const { isolate } = this;
      if (step % 7 === 6) await this.insist(isolate, "something", () => this.readers.any(isolate), MAX_ATTEMPTS);
    }
    await this.settle();
  }
}

export async function play(seed: number, keepTrace = false): Promise<Played> {
  Error.stackTraceLimit = keepTrace ? STACK_LINES : 0;
  const life = new Life(seed);
  const { world } = life;
  const startMs = world.scheduler.nowMs;
  let violated: string | null = null;
  try {
    await life.live();
  } catch (error) {
    violated = error instanceof Violation ? error.message : String((error as Error).stack ?? error);
  }
  world.close();
  const { trace, scheduler } = world;
  return {
    seed,
    digest: trace.digest,
    actions: scheduler.done,
    violated,
    trace: violated === null && !keepTrace ? [] : trace.lines(startMs, keepTrace),
  };
}

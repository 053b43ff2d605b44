/**
 * The audit trail of one tenant on one lane: entries in the order in which they were taken, each bound to the one before by its hash. They are
 * here, on disk, before whoever brought them goes on; Postgres gets them behind that. The end of the chain stays here for ever, so that what
 * is cut off elsewhere is missed.
 */
import { DurableObject } from "cloudflare:workers";
import { type AuditStore, createAuditStore } from "../../adapters/postgres/audit/audit-store.ts";
import { connect } from "../../adapters/postgres/client.ts";
import { type Clock, systemClock } from "../../adapters/platform/clock.ts";
import { type Log, createLog } from "../../adapters/telemetry/log.ts";
import { type Meter, createMeter } from "../../adapters/telemetry/meter.ts";
import { type Environment, parseEnvironment } from "../../contracts/environment.ts";
import type { AuditAct, AuditEntry, AuditResult } from "../../domain/audit/entry.ts";
import type { AuditPageRequest } from "../../domain/audit/filter.ts";
import { type AuditSum, kindOf, sumDetail, takeSum, toldApart } from "../../domain/audit/sums.ts";
import { BEGUN_LIMIT_MS, handOverDelayMs, trailAlarmMs } from "../../domain/audit/timing.ts";
import { resilienceOf } from "../breakers/isolate.ts";
import { handOver } from "../metrics/hand-over.ts";
import { Chain } from "./chain.ts";
import { type Head, TrailRows } from "./rows.ts";

/** Entries of one statement to Postgres. */
const MAX_HANDED_AT_ONCE = 200;
/** And of one alarm; the next one goes on. */
const MAX_HANDED_PER_ALARM = 2_000;
/** Entries that stay here although Postgres has them: what is asked for again is found among them. */
const KEPT_ENTRIES = 200;
/** What was noted as unknown and is heard of after all gets a second entry for so long. */
const UNKNOWN_KEPT_MS = 3_600_000;

/** What Postgres has not got yet, and up to where it has everything. */
export type Unhanded = { readonly handed: number; readonly entries: readonly AuditEntry[] };
/** The end of the chain, what Postgres has otherwise, and how much has begun and is not over. */
export type TrailState = Head & {
  readonly disputed: readonly AuditEntry[];
  readonly begun: number;
  /** Of the newest entries, to be compared with what Postgres has. */
  readonly kept: readonly { readonly sequence: number; readonly hash: string }[];
};

export class AuditTrail extends DurableObject<Env> {
  clock: Clock = systemClock;
  store: Pick<AuditStore, "add">;
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #meter: Meter;
  readonly #rows: TrailRows;
  readonly #chain: Chain;
  #failures = 0;
  /** When what waits is handed over; null when nothing waits. */
  #handOverMs: number | null;
  #alarmMs: number | null = null;
  /** Resolves when whoever works on the windows of sums has done so. */
  #windowsFree: Promise<void> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#environment = parseEnvironment(env);
    this.#log = createLog({ component: "audit-trail", lane: this.#environment.LANE });
    this.#meter = createMeter({ lane: this.#environment.LANE });
    this.#rows = new TrailRows(ctx.storage);
    this.store = createAuditStore(connect(env.DATABASE_URL, env.DATABASE_LOCAL_ENDPOINT || undefined, resilienceOf(env).guard));
    this.#chain = new Chain(
      this.#rows,
      this.#environment.LANE,
      () => this.clock.nowMs(),
      (entry) => {
        this.#meter.count("trunkline_audit_entries_total", { outcome: entry.outcome });
        this.#handOverMs ??= this.clock.nowMs() + handOverDelayMs(this.#failures);
      },
    );
    const { sequence, handed } = this.#rows.head();
    this.#handOverMs = sequence > handed ? this.clock.nowMs() + handOverDelayMs(0) : null;
  }

  /** Puts on disk that something begins. May be asked twice. */
  async begin(token: string, act: AuditAct): Promise<void> {
    this.#rows.begin(token, act, this.clock.nowMs());
    await this.#arm();
  }

  /** What came of it; null: nothing took place. May be asked twice. */
  async settle(token: string, result: AuditResult | null): Promise<void> {
    const begun = this.#rows.begun(token);
    if (begun === null) return;
    const along = () => this.#rows.end(token);
    if (result === null && !begun.unknown) along();
    else {
      // Its entry says that nobody knew; this one says what was known later.
      const late = begun.unknown ? { token: `${token} late`, detail: { known: "late" } } : { token };
      const told: AuditResult = result ?? { outcome: "refused", status: 0 };
      await this.#chain.append({
        ...late,
        act: begun.act,
        result: { ...told, detail: { ...told.detail, ...late.detail } },
        along,
      });
    }
    await this.#arm();
  }

  /** Adds an entry. May be asked twice. */
  async record(token: string, act: AuditAct, result: AuditResult): Promise<void> {
    await this.#chain.append({ token, act, result });
    await this.#arm();
  }

  /** Adds what comes often: the first of a kind has an entry at once, the others of the same minute one together. */
  async sum(sums: readonly AuditSum[]): Promise<void> {
    await this.#inTurn(() => this.#sumUp(sums));
    await this.#arm();
  }

  /** Windows are read, and written with the entries that they lead to: meanwhile nobody else may look at them. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#windowsFree.then(work);
    this.#windowsFree = done.catch(() => {});
    return done;
  }

  async #sumUp(sums: readonly AuditSum[]): Promise<void> {
    const windows = this.#rows.windows();
    for (const each of sums) {
      const sum = toldApart(each, (kind) => windows.has(kind), windows.size);
      const kind = kindOf(sum);
      const { window, entries } = takeSum(windows.get(kind), sum, this.clock.nowMs());
      windows.set(kind, window);
      const along = () => this.#rows.putWindow(kind, window);
      if (entries.length === 0) along();
      for (const entry of entries) await this.#append(entry, along);
    }
  }

  #append(sum: AuditSum, along: () => void): Promise<void> {
    const result = { ...sum.result, detail: { ...sum.result.detail, ...sumDetail(sum) } };
    return this.#chain.append({ token: null, act: sum.act, result, along });
  }

  /** Entries that Postgres has not got yet, newest first. */
  async unhanded(request: AuditPageRequest): Promise<Unhanded> {
    const { handed } = this.#rows.head();
    return { handed, entries: this.#rows.page(request, handed) };
  }

  /** Entries behind a sequence in order, where Postgres has everything up to it; else none, since it is Postgres that is to be asked. */
  async after(sequence: number, limit: number): Promise<Unhanded> {
    const { handed } = this.#rows.head();
    return { handed, entries: sequence < handed ? [] : this.#rows.after(sequence, limit) };
  }

  async state(): Promise<TrailState> {
    const newest = this.#rows.page({ filter: {}, before: null, limit: KEPT_ENTRIES }, 0);
    return {
      ...this.#rows.head(),
      disputed: this.#rows.disputed(),
      begun: this.#rows.begunCount(),
      kept: newest.map(({ sequence, hash }) => ({ sequence, hash })),
    };
  }

  /** Never throws: an alarm that fails too often is given up by the platform. */
  override async alarm(): Promise<void> {
    this.#alarmMs = null;
    try {
      await this.#noteUnknown();
      await this.#inTurn(() => this.#closeWindows());
      if (this.#handOverMs !== null && this.#handOverMs <= this.clock.nowMs()) await this.#handOver();
    } catch (error) {
      this.#log("error", "an audit trail cannot look after itself", { cause: error instanceof Error ? error.name : "unknown" });
    }
    await this.#arm();
    if (!(await handOver(this.env.METRICS, this.#environment.JURISDICTION, this.#meter, this.clock.nowMs())))
      this.#log("warn", "what an audit trail has counted got lost");
  }

  async #noteUnknown(): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const token of this.#rows.begunUpTo(nowMs - BEGUN_LIMIT_MS, false)) {
      const begun = this.#rows.begun(token);
      if (begun === null) continue;
      const detail = { begun: new Date(begun.atMs).toISOString() };
      const result: AuditResult = { outcome: "unknown", status: 0, detail };
      await this.#chain.append({ token, act: begun.act, result, along: () => this.#rows.markUnknown(token) });
    }
    for (const token of this.#rows.begunUpTo(nowMs - UNKNOWN_KEPT_MS, true)) this.#rows.end(token);
  }

  async #closeWindows(): Promise<void> {
    const nowMs = this.clock.nowMs();
    for (const [kind, { endsMs, held }] of this.#rows.windows()) {
      if (endsMs > nowMs) continue;
      const along = () => this.#rows.removeWindow(kind);
      if (held === null) along();
      else await this.#append(held, along);
    }
  }

  async #handOver(): Promise<void> {
    try {
      for (let some = 0; some < MAX_HANDED_PER_ALARM; some += MAX_HANDED_AT_ONCE) {
        const entries = this.#rows.after(this.#rows.head().handed, MAX_HANDED_AT_ONCE);
        if (entries.length === 0) break;
        this.#handed(entries, await this.store.add(entries));
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#meter.count("trunkline_audit_hand_over_failures_total", {});
      const { tenant, sequence, handed } = this.#rows.head();
      const cause = error instanceof Error ? error.name : "unknown";
      this.#log("warn", "entries of an audit trail could not be handed over", { tenant, waiting: sequence - handed, cause });
    }
    const { sequence, handed } = this.#rows.head();
    this.#handOverMs = sequence > handed ? this.clock.nowMs() + handOverDelayMs(this.#failures) : null;
  }

  #handed(entries: readonly AuditEntry[], disputed: readonly number[]): void {
    const handed = entries.at(-1)!.sequence;
    this.#rows.transaction(() => {
      this.#rows.markDisputed(disputed);
      this.#rows.putHead({ ...this.#rows.head(), handed });
      this.#rows.removeUpTo(handed - KEPT_ENTRIES);
    });
    this.#meter.count("trunkline_audit_handed_over_total", {}, entries.length);
    if (disputed.length === 0) return;
    this.#meter.count("trunkline_audit_disputed_total", {}, disputed.length);
    const { tenant } = entries[0]!;
    this.#log("error", "Postgres has other entries of an audit trail: somebody has written there", {
      tenant,
      first: disputed[0]!,
    });
  }

  /** Sets the alarm where it is to go off sooner than it would. */
  async #arm(): Promise<void> {
    const dueMs = trailAlarmMs({
      handOverMs: this.#handOverMs,
      oldestBegunMs: this.#rows.oldestBegunMs(),
      soonestWindowMs: this.#rows.soonestWindowMs(),
    });
    if (dueMs === null || (this.#alarmMs !== null && this.#alarmMs <= dueMs)) return;
    this.#alarmMs = dueMs;
    await this.ctx.storage.setAlarm(dueMs);
  }
}

/**
 * The Worker as it is, with a counter at everything that is billed. The routes and objects are the real ones: only what the
 * platform hands them is wrapped.
 */
import * as real from "../../workers/index.ts";
import { Active, takeActiveMs } from "./active.ts";
import { countGlobals, countState, countedEnv, holdR2 } from "./platform.ts";
import { at, count, takeTally } from "./tally.ts";

countGlobals();

/** Not a route of the Worker: gives and resets what has been counted. */
const TALLY_PATH = "/bench/tally";
const ALARM_PATH = "/bench/alarm/";
const HOLD_PATH = "/bench/hold/";

/** Counts an entry into an object as a request and as time in which it is awake. */
function enter<T>(active: Active, place: string, work: () => Promise<T>): Promise<T> {
  return active.during(
    at(place, active, () => {
      count("object request");
      return work();
    }),
  );
}

export class CallSession extends real.CallSession {
  readonly #active: Active;

  constructor(ctx: DurableObjectState, env: Env) {
    const active = new Active("CallSession");
    countState(ctx, active);
    super(ctx, countedEnv(env));
    this.#active = active;
  }

  override open(...args: Parameters<real.CallSession["open"]>) {
    return enter(this.#active, "CallSession.open", () => super.open(...args));
  }
  override report(...args: Parameters<real.CallSession["report"]>) {
    return enter(this.#active, "CallSession.report", () => super.report(...args));
  }
  override view() {
    return enter(this.#active, "CallSession.view", () => super.view());
  }
  override timeline() {
    return enter(this.#active, "CallSession.timeline", () => super.timeline());
  }
  override alarm(info?: AlarmInvocationInfo) {
    return enter(this.#active, "CallSession.alarm", () => super.alarm(info));
  }

  /** The alarm that is set, now instead of then: a week is longer than a bench. @returns the size of its storage before and after. */
  async alarmNow(): Promise<{ beforeBytes: number; afterBytes: number }> {
    const { sql } = this.ctx.storage;
    const beforeBytes = sql.databaseSize;
    const scheduledTime = await this.ctx.storage.getAlarm();
    if (scheduledTime === null) throw new Error("the session has no alarm");
    await this.alarm({ isRetry: false, retryCount: 0, scheduledTime });
    return { beforeBytes, afterBytes: sql.databaseSize };
  }
}

export class EventLog extends real.EventLog {
  readonly #active: Active;

  constructor(ctx: DurableObjectState, env: Env) {
    const active = new Active("EventLog");
    countState(ctx, active);
    super(ctx, countedEnv(env));
    this.#active = active;
  }

  override append(...args: Parameters<real.EventLog["append"]>) {
    return enter(this.#active, "EventLog.append", () => super.append(...args));
  }
  override read(...args: Parameters<real.EventLog["read"]>) {
    return enter(this.#active, "EventLog.read", () => super.read(...args));
  }
  override stats() {
    return enter(this.#active, "EventLog.stats", () => super.stats());
  }
  override alarm() {
    return enter(this.#active, "EventLog.alarm", () => super.alarm());
  }
}

export class Metrics extends real.Metrics {
  readonly #active: Active;

  constructor(ctx: DurableObjectState, env: Env) {
    const active = new Active("Metrics");
    countState(ctx, active);
    super(ctx, countedEnv(env));
    this.#active = active;
  }

  override add(...args: Parameters<real.Metrics["add"]>) {
    return enter(this.#active, "Metrics.add", () => super.add(...args));
  }
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === TALLY_PATH) return Response.json({ tally: takeTally(), activeMs: takeActiveMs() });
    if (pathname.startsWith(HOLD_PATH)) {
      holdR2(Number(pathname.slice(HOLD_PATH.length)));
      return Response.json({ held: true });
    }
    if (pathname.startsWith(ALARM_PATH)) {
      const session = env.CALL_SESSION.getByName(
        pathname.slice(ALARM_PATH.length),
      ) as unknown as DurableObjectStub<CallSession>;
      return Response.json(await session.alarmNow());
    }
    const place = `${request.method} ${pathname.replace(/[0-9a-f-]{36}/, "{id}")}`;
    return at(place, null, async () => {
      count("Worker request");
      return real.default.fetch(request as Parameters<typeof real.default.fetch>[0], countedEnv(env), ctx);
    });
  },
} satisfies ExportedHandler<Env>;

/**
 * The Worker as it is, with a counter at everything that is billed. The routes and objects are the real ones: only what the
 * platform hands them is wrapped.
 */
import * as real from "../../workers/index.ts";
import { takeActiveMs } from "./active.ts";
import { counting } from "./objects.ts";
import { countGlobals, countedBatch, countedEnv, holdR2 } from "./platform.ts";
import { at, count, takeTally } from "./tally.ts";

export { CallPlanner, JobRunner, WebhookDesk } from "../../workers/index.ts";

countGlobals();

/** Not a route of the Worker: gives and resets what has been counted. */
const TALLY_PATH = "/bench/tally";
const ALARM_PATH = "/bench/alarm/";
const HOLD_PATH = "/bench/hold/";
/** What the cron does: it never fires by itself here. */
const CRON_PATH = "/bench/cron";

const CountedSession = counting("CallSession", real.CallSession);

export class CallSession extends CountedSession {
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

export const AuditTrail = counting("AuditTrail", real.AuditTrail);
export const EventLog = counting("EventLog", real.EventLog);
export const Job = counting("Job", real.Job);
export const Limiter = counting("Limiter", real.Limiter);
export const LiveFeed = counting("LiveFeed", real.LiveFeed);
export const Metrics = counting("Metrics", real.Metrics);
export const Repeats = counting("Repeats", real.Repeats);
export const TollLedger = counting("TollLedger", real.TollLedger);
export const WebhookEndpoint = counting("WebhookEndpoint", real.WebhookEndpoint);

function invocation<T>(place: string, work: () => Promise<T>): Promise<T> {
  return at(place, null, () => {
    count("Worker invocation");
    return work();
  });
}

async function ownAnswer(pathname: string, env: Env): Promise<Response | null> {
  if (pathname === TALLY_PATH) return Response.json({ tally: takeTally(), activeMs: takeActiveMs() });
  if (pathname.startsWith(HOLD_PATH)) {
    holdR2(Number(pathname.slice(HOLD_PATH.length)));
    return Response.json({ held: true });
  }
  if (pathname.startsWith(ALARM_PATH)) {
    const session = env.CALL_SESSION.getByName(pathname.slice(ALARM_PATH.length)) as unknown as DurableObjectStub<CallSession>;
    return Response.json(await session.alarmNow());
  }
  if (pathname !== CRON_PATH) return null;
  await invocation("cron", () => real.default.scheduled({} as ScheduledController, countedEnv(env)));
  return Response.json({ fired: true });
}

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const own = pathname.startsWith("/bench/") ? await ownAnswer(pathname, env) : null;
    if (own !== null) return own;
    const place = `${request.method} ${pathname.replace(/[0-9a-f-]{36}/, "{id}")}`;
    return at(place, null, async () => {
      count("Worker request");
      return real.default.fetch(request as Parameters<typeof real.default.fetch>[0], countedEnv(env), ctx);
    });
  },
  queue: (batch, env) =>
    invocation(`queue ${batch.queue.replace(/^.*-(?=projection)/, "")}`, () =>
      real.default.queue(countedBatch(batch), countedEnv(env)),
    ),
} satisfies ExportedHandler<Env>;

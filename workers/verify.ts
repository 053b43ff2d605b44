/** What this lane holds of a period, for whoever compares it: its event store, its sessions' objects, the rows of Postgres. */
import type { DataKeys } from "../adapters/identity/data-keys.ts";
import { inTime } from "../adapters/platform/deadline.ts";
import type { Database } from "../adapters/postgres/client.ts";
import { exportEvents, exportSessions } from "../adapters/postgres/sessions/export.ts";
import type { ScanPart } from "../adapters/r2/segment-scan.ts";
import type { Environment } from "../contracts/environment.ts";
import type { EventsLine, ObjectAnswer, Period, RowsLine } from "../contracts/operator.ts";
import { isOfSession } from "../domain/events/call-marks.ts";
import { parseStored } from "../domain/events/stored.ts";
import { type SessionSummary, summaryOf } from "../domain/sessions/summary.ts";
import { type SessionId, type TenantId, parseTenantId } from "../domain/shared/ids.ts";
import type { CallSession } from "../durable-objects/call-session/call-session.ts";
import type { TimelineAnswer } from "../durable-objects/call-session/messages.ts";
import { inJurisdiction } from "../durable-objects/namespaces.ts";

/** Objects that are asked at the same time. */
const VIEWS_AT_ONCE = 10;
/** An object that has to be loaded first may take some hundred milliseconds. */
const VIEW_DEADLINE_MS = 5_000;
const LIST_DEADLINE_MS = 10_000;
const TENANTS_PREFIX = "config/tenants/";

const line = (value: EventsLine | RowsLine): string => JSON.stringify(value);

/** Whether a stored line is a session's; those that came in by the API are in no session and in no table. What cannot be parsed may be one. */
function isOfSessionLine(stored: string): boolean {
  try {
    return isOfSession(parseStored(stored));
  } catch {
    return true;
  }
}

/** The stored lines of sessions as they are, in the order of the store; `end` says that all has been read. */
export async function* storedEvents(parts: AsyncIterable<ScanPart>): AsyncGenerator<string> {
  let segments = 0;
  for await (const { key, complete, lines } of parts) {
    segments += 1;
    if (!complete) yield line({ unreadable: key });
    const own = lines.filter(isOfSessionLine);
    if (own.length > 0) yield own.map((stored) => `{"event":${stored}}`).join("\n");
  }
  yield line({ end: { segments } });
}

/** A tenant's rows: sessions opened in the period, events recorded in it. @param keys what personal values are opened with. */
export async function* projectedRows(
  database: Database,
  keys: DataKeys,
  tenant: TenantId,
  period: Period,
): AsyncGenerator<string> {
  for await (const page of exportSessions(database, tenant, period))
    if (page.length > 0) yield page.map((session) => line({ session })).join("\n");
  for await (const page of exportEvents(database, keys, tenant, period))
    if (page.length > 0) yield page.map((event) => line({ event })).join("\n");
  yield line({ end: {} });
}

/** A session that is not there: deleted, or never there. */
async function goneOf(sessions: DurableObjectNamespace<CallSession>, id: SessionId): Promise<ObjectAnswer> {
  try {
    const asked = sessions.getByName(id).summary();
    const summary = (await inTime(asked as Promise<unknown>, VIEW_DEADLINE_MS)) as SessionSummary | null;
    if (summary?.deleted !== true) return { id, tag: "absent" };
    return { id, tag: "deleted", tenant: summary.tenant, sequence: summary.sequence };
  } catch {
    return { id, tag: "unavailable" };
  }
}

async function viewOf(env: Env, { JURISDICTION }: Environment, id: SessionId): Promise<ObjectAnswer> {
  const sessions = inJurisdiction(env.CALL_SESSION, JURISDICTION);
  let answer: TimelineAnswer | null;
  try {
    const asked = sessions.getByName(id).timeline();
    answer = (await inTime(asked as Promise<unknown>, VIEW_DEADLINE_MS)) as TimelineAnswer | null;
  } catch {
    return { id, tag: "unavailable" };
  }
  if (answer === null) return goneOf(sessions, id);
  const { view, events } = answer;
  const summary = summaryOf(view);
  if (summary !== null) {
    const held = events.map(({ sequence }) => Number(sequence));
    return { id, tag: "present", summary, holdsFrom: held.length === 0 ? null : Math.min(...held) };
  }
  const { tenant, state, createdMs, newsMs, sequence } = view;
  return { id, tag: "archived", tenant, phase: state.phase, createdMs, newsMs, sequence };
}

/** Never rejects: what cannot be asked is said to be unavailable. */
export async function viewsOf(env: Env, environment: Environment, ids: readonly SessionId[]): Promise<ObjectAnswer[]> {
  const answers: ObjectAnswer[] = [];
  for (let at = 0; at < ids.length; at += VIEWS_AT_ONCE) {
    const some = ids.slice(at, at + VIEWS_AT_ONCE);
    answers.push(...(await Promise.all(some.map((id) => viewOf(env, environment, id)))));
  }
  return answers;
}

/** Tenants that have a configuration in force: rows of others would not be looked for. @throws DeadlineMissed, or what the bucket throws. */
export async function tenantsOf(bucket: R2Bucket): Promise<TenantId[]> {
  const tenants: TenantId[] = [];
  let cursor: string | undefined;
  do {
    const options = { prefix: TENANTS_PREFIX, delimiter: "/", ...(cursor === undefined ? {} : { cursor }) };
    const page: R2Objects = await inTime(bucket.list(options), LIST_DEADLINE_MS);
    for (const folder of page.delimitedPrefixes) {
      const tenant = parseTenantId(folder.slice(TENANTS_PREFIX.length, -1));
      if (tenant.ok) tenants.push(tenant.value);
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return tenants;
}

/** An event as the store holds it, whoever sent it: a CloudEvent with the extensions that the store relies on. */
import type { EventId, TenantId } from "../shared/ids.ts";

/** Extensions with which CloudEvents allows nothing but strings, numbers and booleans (CloudEvents 1.0 §3.1). */
export type StoredEvent = {
  readonly specversion: "1.0";
  readonly id: EventId;
  readonly source: string;
  readonly type: string;
  /** The call: a session id, or the sender's own id of it. */
  readonly subject?: string;
  /** When it happened, RFC 3339. */
  readonly time: string;
  /** When it was first stored durably, RFC 3339 UTC. */
  readonly recordedtime: string;
  /** Whose it is. Events of sessions say it in `source` alone. */
  readonly tenant?: TenantId;
  readonly caller?: string;
  readonly callee?: string;
  readonly direction?: string;
  readonly status?: string;
  /** The id that its sender gave it. */
  readonly originid?: string;
  /** The erasure that took its personal data. */
  readonly erased?: string;
  readonly sequence?: string;
  readonly traceparent?: string;
  readonly datacontenttype?: string;
  readonly data?: unknown;
  readonly [extension: string]: unknown;
};

/** What is indexed of an event. Absent texts are empty, times in Unix milliseconds. */
export type EventFacts = {
  readonly id: EventId;
  readonly tenant: string;
  readonly subject: string;
  readonly type: string;
  readonly source: string;
  readonly caller: string;
  readonly callee: string;
  readonly direction: string;
  readonly status: string;
  readonly atMs: number;
};

/** A line that the store wrote. @throws SyntaxError when it is damaged. */
export function parseStored(line: string): StoredEvent {
  return JSON.parse(line) as StoredEvent;
}

const SOURCE_OF_CALLS = /^\/tenants\/([^/]+)\//;

export function tenantOf(event: Pick<StoredEvent, "tenant" | "source">): string {
  return event.tenant ?? SOURCE_OF_CALLS.exec(event.source)?.[1] ?? "";
}

const text = (value: string | undefined): string => value ?? "";

export function factsOf(event: StoredEvent): EventFacts {
  return {
    id: event.id,
    tenant: tenantOf(event),
    subject: text(event.subject),
    type: event.type,
    source: event.source,
    caller: text(event.caller),
    callee: text(event.callee),
    direction: text(event.direction),
    status: text(event.status),
    atMs: Date.parse(event.time),
  };
}

/** An event with its place in every sorted run: by tenant, then by id. */
export type StoredLine = { readonly facts: EventFacts; readonly line: string };

/** Where an event stands in a run. Compared as text. */
export type RunKey = string & { readonly __brand: "RunKey" };

/** A space sorts before every character of a slug, so that no tenant lies among another's events. */
export function runKey(tenant: string, id: string): RunKey {
  return `${tenant} ${id}` as RunKey;
}

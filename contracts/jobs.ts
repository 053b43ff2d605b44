/** Work that is answered later: `Prefer: respond-async` (RFC 7240 §4.1) and `/v1/jobs/{id}`. */
import type { JobView } from "../domain/jobs/job.ts";

/** Preferences are separated by commas, with parameters behind semicolons. */
const RESPOND_ASYNC = /(?:^|,)\s*respond-async\s*(?:;|,|$)/i;

/** Whether the client would rather not wait. @param header `Prefer`; undefined: it has none. */
export function prefersAsync(header: string | undefined): boolean {
  return header !== undefined && RESPOND_ASYNC.test(header);
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

/** `result` is the answer that would have been given at once: null while there is none. */
export function jobJson({ id, kind, state, acceptedMs, finishedMs, result }: JobView): Record<string, unknown> {
  return { id, kind, state, acceptedAt: iso(acceptedMs), finishedAt: iso(finishedMs), result };
}

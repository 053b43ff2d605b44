/** An isolate's side of what is summed up: a flood becomes a request every few seconds. */
import { type AuditNote, type AuditSum, kindOf, together, toldApart } from "../../domain/audit/sums.ts";
import type { TenantId } from "../../domain/shared/ids.ts";

/** What comes again within this time is gathered for so long before it is sent. */
export const GATHER_MS = 5_000;
/** Kinds that an isolate remembers having sent. Beyond them, everything is gathered until some are old enough to be forgotten. */
const MAX_REMEMBERED = 1_000;

export type NotesDeps = {
  readonly nowMs: () => number;
  readonly defer: (work: Promise<unknown>) => void;
  readonly sleep: (ms: number) => Promise<void>;
  readonly send: (tenant: TenantId, sums: readonly AuditSum[]) => Promise<unknown>;
};

/**
 * Takes notes: the first of a kind is sent at once, those that follow within `GATHER_MS` go together. What is gathered is lost with the
 * isolate: the first of its kind, and the entry of it, is not.
 */
export function createNotes({ nowMs, defer, sleep, send }: NotesDeps): (note: AuditNote) => void {
  const sentMs = new Map<string, number>();
  let gathered = new Map<string, AuditSum>();

  function hasRoom(now: number): boolean {
    if (sentMs.size < MAX_REMEMBERED) return true;
    for (const [kind, ms] of sentMs) if (now - ms >= GATHER_MS) sentMs.delete(kind);
    return sentMs.size < MAX_REMEMBERED;
  }

  async function sendGathered(): Promise<void> {
    await sleep(GATHER_MS);
    const sums = gathered;
    gathered = new Map();
    for (const kind of sums.keys()) if (sentMs.has(kind)) sentMs.set(kind, nowMs());
    const byTenant = Map.groupBy(sums.values(), ({ act }) => act.tenant);
    await Promise.all([...byTenant].map(([tenant, some]) => send(tenant, some)));
  }

  return (note) => {
    const now = nowMs();
    const kind = kindOf(note);
    const sum: AuditSum = { ...note, count: 1, firstMs: now, lastMs: now };
    const isFirst = now - (sentMs.get(kind) ?? Number.NEGATIVE_INFINITY) >= GATHER_MS && !gathered.has(kind);
    if (isFirst && (sentMs.has(kind) || hasRoom(now))) {
      sentMs.set(kind, now);
      defer(send(note.act.tenant, [sum]));
      return;
    }
    const begins = gathered.size === 0;
    const told = toldApart(sum, (known) => gathered.has(known), gathered.size);
    const present = gathered.get(kindOf(told));
    gathered.set(kindOf(told), present === undefined ? told : together(present, told));
    if (begins) defer(sendGathered());
  };
}

/** What may come in floods is summed up: the first of a kind has an entry at once, the others of the same minute one together. */
import type { AuditAct, AuditResult } from "./entry.ts";

/** Something that may come often. `alike`: what else has to be the same for two of them to be of a kind, as the reason or the resource. */
export type AuditNote = { readonly act: AuditAct; readonly result: AuditResult; readonly alike: string };

/** How often it came, and between when. The act is that of the first. Times in Unix milliseconds. */
export type AuditSum = AuditNote & { readonly count: number; readonly firstMs: number; readonly lastMs: number };

/** Kinds that are told apart at a time; the others are summed up together, whoever they are. */
export const MAX_KINDS = 500;
/** Over which the like is summed up. */
export const SUM_WINDOW_MS = 60_000;

/** The actor of what is summed up without being told apart. */
export const OTHERS = "others";

export function kindOf({ act, result, alike }: AuditNote): string {
  return JSON.stringify([act.tenant, act.actor, act.via, act.action, result.outcome, result.status, alike]);
}

/** The same, of nobody in particular. */
function ofOthers(sum: AuditSum): AuditSum {
  return {
    ...sum,
    act: { ...sum.act, actor: OTHERS, via: OTHERS, resource: OTHERS, sourceIp: null, detail: {} },
    alike: OTHERS,
  };
}

/** As it is where its kind is known or there is room for another one, else as one of the others. */
export function toldApart(sum: AuditSum, isKnown: (kind: string) => boolean, kinds: number, room = MAX_KINDS): AuditSum {
  return kinds < room || isKnown(kindOf(sum)) ? sum : ofOthers(sum);
}

export function together(one: AuditSum, other: AuditSum): AuditSum {
  return {
    ...one,
    count: one.count + other.count,
    firstMs: Math.min(one.firstMs, other.firstMs),
    lastMs: Math.max(one.lastMs, other.lastMs),
  };
}

/** A minute in which one kind came; `held` is what has no entry yet. */
export type SumWindow = { readonly endsMs: number; readonly held: AuditSum | null };

/**
 * Takes a sum into its kind's window.
 * @returns the window from now on, and what is to have an entry now.
 */
export function takeSum(
  window: SumWindow | undefined,
  added: AuditSum,
  nowMs: number,
): { readonly window: SumWindow; readonly entries: readonly AuditSum[] } {
  if (window !== undefined && nowMs < window.endsMs)
    return { window: { ...window, held: window.held === null ? added : together(window.held, added) }, entries: [] };
  const left = window?.held ?? null;
  return { window: { endsMs: nowMs + SUM_WINDOW_MS, held: null }, entries: left === null ? [added] : [left, added] };
}

/** What the entry of a sum says beside what each of them says. One that came once says nothing of it. */
export function sumDetail({ count, firstMs, lastMs }: AuditSum): Readonly<Record<string, unknown>> {
  if (count === 1) return {};
  return { count, first: new Date(firstMs).toISOString(), last: new Date(lastMs).toISOString() };
}

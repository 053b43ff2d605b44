/** What is asked of an audit trail. */
import type { AuditOutcome } from "./entry.ts";

/** A text as it is, or what begins with it. */
export type TextMatch = { readonly text: string; readonly prefix: boolean };

export type AuditFilter = {
  readonly actor?: string;
  readonly action?: TextMatch;
  readonly resource?: TextMatch;
  readonly outcome?: AuditOutcome;
  /** Inclusive, Unix milliseconds. */
  readonly fromMs?: number;
  /** Exclusive, Unix milliseconds. */
  readonly toMs?: number;
};

/** Some entries of one chain, newest first. @param before only entries with a smaller sequence; null: from the newest. */
export type AuditPageRequest = { readonly filter: AuditFilter; readonly before: number | null; readonly limit: number };

/** Puts entries into their order: one after the other, each bound to the one before by its hash, several to a commit where several wait. */
import { type AuditAct, type AuditEntry, type AuditResult, entryText, placed } from "../../domain/audit/entry.ts";
import type { Lane } from "../../domain/shared/ids.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { Head, TokenedEntry, TrailRows } from "./rows.ts";

/** Entries of one commit. */
const MAX_COMMIT = 100;

/** What is to become an entry. An entry with the same token is written once. */
export type Draft = {
  readonly token: string | null;
  readonly act: AuditAct;
  readonly result: AuditResult;
  /** What is written in the same commit. */
  readonly along?: () => void;
};

type Waiting = { readonly draft: Draft; readonly done: () => void; readonly failed: (error: unknown) => void };

const encoder = new TextEncoder();

async function hashOf(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text))));
}

export class Chain {
  readonly #rows: TrailRows;
  readonly #lane: Lane;
  readonly #nowMs: () => number;
  readonly #onEntry: (entry: AuditEntry) => void;
  readonly #waiting: Waiting[] = [];
  #isWorking = false;

  constructor(rows: TrailRows, lane: Lane, nowMs: () => number, onEntry: (entry: AuditEntry) => void) {
    this.#rows = rows;
    this.#lane = lane;
    this.#nowMs = nowMs;
    this.#onEntry = onEntry;
  }

  /** Waits until the entry is written; the platform holds back the answer until it is on disk. Rejects when it could not be. */
  append(draft: Draft): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ draft, done, failed });
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, MAX_COMMIT);
      try {
        await this.#commit(some.map(({ draft }) => draft));
        for (const { done } of some) done();
      } catch (error) {
        for (const { failed } of some) failed(error);
      }
    }
    this.#isWorking = false;
  }

  /** Nobody else writes the head's end: it is the same after the hashes have been reckoned as it was before. */
  async #commit(drafts: readonly Draft[]): Promise<void> {
    let head = this.#rows.head();
    const entries: TokenedEntry[] = [];
    const tokens = new Set<string>();
    for (const { token, act, result } of drafts) {
      if (token !== null && (tokens.has(token) || this.#rows.hasToken(token))) continue;
      if (token !== null) tokens.add(token);
      const entry = await this.#next(head, act, result);
      entries.push({ token, entry });
      head = { ...head, tenant: act.tenant, sequence: entry.sequence, hash: entry.hash, atMs: entry.atMs };
    }
    this.#rows.transaction(() => {
      for (const entry of entries) this.#rows.add(entry);
      for (const { along } of drafts) along?.();
      // Postgres may have taken some meanwhile.
      this.#rows.putHead({ ...head, handed: this.#rows.head().handed });
    });
    for (const { entry } of entries) this.#onEntry(entry);
  }

  async #next(head: Head, act: AuditAct, result: AuditResult): Promise<AuditEntry> {
    const atMs = Math.max(this.#nowMs(), head.atMs);
    const place = { lane: this.#lane, sequence: head.sequence + 1, atMs, previousHash: head.hash };
    const entry = placed(act, result, place);
    return { ...entry, hash: await hashOf(entryText(entry)) };
  }
}

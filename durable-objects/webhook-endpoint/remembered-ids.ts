/** Ids by which events that are handed over again are known: in memory, and on disk in batches as they came. */
import type { EventId } from "../../domain/shared/ids.ts";

/** More than a generation of the log has of one tenant's. */
const MAX_REMEMBERED = 20_000;

export class RememberedIds {
  readonly #sql: SqlStorage;
  /** In the order in which they came. */
  readonly #ids = new Set<string>();
  /** On disk, the oldest first: number of the row, and how many ids came with it that were not known before. */
  readonly #batches: { readonly batch: number; readonly size: number }[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    this.load();
  }

  /** What is on disk, and nothing else. */
  load(): void {
    this.#ids.clear();
    this.#batches.length = 0;
    const rows = this.#sql.exec<{ batch: number; ids: string }>("SELECT batch, ids FROM remembered ORDER BY batch");
    for (const { batch, ids } of rows) this.#keep(batch, JSON.parse(ids) as string[]);
  }

  has(id: EventId): boolean {
    return this.#ids.has(id);
  }

  add(ids: readonly EventId[]): void {
    const fresh = ids.filter((id) => !this.#ids.has(id));
    if (fresh.length === 0) return;
    const batch = (this.#batches.at(-1)?.batch ?? 0) + 1;
    this.#sql.exec("INSERT INTO remembered (batch, ids) VALUES (?, ?)", batch, JSON.stringify(fresh));
    this.#keep(batch, fresh);
    this.#forget();
  }

  #keep(batch: number, ids: readonly string[]): void {
    const before = this.#ids.size;
    for (const id of ids) this.#ids.add(id);
    this.#batches.push({ batch, size: this.#ids.size - before });
  }

  #forget(): void {
    let last = 0;
    while (this.#batches.length > 1 && this.#ids.size - this.#batches[0]!.size >= MAX_REMEMBERED) {
      const { batch, size } = this.#batches.shift()!;
      last = batch;
      let left = size;
      for (const id of this.#ids) {
        if (left === 0) break;
        this.#ids.delete(id);
        left -= 1;
      }
    }
    if (last > 0) this.#sql.exec("DELETE FROM remembered WHERE batch <= ?", last);
  }
}

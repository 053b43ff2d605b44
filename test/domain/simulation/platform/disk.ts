/** What of a Durable Object survives it: its rows and its alarm. Everything that one action writes is on disk with it. */
import { Tables, type Value } from "./tables.ts";

export type Alarm = { readonly atMs: number; running: boolean };

export type DiskHost = {
  /** Something was written. */
  readonly written: () => void;
  readonly alarmSet: (alarm: Alarm) => void;
};

export class Disk {
  readonly #host: DiskHost;
  readonly #rows = new Map<string, unknown>();
  readonly #tables = new Tables();
  alarm: Alarm | null = null;

  constructor(host: DiskHost) {
    this.#host = host;
  }

  row(key: string): unknown {
    return this.#rows.get(key);
  }

  /** What a query of its tables gives. */
  rowsOf(query: string): readonly Readonly<Record<string, Value>>[] {
    return this.#tables.exec(query).toArray();
  }

  /** `DurableObjectStorage`, as far as objects use it. */
  get storage() {
    const written = <T>(result: T): T => {
      this.#host.written();
      return result;
    };
    return {
      kv: {
        get: (key: string): unknown => this.#rows.get(key),
        put: (key: string, value: unknown): void => void written(this.#rows.set(key, value)),
        delete: (key: string): boolean => written(this.#rows.delete(key)),
      },
      sql: { exec: (text: string, ...values: Value[]) => written(this.#tables.exec(text, ...values)) },
      transactionSync: <T>(work: () => T): T => written(this.#tables.transaction(work)),
      getAlarm: async (): Promise<number | null> => (this.alarm === null || this.alarm.running ? null : this.alarm.atMs),
      setAlarm: async (atMs: number): Promise<void> => {
        this.alarm = { atMs, running: false };
        this.#host.alarmSet(written(this.alarm));
      },
      deleteAlarm: async (): Promise<void> => {
        this.alarm = null;
      },
      deleteAll: async (): Promise<void> => written(this.#rows.clear()),
    };
  }
}

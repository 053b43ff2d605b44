/**
 * How long objects are awake: wall time in which something keeps an object from hibernating, which is a request that runs, work
 * behind an answer, or a timer (https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/).
 */
export class Active {
  static readonly totalsMs: Record<string, number> = {};
  readonly #className: string;
  #reasons = 0;
  #sinceMs = 0;

  constructor(className: string) {
    this.#className = className;
  }

  begin(): void {
    if (this.#reasons === 0) this.#sinceMs = Date.now();
    this.#reasons += 1;
  }

  end(): void {
    this.#reasons -= 1;
    if (this.#reasons > 0) return;
    const { totalsMs } = Active;
    totalsMs[this.#className] = (totalsMs[this.#className] ?? 0) + Date.now() - this.#sinceMs;
  }

  during<T>(work: Promise<T>): Promise<T> {
    this.begin();
    return work.finally(() => this.end());
  }
}

/** Wall time by class since the last time, in milliseconds. */
export function takeActiveMs(): Record<string, number> {
  const taken = { ...Active.totalsMs };
  for (const name of Object.keys(taken)) delete Active.totalsMs[name];
  return taken;
}

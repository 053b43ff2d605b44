/** Everything that can hang has a deadline. */
export type Deadline<T> = { readonly done: true; readonly value: T } | { readonly done: false };

/** Waits for `work` at most `ms`. The work goes on behind a missed deadline; keep it alive with `waitUntil` where it matters. */
export async function within<T>(work: Promise<T>, ms: number): Promise<Deadline<T>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<Deadline<T>>((resolve) => {
    timer = setTimeout(() => resolve({ done: false }), ms);
  });
  try {
    return await Promise.race([work.then((value): Deadline<T> => ({ done: true, value })), late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}

export class DeadlineMissed extends Error {
  override readonly name = "DeadlineMissed";
}

/** As `within`, for work whose lateness is a failure like any other of its. */
export async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const outcome = await within(work, ms);
  if (outcome.done) return outcome.value;
  throw new DeadlineMissed();
}

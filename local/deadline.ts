/** Waiting that ends. */
import { setTimeout as sleep } from "node:timers/promises";

/** Rejects with `what` in the message when the promise has not settled in time. The work itself is not cancelled. */
export async function within<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${deadlineMs / 1000} s`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Polls until the condition holds. @returns whether it did before the deadline. */
export async function until(holds: () => boolean | Promise<boolean>, deadlineMs: number, intervalMs = 25): Promise<boolean> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    if (await holds()) return true;
    if (Date.now() >= end) return false;
    await sleep(intervalMs);
  }
}

/** What has to be ended and removed when the run ends, however it ends. */

type Step = () => Promise<void> | void;

const steps: { readonly orderly: Step; readonly atOnce: () => void }[] = [];

/**
 * Registers something to undo; the last one registered is undone first.
 * @param atOnce the same without waiting, for a run that is broken off.
 * @returns undoes it now.
 */
export function onEnd(orderly: Step, atOnce: () => void): () => Promise<void> {
  const step = { orderly, atOnce };
  steps.push(step);
  return async () => {
    const index = steps.indexOf(step);
    if (index === -1) return;
    steps.splice(index, 1);
    await orderly();
  };
}

export async function cleanUp(): Promise<void> {
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) await step.orderly();
}

/** Ends the run when it is interrupted or takes too long; the exit code tells which. */
export function guardRun(deadlineMs: number): void {
  process.once("exit", () => {
    for (const { atOnce } of steps.reverse()) atOnce();
  });
  for (const [name, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.once(name, () => process.exit(code));
  const watchdog = setTimeout(() => {
    process.stderr.write(`The run took longer than ${deadlineMs / 60_000} minutes and was ended.\n`);
    process.exit(124);
  }, deadlineMs);
  watchdog.unref();
}

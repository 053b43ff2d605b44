/** `bench -- live`: how fast a session tells its sockets, and what sockets cost on which nothing happens. */
import { describeMachine } from "../machine.ts";
import type { Options } from "../options.ts";
import type { Outcome } from "../outcome.ts";
import { rotated } from "../rotated.ts";
import type { Workspace } from "../workspace.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureIdle } from "./idle.ts";
import { type Rounds, liveReport } from "./report.ts";
import { IDLE_VARIANTS, type LiveVariant, fanOutVariants } from "./variants.ts";

/** Most of its time is waiting until objects have left memory. */
const IDLE_ROUNDS = 1;
const SOCKETS = 1_000;
const IDLE_SOCKETS = 3_000;
/** Of the idle ones, woken by an event each. */
const SAMPLE = 300;

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

async function inRounds<T>(
  title: string,
  variants: readonly LiveVariant[],
  rounds: number,
  measure: (variant: LiveVariant) => Promise<T>,
  summary: (figures: T) => string,
): Promise<Rounds<T>[]> {
  const measured = variants.map(({ name, what }) => ({ name, what, rounds: [] as T[] }));
  for (let round = 0; round < rounds; round++) {
    for (const variant of rotated(variants, round)) {
      const figures = await measure(variant);
      measured.find(({ name }) => name === variant.name)!.rounds.push(figures);
      progress(`${title} ${round + 1}/${rounds}  ${variant.name.padEnd(14)} ${summary(figures)}`);
    }
  }
  return measured;
}

export async function benchLive(workspace: Workspace, options: Options): Promise<Outcome> {
  const machine = describeMachine(workspace.storage);
  const wants = (part: string): boolean => options.only.length === 0 || options.only.includes(part);
  const sockets = options.sockets ?? SOCKETS;
  const idleSockets = options.idleSockets ?? IDLE_SOCKETS;
  const sample = Math.min(SAMPLE, idleSockets);
  const fanOut = wants("fan-out")
    ? await inRounds(
        "fan-out",
        fanOutVariants(options.diagnose),
        options.rounds,
        (variant) => measureFanOut(workspace, variant, sockets),
        ({ saturated }) => `${saturated.perSecond.toFixed(0)} deliveries/s  ${(saturated.cpuMs * 1_000).toFixed(1)} µs CPU`,
      )
    : [];
  const idle = wants("idle")
    ? await inRounds(
        "idle",
        IDLE_VARIANTS,
        IDLE_ROUNDS,
        (variant) => measureIdle(workspace, variant, idleSockets, sample),
        ({ idleBytes, wake }) => `${(idleBytes / 1_024).toFixed(1)} KB/socket  p99 ${wake.p99Ms.toFixed(1)} ms`,
      )
    : [];
  if (fanOut.length + idle.length === 0) throw new Error("--only knows fan-out, idle");
  return liveReport({ machine, sockets, idleSockets, sample, fanOut, idle });
}

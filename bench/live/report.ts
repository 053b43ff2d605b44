/** The figures of `bench -- live` in words, and the targets that they are held against. Pure. */
import { type Machine, machineLine } from "../machine.ts";
import type { Outcome } from "../outcome.ts";
import { type Window, median, medianRatio, medianWindow } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import type { FanOut } from "./fan-out.ts";
import type { Idle } from "./idle.ts";

/** How near the system comes to the bare object: 1 is as good, more is better. */
const MIN_OF_FLOOR = 0.7;
const BYTES_PER_KB = 1_024;
const US_PER_MS = 1_000;

export const SYSTEM = "system";
export const FLOOR = "floor";

/** One variant's rounds. */
export type Rounds<T> = { readonly name: string; readonly what: string; readonly rounds: readonly T[] };

export type LiveFigures = {
  readonly machine: Machine;
  readonly sockets: number;
  readonly idleSockets: number;
  readonly sample: number;
  readonly fanOut: readonly Rounds<FanOut>[];
  readonly idle: readonly Rounds<Idle>[];
};

/** A figure of which more is better, or less. */
type Measure<T> = { readonly of: (figures: T) => number; readonly better: "more" | "less" };

const middle = <T>(rounds: readonly T[], of: (figures: T) => number): number => median(rounds.map(of));

/** The median of each round's ratio to the floor, so that more is better whatever is measured; NaN without a floor. */
export function ofFloor<T>(all: readonly Rounds<T>[], name: string, { of, better }: Measure<T>): number {
  const values = (which: string): number[] => all.find((each) => each.name === which)?.rounds.map(of) ?? [];
  return better === "more" ? medianRatio(values(name), values(FLOOR)) : medianRatio(values(FLOOR), values(name));
}

const DELIVERIES: Measure<FanOut> = { of: ({ saturated }) => saturated.perSecond, better: "more" };
const DELIVERY_CPU: Measure<FanOut> = { of: ({ saturated }) => saturated.cpuMs, better: "less" };
const DELIVERY_P99: Measure<FanOut> = { of: ({ paced }) => paced.p99Ms, better: "less" };
const IDLE_BYTES: Measure<Idle> = { of: ({ idleBytes }) => idleBytes, better: "less" };
const WAKE_P99: Measure<Idle> = { of: ({ wake }) => wake.p99Ms, better: "less" };

function fanOutText({ fanOut, sockets }: LiveFigures): string {
  const header = [
    "one session",
    "events/s",
    "deliveries/s",
    "of floor",
    "CPU µs",
    "of floor",
    "paced p50 ms",
    "p99 ms",
    "of floor",
    "saturated p99 ms",
    "server cores",
    "client cores",
    "bytes",
  ];
  const rows = fanOut.map(({ name, rounds }) => {
    const saturated: Window = medianWindow(rounds.map((round) => round.saturated));
    const paced: Window = medianWindow(rounds.map((round) => round.paced));
    return [
      name,
      fixed(saturated.perSecond / sockets, 1),
      fixed(saturated.perSecond, 0),
      fixed(ofFloor(fanOut, name, DELIVERIES), 2),
      fixed(saturated.cpuMs * US_PER_MS, 1),
      fixed(ofFloor(fanOut, name, DELIVERY_CPU), 2),
      fixed(paced.p50Ms, 1),
      fixed(paced.p99Ms, 1),
      fixed(ofFloor(fanOut, name, DELIVERY_P99), 2),
      fixed(saturated.p99Ms, 0),
      fixed(
        middle(rounds, ({ serverCores }) => serverCores),
        2,
      ),
      fixed(
        middle(rounds, ({ clientCores }) => clientCores),
        2,
      ),
      fixed(
        middle(rounds, ({ bytesPerFrame }) => bytesPerFrame),
        0,
      ),
    ];
  });
  return `${table(header, rows)}\n\nEvery event to each of ${sockets} sockets. Paced: below saturation, from the write being sent to a client having it. CPU: of the server, per delivery.`;
}

const orDash = (value: number | null): string => (value === null ? "–" : String(value));

function idleText({ idle, idleSockets, sample }: LiveFigures): string {
  const header = [
    `${idleSockets} sessions`,
    "KB/socket opened",
    "KB/socket idle",
    "of floor",
    "wake p50 ms",
    "p99 ms",
    "of floor",
    "woken",
    "pongs",
    "woken by ping",
    "ping CPU µs",
  ];
  const rows = idle.map(({ name, rounds }) => {
    const wake = medianWindow(rounds.map((round) => round.wake));
    const last = rounds.at(-1)!;
    return [
      name,
      fixed(middle(rounds, ({ openedBytes }) => openedBytes) / BYTES_PER_KB, 1),
      fixed(middle(rounds, ({ idleBytes }) => idleBytes) / BYTES_PER_KB, 1),
      fixed(ofFloor(idle, name, IDLE_BYTES), 2),
      fixed(wake.p50Ms, 1),
      fixed(wake.p99Ms, 1),
      fixed(ofFloor(idle, name, WAKE_P99), 2),
      orDash(last.woken),
      String(last.pongs),
      orDash(last.wokenByPing),
      fixed(middle(rounds, ({ pingCpuMs }) => pingCpuMs) * US_PER_MS, 0),
    ];
  });
  return `${table(header, rows)}\n\nOne socket each. Memory: what the server's process has more than before they were opened. Then ${sample} of them are woken by a write each; from its being sent to the client having the event.`;
}

function missedTargets({ fanOut, idle, idleSockets, sample }: LiveFigures): string[] {
  const missed: string[] = [];
  const hold = (what: string, ratio: number): void => {
    if (!(ratio >= MIN_OF_FLOOR)) missed.push(`${what}: ${fixed(ratio, 2)} of the floor, not ${MIN_OF_FLOOR}`);
  };
  if (fanOut.length > 0) hold("deliveries per second", ofFloor(fanOut, SYSTEM, DELIVERIES));
  if (idle.length > 0) {
    hold("memory of an idle socket", ofFloor(idle, SYSTEM, IDLE_BYTES));
    hold("p99 delivery of an object that is woken", ofFloor(idle, SYSTEM, WAKE_P99));
  }
  for (const { name, rounds } of fanOut) {
    const wrong = rounds.reduce((sum, round) => sum + round.wrong, 0);
    if (wrong > 0) missed.push(`${name}: ${wrong} deliveries are missing or too many`);
  }
  for (const { name, rounds } of idle) {
    for (const round of rounds) {
      if (round.wrong > 0) missed.push(`${name}: ${round.wrong} deliveries of woken objects are missing or too many`);
      if (round.pongs !== idleSockets) missed.push(`${name}: ${idleSockets - round.pongs} pings were not answered`);
      if ((round.wokenByPing ?? 0) > 0) missed.push(`${name}: pings brought ${round.wokenByPing} objects into memory`);
      if (round.woken !== null && round.woken < sample)
        missed.push(`${name}: only ${round.woken} of ${sample} objects had left memory`);
    }
  }
  return missed;
}

export function liveReport(figures: LiveFigures): Outcome {
  const parts = [machineLine(figures.machine)];
  if (figures.fanOut.length > 0) parts.push(fanOutText(figures));
  if (figures.idle.length > 0) parts.push(idleText(figures));
  const legend = new Map([...figures.fanOut, ...figures.idle].map(({ name, what }) => [name, what]));
  parts.push([...legend].map(([name, what]) => `  ${name}: ${what}`).join("\n"));
  const [fanOutRounds, idleRounds] = [figures.fanOut[0]?.rounds.length ?? 0, figures.idle[0]?.rounds.length ?? 0];
  parts.push(
    `Medians of ${fanOutRounds} and ${idleRounds} rounds, variants interleaved, a fresh process each; of floor: median of each round's ratio, more is better (target ${MIN_OF_FLOOR}).`,
  );
  const missed = missedTargets(figures);
  return { text: `${parts.join("\n\n")}\n`, data: { ...figures, missed }, missed };
}

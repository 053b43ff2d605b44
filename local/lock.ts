/** One system per state folder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { end, isAlive, startOf } from "./processes.ts";

const processSchema = z.object({ pid: z.int(), start: z.string() });
type KnownProcess = z.infer<typeof processSchema>;
/** The supervisor, and what it started: after a SIGKILL of all but those, they are in the way. */
const lockSchema = z.object({ supervisor: processSchema, started: z.array(processSchema) });
type Held = z.infer<typeof lockSchema>;

const END_DEADLINE_MS = 10_000;

const lockFile = (stateDir: string): string => join(stateDir, "lock");
const known = (pid: number): KnownProcess => ({ pid, start: startOf(pid) });
/** The id alone could belong to another process by now. */
const stillRuns = ({ pid, start }: KnownProcess): boolean => isAlive(pid) && startOf(pid) === start;

function read(stateDir: string): Held | undefined {
  try {
    return lockSchema.parse(JSON.parse(readFileSync(lockFile(stateDir), "utf8")));
  } catch {
    return undefined;
  }
}

/** The process id of the system that uses the folder now. */
export function holderOf(stateDir: string): number | undefined {
  const held = read(stateDir);
  return held !== undefined && stillRuns(held.supervisor) ? held.supervisor.pid : undefined;
}

export type Lock = {
  /** Remembers the processes that run now, to be ended by a successor if this one is killed. */
  note(pids: readonly number[]): void;
  release(): void;
};

/** @throws when a system runs with this folder. Takes over from one that was killed, and ends what that left behind. */
export async function acquireLock(stateDir: string): Promise<Lock> {
  mkdirSync(stateDir, { recursive: true });
  const holder = holderOf(stateDir);
  if (holder !== undefined)
    throw new Error(`A system with the state folder ${stateDir} is running already (process ${holder})`);
  const left = (read(stateDir)?.started ?? []).filter(stillRuns);
  // Only when they are gone are their ports free.
  await Promise.all(left.map(({ pid }) => end(pid, [["SIGKILL", END_DEADLINE_MS]])));
  rmSync(lockFile(stateDir), { force: true });
  const supervisor = known(process.pid);
  const text = (pids: readonly number[]) => JSON.stringify({ supervisor, started: pids.map(known) } satisfies Held);
  // "wx": of two that start at the same moment one fails here.
  writeFileSync(lockFile(stateDir), text([]), { flag: "wx" });
  let released = false;
  return {
    // What ends late may still report after the release, when the folder may be somebody else's or gone.
    note: (pids) => {
      if (!released) writeFileSync(lockFile(stateDir), text(pids));
    },
    release: () => {
      released = true;
      rmSync(lockFile(stateDir), { force: true });
    },
  };
}

/** Plays the life of one world: calls under faults, then calm, then the check of everything that was promised. */
import { START_MS } from "../call/fixtures.ts";
import { type PlayedCall, beginCall, reportLate } from "./calls.ts";
import { watchHandingOver } from "./handed-over.ts";
import { checkOutcome, checkTables } from "./outcome.ts";
import { Records } from "./records.ts";
import { Dice } from "./scheduler.ts";
import { watchSessions } from "./watch.ts";
import { Violation, World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Calls begin in this time. */
const OPENING_MS = 40_000;
/** Faults stop here. */
const FAULTY_MS = 4 * MINUTE_MS;
/** While calls live, the tables are looked at so often. */
const LIVELY_MS = 6 * MINUTE_MS;
const LOOK_MS = 5_000;
/** By now every session has ended, and everything is projected: the longest silence is six hours. */
const SETTLED_MS = 9 * HOUR_MS;
/** By now every session has given up its storage. */
const ARCHIVED_MS = 8 * 24 * HOUR_MS;
const MAX_ACTIONS = 60_000;
const MAX_CALLS = 4;
/** Tells the dice of records from those of the world. */
const RECORDS = 0x5eed_0001;
const STACK_LINES = 20;
/** Shorter than the time for which a session tries to take its legs back. */
const MAX_OUTAGE_MS = 20_000;
const MAX_JUMP_MS = 3 * MINUTE_MS;
/** A session that is ahead by more loses the time in which it takes its legs back: its alarms come late by as much. */
const MAX_AHEAD_MS = 15_000;

export type Played = {
  readonly seed: number;
  readonly digest: string;
  readonly actions: number;
  /** What did not hold; null: everything did. */
  readonly violated: string | null;
  readonly trace: readonly string[];
};

function planFaults(world: World): void {
  const { dice, scheduler, postgres } = world;
  const during = (): number => dice.below(FAULTY_MS);
  if (dice.chance(0.5)) {
    const fromMs = during();
    scheduler.after(fromMs, "Postgres goes away", () => (postgres.isUp = false));
    scheduler.after(fromMs + dice.below(2 * MINUTE_MS), "Postgres is back", () => (postgres.isUp = true));
  }
  for (const party of [world.carrier, world.bucket]) {
    if (!dice.chance(0.2)) continue;
    const fromMs = during();
    scheduler.after(fromMs, `${party.constructor.name} goes away`, () => (party.isUp = false));
    scheduler.after(fromMs + dice.below(MAX_OUTAGE_MS), `${party.constructor.name} is back`, () => (party.isUp = true));
  }
  for (let jump = dice.below(6); jump > 0; jump--)
    scheduler.after(during(), "a clock jumps", () => {
      if (!world.network.faulty) return;
      const sessions = [...world.sessions.values()];
      const party = dice.pick([...sessions, ...world.shards.values(), world.queue, world.carrier]);
      const aheadMs = sessions.some((session) => session === party) ? MAX_AHEAD_MS : MAX_JUMP_MS;
      party.clock.offsetMs = dice.between(-MAX_JUMP_MS, aheadMs);
    });
  for (let crash = dice.below(6); crash > 0; crash--)
    scheduler.after(during(), "a shard dies", () => {
      const hosts = [...world.shards.values()];
      if (hosts.length > 0) dice.pick(hosts).crash();
    });
}

/** Runs what needs the scheduler while it runs. */
async function finish(world: World, work: Promise<void>): Promise<void> {
  let failure: unknown = null;
  work.catch((error: unknown) => (failure = error));
  await world.scheduler.run(world.scheduler.nowMs + MINUTE_MS, MAX_ACTIONS);
  if (failure !== null) throw failure;
  await work;
}

async function live(world: World, seed: number): Promise<void> {
  const { dice, scheduler } = world;
  watchSessions(world);
  const calls = new Map<string, PlayedCall>();
  const prefix = `s${seed.toString(36)}`;
  for (let count = 1 + dice.below(MAX_CALLS); count > 0; count--) {
    const name = `call ${count}`;
    scheduler.after(dice.below(OPENING_MS), `${name} is dialled`, () => void calls.set(name, beginCall(world, name, prefix)));
  }
  for (let atMs = LOOK_MS; atMs < LIVELY_MS; atMs += LOOK_MS)
    scheduler.after(atMs, "somebody looks at the tables", () => {
      try {
        checkTables(world, calls);
      } catch (error) {
        world.found(error);
      }
    });
  planFaults(world);
  await scheduler.run(START_MS + FAULTY_MS, MAX_ACTIONS);
  world.note("calm");
  world.calm();
  watchHandingOver(world);
  await scheduler.run(START_MS + SETTLED_MS, MAX_ACTIONS);
  await finish(world, checkOutcome(world, calls));
  await scheduler.run(START_MS + ARCHIVED_MS, MAX_ACTIONS);
  world.network.faulty = true;
  for (const [name, call] of calls) reportLate(world, name, call);
  await scheduler.run(scheduler.nowMs + MINUTE_MS, MAX_ACTIONS);
  world.calm();
  await scheduler.run(scheduler.nowMs + HOUR_MS, MAX_ACTIONS);
  await finish(world, checkOutcome(world, calls));
  // Behind everything else, with dice of its own: the histories up to here stay as they are.
  const records = new Records(world, new Dice(seed ^ RECORDS), prefix, calls);
  world.network.faulty = true;
  records.begin();
  await scheduler.run(scheduler.nowMs + FAULTY_MS, MAX_ACTIONS);
  world.calm();
  await scheduler.run(scheduler.nowMs + HOUR_MS, MAX_ACTIONS);
  await finish(world, records.check());
}

/** @param keepTrace the whole history, not only its end. */
export async function play(seed: number, keepTrace = false): Promise<Played> {
  // What is thrown in a world is expected there; only who follows one seed wants to know where it was thrown.
  Error.stackTraceLimit = keepTrace ? STACK_LINES : 0;
  const world = new World(seed);
  let violated: string | null = null;
  try {
    await live(world, seed);
  } catch (error) {
    violated = error instanceof Violation ? error.message : String((error as Error).stack ?? error);
  }
  const { trace, scheduler } = world;
  world.close();
  const { digest } = trace;
  return {
    seed,
    digest,
    actions: scheduler.done,
    violated,
    trace: violated === null && !keepTrace ? [] : trace.lines(START_MS, keepTrace),
  };
}

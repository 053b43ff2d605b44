/** A store in which everything works, until somebody has been at one of its objects: that is told, and all else is answered as before. */
import { DAY_MS, HOUR_MS } from "../../../../domain/events/keys.ts";
import type { Played } from "../../simulation/play.ts";
import type { Dice } from "../../simulation/scheduler.ts";
import { Model } from "./model.ts";
import { TENANTS } from "./questions.ts";
import { Readers } from "./readers.ts";
import { type Isolate, StoreWorld, Violation } from "./world.ts";
import { Writers } from "./writers.ts";

const START_MS = Date.parse("2026-12-30T20:10:00Z");
const MINUTE_MS = 60_000;
const PATIENCE_MS = 30 * MINUTE_MS;

/** What lies in R2, by where. */
const KINDS: Readonly<Record<string, RegExp>> = {
  "a merged segment": /^events\/.*\/tenants\/.*\.jsonl\.gz$/,
  "a shard's segment": /^events\/\d{4}\/\d\d\/\d\d\/\d\d\/.*\.jsonl\.gz$/,
  "an index": /\.idx$/,
  "a catalogue": /\.cat$/,
  "a calendar": /^metadata\/indexes\/tenants\/[^/]+\/\d{4}\.json$/,
  "a manifest": /^metadata\/indexes\/shards\/.*\/\d+\.json$/,
};

type Tamper = (bytes: Uint8Array, dice: Dice) => Uint8Array | null;

const HARMS: Readonly<Record<string, Tamper>> = {
  "has a bit that is wrong": (bytes, dice) => {
    const harmed = bytes.slice();
    harmed[dice.below(harmed.length)]! ^= 1 << dice.below(8);
    return harmed;
  },
  "is cut off": (bytes, dice) => bytes.slice(0, dice.below(bytes.length)),
  "is empty": () => new Uint8Array(0),
  "is gone": () => null,
  "is something else": (bytes, dice) => {
    const harmed = bytes.slice();
    dice.scatter(harmed);
    return harmed;
  },
};

/** What nobody can see who reads: where no object is, nothing was written, as far as its readers know. Making the index anew brings it back. */
const isUnseen = (kind: string, harm: string): boolean =>
  harm === "is gone" && (kind === "a catalogue" || kind === "a calendar");

class DamagedStore {
  readonly world: StoreWorld;
  readonly model = new Model();
  readonly writers: Writers;
  readonly readers: Readers;
  readonly isolate: Isolate;

  constructor(seed: number) {
    this.world = new StoreWorld(seed, START_MS);
    this.world.calm();
    this.writers = new Writers(this.world, this.model);
    this.readers = new Readers(this.world, this.model, this.writers);
    this.isolate = this.world.isolate();
  }

  async #wait(what: string, work: () => Promise<unknown>): Promise<void> {
    const answer = await this.world.until(this.isolate.life, work, PATIENCE_MS);
    if (answer === null) throw new Violation(`no answer to ${what}`);
    if ("error" in answer) throw answer.error;
  }

  /** Some hours of it merged, some days, and the rest in the shards. */
  async fill(): Promise<void> {
    const { world, writers } = this;
    for (const pauseMs of [HOUR_MS, 6 * HOUR_MS, DAY_MS, HOUR_MS, 2 * HOUR_MS, 0]) {
      for (let count = 5; count > 0; count--) {
        writers.post(this.isolate);
        const session = writers.beginSession();
        writers.happen(session);
        void writers.offer(session, true);
        await world.pass(2_000);
      }
      await world.pass(2 * MINUTE_MS + pauseMs);
      if (pauseMs > 0) await this.#wait("merging", this.isolate.merge);
    }
    await this.#wait("everything", () => this.readers.everything(this.isolate, { mayLack: false, exactCounts: true }));
  }

  /** @returns what did not hold. */
  async harm(kind: string, harm: string): Promise<string | null> {
    const { world, readers } = this;
    const { bucket, dice } = world;
    const keys = bucket.keys("").filter((key) => KINDS[kind]!.test(key));
    if (keys.length === 0) return `there is no object that is ${kind}`;
    const key = dice.pick(keys);
    const bytes = bucket.peek(key)!;
    const owner = TENANTS.find((tenant) => key.includes(`/tenants/${tenant}/`)) ?? null;
    bucket.tamper(key, HARMS[harm]!(bytes, dice));
    const reported = world.damaged.length;
    readers.partial = 0;
    try {
      for (const tenant of TENANTS) {
        const how = { mayLack: owner === null || tenant === owner, exactCounts: false };
        const ask = how.mayLack ? readers.everythingOf : readers.all;
        await this.#wait(`everything of ${tenant}`, () => ask.call(readers, this.isolate, tenant, how));
      }
      if (readers.partial > 0 && world.damaged.length === reported) throw new Violation("damage was not counted");
    } catch (error) {
      return `${key} ${harm}: ${error instanceof Violation ? error.message : String((error as Error).stack ?? error)}`;
    } finally {
      bucket.tamper(key, bytes);
    }
    return null;
  }
}

export async function playDamage(seed: number): Promise<Played> {
  const store = new DamagedStore(seed);
  const { world } = store;
  const violated: string[] = [];
  try {
    await store.fill();
    for (const kind of Object.keys(KINDS))
      for (const harm of Object.keys(HARMS)) {
        if (isUnseen(kind, harm)) continue;
        const wrong = await store.harm(kind, harm);
        if (wrong !== null) violated.push(wrong);
      }
  } catch (error) {
    violated.push(String((error as Error).stack ?? error));
  }
  world.close();
  const { trace, scheduler } = world;
  const found = violated.length === 0 ? null : violated.join("\n");
  return { seed, digest: trace.digest, actions: scheduler.done, violated: found, trace: [] };
}

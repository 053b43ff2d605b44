/** A bucket, a cache of the place and a keeper that break as a test says, and isolates over them. Time passes when the test lets it. */
import { vi } from "vitest";
import type { Clock } from "../../../../adapters/platform/clock.ts";
import { createSnapshotCache } from "../../../../adapters/r2/snapshot-cache.ts";
import type { ReadOutcome, SnapshotLevel } from "../../../../adapters/r2/snapshot-level.ts";
import { EMERGENCY_PATIENCE, type KeptCopies, type KeptCopy, createLevels } from "../../../../adapters/r2/snapshot-levels.ts";
import {
  type Digested,
  type SnapshotBucket,
  accessKey,
  coreKey,
  readPointer,
  readWithDigest,
} from "../../../../adapters/r2/snapshot-objects.ts";
import type { PlaceCache } from "../../../../adapters/r2/snapshot-place.ts";
import type { GoodVersion } from "../../../../adapters/r2/snapshot-tenant.ts";
import { publishAccess, publishConfiguration } from "../../../../adapters/r2/snapshot-store.ts";
import { parseConfigurationFile } from "../../../../contracts/configuration/file.ts";
import type { ConfigurationItem } from "../../../../domain/configuration/model.ts";
import type { Access } from "../../../../domain/routing/snapshot.ts";
import type { TenantId } from "../../../../domain/shared/ids.ts";

export const TENANT = "clinic" as TenantId;
export const NO_ACCESS: Access = { apiKeys: [], trunkSecrets: [], users: [] };

export type Fault = "fails" | "hangs" | { readonly afterMs: number } | null;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Something that a test can take away. */
class Faulty {
  fault: Fault = null;
  asked = 0;

  protected async pass(): Promise<void> {
    this.asked += 1;
    if (this.fault === "fails") throw new Error("away");
    if (this.fault === "hangs") await new Promise(() => {});
    else if (this.fault !== null) await later(this.fault.afterMs);
  }
}

type Stored = {
  bytes: Uint8Array;
  readonly etag: string;
  readonly writtenMs: number;
  readonly metadata: Record<string, string>;
};
type Put = { onlyIf?: { etagMatches?: string; etagDoesNotMatch?: string }; customMetadata?: Record<string, string> };

export class FakeBucket extends Faulty {
  readonly objects = new Map<string, Stored>();
  #writes = 0;

  /** As publishers see it: always there. */
  get whole(): SnapshotBucket {
    return { get: (key: string) => this.#read(key), put: this.#put.bind(this) } as unknown as SnapshotBucket;
  }

  /** As isolates see it. */
  get seen(): SnapshotBucket {
    const get = async (key: string) => {
      await this.pass();
      return this.#read(key);
    };
    return { get, put: this.#put.bind(this) } as unknown as SnapshotBucket;
  }

  damage(part: RegExp): void {
    for (const [key, stored] of this.objects) if (part.test(key)) stored.bytes = stored.bytes.slice(1);
  }

  async #read(key: string) {
    const stored = this.objects.get(key);
    if (stored === undefined) return null;
    const { bytes, etag, writtenMs, metadata } = stored;
    return {
      etag,
      uploaded: new Date(writtenMs),
      customMetadata: metadata,
      body: new Response(bytes as Uint8Array<ArrayBuffer>).body,
      arrayBuffer: async () => bytes.slice().buffer,
      json: async () => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
    };
  }

  async #put(key: string, value: string | Uint8Array, { onlyIf = {}, customMetadata = {} }: Put = {}) {
    const stored = this.objects.get(key);
    if (onlyIf.etagMatches !== undefined && stored?.etag !== onlyIf.etagMatches) return null;
    if (onlyIf.etagDoesNotMatch !== undefined && stored !== undefined) return null;
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
    const etag = String(++this.#writes);
    this.objects.set(key, { bytes, etag, writtenMs: Date.now(), metadata: customMetadata });
    return { etag };
  }
}

export class FakePlace extends Faulty implements PlaceCache {
  readonly objects = new Map<string, Digested>();

  async get(key: string): Promise<Digested | null> {
    await this.pass();
    return this.objects.get(key) ?? null;
  }

  async put(key: string, object: Digested): Promise<void> {
    if (this.fault === null) this.objects.set(key, object);
  }

  async delete(key: string): Promise<void> {
    this.objects.delete(key);
  }
}

/** Keeps what it is told of by reading the bucket itself, as the object does. */
export class FakeKeeper extends Faulty implements KeptCopies {
  kept: KeptCopy | null = null;
  told = 0;
  readonly #bucket: SnapshotBucket;

  constructor(bucket: SnapshotBucket) {
    super();
    this.#bucket = bucket;
  }

  async restore(): Promise<KeptCopy | null> {
    await this.pass();
    return this.kept;
  }

  async object(_tenant: TenantId, key: string): Promise<Digested | null> {
    await this.pass();
    return this.kept?.objects.find((object) => object.key === key) ?? null;
  }

  async keep(tenant: TenantId, good: GoodVersion): Promise<boolean> {
    await this.pass();
    this.told += 1;
    if ((this.kept?.writtenMs ?? -1) >= good.writtenMs) return true;
    const { pointer, writtenMs } = await readPointer(this.#bucket, tenant);
    if (pointer === null) return false;
    const keys = [
      [accessKey(tenant, pointer.access), "access"],
      ...(pointer.version === null ? [] : [[coreKey(tenant, pointer.version), "core"] as const]),
    ] as const;
    const objects = await Promise.all(
      keys.map(async ([key, part]) => ({ key, ...(await readWithDigest(this.#bucket, key, part)) })),
    );
    this.kept = { pointer, writtenMs, objects };
    return true;
  }
}

function itemsOf(gateway: string): readonly ConfigurationItem[] {
  const items = parseConfigurationFile({
    settings: { defaultTrunk: "main" },
    trunks: [{ id: "main", dialProfile: { country: "US", areaCode: "555" } }],
    destinations: [
      { id: "gateway", target: { type: "sip", uri: `sip:{number}@${gateway}` } },
      { id: "psap", target: { type: "sip", uri: "sip:{number}@psap.example" } },
    ],
    routingRules: [{ id: "world", when: { callee: { prefix: ["+"] } }, action: { type: "route", destinations: ["gateway"] } }],
    emergencyRoutes: [{ id: "all", destinations: ["psap"] }],
  });
  if (!items.ok) throw new Error(JSON.stringify(items.error));
  return items.value;
}

/** What is begun behind an answer is given so long. */
const BEHIND_MS = 300;
const PORTS = { nowMs: () => Date.now(), pause: async () => {} };

export class World {
  readonly bucket = new FakeBucket();
  readonly place = new FakePlace();
  readonly keeper = new FakeKeeper(this.bucket.whole);

  /** @returns the version that is in force then. Time passes, so that no two are of the same moment. */
  async publish(gateway: string, access = NO_ACCESS): Promise<string> {
    vi.advanceTimersByTime(5);
    const parts = async function* () {
      yield itemsOf(gateway);
    };
    const outcome = await publishConfiguration({ own: this.bucket.whole, gate: null }, PORTS, {
      tenant: TENANT,
      items: parts(),
      access: async () => access,
      dryRun: false,
      record: async () => {},
    });
    if (outcome.tag !== "published" || outcome.version === null) throw new Error(JSON.stringify(outcome));
    return outcome.version;
  }

  async setAccess(access: Access): Promise<void> {
    vi.advanceTimersByTime(5);
    await publishAccess({ own: this.bucket.whole, gate: null }, PORTS, TENANT, async () => access);
  }

  /** On the emergency lane, unless told otherwise. */
  isolate({ patience = EMERGENCY_PATIENCE, firstDeadlineMs = 700, hasCache = true } = {}) {
    const clock: Clock = { nowMs: () => Date.now() };
    const reads: string[] = [];
    const changes: string[] = [];
    const deferred: (() => Promise<unknown>)[] = [];
    const onRead = (level: SnapshotLevel, outcome: ReadOutcome) => void reads.push(`${level} ${outcome}`);
    const source = createLevels({
      bucket: this.bucket.seen,
      cache: hasCache ? this.place : null,
      keeper: this.keeper,
      clock,
      patience,
      defer: (work) => void deferred.push(() => work),
      onRead,
      onChange: (level, lostMs) => void changes.push(`${level} ${lostMs === null ? "lost" : "back"}`),
    });
    const cache = createSnapshotCache({
      source,
      clock,
      revalidationDeadlineMs: 250,
      firstDeadlineMs,
      keep: (tenant, good) => this.keeper.keep(tenant, good),
      onMemoryAlone: () => onRead("memory", "hit"),
      onFailure: () => {},
    });
    return {
      reads,
      changes,
      /** The version in force, or why there is none. */
      version: async (tenant = TENANT): Promise<string> => {
        const found = await cache.lookup(tenant, (work) => void deferred.push(work));
        return found.tag === "found" ? (found.entry.snapshot?.version ?? "unreadable") : found.tag;
      },
      keys: async (): Promise<number> => {
        const found = await cache.lookup(TENANT, (work) => void deferred.push(work));
        return found.tag === "found" ? found.entry.apiKeys.size : -1;
      },
      /** Begins what was put off until there was an answer; what hangs is left to itself. */
      settle: () => Promise.race([Promise.all(deferred.splice(0).map((work) => work())), later(BEHIND_MS)]),
    };
  }
}

const STEP_MS = 10;
const realTimeout = globalThis.setTimeout;
/** Digests are made by threads: they need a moment that is no part of the test's time. */
const moment = (): Promise<void> => new Promise((resolve) => realTimeout(resolve, 1));

/** Lets time pass until the work is done. @returns its value and how long it took, to 10 ms. */
export async function timed<T>(work: Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startedMs = Date.now();
  let done: { readonly value: T } | { readonly error: unknown } | null = null;
  void work.then(
    (value) => (done = { value }),
    (error: unknown) => (done = { error }),
  );
  const outcome = () => done as { readonly value: T } | { readonly error: unknown } | null;
  for (;;) {
    for (let count = 0; count < 4 && outcome() === null; count++) await moment();
    const now = outcome();
    if (now !== null && "error" in now) throw now.error;
    if (now !== null) return { value: now.value, tookMs: Date.now() - startedMs };
    if (Date.now() - startedMs > 60_000) throw new Error("it does not come to an end");
    vi.advanceTimersByTime(STEP_MS);
  }
}

/** Those who send events: by the API, in every form that it takes, and sessions, which keep theirs until they are acknowledged. */
import { intakeKindOf, parseIntake } from "../../../../contracts/events/ingest.ts";
import { type EventName, toCloudEvent } from "../../../../domain/events/event.ts";
import { shardName, shardOfSession } from "../../../../domain/events/shards.ts";
import {
  type EventIdClock,
  type LogShard,
  type SessionId,
  type TenantId,
  freshSessionId,
  nextEventId,
} from "../../../../domain/shared/ids.ts";
import type { AppendOutcome, OfferedEvent } from "../../../../durable-objects/event-log/event-log.ts";
import { inTime } from "../../../../adapters/platform/deadline.ts";
import { type Life, asLife } from "../../simulation/platform/lives.ts";
import type { Model, ModelEvent, Told } from "./model.ts";
import { CALLS, CODES, DIRECTIONS, NUMBERS, SOURCES, STATUSES, TENANTS, TYPES } from "./questions.ts";
import { type Isolate, type StoreWorld, Violation } from "./world.ts";

const DAY_MS = 86_400_000;
const ID_BYTES = 16;
const OFFER_DEADLINE_MS = 3_000;
const SESSIONS: Life = { name: "sessions", clock: { offsetMs: 0 }, alive: true };

type Body = Readonly<Record<string, unknown>>;
type Written = { readonly body: Body; readonly event: ModelEvent };

/** A request that may be sent again as it is. */
type Request = {
  readonly tenant: TenantId;
  readonly type: string;
  readonly text: string;
  readonly key: string | null;
  readonly events: readonly ModelEvent[];
  /** Under which layout it was sent first: repeats are known as long as it does not change. */
  readonly epoch: number;
};

type Session = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly shard: LogShard;
  clock: EventIdClock;
  readonly events: { readonly offered: OfferedEvent; readonly event: ModelEvent }[];
  durable: number;
  /** One at a time, as a session does it. */
  isOffering: boolean;
};

const NAMES: readonly EventName[] = ["call.received", "call.ringing", "call.answered", "call.ended"];

export class Writers {
  readonly sessions: Session[] = [];
  readonly #world: StoreWorld;
  readonly #model: Model;
  #next = 1;
  readonly #requests: Request[] = [];

  constructor(world: StoreWorld, model: Model) {
    this.#world = world;
    this.#model = model;
  }

  get subjects(): string[] {
    return this.sessions.map(({ id }) => id);
  }

  #random(): Uint8Array {
    const bytes = new Uint8Array(ID_BYTES);
    this.#world.dice.scatter(bytes);
    return bytes;
  }

  #data(n: number): Told["data"] {
    const { dice } = this.#world;
    return {
      n,
      ...(dice.chance(0.6) ? { code: dice.pick(CODES) } : {}),
      ...(dice.chance(0.2) ? { deep: { er: dice.pick(["x", "y"]) } } : {}),
      ...(dice.chance(0.1) ? { note: `called ${dice.pick(NUMBERS)} again` } : {}),
    };
  }

  /** When it happened: just now, some days ago, or whenever it is stored. */
  #time(): string | null {
    const { dice, scheduler } = this.#world;
    if (dice.chance(0.4)) return null;
    return new Date(scheduler.nowMs - dice.below(dice.pick([1_000, 3_600_000, 3 * DAY_MS, 40 * DAY_MS]))).toISOString();
  }

  #write(tenant: TenantId, isCloudEvent: boolean, call: string, source: string, key: string | null, index: number): Written {
    const { dice } = this.#world;
    const n = this.#next++;
    const own = isCloudEvent || dice.chance(0.3) ? `own-${n}` : null;
    const maybe = <T>(value: T): T | undefined => (dice.chance(0.7) ? value : undefined);
    const [caller, callee] = [maybe(dice.pick(NUMBERS)), maybe(dice.pick(NUMBERS))];
    const [direction, status] = [maybe(dice.pick(DIRECTIONS)), maybe(dice.pick(STATUSES))];
    const [type, time, data] = [dice.pick(TYPES), this.#time(), this.#data(n)];
    const said = Object.fromEntries(Object.entries({ direction, status }).filter(([, value]) => value !== undefined));
    const at = time === null ? {} : { time };
    const parties = Object.fromEntries(Object.entries({ caller, callee }).filter(([, value]) => value !== undefined));
    const originid = own ?? (key === null ? null : `${key}/${index}`);
    const rest = originid === null ? {} : { originid };
    const told: Told = { source, type, subject: call, ...parties, ...said, time, data, rest };
    const event = this.#model.add(tenant, told, originid !== null);
    const plain = {
      type,
      callId: call,
      ...(time === null ? {} : { at: time }),
      ...(caller === undefined ? {} : { from: caller }),
      ...(callee === undefined ? {} : { to: callee }),
      ...said,
      ...(own === null ? {} : { id: own }),
      source,
      data,
    };
    const cloud = { specversion: "1.0", id: own, source, type, subject: call, ...at, ...parties, ...said, data };
    return { body: isCloudEvent ? cloud : plain, event };
  }

  #newRequest(): Request {
    const { dice, layout } = this.#world;
    const tenant = dice.pick(TENANTS) as TenantId;
    const count = dice.pick([1, 1, 1, 2, 5, 30]);
    const key = dice.chance(0.2) ? `key-${this.#next}` : null;
    const [oneCall, source] = [dice.chance(0.6) ? dice.pick(CALLS) : null, dice.pick(SOURCES)];
    const kind = dice.pick(["plain", "cloud", "mixed"]);
    const written = Array.from({ length: count }, (_, index) => {
      const isCloud = kind === "mixed" ? dice.chance(0.5) : kind === "cloud";
      return this.#write(
        tenant,
        isCloud,
        oneCall ?? dice.pick(CALLS),
        dice.chance(0.8) ? source : dice.pick(SOURCES),
        key,
        index,
      );
    });
    const events = written.map(({ event }) => event);
    const bodies = written.map(({ body }) => body);
    const { type, text } = this.#form(bodies, kind === "cloud");
    return { tenant, type, text, key, events, epoch: layout.intake };
  }

  #form(bodies: readonly Body[], isCloud: boolean): { readonly type: string; readonly text: string } {
    const { dice } = this.#world;
    if (dice.chance(0.3))
      return { type: "application/x-ndjson", text: bodies.map((body) => `${JSON.stringify(body)}\n`).join("") };
    const [only] = bodies;
    const isOne = bodies.length === 1 && dice.chance(0.7);
    if (isCloud && dice.chance(0.7))
      return isOne
        ? { type: "application/cloudevents+json", text: JSON.stringify(only) }
        : { type: "application/cloudevents-batch+json", text: JSON.stringify(bodies) };
    return { type: "application/json", text: JSON.stringify(isOne ? only : bodies) };
  }

  /** Sends a new request, or one of before once more. Not waited for. */
  post(isolate: Isolate): void {
    const { dice } = this.#world;
    const isAgain = this.#requests.length > 0 && dice.chance(0.25);
    const request = isAgain ? dice.pick(this.#requests) : this.#newRequest();
    const isRepeatable = request.events.every(({ identified }) => identified);
    if (!isAgain && isRepeatable) this.#requests.push(request);
    void asLife(isolate.life, () => this.#send(isolate, request)).catch((error: unknown) => this.#world.found(error));
  }

  async #send({ store }: Isolate, { tenant, type, text, key, events, epoch }: Request): Promise<void> {
    const { scheduler } = this.#world;
    const kind = intakeKindOf(type)!;
    const parsed = parseIntake(new TextEncoder().encode(text), kind, { tenant, nowMs: scheduler.nowMs, key });
    if (!parsed.ok || parsed.value.refused.length > 0)
      throw new Violation(`a good request was refused: ${JSON.stringify(parsed.ok ? parsed.value.refused : parsed.error)}`);
    const { events: drafts, affinity, byKey } = parsed.value;
    for (const event of events) event.isPossible = true;
    const sentMs = scheduler.nowMs;
    const answer = await store({ events: drafts, digest: byKey ? `digest of ${text}` : null }, affinity);
    this.#world.note(`events ${events.map(({ told }) => told.data.n).join(",")}: ${answer.tag}`);
    if (answer.tag === "key_reused") throw new Violation("a request that was repeated was taken for another one");
    if (answer.tag !== "stored") return;
    if (answer.ids.length !== events.length) throw new Violation("there is not an id for each event");
    const isSameLayout = epoch === this.#world.layout.intake;
    for (const [index, event] of events.entries()) {
      const id = answer.ids[index]!;
      this.#mustBeFirst(event, id, sentMs, isSameLayout);
      this.#model.acknowledge(event, id, scheduler.nowMs);
    }
  }

  /** Within a day, and as long as there are as many shards, what comes again gets the id of before. */
  #mustBeFirst({ identified, acknowledged, told }: ModelEvent, id: string, sentMs: number, isSameLayout: boolean): void {
    if (acknowledged.has(id) || acknowledged.size === 0) return;
    if (!identified) throw new Violation(`event ${told.data.n} was sent once, and stored twice`);
    const isYoung = [...acknowledged.values()].some((ms) => ms > sentMs - DAY_MS + 6 * 3_600_000);
    if (isYoung && isSameLayout) throw new Violation(`event ${told.data.n} was known, and stored again as ${id}`);
  }

  beginSession(): Session {
    const { dice, layout, scheduler } = this.#world;
    const id = freshSessionId(scheduler.nowMs, this.#random(), "standard");
    const shard = shardOfSession(id, { epoch: layout.epoch, shards: layout.sessions });
    const tenant = dice.pick(TENANTS) as TenantId;
    const session = { id, tenant, shard, clock: { ms: 0, counter: 0 }, events: [], durable: 0, isOffering: false };
    this.sessions.push(session);
    return session;
  }

  /** Something happens in a session: it takes it down, and offers it some time. */
  happen(session: Session): void {
    const { dice, scheduler } = this.#world;
    for (let count = 1 + dice.below(3); count > 0; count--) {
      const { id, clock } = nextEventId(session.clock, scheduler.nowMs, this.#random(), "standard", session.shard);
      session.clock = clock;
      const sequence = session.events.length + 1;
      const n = this.#next++;
      const parties = dice.chance(0.8) ? { caller: dice.pick(NUMBERS), callee: dice.pick(NUMBERS) } : null;
      const atMs = scheduler.nowMs - dice.below(5_000);
      const data = this.#data(n);
      const made = { id, name: dice.pick(NAMES), sequence, atMs, recordedMs: clock.ms, data };
      const line = toCloudEvent(made, session.tenant, session.id, parties);
      const { source, type, subject, time, sequence: place } = line;
      const told: Told = { source, type, subject, ...parties, time, data, rest: { sequence: place } };
      const event = this.#model.add(session.tenant, told, true);
      this.#model.expectId(event, id);
      session.events.push({ offered: { id, subject: session.id, sequence, line: JSON.stringify(line) }, event });
    }
  }

  /** Offers what is not known to be durable. */
  async offer(session: Session, wait: boolean): Promise<void> {
    if (session.isOffering || session.durable === session.events.length) return;
    session.isOffering = true;
    const name = shardName("sim", session.shard);
    const offered = session.events.slice(session.durable);
    for (const { event } of offered) event.isPossible = true;
    const end = session.events.length;
    try {
      const stub = this.#world.stub(name) as { append: (...values: unknown[]) => Promise<AppendOutcome> };
      const lines = offered.map(({ offered: each }) => each);
      const outcome = await asLife(SESSIONS, () => inTime(stub.append(name, lines, wait), OFFER_DEADLINE_MS));
      this.#world.note(`session ${session.id.slice(-4)} up to ${end}: ${outcome}`);
      if (outcome !== "durable") return;
      for (const { offered: each, event } of offered) this.#model.acknowledge(event, each.id, this.#world.scheduler.nowMs);
      session.durable = end;
    } catch {
      // It is offered again.
    } finally {
      session.isOffering = false;
    }
  }
}

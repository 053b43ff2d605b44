/**
 * The network behind `executor: "self"`: dials legs, which ring, are answered, refuse, or say nothing, and tells the session by callbacks
 * that are lost, repeated and late. What it knows of its legs is the truth that the session is measured by.
 */
import type { Carrier, CarrierError, LegCallback, LegStatus, PlaceLeg } from "../../../../domain/call/carrier.ts";
import { type Result, err, ok } from "../../../../domain/shared/result.ts";
import { within } from "../../../../adapters/platform/deadline.ts";
import type { PartyClock } from "../platform/lives.ts";
import { Broken, type Conditions, type Network } from "../platform/network.ts";

/** As the adapter of a real carrier has it. */
const REQUEST_DEADLINE_MS = 2_000;
const REQUESTS: Conditions = { lost: 0.12, maxDelayMs: 250, slowMs: 4_000 };
const CALLBACKS: Conditions = { lost: 0.2, maxDelayMs: 600, slowMs: 8_000 };
const REFUSES = 0.03;
const REFUSALS = [null, 403, 503] as const;
const TWICE = 0.06;
/** A callback that is lost although it is repeated. */
const NEVER_SENT = 0.12;
const CALLBACK_ATTEMPTS = 8;
const CALLBACK_RETRY_MS = 1_500;
const MAX_RING_MS = 25_000;
const TALK_MS = 90_000;
const LONG_TALK_MS = 40 * 60_000;
/** What session and carrier need to find out that a leg has been answered that was given up, whatever gets lost. */
const MAX_OVERLAP_MS = 75_000;
/** By itself the carrier ends a leg that nobody answers, so long after it should have been cancelled. */
const OWN_TIMEOUT_MS = 15_000;

export type CarrierLeg = {
  readonly id: string;
  readonly session: string;
  readonly uri: string;
  status: Exclude<LegStatus, { tag: "unknown" }>;
  /** The callee was asked, and does not want to. */
  declined: boolean;
};

const OUTCOMES = ["answer", "answer", "answer", "answer", "busy", "no_answer", "decline", "fail", "hang"] as const;
const CANCELLED = { sipCode: 487, q850: null } as const;
const CODE = { busy: 486, decline: 603, fail: 503, no_answer: 480 } as const;

/** Without what every callback has. */
type Said = LegCallback extends infer Each
  ? Each extends unknown
    ? Omit<Each, "leg" | "session" | "id" | "atMs">
    : never
  : never;

export type Listener = {
  /** Brings a callback to its session. */
  readonly tell: (session: string, callback: LegCallback) => Promise<unknown>;
  /** Whether the session has written that it wants the leg, or has written everything off. */
  readonly isOnDisk: (session: string, leg: string) => boolean;
  readonly violated: (what: string) => void;
  readonly trace: (what: string) => void;
};

export class LoopbackCarrier {
  readonly legs = new Map<string, CarrierLeg>();
  /** Whether it answers. Its legs go on without. */
  isUp = true;
  readonly clock: PartyClock = { offsetMs: 0 };
  readonly #network: Network;
  readonly #listener: Listener;
  /** A leg that was refused once stays so. */
  readonly #refused = new Map<string, { readonly sipCode: number | null }>();
  /** Legs that it was told to end before it knew them: a request to place one that comes after that is too late. */
  readonly #endedBefore = new Set<string>();
  #callbacks = 0;

  constructor(network: Network, listener: Listener) {
    this.#network = network;
    this.#listener = listener;
  }

  /** The side that a session asks. */
  readonly port: Carrier = {
    capabilities: ["hang_up", "redirect", "status"],
    place: (leg) => this.#asked(`place ${leg.leg}`, () => this.#place(leg)),
    end: (leg, how) => this.#asked(`end ${leg}`, () => ok(this.#end(leg, how.unlessAnswered))),
    status: (leg) => this.#asked(`status ${leg}`, () => ok(this.#statusOf(leg))),
  };

  legsOf(session: string): CarrierLeg[] {
    return [...this.legs.values()].filter((leg) => leg.session === session);
  }

  /** The caller of a session hangs up; its legs are still there. */
  callerHangsUp(session: string): void {
    const leg = this.legsOf(session).findLast(({ status }) => status.tag !== "ended");
    if (leg !== undefined) this.#say(leg, { type: "caller_hung_up" });
  }

  /** By its own clock. */
  get #nowMs(): number {
    return this.#network.scheduler.nowMs + this.clock.offsetMs;
  }

  async #asked(what: string, serve: () => Result<LegStatus, CarrierError>): Promise<Result<LegStatus, CarrierError>> {
    const { scheduler, dice, faulty } = this.#network;
    // A request that is repeated on the way arrives long after its answer.
    if (faulty && dice.chance(TWICE))
      scheduler.after(this.#network.delayMs(REQUESTS), `${what} again`, () => void (this.isUp && serve()));
    try {
      const asked = await within(
        this.#network.call(what, REQUESTS, async () => {
          if (!this.isUp) throw new Broken("the carrier is away");
          return serve();
        }),
        REQUEST_DEADLINE_MS,
      );
      return asked.done ? asked.value : err({ tag: "unavailable", reason: "no answer in time" });
    } catch {
      return err({ tag: "unavailable", reason: "the connection broke" });
    }
  }

  #statusOf(id: string): LegStatus {
    return this.legs.get(id)?.status ?? { tag: "unknown" };
  }

  #place({ leg: id, session, uri, ringTimeoutMs }: PlaceLeg): Result<LegStatus, CarrierError> {
    const known = this.legs.get(id);
    if (known !== undefined) {
      if (known.uri !== uri) this.#listener.violated(`leg ${id} was placed to ${known.uri} and to ${uri}`);
      return ok(known.status);
    }
    if (this.#endedBefore.has(id)) return ok({ tag: "ended", endedAtMs: this.#nowMs, answeredAtMs: null, ...CANCELLED });
    const { dice, faulty, scheduler } = this.#network;
    const refused = this.#refused.get(id) ?? (faulty && dice.chance(REFUSES) ? { sipCode: dice.pick(REFUSALS) } : null);
    if (refused !== null) {
      this.#refused.set(id, refused);
      return err({ tag: "refused", ...refused, reason: "no" });
    }
    if (!this.#listener.isOnDisk(session, id)) this.#listener.violated(`${id} was dialled before it was on disk`);
    if (this.legsOf(session).some((other) => other.declined && other.uri === uri))
      this.#listener.violated(`${uri} declined and was dialled again as ${id}`);
    const leg: CarrierLeg = { id, session, uri, status: { tag: "dialling" }, declined: false };
    this.legs.set(id, leg);
    const outcome = dice.pick(OUTCOMES);
    this.#listener.trace(`carrier dials ${id}: ${outcome}`);
    scheduler.after(ringTimeoutMs + OWN_TIMEOUT_MS, `${id} rang too long`, () => {
      if (leg.status.tag === "dialling" || leg.status.tag === "ringing") this.#over(leg, 408);
    });
    if (outcome === "hang") return ok(leg.status);
    const ringsMs = dice.below(2_000);
    if (dice.chance(0.8)) scheduler.after(ringsMs, `${id} rings`, () => this.#ring(leg));
    const decidedMs = outcome === "no_answer" ? ringTimeoutMs + dice.between(-2_000, 8_000) : dice.below(MAX_RING_MS);
    scheduler.after(ringsMs + decidedMs, `${id}: ${outcome}`, () => {
      if (leg.status.tag !== "dialling" && leg.status.tag !== "ringing") return;
      if (outcome === "answer") return this.#answer(leg);
      leg.declined = outcome === "decline";
      this.#over(leg, CODE[outcome]);
    });
    return ok(leg.status);
  }

  #ring(leg: CarrierLeg): void {
    if (leg.status.tag !== "dialling") return;
    leg.status = { tag: "ringing" };
    this.#say(leg, { type: "ringing" });
  }

  #answer(leg: CarrierLeg): void {
    const { dice, scheduler } = this.#network;
    leg.status = { tag: "answered", answeredAtMs: this.#nowMs };
    this.#overlaps(leg);
    this.#say(leg, { type: "answered" });
    const talkMs = dice.below(dice.chance(0.2) ? LONG_TALK_MS : TALK_MS);
    // Now and then nobody hangs up: the session has to.
    if (dice.chance(0.6)) scheduler.after(talkMs, `${leg.id}: callee hangs up`, () => this.#over(leg, null));
  }

  /** A second callee has answered: one of the two is being taken back, and is gone before long. */
  #overlaps(leg: CarrierLeg): void {
    const { scheduler } = this.#network;
    const others = this.legsOf(leg.session).filter((other) => other !== leg && other.status.tag === "answered");
    for (const other of others)
      scheduler.after(MAX_OVERLAP_MS, `${leg.id} and ${other.id} are answered`, () => {
        if (leg.status.tag === "answered" && other.status.tag === "answered")
          this.#listener.violated(`${leg.id} and ${other.id} have both been connected for ${MAX_OVERLAP_MS} ms`);
      });
  }

  #end(id: string, unlessAnswered: boolean): LegStatus {
    const leg = this.legs.get(id);
    if (leg === undefined) {
      this.#endedBefore.add(id);
      return { tag: "unknown" };
    }
    if (!(leg.status.tag === "answered" && unlessAnswered)) this.#over(leg, leg.status.tag === "answered" ? null : 487);
    return leg.status;
  }

  #over(leg: CarrierLeg, sipCode: number | null): void {
    const { status } = leg;
    if (status.tag === "ended") return;
    const answeredAtMs = status.tag === "answered" ? status.answeredAtMs : null;
    leg.status = { tag: "ended", endedAtMs: this.#nowMs, answeredAtMs, sipCode, q850: null };
    const codes = { sipCode, q850: null };
    if (answeredAtMs === null) return this.#say(leg, { type: "failed", ...codes });
    this.#say(leg, { type: "ended", ...codes, ...(this.#network.dice.chance(0.5) ? { answeredAtMs } : {}) });
  }

  /** Until it is acknowledged, or the carrier gives up. */
  #say(leg: CarrierLeg, said: Said): void {
    const { dice, faulty, scheduler } = this.#network;
    const callback = {
      leg: leg.id,
      session: leg.session,
      id: `callback ${this.#callbacks++}`,
      atMs: this.#nowMs,
      ...said,
    } as LegCallback;
    if (faulty && dice.chance(NEVER_SENT)) return this.#listener.trace(`carrier keeps to itself: ${leg.id} ${said.type}`);
    const attempt = (left: number): void => {
      let heard = false;
      const tell = (): void =>
        void this.#network
          .call(`${leg.id} ${said.type}`, CALLBACKS, () => this.#listener.tell(leg.session, callback))
          .then(
            () => (heard = true),
            () => {},
          );
      tell();
      if (this.#network.faulty && dice.chance(TWICE)) tell();
      if (left > 0) scheduler.after(CALLBACK_RETRY_MS, `${leg.id} ${said.type} again?`, () => !heard && attempt(left - 1));
    };
    attempt(CALLBACK_ATTEMPTS);
  }
}

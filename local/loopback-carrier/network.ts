/** The legs that the carrier has, and what becomes of them. */
import type { PlaceBody } from "../../adapters/carriers/loopback/wire.ts";
import { type LegBehaviour, type ParsedBehaviour, behaviourOf } from "./behaviour.ts";

/** The carrier gives up by itself so long after the ring timeout that it was told. */
const PATIENCE_MS = 10_000;
/** Of legs that are over so many are remembered, so that a repeated request finds them. */
const MAX_LEGS_KEPT = 20_000;

/** SIP code (RFC 3261 §21) and cause by ITU-T Q.850 for a leg that nobody answered. */
const FAILURES = {
  busy: { sipCode: 486, q850: 17 },
  decline: { sipCode: 603, q850: 21 },
  fail: { sipCode: 503, q850: 34 },
  timeout: { sipCode: 408, q850: 18 },
  cancelled: { sipCode: 487, q850: null },
} as const;
const NORMAL_CLEARING = 16;

export type DialledLeg = {
  readonly leg: string;
  readonly session: string;
  readonly uri: string;
  readonly from: string | null;
  readonly private: boolean;
  readonly placedAt: string;
  /** How often it was asked for; the first time counts. */
  readonly requests: number;
  readonly state: "dialling" | "ringing" | "answered" | "ended";
  readonly answeredAt?: string;
  readonly endedAt?: string;
  readonly sipCode?: number | null;
  readonly q850?: number | null;
};

export type Said = {
  readonly type: "ringing" | "answered" | "failed" | "ended" | "callerHungUp";
  readonly leg: string;
  readonly at: string;
} & Partial<Pick<DialledLeg, "answeredAt" | "sipCode" | "q850">>;

type Held = { view: DialledLeg; readonly behaviour: LegBehaviour; timer: NodeJS.Timeout | null };

const now = (): string => new Date().toISOString();

export class Network {
  readonly #legs = new Map<string, Held>();
  readonly #say: (said: Said) => void;

  /** @param say gets each callback; it decides what becomes of it. */
  constructor(say: (said: Said) => void) {
    this.#say = say;
  }

  /** Dials, unless the leg is known: then it says how that is. A leg that was ended before it was placed is never dialled. */
  place(body: PlaceBody, behaviour: ParsedBehaviour): DialledLeg {
    const known = this.#legs.get(body.leg);
    if (known !== undefined) {
      known.view = { ...known.view, requests: known.view.requests + 1 };
      return known.view;
    }
    const held = this.#keep(body.leg, body, "dialling", behaviourOf(behaviour, body.uri));
    const { outcome, delayMs } = held.behaviour;
    if (outcome !== "hang") this.#after(held, delayMs, () => this.#ring(held, body.ringTimeoutMs));
    return held.view;
  }

  /** Ends the leg, or cancels it unless it has been answered. */
  end(leg: string, unlessAnswered: boolean): DialledLeg {
    const held = this.#legs.get(leg);
    if (held === undefined) {
      const unplaced = { session: leg.replace(/\.\d+$/, ""), uri: "", from: null, private: false };
      const tombstone = this.#keep(leg, unplaced, "ended", behaviourOf({ all: {}, byUser: {}, callbacks: NO_FAULTS }, ""));
      tombstone.view = { ...tombstone.view, requests: 0, endedAt: now(), ...FAILURES.cancelled };
      return tombstone.view;
    }
    if (held.view.state !== "answered" || !unlessAnswered) this.#over(held, FAILURES.cancelled);
    return held.view;
  }

  leg(leg: string): DialledLeg | null {
    return this.#legs.get(leg)?.view ?? null;
  }

  /** Whether the carrier answers requests about this leg at all. */
  isSilent(leg: string): boolean {
    return this.#legs.get(leg)?.behaviour.outcome === "hang";
  }

  /** What it has dialled, in order; what was ended before it was placed is not in it. */
  dialled(session?: string): readonly DialledLeg[] {
    const all = [...this.#legs.values()].map(({ view }) => view).filter(({ requests }) => requests > 0);
    return session === undefined ? all : all.filter((each) => each.session === session);
  }

  /** The caller goes; the legs stay until somebody ends them. False: there is no such call. */
  hangUpCaller(session: string): boolean {
    const last = this.dialled(session).at(-1);
    if (last === undefined) return false;
    this.#say({ type: "callerHungUp", leg: last.leg, at: now() });
    return true;
  }

  stop(): void {
    for (const { timer } of this.#legs.values()) if (timer !== null) clearTimeout(timer);
  }

  #keep(
    leg: string,
    about: Pick<PlaceBody, "session" | "uri" | "from" | "private">,
    state: DialledLeg["state"],
    behaviour: LegBehaviour,
  ): Held {
    const { session, uri, from } = about;
    const view: DialledLeg = { leg, session, uri, from, private: about.private, placedAt: now(), requests: 1, state };
    const held: Held = { view, behaviour, timer: null };
    this.#legs.set(leg, held);
    for (const [id, each] of this.#legs) {
      if (this.#legs.size <= MAX_LEGS_KEPT) break;
      if (each.view.state === "ended") this.#legs.delete(id);
    }
    return held;
  }

  #after(held: Held, delayMs: number, run: () => void): void {
    held.timer = setTimeout(run, delayMs);
  }

  #ring(held: Held, ringTimeoutMs: number): void {
    held.view = { ...held.view, state: "ringing" };
    this.#say({ type: "ringing", leg: held.view.leg, at: now() });
    const { outcome, ringMs } = held.behaviour;
    const patienceMs = ringTimeoutMs + PATIENCE_MS;
    if (outcome === "no_answer" || outcome === "hang" || ringMs > patienceMs)
      return this.#after(held, patienceMs, () => this.#over(held, FAILURES.timeout));
    return this.#after(held, ringMs, () => (outcome === "answer" ? this.#answer(held) : this.#over(held, FAILURES[outcome])));
  }

  #answer(held: Held): void {
    const at = now();
    held.view = { ...held.view, state: "answered", answeredAt: at };
    this.#say({ type: "answered", leg: held.view.leg, at });
    const { talkMs } = held.behaviour;
    held.timer = null;
    if (talkMs !== null) this.#after(held, talkMs, () => this.#over(held, FAILURES.cancelled));
  }

  #over(held: Held, failure: { readonly sipCode: number; readonly q850: number | null }): void {
    if (held.view.state === "ended") return;
    if (held.timer !== null) clearTimeout(held.timer);
    held.timer = null;
    const { answeredAt } = held.view;
    const codes = answeredAt === undefined ? failure : { sipCode: null, q850: NORMAL_CLEARING };
    const at = now();
    held.view = { ...held.view, state: "ended", endedAt: at, ...codes };
    const { leg } = held.view;
    if (!this.isSilent(leg))
      this.#say({
        type: answeredAt === undefined ? "failed" : "ended",
        leg,
        at,
        ...codes,
        ...(answeredAt === undefined ? {} : { answeredAt }),
      });
  }
}

const NO_FAULTS = { lost: 0, duplicated: 0, reordered: 0, seed: 1 } as const;

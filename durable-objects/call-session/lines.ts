/** The lines that a call holds: moved when it goes on to another destination, renewed while it lasts, given back when it ends. */
import type { Environment } from "../../contracts/environment.ts";
import type { Log } from "../../adapters/telemetry/log.ts";
import { WATCH_MS } from "../../domain/call/timers.ts";
import { kindOf, needsAnswer } from "../../domain/capacity/kinds.ts";
import type { CapacityNote } from "../../domain/capacity/lease.ts";
import { presentDestination } from "../../domain/capacity/present.ts";
import { scopesAt } from "../../domain/capacity/scopes.ts";
import { resilienceOf } from "../breakers/isolate.ts";
import { createCapacityWriter } from "../capacity/writer.ts";
import { noteDestinations } from "./destination-health.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";

/** What is not given back expires, and blocks a line until then. The emergency lane does not try again: nothing is to gather there. */
const RELEASE_ATTEMPTS = { standard: 3, emergency: 1 } as const;
const RELEASE_PAUSE_MS = 2_000;
/** A session may look at itself every few seconds: so often a lease need not be renewed. */
const RENEW_EVERY_MS = WATCH_MS / 2;

export type LinesHost = {
  readonly stored: () => Stored | null;
  readonly nowMs: () => number;
  /** Keeps work alive behind the answer. */
  readonly behind: (work: Promise<void>) => void;
  readonly log: Log;
};

export class Lines {
  readonly #env: Env;
  readonly #environment: Environment;
  readonly #host: LinesHost;
  #toldMs: number | null = null;

  constructor(env: Env, environment: Environment, host: LinesHost) {
    this.#env = env;
    this.#environment = environment;
    this.#host = host;
  }

  /** After a commit: what is on disk is acknowledged whatever comes of this. @param before null: there was no session. */
  committed(before: SessionRow | null, row: SessionRow): void {
    try {
      noteDestinations(resilienceOf(this.#env).breakers, before, row);
      this.#follow(before, row);
    } catch (error) {
      const cause = error instanceof Error ? error.name : "unknown";
      this.#host.log("error", "lines and destinations could not follow a session", { sessionId: row.id, cause });
    }
  }

  #follow(before: SessionRow | null, row: SessionRow): void {
    if (row.plan?.action !== "route" || row.plan.capacity === undefined) return;
    const hasEnded = row.endRecordedMs !== null;
    // Whoever announces the call has taken its places, at the first destination; it may have been reported on before.
    const known = before?.call == null ? null : before;
    if (hasEnded && known?.endRecordedMs == null) this.#host.behind(this.#release(row));
    if (hasEnded) return;
    const index = presentDestination(row);
    const isElsewhere = index !== null && index !== (known === null ? 0 : presentDestination(known));
    const isAnswered = needsAnswer(row.plan) && known?.state.answeredAtMs == null && row.state.answeredAtMs !== null;
    if (isElsewhere) this.#say("move", row);
    else if (isAnswered) this.#say("renew", row);
  }

  /** The session looks at itself: a call that lasts keeps its lines. */
  look(nowMs: number): void {
    const row = this.#host.stored();
    if (row === null || isTombstone(row) || row.endRecordedMs !== null) return;
    if (this.#toldMs === null || nowMs - this.#toldMs >= RENEW_EVERY_MS || nowMs < this.#toldMs) this.#say("renew", row);
  }

  #say(tag: "move" | "renew", row: SessionRow): void {
    const { plan, call, state, sequence: order, id: session } = row;
    if (plan?.action !== "route" || plan.capacity === undefined || call === null) return;
    this.#toldMs = this.#host.nowMs();
    const scopes = scopesAt(plan.capacity, presentDestination(row) ?? 0);
    const waits = needsAnswer(plan) && state.answeredAtMs === null;
    this.#host.behind(this.#tell(row, { tag, session, kind: kindOf(call, plan), scopes, waits, order }, 1));
  }

  #release(row: SessionRow): Promise<void> {
    return this.#tell(row, { tag: "release", session: row.id }, RELEASE_ATTEMPTS[this.#environment.LANE]);
  }

  async #tell({ tenant, id }: Pick<SessionRow, "tenant" | "id">, note: CapacityNote, attempts: number): Promise<void> {
    try {
      await createCapacityWriter(this.#env, this.#environment, this.#host.nowMs).tell(tenant, note);
    } catch {
      if (attempts > 1) {
        await new Promise((resolve) => setTimeout(resolve, RELEASE_PAUSE_MS));
        return this.#tell({ tenant, id }, note, attempts - 1);
      }
      this.#host.log("warn", "the object that counts calls was not told of one", { sessionId: id, told: note.tag });
    }
  }
}

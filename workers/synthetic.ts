/**
 * The emergency lane tries itself ([EMG-16]): a call to a test number through the gate's own routes, from its request to the record that is
 * read back. It dials nobody, and nobody is told of it.
 */
import type { Clock } from "../adapters/platform/clock.ts";
import { inTime } from "../adapters/platform/deadline.ts";
import { LANE_TOKEN_HEADER, laneToken } from "../adapters/identity/lane-token.ts";
import type { Log } from "../adapters/telemetry/log.ts";
import type { Meter } from "../adapters/telemetry/meter.ts";
import type { Environment } from "../contracts/environment.ts";
import type { SYNTHETIC_OUTCOMES } from "./alert-series.ts";
import { SYNTHETIC_HEADER, SYNTHETIC_PURPOSE } from "./emergency-lane/caller.ts";
import { syntheticPurpose } from "./middleware/synthetic-principal.ts";

/** North America's number for trying an emergency path; it reaches no answering point (EMG-6). */
const TEST_NUMBER = "933";
/** Nobody's: the caller is the lane itself (RFC 6761 §6.4). */
const CALLER = "sip:synthetic@trunkline.invalid";
/** The host is of no account: the request goes nowhere. */
const ORIGIN = "https://emergency.internal";
/** A step that takes longer has failed. What a caller is promised is measured, and alerted on by its histogram. */
export const STEP_DEADLINE_MS = 5_000;
/** A caller has to have a plan within a second. */
const PLAN_DEADLINE_MS = 1_000;

type Outcome = (typeof SYNTHETIC_OUTCOMES)[number];

export type SyntheticDeps = {
  readonly environment: Environment;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  /** The gate, as who calls sees it. */
  readonly ask: (request: Request) => Promise<Response>;
};

/** @property step where it ended. */
class StepFailed extends Error {
  override readonly name = "StepFailed";
  readonly step: string;
  readonly status: number | null;

  constructor(step: string, status: number | null) {
    super(step);
    this.step = step;
    this.status = status;
  }
}

type Answered = { readonly status: number; readonly body: Record<string, unknown> };

export class SyntheticCall {
  readonly #deps: SyntheticDeps;

  constructor(deps: SyntheticDeps) {
    this.#deps = deps;
  }

  /** Makes one call, counts what came of it and says which step failed. Never rejects. */
  async run(): Promise<Outcome> {
    const { meter, log } = this.#deps;
    const outcome = await this.#outcome().catch((error: unknown): Outcome => {
      const told =
        error instanceof StepFailed ? { step: error.step, status: error.status } : { step: "unexpected", status: null };
      log("error", "the synthetic emergency call failed", told);
      return "failed";
    });
    meter.count("trunkline_synthetic_calls_total", { outcome });
    return outcome;
  }

  async #outcome(): Promise<Outcome> {
    const { environment, clock, meter, log } = this.#deps;
    // Without them there is no tenant on whose behalf it could be made, nor anything to fall back on.
    if (environment.STATIC_EMERGENCY === null) return "skipped";
    const startedMs = clock.nowMs();
    const call = await this.#ask("call", "POST", "/v1/calls", {
      from: CALLER,
      to: TEST_NUMBER,
      channel: "api",
      callId: `synthetic-${startedMs}`,
    });
    const planMs = clock.nowMs() - startedMs;
    meter.observe("trunkline_synthetic_call_duration_seconds", {}, planMs / 1_000);
    const plan = call.body["plan"] as { destinations?: readonly unknown[]; decidedBy?: string } | undefined;
    if ((plan?.destinations?.length ?? 0) === 0) throw new StepFailed("plan", call.status);
    if (planMs > PLAN_DEADLINE_MS) throw new StepFailed("time", call.status);
    const path = `/v1/sessions/${String(call.body["id"])}`;
    // Read at once: a session that was not on disk by its deadline is not there yet.
    await this.#ask("session", "GET", path);
    // Nobody has answered: it counts as no call that was.
    await this.#ask("end", "POST", `${path}/events`, { type: "cancelled", reason: "synthetic" });
    const record = await this.#ask("record", "GET", path);
    if (record.body["lane"] !== "emergency" || record.body["status"] === "ongoing")
      throw new StepFailed("record", record.status);
    if (plan?.decidedBy !== "static_emergency") return "ok";
    log("error", "the synthetic emergency call went the static routes", {});
    return "degraded";
  }

  async #ask(step: string, method: string, path: string, body?: unknown): Promise<Answered> {
    const { environment, clock, ask } = this.#deps;
    const isCall = path === "/v1/calls";
    const purpose = isCall ? SYNTHETIC_PURPOSE : syntheticPurpose(method, path);
    const headers = {
      [LANE_TOKEN_HEADER]: await laneToken(environment.CONFIG_KEY, purpose, clock.nowMs()),
      "Content-Type": "application/json",
      ...(isCall ? { [SYNTHETIC_HEADER]: "1" } : {}),
    };
    const request = new Request(`${ORIGIN}${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = await inTime(ask(request), STEP_DEADLINE_MS).catch(() => {
      throw new StepFailed(step, null);
    });
    if (!answer.ok) throw new StepFailed(step, answer.status);
    return { status: answer.status, body: await answer.json<Record<string, unknown>>() };
  }
}

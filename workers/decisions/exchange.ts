/** One question to a decision service, and what came back of it. */
import { questionHeaders } from "../../adapters/identity/decision-secrets.ts";
import { utf8 } from "../../adapters/identity/bytes.ts";
import { BadAnswer, BadStatus } from "../../adapters/platform/ask.ts";
import type { Clock, Randomness } from "../../adapters/platform/clock.ts";
import type { Guard, GuardFailure } from "../../adapters/platform/guard.ts";
import { readBounded } from "../../adapters/platform/read-bounded.ts";
import { MAX_DECISION_BYTES, type ReadAnswer, parseAnswer } from "../../contracts/decisions.ts";
import type { DecisionService } from "../../domain/configuration/model.ts";
import type { FallbackReason } from "../../domain/routing/plan.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { SessionId, TenantId } from "../../domain/shared/ids.ts";
import { type Result, err } from "../../domain/shared/result.ts";

/** Names the call, for the logs of whoever is asked. Not a part of the question: an answer that is kept is given to other calls. */
export const SESSION_HEADER = "trunkline-session";
/** With the session's id it makes the message's: a session may ask more than once. */
const MESSAGE_ID_BYTES = 6;

export type ExchangePorts = {
  readonly guard: Guard;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** CONFIG_KEY, from which the secrets come. */
  readonly configKey: string;
  /** Asks; redirects are not followed. */
  readonly fetcher: (request: Request) => Promise<Response>;
  /** Whether requests may go there. */
  readonly mayAsk: (url: string) => boolean;
};

export type Asking = {
  readonly tenant: TenantId;
  readonly session: SessionId;
  readonly service: DecisionService;
  /** As `questionText` writes it. */
  readonly text: string;
};

async function put(ports: ExchangePorts, { tenant, session, service, text }: Asking, signal: AbortSignal): Promise<ReadAnswer> {
  const { clock, randomness, configKey, fetcher } = ports;
  const body = utf8(text);
  const about = { tenant, service: service.id, version: service.secretVersion };
  const id = `${session}.${toHex(randomness.bytes(MESSAGE_ID_BYTES))}`;
  const headers = {
    "content-type": "application/json",
    accept: "application/json",
    "user-agent": "Trunkline-Decisions/1",
    [SESSION_HEADER]: session,
    ...(await questionHeaders(configKey, about, id, clock.nowMs(), body)),
  };
  const response = await fetcher(new Request(service.url, { method: "POST", headers, body: text, redirect: "manual", signal }));
  if (response.status !== 200) {
    // Not waited for: a body that hangs may hang in this, too.
    void response.body?.cancel().catch(() => {});
    throw new BadStatus(response.status);
  }
  const bytes = await readBounded(response.body, MAX_DECISION_BYTES);
  const answer = bytes === null ? null : parseAnswer(bytes);
  if (answer === null) throw new BadAnswer();
  return answer;
}

function reasonOf(failure: GuardFailure): FallbackReason {
  if (failure.tag !== "failed") return failure.tag;
  return failure.cause instanceof BadAnswer ? "bad_answer" : "failed";
}

/**
 * Asks, within the service's deadline from the signing to the last byte of the answer. Once: a caller waits, and the fallback is there.
 * Whatever is no answer counts against the service, a refusal too: who gets none from it waits for nothing, whatever the reason.
 */
export async function exchange(ports: ExchangePorts, asking: Asking): Promise<Result<ReadAnswer, FallbackReason>> {
  const { tenant, service } = asking;
  if (!ports.mayAsk(service.url)) return err("failed");
  const { deadlineMs, maxAtOnce } = service;
  const target = { kind: "decision", name: `${tenant}/${service.id}` } as const;
  const asked = await ports.guard(target, { deadlineMs, maxAtOnce }, (signal) => put(ports, asking, signal));
  return asked.ok ? asked : err(reasonOf(asked.error));
}

/**
 * Puts the questions of routing rules to decision services. Answers are kept, where a service allows it, by everything that the question
 * says, the caller included; failures are kept for nobody.
 */
import { utf8 } from "../../adapters/identity/bytes.ts";
import { within } from "../../adapters/platform/deadline.ts";
import { questionText } from "../../contracts/decisions.ts";
import type { Question, Reply } from "../../domain/routing/question.ts";
import type { RoutingCall } from "../../domain/routing/router.ts";
import { toHex } from "../../domain/shared/hex.ts";
import type { SessionId, TenantId } from "../../domain/shared/ids.ts";
import { type Asking, type ExchangePorts, exchange } from "./exchange.ts";
import { KeptAnswers } from "./kept-answers.ts";

/** Questions that several calls may be waiting for; more than an isolate asks at once. Beyond it those that are overdue are forgotten. */
const MAX_UNDER_WAY = 1_000;

/** Whose call it is, and by which version of the configuration it is decided. */
export type AskedFor = { readonly tenant: TenantId; readonly session: SessionId; readonly version: string };

/** Never rejects: what goes wrong is a reason for the rule's fallback. */
export type Ask = (question: Question, call: RoutingCall, about: AskedFor) => Promise<Reply>;

type UnderWay = { readonly reply: Promise<Reply>; readonly untilMs: number };

async function keyOf(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(text) as Uint8Array<ArrayBuffer>)));
}

/** Make one per isolate. */
export function createAsk(ports: ExchangePorts): Ask {
  const { clock } = ports;
  const kept = new KeptAnswers();
  const underWay = new Map<string, UnderWay>();

  async function put(asking: Asking, key: string | null): Promise<Reply> {
    const askedMs = clock.nowMs();
    const asked = await exchange(ports, asking);
    if (!asked.ok) return { tag: "none", because: asked.error };
    const { answer, maxAgeMs } = asked.value;
    const lifeMs = Math.min(asking.service.cacheMs, maxAgeMs ?? Infinity);
    if (key !== null && lifeMs > 0) kept.keep(key, answer, askedMs + lifeMs);
    return { tag: "answer", from: "service", answer };
  }

  /** Calls of which the same is asked at the same moment wait for one answer. */
  async function putOnce(asking: Asking, key: string): Promise<Reply> {
    const nowMs = clock.nowMs();
    const known = underWay.get(key);
    if (known !== undefined && nowMs < known.untilMs) return joined(known, nowMs);
    if (underWay.size >= MAX_UNDER_WAY)
      for (const [other, { untilMs }] of underWay) if (nowMs >= untilMs) underWay.delete(other);
    const reply = put(asking, key).finally(() => {
      if (underWay.get(key)?.reply === reply) underWay.delete(key);
    });
    underWay.set(key, { reply, untilMs: nowMs + asking.service.deadlineMs });
    return reply;
  }

  /** The request that asks may be cancelled, and its question with it: nobody waits for it longer than for a service. */
  async function joined({ reply, untilMs }: UnderWay, nowMs: number): Promise<Reply> {
    const outcome = await within(reply, untilMs - nowMs);
    if (!outcome.done) return { tag: "none", because: "timeout" };
    return outcome.value.tag === "answer" ? { ...outcome.value, from: "cache" } : outcome.value;
  }

  return async (question, call, { tenant, session, version }) => {
    const { service } = question;
    const text = questionText(tenant, version, question, call);
    const asking = { tenant, session, service, text };
    // Without keeping, every call is a question of its own: the service may count them.
    if (service.cacheMs === 0) return put(asking, null);
    const key = await keyOf(text);
    const answer = kept.find(key, clock.nowMs());
    return answer === null ? putOnce(asking, key) : { tag: "answer", from: "cache", answer };
  };
}

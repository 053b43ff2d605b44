/** What decision services are asked, and what they may answer. In words: docs/decisions.md. */
import { z } from "zod";
import { canonicalJson } from "../domain/configuration/canonical.ts";
import { formatAddress } from "../domain/numbers/address.ts";
import type { ServiceAnswer } from "../domain/routing/plan.ts";
import type { Question } from "../domain/routing/question.ts";
import type { RoutingCall } from "../domain/routing/router.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { entityId, isUnique, sipRejection } from "./configuration/fields.ts";
import { MAX_DECISION_CACHE_MS, MAX_DESTINATIONS } from "./configuration/limits.ts";

/** Of an answer: some dozen times what the longest one takes. */
export const MAX_DECISION_BYTES = 16 * 1024;

const maxAgeMs = z.int().min(0).max(MAX_DECISION_CACHE_MS).optional();

const answer = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("route"),
    destinations: z.array(entityId).min(1).max(MAX_DESTINATIONS).refine(isUnique, "a destination stands twice"),
    maxAgeMs,
  }),
  z.strictObject({ action: z.literal("reject"), ...sipRejection, maxAgeMs }),
  z.strictObject({ action: z.literal("decline"), maxAgeMs }),
]);

/** @property maxAgeMs for how long it may be kept at most; null: it does not say. */
export type ReadAnswer = { readonly answer: ServiceAnswer; readonly maxAgeMs: number | null };

/** Null for whatever is no answer: also one with members that nobody knows, since a misspelt word must not be without effect. */
export function parseAnswer(body: Uint8Array): ReadAnswer | null {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body));
  } catch {
    return null;
  }
  const parsed = answer.safeParse(json);
  if (!parsed.success) return null;
  const { maxAgeMs: age = null, ...rest } = parsed.data;
  return { answer: rest, maxAgeMs: age };
}

/**
 * The body of a question: the same text for the same question. All that an answer may depend on stands in it, and nothing that is this
 * call's alone, so that it is by this text that answers are kept. Numbers are E.164 with plus, digits as dialled, or SIP URIs.
 */
export function questionText(
  tenant: TenantId,
  version: string,
  { ruleId, service, called }: Question,
  call: RoutingCall,
): string {
  const { trunk, channel, priority, from, to, metadata } = call;
  return canonicalJson({
    tenant,
    version,
    service: service.id,
    rule: ruleId,
    trunk,
    channel,
    priority,
    caller: from.kind === "anonymous" ? null : formatAddress(from),
    called: formatAddress(called),
    dialled: formatAddress(to),
    metadata,
  });
}

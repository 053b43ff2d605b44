/** Services that rules ask. Whether a URL on this machine may really be asked is found out when it is: only in development. */
import { z } from "zod";
import type { DecisionService } from "../../domain/configuration/model.ts";
import { type OutsideUrlProblem, outsideUrlProblem } from "../../domain/shared/public-address.ts";
import { entityId, label, plainText } from "./fields.ts";
import {
  DEFAULT_DECISIONS_AT_ONCE,
  DEFAULT_DECISION_DEADLINE_MS,
  MAX_DECISIONS_AT_ONCE,
  MAX_DECISION_CACHE_MS,
  MAX_DECISION_DEADLINE_MS,
  MAX_DECISION_URL,
  MAX_SECRET_VERSION,
  MIN_DECISION_DEADLINE_MS,
} from "./limits.ts";

const PROBLEMS: Readonly<Record<OutsideUrlProblem, string>> = {
  not_a_url: "is no URL",
  not_https: "must be https",
  credentials: "must be without user and password: what is sent is signed",
  not_public: "must lead to a public host",
  port: "must be at the port of https, or at 1024 and above",
};

const url = plainText(MAX_DECISION_URL).transform((text, context) => {
  const problem = outsideUrlProblem(text, true);
  if (problem === null) return text;
  context.addIssue({ code: "custom", message: PROBLEMS[problem] });
  return z.NEVER;
});

export const decisionServiceSchema = z.strictObject({
  id: entityId,
  name: label,
  url,
  deadlineMs: z.int().min(MIN_DECISION_DEADLINE_MS).max(MAX_DECISION_DEADLINE_MS).default(DEFAULT_DECISION_DEADLINE_MS),
  cacheMs: z.int().min(0).max(MAX_DECISION_CACHE_MS).default(0),
  maxAtOnce: z.int().min(1).max(MAX_DECISIONS_AT_ONCE).default(DEFAULT_DECISIONS_AT_ONCE),
  enabled: z.boolean().default(true),
  secretVersion: z.int().min(1).max(MAX_SECRET_VERSION).default(1),
}) satisfies z.ZodType<DecisionService>;

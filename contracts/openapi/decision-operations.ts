/** The secrets of decision services; the services themselves are entities of the draft like others. */
import { z } from "zod";
import type { Operation } from "./operation.ts";
import { inPath, json } from "./parts.ts";
import type { Schemas } from "./schema-json.ts";

const secret = z.object({
  id: z.string(),
  secretVersion: z.int().describe("As the draft says. What is in force signs with its own, and the one before that."),
  secret: z.string().describe("`whsec_` and base64, as Standard Webhooks has it."),
});

export const DECISION_OPERATIONS: readonly Operation[] = [
  {
    id: "showDecisionServiceSecret",
    method: "post",
    path: "/v1/decision-services/{id}/secret",
    tag: "Configuration",
    summary: "The secret that signs questions to a decision service",
    description: "The same whenever it is asked for, until `secretVersion` is raised. Showing it is noted in the audit trail.",
    permission: "access:manage",
    parameters: [inPath("id", "The id of the decision service.", "crm")],
    answers: [
      {
        status: 200,
        description: "The secret.",
        content: [json(secret, { id: "crm", secretVersion: 1, secret: "whsec_KSc6CxrFbTEOyoTXFbAwcPyYdFxnEgu6yl8Nf1wCNQE=" })],
      },
    ],
    problems: ["not_found"],
  },
];

export const DECISION_SCHEMAS: Schemas = { DecisionServiceSecret: secret };

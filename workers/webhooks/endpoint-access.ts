/** What routes need of endpoints: their objects, and that a change is in force for followers and objects alike. */
import { inTime } from "../../adapters/platform/deadline.ts";
import type { Problem } from "../../contracts/problem.ts";
import type { Stored } from "../../domain/configuration/store.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { WebhookEndpointRecord } from "../../domain/webhooks/endpoint.ts";
import type { WebhookTarget } from "../../domain/webhooks/target.ts";
import type { WebhookEndpoint } from "../../durable-objects/webhook-endpoint/webhook-endpoint.ts";
import type { AppContext } from "../context.ts";
import { seesPersonalData } from "../middleware/personal-data.ts";
import { answerProblem } from "../problem.ts";
import { putInForce } from "../routes/config/put-in-force.ts";
import { endpointObject } from "./hand-over.ts";

/** An object answers from what it has; one that tests an endpoint takes as long as that may. */
const OBJECT_DEADLINE_MS = 10_000;

export const tenantOf = (c: AppContext): TenantId => c.get("principal").tenant;

/** @throws when the object does not answer in time. */
export async function askEndpoint<T>(
  c: AppContext,
  id: string,
  ask: (object: DurableObjectStub<WebhookEndpoint>) => Promise<T>,
  deadlineMs = OBJECT_DEADLINE_MS,
): Promise<T> {
  const objects = c.env.WEBHOOK_ENDPOINT;
  if (objects === undefined) throw new Error("this lane has no webhooks");
  return inTime(ask(endpointObject(objects, c.get("deps").environment, tenantOf(c), id)), deadlineMs);
}

export function targetOf({ entity, revision }: Stored<WebhookEndpointRecord>): WebhookTarget {
  const { id, url, eventTypes, sealedSecrets, rotatedUntilMs, personalData } = entity;
  return { id, url, eventTypes, sealedSecrets, rotatedUntilMs, personalData, revision };
}

/** What shows personal data to its receiver is for those alone who may see it: to set up, to change, to have deliver, to look into. */
export function personalDataProblem(
  c: AppContext,
  { personalData }: Pick<WebhookEndpointRecord, "personalData">,
): Problem | null {
  if (!personalData || seesPersonalData(c)) return null;
  return { code: "forbidden", detail: "a webhook with personalData is for those who may see personal data (pii:read)" };
}

/** @param change what was written, or what was removed. @returns null when it is in force everywhere, else the answer. */
export async function inForceAt(
  c: AppContext,
  change: Stored<WebhookEndpointRecord> | { readonly id: string; readonly wasThere: boolean },
): Promise<Response | null> {
  const unpublished = await putInForce(c);
  if (unpublished !== null) return unpublished;
  try {
    if ("id" in change) await askEndpoint(c, change.id, (object) => object.remove());
    else if (change.entity.disabled === null)
      await askEndpoint(c, change.entity.id, (object) => object.configure(tenantOf(c), targetOf(change)));
    else await askEndpoint(c, change.entity.id, (object) => object.disable(change.revision));
    return null;
  } catch {
    return answerProblem(c, {
      code: "unavailable",
      detail: "the change is stored, and what delivers does not know of it yet; repeat the request",
    });
  }
}

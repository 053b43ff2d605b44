/** A decision service: gold customers reach their agent, premium callers are refused, about all others the rule decides. */
import { createServer } from "node:http";
import { Webhook } from "standardwebhooks";

/** Several while a secret is being changed: what one of them has signed is genuine. */
const webhooks = (process.env["DECISION_SECRETS"] ?? "").split(",").map((secret) => new Webhook(secret));
const AGENTS = new Map([["+493098765432", "agent-ada"]]);

type Question = { readonly caller: string | null; readonly called: string; readonly metadata: Record<string, unknown> };

function decide({ caller, metadata }: Question): object {
  if (caller?.startsWith("+4990")) return { action: "reject", sipCode: 603, reason: "Decline" };
  const agent = AGENTS.get(caller ?? "");
  if (metadata["tier"] !== "gold" || agent === undefined) return { action: "decline" };
  // The support line where the agent does not answer. Agents change: this is good for five seconds, and no longer.
  return { action: "route", destinations: [agent, "support"], maxAgeMs: 5_000 };
}

function verified(body: string, headers: Record<string, string>): Question | null {
  for (const webhook of webhooks) {
    try {
      return webhook.verify(body, headers) as Question;
    } catch {
      // The next one may have signed it.
    }
  }
  return null;
}

createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const question = verified(Buffer.concat(parts).toString("utf8"), request.headers as Record<string, string>);
  if (question === null) return void response.writeHead(401).end();
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(decide(question)));
}).listen(Number(process.env["PORT"] ?? 8090));

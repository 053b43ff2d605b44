/** Chapter 3: calls that do not go through, and why. */
import { callSchema, problemSchema } from "./answers.ts";
import { type Client, ensure } from "./client.ts";
import { bold, chapter, columns, dim, line, proven, warn } from "./narrator.ts";
import { CALLER } from "./ordinary-call.ts";
import { showPlan } from "./plan.ts";

/** The prefix rule "premium" refuses +1900. */
const PREMIUM = "1-900-555-0199";
const MALFORMED = { from: "call me", to: "+1 555 12", channel: "pigeon", priority: 7 };

export async function refusedCalls(client: Client): Promise<void> {
  chapter(3, "A call that is refused, and one that is malformed", "POST /v1/calls");
  line(`to ${bold(PREMIUM)}`);
  const refused = (await client.post("/v1/calls", { from: CALLER, to: PREMIUM, channel: "api" }, callSchema, [201])).body;
  showPlan(refused);
  ensure(
    refused.plan.action === "reject" && refused.state === "failed",
    "A premium number should be refused by a rule of the demo configuration.",
  );

  line();
  line(dim(JSON.stringify(MALFORMED)));
  const problem = (await client.post("/v1/calls", MALFORMED, problemSchema, [422])).body;
  line(`${warn(String(problem.status))} ${problem.title} ${dim(`(${problem.code}, application/problem+json)`)}`);
  for (const { pointer, code, detail } of problem.errors) columns([pointer, 10, bold], [code, 18, warn], [detail, 0, dim]);
  ensure(problem.errors.length === Object.keys(MALFORMED).length, "Each of the malformed fields should be reported.");
  proven("a refusal is a decision, with SIP code and record; bad input is told field by field, all at once.");
}

/** Chapter 2: an ordinary call whose first gateway fails. */
import { setTimeout as sleep } from "node:timers/promises";
import { callSchema, sessionSchema } from "./answers.ts";
import { carrierOf } from "./carrier.ts";
import { type Client, ensure } from "./client.ts";
import { bold, chapter, columns, dim, line, proven } from "./narrator.ts";
import { showPlan } from "./plan.ts";
import { type Played, readEvents } from "./timeline.ts";

/** As a person writes it: the trunk "main" is in the US, area code 555. */
export const CALLER = "(555) 010-0100";
/** The exact rule "support-line": two gateways. */
const SUPPORT_LINE = "1 (555) 123-0001";
const TALK_MS = 600;

export async function ordinaryCall(client: Client): Promise<Played> {
  chapter(2, "An ordinary call, and a gateway that fails", "POST /v1/calls");
  line(`from ${bold(CALLER)} to ${bold(SUPPORT_LINE)}`);
  const call = (await client.post("/v1/calls", { from: CALLER, to: SUPPORT_LINE, channel: "api" }, callSchema, [201])).body;
  showPlan(call);
  ensure(
    call.plan.ruleId === "support-line" && call.plan.destinations.length === 2,
    "The demo configuration should route this call by the rule support-line to two gateways.",
  );

  line();
  line(`Now the demo plays the carrier: ${dim("POST /v1/sessions/{id}/events")}`);
  const { step } = carrierOf(client, call.id);
  await step({ report: { type: "started" }, note: "INVITE sent to gateway-a", applied: true, state: "initiating" });
  await step({
    report: { type: "ringing", routeIndex: 0, sipCode: 180 },
    note: "gateway-a says 180",
    applied: true,
    state: "ringing",
  });
  await step({
    report: { type: "failover", routeIndex: 0, sipCode: 503 },
    note: "gateway-a gives up: on to gateway-b",
    applied: true,
    state: "ringing",
  });
  await step({
    report: { type: "ringing", routeIndex: 1, sipCode: 180 },
    note: "gateway-b rings",
    applied: true,
    state: "ringing",
  });
  const beforeTheAnswer = new Date();
  await step({
    report: { type: "answered", routeIndex: 1, sipCode: 200 },
    note: "200 OK, they talk",
    applied: true,
    state: "active",
  });
  await step({
    report: { type: "answered", routeIndex: 1, sipCode: 200 },
    note: "told twice: known already",
    applied: false,
    state: "active",
  });
  await step({
    report: { type: "ringing", routeIndex: 1, sipCode: 183, at: beforeTheAnswer },
    note: "late, from before the answer: kept, and no step back",
    applied: true,
    state: "active",
  });
  await sleep(TALK_MS);
  await step({ report: { type: "ended", sipCode: 200 }, note: "BYE", applied: true, state: "completed" });
  await step({
    report: { type: "cancelled", sipCode: 487 },
    note: "contradicts an end that stands: kept, changes nothing",
    applied: false,
    state: "completed",
  });

  const atOnce = await readEvents(client, call.id);

  line();
  const session = (await client.get(`/v1/sessions/${call.id}`, sessionSchema)).body;
  columns(["GET the session", 16, dim], [`${session.from} → ${session.to}`, 0, bold]);
  const failovers = session.failovers.map(({ routeIndex, sipCode }) => `destination ${routeIndex} after SIP ${sipCode}`);
  columns(
    ["", 16],
    [`${session.status}, ${session.disposition}, talked ${session.talkMs} ms, gave up ${failovers.join(", ")}`, 0],
  );
  ensure(
    session.status === "completed" && session.failovers.length === 1,
    "The session should be completed with exactly one failover.",
  );
  proven("numbers as people write them become E.164; reports may come late, twice or after the end.");
  return { id: call.id, atOnce };
}

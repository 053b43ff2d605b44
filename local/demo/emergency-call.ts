/** Chapter 4: an emergency call with a broken field. */
import { callSchema, sessionSchema } from "./answers.ts";
import { carrierOf } from "./carrier.ts";
import { type Client, ensure } from "./client.ts";
import { bold, chapter, columns, dim, line, loud, proven, warn } from "./narrator.ts";
import { CALLER } from "./ordinary-call.ts";
import { showPlan } from "./plan.ts";

/** No place on earth has this latitude: an app that mixed up its units. */
const BROKEN_LOCATION = { type: "geodetic", latitude: 5252.1, longitude: 13.4 };

/** @returns the session's id. */
export async function emergencyCall(client: Client): Promise<string> {
  chapter(4, "An emergency call", "POST /v1/calls");
  line(`to ${loud("112")}, with a location that makes no sense: ${dim(JSON.stringify(BROKEN_LOCATION))}`);
  const body = { from: CALLER, to: "112", channel: "mobile", location: BROKEN_LOCATION };
  const call = (await client.post("/v1/calls", body, callSchema, [201])).body;
  showPlan(call, "emergency destinations");
  for (const { pointer, code, detail } of call.warnings)
    columns(["noted", 13, dim], [`${pointer} ${code}: ${detail}`, 0, warn]);
  ensure(
    call.lane === "emergency" && call.plan.ruleId === null && call.plan.destinations[0]?.id === "psap",
    "112 should be led to the answering point by the emergency lane.",
  );
  ensure(
    call.warnings.some(({ pointer }) => pointer === "/location"),
    "The broken location should be dropped and noted.",
  );

  line();
  const { step } = carrierOf(client, call.id);
  await step({ report: { type: "started" }, note: "INVITE sent to psap", applied: true, state: "initiating" });
  await step({
    report: { type: "failover", routeIndex: 0, sipCode: 486 },
    note: "busy: here, unlike above, another is tried",
    applied: true,
    state: "initiating",
  });
  await step({
    report: { type: "ringing", routeIndex: 1, sipCode: 180 },
    note: "psap-backup rings",
    applied: true,
    state: "ringing",
  });
  await step({
    report: { type: "answered", routeIndex: 1, sipCode: 200 },
    note: "somebody helps",
    applied: true,
    state: "active",
  });
  await step({ report: { type: "ended", sipCode: 200 }, note: "BYE", applied: true, state: "completed" });
  const session = (await client.get(`/v1/sessions/${call.id}`, sessionSchema)).body;
  ensure(session.location === null && session.to === "112", "The session should hold the number as dialled, and no location.");
  proven(
    `${bold("who")} and ${bold("where to")} are enough; nothing optional can refuse an emergency call, and no rule is asked.`,
  );
  return call.id;
}

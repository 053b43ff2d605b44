import { describe, expect, it } from "vitest";
import { callJson, sessionJson } from "../../contracts/sessions.ts";
import { INBOUND } from "../../domain/call/state.ts";
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import { API } from "../../contracts/openapi/api.ts";
import { CALL, ROUTED, TENANT, sessionId } from "../domain/call/fixtures.ts";

type RoutePlan = Extract<Plan, { action: "route" }>;

const EMERGENCY = { service: "urn:service:sos.fire", isTest: false, callback: "+4930123456", dialled: "112" };
const ordinary = ROUTED as RoutePlan;
const together = { ...ordinary.destinations[0]!, id: "second", together: true as const };
const help: RoutePlan = { ...ordinary, destinations: [...ordinary.destinations, together], emergency: EMERGENCY };
const viewOf = (plan: Plan): SessionView => ({
  id: sessionId(3),
  tenant: TENANT,
  lane: "emergency",
  announced: true,
  archived: false,
  recorded: false,
  direction: "inbound",
  call: CALL,
  plan,
  state: INBOUND,
  annotations: NO_ANNOTATIONS,
  createdMs: 0,
  newsMs: 0,
  sequence: 3,
  hours: [],
  log: { name: "l", shard: { epoch: 0, number: 0 } },
});
/** As it goes over the wire. */
const wire = (value: unknown) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

describe("[EMG-11] the answer to a call for help", () => {
  const answer = wire(callJson(viewOf(help), help, [], "https://edge.example/v1/emergency/locations/a"));

  it("[EMG-11] says what the answering point's side is to be told", () => {
    expect(answer["emergency"]).toEqual({
      ...EMERGENCY,
      resourcePriority: "esnet.1",
      geolocation: "https://edge.example/v1/emergency/locations/a",
    });
    expect(wire(callJson(viewOf(help), help, []))["emergency"]).not.toHaveProperty("geolocation");
  });

  it("[EMG-6] [EMG-11] asks for no priority for a test", () => {
    const test: RoutePlan = { ...help, emergency: { ...EMERGENCY, isTest: true } };
    expect(wire(callJson(viewOf(test), test, []))["emergency"]).toEqual({ ...EMERGENCY, isTest: true });
  });

  it("[EMG-11] is as its description says, and an ordinary call's answer has nothing of it", () => {
    const created = API.operations.find(({ id }) => id === "createCall")!.answers.find(({ status }) => status === 201)!;
    expect(created.content![0]!.schema.safeParse(answer)).toMatchObject({ success: true });
    expect(callJson(viewOf(ordinary), ordinary, [])).not.toHaveProperty("emergency");
  });

  it("[EMG-9] [SESS-11] the plan shows which destinations ring together, in the answer and in the record", () => {
    for (const shown of [answer, wire(sessionJson(viewOf(help)))]) {
      expect(shown["plan"]).toMatchObject({ emergency: EMERGENCY, destinations: [{}, { id: "second", together: true }] });
    }
  });
});

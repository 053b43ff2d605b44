import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "./fixture/clock.ts";
import { front, standardLane } from "./fixture/front.ts";
import { type Answer, ask, itemsOf } from "./fixture/http.ts";
import {
  type TestTenant,
  configurationFile,
  itemsOf as configurationItems,
  publishItems,
  unpublishedTenant,
} from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const MAIN_LINE = "+15551239999";
/** Somebody who wants no calls. */
const RESTING = "+15551237777";
const BODY = { from: "+15551230001", to: "112", channel: "mobile" };

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await unpublishedTenant();
  const file = configurationFile("gateway.example") as Record<string, unknown[]>;
  const configuration = {
    ...file,
    settings: {
      defaultTrunk: "main",
      emergency: {
        callbackNumber: MAIN_LINE,
        testNumbers: ["4711"],
        testDestinations: ["gateway"],
        answeringPointNumbers: ["+1555113*"],
      },
    },
    trunks: [...file["trunks"]!, { id: "closed", dialProfile: { country: "US" }, emergency: { unauthenticated: "refuse" } }],
    profiles: [{ id: RESTING, doNotDisturb: true }],
  };
  await publishItems({ own: env.CONFIG, gate: null }, tenant.id, configurationItems(configuration), tenant.access);
});

/** A key of the tenant's that nobody knows: as one that was revoked long ago. */
const lostKey = (): string => `tlk_${tenant.id}_000000000000_${"A".repeat(43)}`;
const source = (): Readonly<Record<string, string>> => ({ "cf-connecting-ip": unique("source") });
const destinationsOf = ({ body }: Answer): unknown =>
  (body["plan"] as { destinations: { id: string }[] } | undefined)?.destinations.map(({ id }) => id);

describe("[EMG-14] an emergency call whose caller has not proven anything", () => {
  it.each([
    ["with a key that is good no more", () => ({ key: lostKey() })],
    ["with a key that may not place calls", () => ({ key: tenant.key("viewer") })],
    ["with nothing but its trunk's name", () => ({ headers: { "trunkline-trunk": `${tenant.id}/main` } })],
    ["with a token of nobody's", () => ({ headers: { "trunkline-tenant": tenant.id, authorization: "Bearer e30.e30.e30" } })],
  ])("is served, and marked: %s", async (_what, asking: () => { key?: string; headers?: Record<string, string> }) => {
    const door = front(tenant);
    const { key, headers = {} } = asking();
    const answer = await door.ask("/v1/calls", {
      ...(key === undefined ? {} : { key }),
      body: BODY,
      headers: { ...headers, ...source() },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ lane: "emergency", plan: { action: "route" } });
    const session = `/v1/sessions/${String(answer.body["id"])}`;
    const reader = { key: tenant.key("supervisor") };
    expect((await door.ask(session, reader)).body).toMatchObject({ marks: ["unauthenticated"] });
    const events = itemsOf(await door.ask(`${session}/events`, reader));
    expect(events.find(({ type }) => type === "dev.trunkline.call.emergency.v1")?.data).toMatchObject({
      unauthenticated: true,
    });
  });

  it("is told to whoever reads the audit trail", async () => {
    const door = front(tenant);
    await door.ask("/v1/calls", { key: lostKey(), body: BODY, headers: source() });
    const entry = await until(async () => {
      const found = await door.ask("/v1/audit?lane=emergency&action=calls.emergency-unauthenticated", {
        key: tenant.key("admin"),
      });
      return (found.body["items"] as Record<string, unknown>[] | undefined)?.[0] ?? null;
    }, "the entry");
    expect(entry).toMatchObject({ actor: "anonymous", outcome: "done", detail: { trunk: "main" } });
  });

  it("is refused by a trunk that says so, and where no trunk is known", async () => {
    const door = front(tenant);
    const closed = await door.ask("/v1/calls", { headers: { "trunkline-trunk": `${tenant.id}/closed` }, body: BODY });
    const nobody = await door.ask("/v1/calls", { body: BODY });
    const unknown = await door.ask("/v1/calls", { headers: { "trunkline-trunk": `${unique("nobody")}/main` }, body: BODY });
    expect([closed, nobody, unknown].map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it("opens no door to anything else", async () => {
    const door = front(tenant);
    await door.ask("/v1/calls", { key: lostKey(), body: { ...BODY, to: "+15551230002" }, headers: source() });
    expect(door.standard.received).toHaveLength(1);
  });

  it("is served a bounded number of times from one place; whoever proves who they are is not concerned", async () => {
    const door = front(tenant);
    const headers = source();
    const statuses: number[] = [];
    for (let at = 0; at < 32; at++)
      statuses.push((await door.ask("/v1/calls", { key: lostKey(), body: BODY, headers })).status);
    expect([statuses.slice(0, 30).every((status) => status === 201), statuses.at(-1)]).toEqual([true, 401]);
    expect((await door.ask("/v1/calls", { key: tenant.key("operator"), body: BODY, headers })).status).toBe(201);
  });
});

const FOUND = { service: "urn:service:sos", dialled: "4711", test: true, country: null };

describe("[EMG-8] what the standard lane finds to be an emergency", () => {
  it("comes back to the gate, which serves it", async () => {
    const standard = standardLane(
      () => new Response(null, { status: 421, headers: { "trunkline-given-back": JSON.stringify(FOUND) } }),
    );
    const door = front(tenant, { standard });
    const answer = await door.ask("/v1/calls", { key: tenant.key("operator"), body: { ...BODY, to: "4711" } });
    expect([answer.status, answer.body["lane"], destinationsOf(answer)]).toEqual([201, "emergency", ["gateway"]]);
    expect(standard.received).toHaveLength(1);
  });

  it("is given back to the gate alone: whoever asks the standard lane itself is served there", async () => {
    const sent = { key: tenant.key("operator"), body: { ...BODY, to: "4711" } };
    const toGate = await ask("/v1/calls", { ...sent, headers: { "trunkline-gate": "1" } });
    expect([toGate.status, JSON.parse(toGate.headers.get("trunkline-given-back")!)]).toEqual([421, FOUND]);
    const own = await ask("/v1/calls", sent);
    expect([own.status, own.body["lane"], destinationsOf(own)]).toEqual([201, "standard", ["gateway"]]);
  });
});

describe("[EMG-14] the id of a call", () => {
  const operator = () => ({ key: tenant.key("operator") });

  it("takes nobody who has not proven anything to somebody else's call, nor back", async () => {
    const door = front(tenant);
    const callId = unique("call");
    const place = { type: "civic", country: "DE", city: "Berlin" };
    const own = await door.ask("/v1/calls", { ...operator(), body: { ...BODY, callId, location: place } });
    const stranger = await door.ask("/v1/calls", { key: lostKey(), body: { ...BODY, callId }, headers: source() });
    expect([own.status, stranger.status]).toEqual([201, 201]);
    expect(stranger.body["id"]).not.toBe(own.body["id"]);
    expect(stranger.text).not.toContain("/v1/emergency/locations/");
  });

  it("takes nobody in need to a test, to somebody else's call, or to one that is over", async () => {
    const door = front(tenant);
    const asked = (callId: string, changes = {}) =>
      door.ask("/v1/calls", { ...operator(), body: { ...BODY, callId, ...changes } });
    const [first, second, third] = [unique("call"), unique("call"), unique("call")];
    const test = await asked(first, { to: "933" });
    const real = await asked(first);
    expect([test.status, real.status, real.body["id"] === test.body["id"]]).toEqual([201, 201, false]);
    expect(real.body).toMatchObject({ emergency: { isTest: false } });
    const somebody = await asked(second);
    const other = await asked(second, { from: "+15551230009" });
    expect(other.body["id"]).not.toBe(somebody.body["id"]);
    const over = await asked(third);
    const events = `/v1/sessions/${String(over.body["id"])}/events`;
    await door.ask(events, { ...operator(), body: { type: "failed", sipCode: 503 } });
    expect((await asked(third)).body["id"]).not.toBe(over.body["id"]);
    const again = await asked(second);
    expect([again.status, again.body["id"]]).toEqual([200, somebody.body["id"]]);
  });
});

describe("[EMG-15] a call to somebody who has called for help", () => {
  const psap = { from: "+15551130000", to: MAIN_LINE, channel: "pbx" };
  const placed = async (body: Record<string, unknown>) => {
    const answer = await ask("/v1/calls", { key: tenant.key("operator"), body });
    return (await ask(`/v1/sessions/${String(answer.body["id"])}`, { key: tenant.key("supervisor") })).body;
  };

  it("reaches them past what keeps others away, and goes before other calls", async () => {
    const from = { kind: "e164", e164: RESTING } as const;
    const caller = { callback: MAIN_LINE, from, session: unique("s") as never, atMs: Date.now() };
    await env.EMERGENCY_CALLERS!.getByName(tenant.id).note(caller);
    expect(await placed(psap)).toMatchObject({
      marks: ["callback"],
      priority: "high",
      plan: { action: "route", rewrittenTo: RESTING },
    });
  });
});

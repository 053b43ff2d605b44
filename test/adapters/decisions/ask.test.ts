import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decisionSecret } from "../../../adapters/identity/decision-secrets.ts";
import { isSignedBy, signedHeaders } from "../../../adapters/identity/standard-webhooks.ts";
import { MAX_DECISION_BYTES } from "../../../contracts/decisions.ts";
import type { Question } from "../../../domain/routing/question.ts";
import type { RoutingCall } from "../../../domain/routing/router.ts";
import type { TenantId, TrunkId } from "../../../domain/shared/ids.ts";
import type { AskedFor } from "../../../workers/decisions/ask.ts";
import { number, short } from "../../domain/routing/fixtures.ts";
import { AGENT, Asker, CALL, CONFIG_KEY, LocalService, TENANT, VERSION, answers } from "./fixture.ts";

const there = new LocalService();
const elsewhere = new LocalService();
beforeAll(() => Promise.all([there.start(), elsewhere.start()]));
afterAll(() => [there, elsewhere].forEach((each) => each.stop()));
beforeEach(() => {
  for (const each of [there, elsewhere]) {
    each.asked.length = 0;
    each.behaviour = answers(AGENT);
  }
});

const FROM_SERVICE = { tag: "answer", from: "service", answer: AGENT };
const FROM_CACHE = { ...FROM_SERVICE, from: "cache" };
const none = (because: string) => ({ tag: "none", because });

describe("[EXT-2] a question", () => {
  it("says all that the answer may depend on, and names the call beside it", async () => {
    expect(await new Asker().ask(there, CALL, { called: short("200") })).toEqual(FROM_SERVICE);
    const [{ method, headers, body } = { method: "", headers: {}, body: "{}" }] = there.asked;
    expect(method).toBe("POST");
    expect(JSON.parse(body)).toEqual({
      tenant: "acme",
      version: VERSION,
      service: "crm",
      rule: "asks",
      trunk: "main",
      channel: "pbx",
      priority: "normal",
      caller: "+493098765432",
      called: "200",
      dialled: "+493012345678",
      metadata: { tier: "gold" },
    });
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["trunkline-session"]).toBe("01a1febc-c375-7520-963b-c31d98c91230");
    expect(headers["webhook-id"]).toBe("01a1febc-c375-7520-963b-c31d98c91230.070707070707");
  });

  it("has no caller where the call withholds it", async () => {
    await new Asker().ask(there, { ...CALL, from: { kind: "anonymous" } });
    expect(JSON.parse(there.asked[0]!.body)).toMatchObject({ caller: null });
  });

  it("is signed with the secret of the published version and the one before it, and no other", async () => {
    await new Asker().ask({ url: there.url, secretVersion: 3 });
    const { headers, body } = there.asked[0]!;
    const signed = signedHeaders(new Headers(headers as Record<string, string>))!;
    const isSignedWith = async (version: number, service = "crm", tenant = TENANT) =>
      isSignedBy([await decisionSecret(CONFIG_KEY, tenant, service, version)], signed, new TextEncoder().encode(body));
    expect(await Promise.all([1, 2, 3, 4].map((version) => isSignedWith(version)))).toEqual([false, true, true, false]);
    expect(await isSignedWith(3, "other")).toBe(false);
    expect(await isSignedWith(3, "crm", "other" as TenantId)).toBe(false);
  });

  it("goes nowhere where requests may not go", async () => {
    const asker = new Asker();
    asker.mayAsk = false;
    expect(await asker.ask(there)).toEqual(none("failed"));
    expect(there.asked).toEqual([]);
  });
});

describe("[EXT-2] an answer", () => {
  it.each([
    [{ action: "reject", sipCode: 486, reason: "Busy Here" }],
    [{ action: "decline" }],
    [{ action: "route", destinations: ["a", "b"] }],
  ])("%o is taken", async (answer) => {
    there.behaviour = answers({ ...answer, maxAgeMs: 5 });
    expect(await new Asker().ask(there)).toEqual({ ...FROM_SERVICE, answer });
  });

  it.each([
    ["of no action", {}],
    ["of another action", { action: "transfer" }],
    ["that leads nowhere", { action: "route", destinations: [] }],
    ["with a destination twice", { action: "route", destinations: ["a", "a"] }],
    ["with more destinations than a rule", { action: "route", destinations: Array.from({ length: 17 }, (_, i) => `d${i}`) }],
    ["with URIs", { action: "route", destinations: ["sip:me@evil.example"] }],
    ["with a misspelt member", { action: "route", destinations: ["a"], maxAge: 5 }],
    ["with a code that refuses nothing", { action: "reject", sipCode: 200, reason: "OK" }],
    ["with a line break for a SIP header", { action: "reject", sipCode: 480, reason: "No\r\nVia: me" }],
    ["that is no object", ["route"]],
  ])("%s is none", async (_, answer) => {
    there.behaviour = answers(answer);
    expect(await new Asker().ask(there)).toEqual(none("bad_answer"));
  });

  it("that is no JSON, or longer than an answer can be, is none", async () => {
    const asker = new Asker();
    there.behaviour = (response) => void response.end("<html>");
    expect(await asker.ask(there)).toEqual(none("bad_answer"));
    there.behaviour = (response) => void response.end(`${" ".repeat(MAX_DECISION_BYTES)}{"action":"decline"}`);
    expect(await asker.ask(there)).toEqual(none("bad_answer"));
  });
});

describe("[EXT-3] a service that does not answer", () => {
  it.each([
    ["does not answer at all", () => {}],
    ["begins an answer and does not end it", (response) => void response.writeHead(200).write('{"action":')],
    [
      "sends a byte now and then",
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ] satisfies [string, LocalService["behaviour"]][])("and %s, is given up at its deadline", async (_, behaviour) => {
    there.behaviour = behaviour;
    const asker = new Asker();
    expect(await asker.ask({ url: there.url, deadlineMs: 150 })).toEqual(none("timeout"));
    expect(asker.noted).toEqual(["decision:acme/crm failure"]);
  });

  it("but with an error, or not at all, has failed", async () => {
    const asker = new Asker();
    for (const status of [204, 400, 401, 500, 503]) {
      there.behaviour = answers(AGENT, status);
      expect(await asker.ask(there)).toEqual(none("failed"));
    }
    expect(await asker.ask({ url: "http://127.0.0.1:1/" })).toEqual(none("failed"));
    expect(new Set(asker.noted)).toEqual(new Set(["decision:acme/crm failure"]));
  });

  it("but sends elsewhere, is not followed there", async () => {
    there.behaviour = answers(AGENT, 307, { location: elsewhere.url });
    expect(await new Asker().ask(there)).toEqual(none("failed"));
    expect(elsewhere.asked).toEqual([]);
  });

  it("is not asked while its breaker is open", async () => {
    const asker = new Asker();
    asker.isOpen = true;
    expect(await asker.ask(there)).toEqual(none("open"));
    expect(there.asked).toEqual([]);
  });

  it("is asked by so many calls at once, and not by more", async () => {
    const asker = new Asker();
    there.behaviour = (response) => void setTimeout(() => answers(AGENT)(response, there.asked[0]!), 100);
    const replies = await Promise.all(
      ["+4930111", "+4930222", "+4930333"].map((from) =>
        asker.ask({ url: there.url, maxAtOnce: 2 }, { ...CALL, from: number(from) }),
      ),
    );
    expect(replies).toEqual([FROM_SERVICE, FROM_SERVICE, none("full")]);
    expect(await asker.ask({ url: there.url, maxAtOnce: 2 })).toEqual(FROM_SERVICE);
  });
});

describe("[EXT-4] an answer is kept", () => {
  const keeping = (changes: object = {}) => ({ url: there.url, cacheMs: 10_000, ...changes });

  it("for other calls of which the same is asked, and not for longer than the service allows", async () => {
    const asker = new Asker();
    expect(await asker.ask(keeping())).toEqual(FROM_SERVICE);
    asker.nowMs += 9_999;
    expect(await asker.ask(keeping(), { ...CALL, seed: 5, turn: 9, trail: "t1;0123abcd" })).toEqual(FROM_CACHE);
    asker.nowMs += 1;
    expect(await asker.ask(keeping())).toEqual(FROM_SERVICE);
    expect(there.asked).toHaveLength(2);
  });

  type Different = { call?: Partial<RoutingCall>; question?: Partial<Question>; about?: Partial<AskedFor> };
  it.each<[string, Different]>([
    ["caller", { call: { from: number("+493011111111") } }],
    ["withheld caller", { call: { from: { kind: "anonymous" } } }],
    ["dialled number", { call: { to: number("+493022222222") } }],
    ["called number", { question: { called: short("200") } }],
    ["trunk", { call: { trunk: "branch" as TrunkId } }],
    ["channel", { call: { channel: "api" } }],
    ["priority", { call: { priority: "high" } }],
    ["metadata", { call: { metadata: { tier: "silver" } } }],
    ["type of metadata", { call: { metadata: { tier: ["gold"] } } }],
    ["rule", { question: { ruleId: "another" } }],
    ["version of the configuration", { about: { version: "20260601T000000001Z-0123456789ab" } }],
    ["tenant", { about: { tenant: "demo" as TenantId } }],
  ])("but not for another %s", async (_, { call = {}, question = {}, about = {} }) => {
    const asker = new Asker();
    const other = { ...CALL, ...call };
    await asker.ask(keeping());
    there.behaviour = answers({ action: "route", destinations: ["other"] });
    const reply = await asker.ask(keeping(), other, { called: other.to, ...question }, about);
    expect(reply).toEqual({ ...FROM_SERVICE, answer: { action: "route", destinations: ["other"] } });
    expect(await asker.ask(keeping())).toEqual(FROM_CACHE);
  });

  it("whatever the order in which metadata was written", async () => {
    const asker = new Asker();
    await asker.ask(keeping(), { ...CALL, metadata: { a: 1, b: { c: 2, d: 3 } } });
    expect(await asker.ask(keeping(), { ...CALL, metadata: { b: { d: 3, c: 2 }, a: 1 } })).toEqual(FROM_CACHE);
  });

  it("no longer than it says itself", async () => {
    const asker = new Asker();
    there.behaviour = answers({ ...AGENT, maxAgeMs: 1_000 });
    await asker.ask(keeping());
    asker.nowMs += 1_000;
    expect(await asker.ask(keeping())).toEqual(FROM_SERVICE);
    there.behaviour = answers({ ...AGENT, maxAgeMs: 0 });
    asker.nowMs += 1_000;
    await asker.ask(keeping());
    expect(await asker.ask(keeping())).toEqual(FROM_SERVICE);
    expect(there.asked).toHaveLength(4);
  });

  it("never where the service keeps none: each call is asked about", async () => {
    const asker = new Asker();
    await Promise.all([asker.ask(there), asker.ask(there), asker.ask(there)]);
    expect(there.asked).toHaveLength(3);
  });

  it("and a failure is not: the next call asks again", async () => {
    const asker = new Asker();
    there.behaviour = answers({}, 500);
    expect(await asker.ask(keeping())).toEqual(none("failed"));
    there.behaviour = answers(AGENT);
    expect(await asker.ask(keeping())).toEqual(FROM_SERVICE);
  });

  it("and waited for together by calls that ask the same at the same moment", async () => {
    const asker = new Asker();
    there.behaviour = (response) => void setTimeout(() => answers(AGENT)(response, there.asked[0]!), 50);
    const others = asker.ask(keeping(), { ...CALL, from: number("+493011111111") });
    const replies = await Promise.all(Array.from({ length: 10 }, () => asker.ask(keeping({ maxAtOnce: 2 }))));
    expect(replies.filter(({ tag }) => tag === "answer")).toHaveLength(10);
    expect(await others).toEqual(FROM_SERVICE);
    expect(there.asked).toHaveLength(2);
  });
});

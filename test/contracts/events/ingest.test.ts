import { CloudEvent, HTTP } from "cloudevents";
import { describe, expect, it } from "vitest";
import { type IntakeKind, type ParsedIntake, intakeKindOf, parseIntake, refusalOf } from "../../../contracts/events/ingest.ts";
import {
  MAX_BATCH_EVENTS,
  MAX_DATA_DEPTH,
  MAX_EARLY_MS,
  MAX_ERRORS_PER_EVENT,
  MAX_EVENT_BYTES,
  MAX_LATE_MS,
  MAX_REPORTED_ERRORS,
} from "../../../contracts/events/ingest-limits.ts";
import type { Sender } from "../../../contracts/events/ingest-draft.ts";
import { fingerprintOf } from "../../../domain/events/fingerprint.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00.000Z");
const SENDER: Sender = { tenant: "acme" as TenantId, nowMs: NOW_MS, key: null };
const PLAIN = { type: "call.answered", callId: "c-1" };
const CLOUD = { specversion: "1.0", id: "e-1", source: "/pbx/1", type: "call.answered", subject: "c-1" };

const read = (body: unknown, kind: IntakeKind = "json", sender = SENDER) =>
  parseIntake(new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body)), kind, sender);

function parsed(body: unknown, kind?: IntakeKind, sender?: Sender): ParsedIntake {
  const result = read(body, kind, sender);
  if (!result.ok) throw new Error(result.error.code);
  return result.value;
}
const storedOf = (body: unknown, kind?: IntakeKind, sender?: Sender) =>
  parsed(body, kind, sender).events.map(({ rest }) => JSON.parse(`{${rest}`) as Record<string, unknown>);
const errorsOf = (body: unknown, kind?: IntakeKind) =>
  parsed(body, kind).refused.flatMap(({ errors }) => errors.map(({ pointer, code }) => `${pointer} ${code}`));
const problemOf = (body: unknown, kind?: IntakeKind) => {
  const result = read(body, kind);
  return result.ok ? "read" : result.error.code;
};
const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

describe("[ING-1] the four kinds of body", () => {
  it("are told by the media type", () => {
    expect(intakeKindOf("application/cloudevents+json; charset=UTF-8")).toBe("event");
    expect(intakeKindOf("Application/CloudEvents-Batch+JSON")).toBe("batch");
    expect(intakeKindOf("application/json")).toBe("json");
    expect(intakeKindOf('application/x-ndjson;charset="utf-8"')).toBe("lines");
    expect(["", "text/plain", "application/json; charset=latin1", "constructor"].map(intakeKindOf)).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });

  it("give events in their order", () => {
    const types = ["a", "b", "c"];
    const events = types.map((type) => ({ ...CLOUD, type }));
    expect(storedOf(events[0], "event").map(({ type }) => type)).toEqual(["a"]);
    expect(storedOf(events, "batch").map(({ type }) => type)).toEqual(types);
    expect(storedOf([events[0], { ...PLAIN, type: "b" }]).map(({ type }) => type)).toEqual(["a", "b"]);
    const lines = `${JSON.stringify(events[0])}\r\n\n  \n${JSON.stringify(events[1])}\n${JSON.stringify(events[2])}`;
    expect(storedOf(lines, "lines").map(({ type }) => type)).toEqual(types);
    expect(storedOf(`${lines}\n`, "lines")).toHaveLength(3);
  });

  it("are refused where they are not what they say", () => {
    expect(problemOf("{", "json")).toBe("bad_json");
    expect(problemOf([CLOUD], "event")).toBe("bad_json");
    expect(problemOf(CLOUD, "batch")).toBe("bad_json");
    expect(problemOf('"text"')).toBe("bad_json");
    expect(errorsOf([PLAIN], "batch")).toContain("/0/specversion missing");
    expect(errorsOf(`${JSON.stringify(PLAIN)}\n{\n`, "lines")).toEqual(["/1 not_json"]);
    expect(errorsOf([PLAIN, 5, [PLAIN]])).toEqual(["/1 wrong_type", "/2 wrong_type"]);
  });

  it("hold from one to MAX_BATCH_EVENTS events", () => {
    expect([problemOf([]), problemOf("\n\n", "lines"), problemOf("", "lines")]).toEqual(Array(3).fill("invalid_fields"));
    const many = Array.from({ length: MAX_BATCH_EVENTS + 1 }, () => PLAIN);
    expect(parsed(many.slice(1)).events).toHaveLength(MAX_BATCH_EVENTS);
    expect(problemOf(many)).toBe("body_too_large");
    expect(problemOf(many.map((event) => JSON.stringify(event)).join("\n"), "lines")).toBe("body_too_large");
  });

  it("are UTF-8, with or without a byte order mark", () => {
    expect(storedOf(`\ufeff${JSON.stringify(PLAIN)}`)).toHaveLength(1);
    const latin1 = Uint8Array.from(`{"type":"\xfc","callId":"c"}`, (character) => character.charCodeAt(0));
    expect(parseIntake(latin1, "json", SENDER)).toMatchObject({ ok: false, error: { code: "bad_json" } });
  });
});

describe("[ING-2] what is stored", () => {
  it("of a plain event is a CloudEvent", () => {
    const event = {
      ...PLAIN,
      at: "2026-03-01T13:00:00+01:00",
      from: "+49 30 1",
      to: "100",
      direction: "in",
      status: "ok",
      data: { a: [1] },
      id: "e",
    };
    expect(storedOf(event)).toEqual([
      {
        time: "2026-03-01T12:00:00.000Z",
        source: "/tenants/acme/events",
        type: "call.answered",
        subject: "c-1",
        tenant: "acme",
        originid: "e",
        caller: "+49 30 1",
        callee: "100",
        direction: "in",
        status: "ok",
        data: { a: [1] },
      },
    ]);
  });

  it("begins with the time, if there is one", () => {
    const [with_, without] = parsed([
      { ...PLAIN, data: 1, at: "2026-03-01T12:00:00Z" },
      { ...PLAIN, at: null },
    ]).events;
    expect(with_?.rest).toMatch(/^"time":"2026-03-01T12:00:00.000Z",.*}$/);
    expect(without?.rest).toMatch(/^"source":.*}$/);
  });

  it("keeps the attributes of a CloudEvent but those that the store makes", () => {
    const event = {
      ...CLOUD,
      tenant: "acme",
      recordedtime: "x",
      originid: "y",
      answeredby: "human",
      attempt: 2,
      test: true,
      unset: null,
    };
    expect(storedOf(event)).toEqual([
      {
        source: "/pbx/1",
        type: "call.answered",
        subject: "c-1",
        tenant: "acme",
        originid: "e-1",
        answeredby: "human",
        attempt: 2,
        test: true,
      },
    ]);
    expect(errorsOf({ ...CLOUD, tenant: "other", erased: "x" })).toEqual(["/tenant not_allowed", "/erased not_allowed"]);
  });

  it("keeps data that is not JSON as a text or in Base64", () => {
    const xml = { ...CLOUD, datacontenttype: "text/xml" };
    expect(storedOf({ ...xml, data: "<a/>" })).toMatchObject([{ data: "<a/>", datacontenttype: "text/xml" }]);
    expect(storedOf({ ...xml, data_base64: "PGEvPg==" })).toMatchObject([{ data_base64: "PGEvPg==" }]);
    expect(errorsOf({ ...xml, data: { a: 1 } })).toEqual(["/data wrong_type"]);
    expect(errorsOf({ ...xml, data_base64: "PGEv!" })).toEqual(["/data_base64 bad_format"]);
    expect(errorsOf({ ...CLOUD, data: 1, data_base64: "AA==" })).toEqual(["/data_base64 not_allowed"]);
  });

  it("has data to the letter, on one line", () => {
    const data = { text: 'a\nb\u2028"\\', "": null, unicode: "😀ü", "n/a": [true, -1.5e-7] };
    const [event] = parsed({ ...PLAIN, data }).events;
    expect(event?.rest).not.toContain("\n");
    expect(JSON.parse(`{${event?.rest}`)).toMatchObject({ data });
  });

  it("bounds data in depth, in bytes and in the range of numbers", () => {
    expect(errorsOf({ ...PLAIN, data: nested(MAX_DATA_DEPTH) })).toEqual([]);
    expect(errorsOf({ ...PLAIN, data: nested(MAX_DATA_DEPTH + 1) })).toEqual(["/data too_deep"]);
    expect(problemOf(`{"type":"a","callId":"b","data":${"[".repeat(200_000)}${"]".repeat(200_000)}}`)).toBe("read");
    expect(errorsOf(`{"type":"a","callId":"b","data":{"n":[1e400]}}`)).toEqual(["/data too_large"]);
    expect(errorsOf({ ...PLAIN, data: "€".repeat(MAX_EVENT_BYTES / 3) })).toEqual([" too_large"]);
    expect(errorsOf({ ...PLAIN, data: "e".repeat(MAX_EVENT_BYTES - 200) })).toEqual([]);
    expect(problemOf(Array.from({ length: 600 }, () => ({ ...PLAIN, data: Array(2_700).fill(1e20) })))).toBe("body_too_large");
  });
});

describe("[ING-3] what is refused", () => {
  it("is told item by item, field by field", () => {
    const bad = [
      PLAIN,
      { type: "", callId: 5, form: "+49" },
      PLAIN,
      { ...CLOUD, specversion: "0.3", id: null, Bad: 1, source: "a b" },
    ];
    expect(errorsOf(bad)).toEqual([
      "/1/type too_small",
      "/1/callId wrong_type",
      "/1/form unknown_field",
      "/3/specversion not_allowed",
      "/3/source bad_format",
      "/3/Bad bad_name",
      "/3/id missing",
    ]);
    expect(parsed(bad).events).toHaveLength(2);
    expect(errorsOf({ type: "a" })).toEqual(["/callId missing"]);
  });

  it("is bounded in an answer, and says that there is more", () => {
    const worst = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`x/${i}`, 1]));
    const refused = parsed(Array.from({ length: 20 }, () => worst));
    expect(refused.refused[0]?.errors).toHaveLength(MAX_ERRORS_PER_EVENT);
    const { errors, detail } = refusalOf(refused);
    expect(errors).toHaveLength(MAX_REPORTED_ERRORS);
    expect(errors?.[0]?.pointer).toBe("/0/x~10");
    expect(detail).toContain(`the first ${MAX_REPORTED_ERRORS} of 320 problems`);
  });
});

describe("[ING-5], [ING-6] who sent it, and of which call", () => {
  const key = "key-1";

  it("identifies an event by its tenant, source and id, however it is sent", () => {
    const fingerprint = fingerprintOf("acme", "/pbx/1", "e-1");
    const plain = { ...PLAIN, id: "e-1", source: "/pbx/1" };
    expect(parsed([CLOUD, plain], "json", { ...SENDER, key }).events.map((event) => event.fingerprint)).toEqual([
      fingerprint,
      fingerprint,
    ]);
    expect(parsed([PLAIN]).events[0]?.fingerprint).toBeNull();
  });

  it("identifies by the key, and the place in the request, what has no id", () => {
    const events = parsed([{ type: "" }, PLAIN, CLOUD], "json", { ...SENDER, key }).events;
    expect(events.map(({ fingerprint }) => fingerprint)).toEqual([
      fingerprintOf("acme", "/tenants/acme/events", "key-1/1"),
      fingerprintOf("acme", "/pbx/1", "e-1"),
    ]);
    expect(events[0]?.rest).toContain('"originid":"key-1/1"');
    expect([
      parsed([PLAIN], "json", { ...SENDER, key }).byKey,
      parsed([PLAIN, CLOUD], "json", { ...SENDER, key }).byKey,
    ]).toEqual([true, false]);
  });

  it("keeps a source, a key or a call together, and lets everything else go anywhere", () => {
    const affinity = (body: unknown, sender = SENDER) => parsed(body, "json", sender).affinity;
    expect(affinity([{ ...PLAIN, callId: "x" }, CLOUD])).toBe(affinity({ ...CLOUD, id: "other", subject: "z" }));
    expect(affinity(PLAIN, { ...SENDER, key })).toBe(affinity([{ ...PLAIN, callId: "x" }], { ...SENDER, key }));
    expect(affinity([PLAIN, { ...PLAIN, type: "b" }])).toBe(affinity(PLAIN));
    expect(affinity([PLAIN, { ...PLAIN, callId: "c-2" }])).toBeNull();
    const distinct = [
      affinity(PLAIN),
      affinity(CLOUD),
      affinity(PLAIN, { ...SENDER, key }),
      affinity(PLAIN, { ...SENDER, tenant: "b" as TenantId }),
    ];
    expect(new Set(distinct).size).toBe(4);
  });
});

describe("[ING-7] the time of an event", () => {
  const at = (ms: number) => new Date(ms).toISOString();

  it("is from a year ago to five minutes ahead", () => {
    expect(errorsOf([NOW_MS - MAX_LATE_MS, NOW_MS + MAX_EARLY_MS].map((ms) => ({ ...PLAIN, at: at(ms) })))).toEqual([]);
    expect(errorsOf([NOW_MS - MAX_LATE_MS - 1, NOW_MS + MAX_EARLY_MS + 1].map((ms) => ({ ...PLAIN, at: at(ms) })))).toEqual([
      "/0/at too_old",
      "/1/at too_early",
    ]);
  });

  it.each([
    ["2026-03-01T00:00:00.123Z", "2026-03-01T00:00:00.123Z"],
    ["2026-03-01T00:00:00.123456789Z", "2026-03-01T00:00:00.123456789Z"],
    ["2026-03-01T05:30:00.5+05:30", "2026-03-01T00:00:00.500Z"],
    ["2026-02-28t20:00:00-04:00", "2026-03-01T00:00:00.000Z"],
  ])("%s is stored as %s", (sent, stored) => {
    expect(storedOf({ ...PLAIN, at: sent })).toMatchObject([{ time: stored }]);
  });

  it.each([
    "2026-02-29T00:00:00Z",
    "2026-02-28T24:00:00Z",
    "2026-02-28T23:59:60Z",
    "2026-02-28",
    "2026-02-28 10:00:00Z",
    "1772366400",
    "2026-02-28T10:00:00",
  ])("is not %s", (sent) => {
    expect(errorsOf({ ...PLAIN, at: sent })).toEqual(["/at bad_format"]);
  });
});

describe("[ING-10] texts", () => {
  it("are stored as they came", () => {
    const event = { ...PLAIN, from: '"Ärztin" <sip:a@b>', to: " 0049 (30) 1\\2 ", status: "😀" };
    expect(storedOf(event)).toMatchObject([{ caller: event.from, callee: event.to, status: event.status }]);
  });

  it.each(["\u0000", "\n", "\u007f", "\u0085", "\ud83d", "\ude00\ud83d"])("have no %j in them", (character) => {
    expect(errorsOf({ ...PLAIN, from: `a${character}` })).toEqual(["/from bad_format"]);
    expect(errorsOf({ ...CLOUD, note: `${character}b` })).toEqual(["/note bad_format"]);
  });

  it.each(["Caller", "call_id", "a".repeat(21), "ü", "__proto__", ""])("are not called %j", (name) => {
    expect(errorsOf(JSON.stringify(CLOUD).replace("{", `{${JSON.stringify(name)}:"x",`))).toEqual([`/${name} bad_name`]);
  });
});

describe("[ING-2] the CloudEvents SDK", () => {
  const event = new CloudEvent({ ...CLOUD, time: "2026-03-01T11:00:00.000Z", caller: "+4930", data: { sipCode: 200 } });
  const complete = (rest: string) => `{"specversion":"1.0","id":"018f","recordedtime":"2026-03-01T12:00:00.000Z",${rest}`;

  it("writes what is read here, and reads what is stored of it", () => {
    const message = HTTP.structured(event);
    const kind = intakeKindOf(String(message.headers["content-type"]));
    expect(kind).toBe("event");
    const lines = parsed(String(message.body), kind!).events.map(({ rest }) => complete(rest));
    const body = `[${lines.join(",")}]`;
    const [back] = HTTP.toEvent({
      headers: { "content-type": "application/cloudevents-batch+json" },
      body,
    }) as CloudEvent<unknown>[];
    expect(back?.validate()).toBe(true);
    expect(back).toMatchObject({
      source: "/pbx/1",
      subject: "c-1",
      caller: "+4930",
      originid: "e-1",
      tenant: "acme",
      data: { sipCode: 200 },
    });
  });

  it("writes batches that are read here", () => {
    const body = `[${[event, event.cloneWith({ id: "e-2" })].map((one) => HTTP.structured(one).body).join(",")}]`;
    expect(storedOf(body, "batch").map(({ originid }) => originid)).toEqual(["e-1", "e-2"]);
  });
});

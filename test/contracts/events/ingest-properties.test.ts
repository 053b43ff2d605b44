import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intakeKindOf, parseIntake } from "../../../contracts/events/ingest.ts";
import { TENANT, storedForm } from "./ingest-oracle.ts";

const NOW_MS = Date.parse("2026-03-01T12:00:00.000Z");
const SENDER = { tenant: TENANT, nowMs: NOW_MS, key: null };
const bytes = (text: string) => new TextEncoder().encode(text);

const json = fc.jsonValue({ maxDepth: 3 });
/** Texts with everything that JSON, URIs and terminals treat in a way of its own. */
const text = fc.oneof(
  fc.constantFrom(
    "+4930123456",
    "inbound",
    "call.answered",
    "/pbx/1",
    "urn:x:1",
    "application/json",
    "text/plain; q=1",
    "1.0",
    "AAE=",
  ),
  fc.string({
    unit: fc.constantFrom(
      "a",
      "7",
      "/",
      ":",
      "%",
      "4",
      "1",
      "#",
      "=",
      '"',
      "\\",
      "ü",
      "😀",
      "\n",
      "\u007f",
      "\u0085",
      "\ud800",
      " ",
    ),
    maxLength: 6,
  }),
  fc.string({ minLength: 60, maxLength: 300, unit: fc.constantFrom("x", "y") }),
);
const time = fc.oneof(
  fc
    .date({ min: new Date(NOW_MS - 300 * 86_400_000), max: new Date(NOW_MS), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom(
    "2026-02-28T23:59:59Z",
    "2026-02-29T00:00:00Z",
    "2025-04-31T00:00:00.000Z",
    "2026-02-28T23:30:00.1+05:30",
    "2026-02-28t23:59:59.123456789z",
    "2026-02-28T23:59:59.1234567890Z",
    "2026-02-28T24:00:00Z",
    "2026-02-28T23:59:60Z",
    "2026-02-28 23:59:59Z",
    "2026-02-28T23:59:59-00:00",
    "2026-02-28T23:59:59+24:00",
    "2026-02-28",
  ),
);
const value = fc.oneof({ weight: 6, arbitrary: text }, { weight: 1, arbitrary: json });
/** Mostly what it should be, so that single faults are met and whole events get through. */
const mostly = (good: fc.Arbitrary<unknown>) => fc.oneof({ weight: 8, arbitrary: good }, { weight: 1, arbitrary: value });
const some = <T>(fields: Record<string, fc.Arbitrary<T>>, requiredKeys: string[]) => fc.record(fields, { requiredKeys });
const word = mostly(fc.constantFrom("inbound", "", 'sa"y', "über", null));

const plain = some<unknown>(
  {
    type: mostly(fc.constant("call.answered")),
    callId: mostly(fc.constant("call-1")),
    at: mostly(time),
    from: word,
    to: word,
    direction: word,
    status: word,
    data: json,
    id: word,
    source: mostly(fc.constantFrom("/pbx/1", "urn:pbx:%41", null)),
  },
  ["type", "callId"],
);
const cloud = some<unknown>(
  {
    specversion: fc.oneof({ weight: 20, arbitrary: fc.constant("1.0") }, { weight: 1, arbitrary: value }),
    id: mostly(fc.constant("a-1")),
    source: mostly(fc.constant("/pbx/1")),
    type: mostly(fc.constant("call.answered")),
    subject: word,
    time: mostly(time),
    datacontenttype: mostly(fc.constantFrom("application/json", "text/xml", "application/vnd.x+JSON ;v=1", null)),
    dataschema: mostly(fc.constant("https://example.com/s")),
    data: json,
    data_base64: mostly(fc.constantFrom("AAE=", "", null)),
    tenant: mostly(fc.constantFrom(TENANT, null)),
    caller: word,
    direction: word,
    traceparent: word,
    recordedtime: value,
    originid: value,
    erased: fc.constantFrom(null, null, "x"),
  },
  ["id", "source", "type", "specversion"],
);
const extensions = fc.dictionary(
  fc.constantFrom("answeredby", "constructor", "x1", "Bad", "", "averyveryverylongname", "__proto__", "a/b"),
  value,
  {
    maxKeys: 1,
  },
);
const item = fc.oneof(
  plain,
  cloud,
  fc.tuple(cloud, extensions).map(([event, more]) => ({ ...event, ...more })),
  json,
);

/** As it comes out of a parser: `undefined` and the like are gone. */
const sent = (body: unknown): unknown => JSON.parse(JSON.stringify(body));

describe("[ING-2] the reader and its description in zod", () => {
  it("accept and refuse the same events, and store them alike", () => {
    let accepted = 0;
    fc.assert(
      fc.property(item, (event) => {
        const parsed = parseIntake(bytes(JSON.stringify([event])), "json", SENDER);
        const stored = parsed.ok ? parsed.value.events.map(({ rest }) => JSON.parse(`{${rest}`) as unknown) : [];
        const expected = storedForm(sent(event));
        expect(stored).toEqual(expected === undefined ? [] : [expected]);
        accepted += stored.length;
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(200);
  });
});

describe("[ING-1] a body", () => {
  const kind = fc.constantFrom("event", "batch", "json", "lines" as const) as fc.Arbitrary<
    "event" | "batch" | "json" | "lines"
  >;
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 64 }),
    fc.string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "1", "\n", "\\", "a"), maxLength: 40 }).map(bytes),
    fc.array(item, { maxLength: 4 }).map((items) => bytes(JSON.stringify(items))),
    fc.array(item, { maxLength: 4 }).map((items) => bytes(items.map((one) => JSON.stringify(one)).join("\n"))),
  );

  it("is read or refused, and every event of it is answered for", () => {
    fc.assert(
      fc.property(body, kind, (content, as) => {
        const parsed = parseIntake(content, as, SENDER);
        if (!parsed.ok) return ["bad_json", "invalid_fields", "body_too_large"].includes(parsed.error.code);
        const { events, refused, count } = parsed.value;
        const isLine = events.every(({ rest }) => !rest.includes("\n") && rest.endsWith("}"));
        return isLine && events.length + refused.length === count && refused.every(({ errors }) => errors.length > 0);
      }),
      { numRuns: 1_500 },
    );
  });

  it("has a media type or has none, whatever the header says", () => {
    fc.assert(fc.property(fc.string(), (header) => [null, "json"].includes(intakeKindOf(header)) || header.includes("/")));
  });
});

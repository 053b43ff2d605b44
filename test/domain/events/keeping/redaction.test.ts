import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { auditOf } from "../../../../domain/events/keeping/erasure.ts";
import { digitsOf } from "../../../../domain/events/keeping/numbers.ts";
import { createRedact } from "../../../../domain/events/keeping/redaction.ts";
import { IntakeIds } from "../../../../domain/events/intake-ids.ts";
import { type StoredEvent, parseStored } from "../../../../domain/events/stored.ts";
import { INTAKE_EPOCH } from "../../../../domain/shared/ids.ts";
import { STORED_MS, erasureOf, eventIdAt, eventOf } from "./fixture.ts";

const NUMBER = "+4915112345678";
const DIGITS = digitsOf(NUMBER);
const redact = createRedact([{ id: "era-1", digits: DIGITS, untilMs: STORED_MS + 1 }]);
const redacted = (event: StoredEvent): StoredEvent => parseStored(redact(JSON.stringify(event)));
const isErased = (event: StoredEvent): boolean => redacted(event).erased !== undefined;

/** What a person may be found by in a line: its digits, whatever stands between them. */
const digitsIn = ({ id: _id, time: _time, recordedtime: _recorded, ...told }: StoredEvent): string =>
  JSON.stringify(told).replaceAll(/\D/g, "");

const spelling = fc.constantFrom(
  NUMBER,
  DIGITS,
  `00${DIGITS}`,
  `000${DIGITS}`,
  `tel:${NUMBER}`,
  `sip:${NUMBER}@pbx.example;user=phone`,
  "+49 151 1234 5678",
  "+49 (151) 1234-5678",
  "+49/151\u00a01234\u20115678",
  `calls for ${NUMBER}, please`,
);
const place = fc.constantFrom<(text: string) => Partial<StoredEvent>>(
  (text) => ({ caller: text }),
  (text) => ({ callee: text }),
  (text) => ({ caller: "+15550001111", callee: text, data: { transcript: "hello" } }),
  (text) => ({ data: { from: text } }),
  (text) => ({ data: { deep: [{ deeper: { [text]: 1 } }] } }),
  (text) => ({ data: text }),
  (text) => ({ xnumber: text }),
  (text) => ({ subject: `call of ${text}` }),
  (text) => ({ source: `/phones/${text}` }),
  (text) => ({ originid: `${text}:1` }),
  () => ({ data: { number: Number(DIGITS) } }),
);

describe("redaction", () => {
  it("[KEEP-3] leaves no trace of the number, wherever and however it stood", () => {
    fc.assert(
      fc.property(spelling, place, (text, put) => {
        const after = redacted(eventOf({ traceparent: "00-ab-cd-01", status: "busy", direction: "inbound", ...put(text) }));
        expect(digitsIn(after)).not.toContain(DIGITS);
        expect(after.erased).toBe("era-1");
      }),
      { numRuns: 300 },
    );
  });

  it("[KEEP-3] finds the number in attributes that the store makes for sessions, and others fill as they like", () => {
    const id = new IntakeIds("standard", { epoch: INTAKE_EPOCH, number: 0 }, null, new Uint8Array(16)).next(STORED_MS);
    for (const told of [{ sequence: `of ${NUMBER}` }, { datacontenttype: `text/plain;of=${NUMBER}` }]) {
      const left = redacted(eventOf({ id, ...told }));
      expect([left.erased, digitsIn(left).includes(DIGITS)]).toEqual(["era-1", false]);
    }
  });

  it("[KEEP-3] keeps an event's place, type and times, and nothing of what it told of people", () => {
    const event = eventOf({
      caller: NUMBER,
      callee: "+15550001111",
      direction: "inbound",
      status: "answered",
      sequence: "0000000003",
      originid: "pbx-77",
      traceparent: "00-ab-cd-01",
      patient: "Jane",
      datacontenttype: "application/json",
      data: { from: NUMBER, name: "Jane" },
    });
    const { caller, callee, originid, traceparent, patient, data, ...kept } = event;
    expect([caller, callee, originid, traceparent, patient, data]).not.toContain(undefined);
    expect(redacted(event)).toEqual({ ...kept, data: {}, erased: "era-1" });
  });

  it("[KEEP-3] leaves alone, byte for byte, what is of other numbers", () => {
    const others = [
      `${NUMBER}9`,
      `1${DIGITS}`,
      NUMBER.slice(0, -1),
      "4915112345,678".slice(0, 9),
      `${DIGITS.slice(0, 7)}x${DIGITS.slice(7)}`,
    ];
    for (const other of others) {
      const line = JSON.stringify(eventOf({ caller: other, data: { note: `said "${other}"` } }));
      expect(redact(line)).toBe(line);
    }
  });

  it("[KEEP-3] is not misled by escapes, nor by what only looks like the number", () => {
    const escaped = JSON.stringify(eventOf({ caller: "X" })).replace('"X"', String.raw`"\u002b4\u0039151\/12345678"`);
    expect(parseStored(redact(escaped)).erased).toBe("era-1");
    const timed = eventOf({ sequence: DIGITS });
    expect(isErased(timed)).toBe(false);
  });

  it("[KEEP-3] is of what was stored before its acceptance alone", () => {
    expect(isErased(eventOf({ caller: NUMBER, id: eventIdAt(STORED_MS) }))).toBe(true);
    expect(isErased(eventOf({ caller: NUMBER, id: eventIdAt(STORED_MS + 1) }))).toBe(false);
  });

  it("[KEEP-3] does the same the second time, and takes several numbers at once", () => {
    const both = createRedact([
      { id: "era-1", digits: DIGITS, untilMs: STORED_MS + 1 },
      { id: "era-2", digits: "15550001111", untilMs: STORED_MS + 1 },
    ]);
    const line = JSON.stringify(eventOf({ caller: NUMBER, callee: "+1 555 000 1111" }));
    expect(parseStored(both(line)).erased).toBe("era-1");
    expect(both(both(line))).toBe(both(line));
    const other = parseStored(both(JSON.stringify(eventOf({ caller: "+15550001111" }))));
    expect(other.erased).toBe("era-2");
  });

  it("[KEEP-3] hands back a damaged line as it is", () => {
    expect(redact(`{"caller":"${NUMBER}`)).toBe(`{"caller":"${NUMBER}`);
  });

  it("[KEEP-3] the audit record has nothing to find the number by", () => {
    const audit = auditOf({ ...erasureOf("era-1"), segmentsRewritten: 2, eventsErased: 5 }, STORED_MS + 9);
    expect(audit).toMatchObject({ state: "done", finishedMs: STORED_MS + 9, eventsErased: 5, segmentsRewritten: 2 });
    expect(JSON.stringify(audit)).not.toContain("sealed");
  });
});

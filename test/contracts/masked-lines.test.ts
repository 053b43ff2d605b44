import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, EVENT_COLUMNS, headerOf } from "../../contracts/events/csv.ts";
import { type LineMask, csvMask, eventStreamMask, jsonLinesMask } from "../../contracts/masked-lines.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";

const EVENT = {
  specversion: "1.0",
  id: "01a1fec8-0000-7000-8000-000000000001",
  source: "/crm",
  type: "com.example.note",
  subject: "c-1",
  time: "2026-03-01T12:00:00.000Z",
  recordedtime: "2026-03-01T12:00:00.000Z",
  caller: "+493012345678",
  callee: "=1+1",
  data: { text: 'Maria said "hello",\nand left', sipCode: 200 },
} as unknown as StoredEvent;

/** In pieces of any length, as a stream comes. */
function through(mask: LineMask, text: string, cuts: readonly number[]): string {
  let [shown, at] = ["", 0];
  for (const cut of [...cuts].map((share) => Math.floor(share * text.length)).sort((a, b) => a - b)) {
    shown += mask.push(text.slice(at, cut));
    at = cut;
  }
  return shown + mask.push(text.slice(at)) + mask.end();
}
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

describe("[PII-2] answers that come line by line", () => {
  it("[PII-2] as CSV keep their columns, and hide by what these are called", () => {
    const text =
      headerOf(EVENT_COLUMNS) + eventRow(EVENT) + eventRow({ ...EVENT, id: "01a1fec8-0000-7000-8000-000000000002" as never });
    fc.assert(
      fc.property(cuts, (where) => {
        const shown = through(csvMask(), text, where);
        expect(shown.split("\r\n").map((row) => row.split(",").slice(0, 8).join())).toEqual([
          "id,time,recordedTime,type,source,callId,caller,callee",
          `${EVENT.id},${EVENT.time},${EVENT.time},com.example.note,/crm,c-1,+49301***,***`,
          `01a1fec8-0000-7000-8000-000000000002,${EVENT.time},${EVENT.time},com.example.note,/crm,c-1,+49301***,***`,
          "",
        ]);
        expect(shown).toContain('"{""text"":""***"",""sipCode"":200}"');
        expect(shown).not.toContain("Maria");
      }),
    );
  });

  it("[PII-2] as NDJSON and as server-sent events are masked line by line, and hidden where a line is not whole", () => {
    const line = JSON.stringify(EVENT);
    fc.assert(
      fc.property(cuts, (where) => {
        const lines = through(jsonLinesMask("records"), `${line}\n${line}\n{"end":{"events":2}}\n`, where).split("\n");
        expect(lines.map((one) => one.includes("+49301***"))).toEqual([true, true, false, false]);
        expect(lines.slice(2)).toEqual(['{"end":{"events":2}}', ""]);
        const frames = through(eventStreamMask(), `retry: 1000\n\n: heartbeat\n\nid: x\ndata: ${line}\n\n`, where);
        expect(frames).toMatch(/^retry: 1000\n\n: heartbeat\n\nid: x\ndata: \{"specversion".*"sipCode":200\}\}\n\n$/);
        expect(frames + lines.join()).not.toMatch(/Maria|12345678/);
      }),
    );
    expect(through(jsonLinesMask("records"), line.slice(0, -5), [])).toBe('"***"');
  });

  it("[PII-2] of a configuration pass as they are unless they are of a person", () => {
    const rule = '{"id":"r", "uri":"sip:+493012345678@gw"}\n';
    const profile = '{"id":"301","blockedCallers":["+493012345678"]}\n';
    expect(through(jsonLinesMask("configuration"), rule + profile, [0.3])).toBe(
      `${rule}{"id":"301","blockedCallers":["+49301***"]}\n`,
    );
  });
});

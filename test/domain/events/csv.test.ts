import fc from "fast-check";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { EVENT_COLUMNS, eventRow, headerOf, safeCell } from "../../../contracts/events/csv.ts";
import { DAY_OF_CALLS_MS as T, storedEvent } from "./stored-events.ts";

describe("[QRY-8] events as CSV", () => {
  it("is read by others as it was written", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.record({ caller: text, status: text, data: fc.jsonValue() })), (given) => {
        const events = given.map((each, count) => storedEvent({ type: "call.ended", atMs: T, count, ...each }));
        const csv = headerOf(EVENT_COLUMNS) + events.map(eventRow).join("");
        const { data, meta } = Papa.parse<Record<string, string>>(csv, { header: true, skipEmptyLines: true });
        expect(meta.fields).toEqual(EVENT_COLUMNS);
        expect(data.map(({ id, caller, status }) => [id, caller, status])).toEqual(
          events.map(({ id, caller, status }) => [id, safeCell(caller!), safeCell(status!)]),
        );
        expect(data.map((row) => row["data"]!.replace(/^'/, ""))).toEqual(events.map((event) => JSON.stringify(event.data)));
      }),
    );
  });

  it("disarms what a spreadsheet would take for a formula, and leaves numbers and telephone numbers", () => {
    const formulas = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "+49 30 1234=1"];
    expect(formulas.map(safeCell)).toEqual(formulas.map((text) => `'${text}`));
    const plain = ["+4930123456", "-12.5", "0", "call.ended", "", "sip:+49@example.com"];
    expect(plain.map(safeCell)).toEqual(plain);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VolumeIndex } from "../../../../domain/events/index/volume.ts";
import { parseExpression } from "../../../../domain/events/query/expression.ts";
import { masksOf, meets, termsOfFilter } from "../../../../domain/events/query/hints.ts";
import { foundReader, matches } from "../../../../domain/events/query/match.ts";
import { FIRST_PLACE, LAST_PLACE, neighbourOf, rangeOf } from "../../../../domain/events/query/place.ts";
import type { EventFilter, TextMatch } from "../../../../domain/events/query/query.ts";
import { termsOf } from "../../../../domain/events/segment.ts";
import { type StoredEvent, factsOf } from "../../../../domain/events/stored.ts";
import type { EventId, TenantId } from "../../../../domain/shared/ids.ts";
import { DAY_OF_CALLS_MS, storedEvent } from "../stored-events.ts";

const word = fc.constantFrom("a", "ab", "abc", 'b"', "ü", "+49");
const match: fc.Arbitrary<TextMatch> = fc.record({ tag: fc.constantFrom("exact", "prefix"), value: word });
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 2 });

const field = fc.constantFrom("type", "callId", "caller", "callee", "direction", "status", "source", "data.x");
const condition = fc
  .tuple(field, fc.constantFrom("=", "!=", ":", "<", ">="), word, fc.constantFrom("", "*"))
  .map(([name, comparator, value, star]) => `${name} ${comparator} "${value.replace('"', String.raw`\"`)}${star}"`);
const expression = fc
  .array(fc.tuple(condition, fc.constantFrom(" ", " AND ", " OR ", " AND NOT ")), { minLength: 1, maxLength: 4 })
  .map((all) => all.map(([text, joint], index) => (index === 0 ? text : joint + text)).join(""))
  .map((text) => {
    const parsed = parseExpression(text);
    if (!parsed.ok) throw new Error(`${text}: ${parsed.error.detail}`);
    return parsed.value;
  });

const all = fc.record({
  type: some(match),
  source: some(match),
  caller: some(match),
  callee: some(match),
  callId: some(word),
  direction: some(word),
  status: some(word),
  expression,
});
const FIELDS = ["type", "source", "caller", "callee", "callId", "direction", "status", "expression"] as const;
const filters: fc.Arbitrary<EventFilter> = fc
  .tuple(all, fc.subarray([...FIELDS], { maxLength: 3 }))
  .map(([values, names]) => Object.fromEntries(names.map((name) => [name, values[name]])));

const events: fc.Arbitrary<StoredEvent> = fc
  .record({ type: word, source: word, subject: word, caller: word, callee: word, direction: word, status: word, x: word })
  .map(({ x, ...given }) => storedEvent({ ...given, atMs: DAY_OF_CALLS_MS, tenant: "acme" as TenantId, data: { x } }));

const termMatches = ({ tag, value }: TextMatch, text: string): boolean =>
  tag === "exact" ? value === text : text.startsWith(value);

describe("[QRY-2] what indexes are asked", () => {
  it("never leaves a matching event out", () => {
    const seen = { matching: 0 };
    fc.assert(
      fc.property(filters, events, (filter, event) => {
        if (!matches(filter, event)) return;
        seen.matching += 1;
        const facts = factsOf(event);
        for (const group of termsOfFilter(filter))
          expect(
            termsOf(facts).some(([kind, text]) => group.some((query) => query.kind === kind && termMatches(query.match, text))),
          ).toBe(true);
        const index = new VolumeIndex(false);
        index.add(facts);
        index.closeBlock(1);
        const { blocks, dictionaries } = index.finish();
        expect(meets(masksOf(filter, dictionaries), blocks.at(0))).toBe(true);
        const read = foundReader({ tenant: "acme" as TenantId, filter });
        expect(read(JSON.stringify(event))?.id).toBe(event.id);
      }),
      { numRuns: 1_000 },
    );
    expect(seen.matching).toBeGreaterThan(50);
  });

  it("leaves out what certainly does not match", () => {
    const dictionaries = { types: ["call", "sms"], directions: [""], statuses: ["", "ok"], sources: ["/a", "/b"] };
    const parsed = parseExpression('NOT type = "sms" AND source = "/b" AND status:*');
    expect(parsed.ok && masksOf({ expression: parsed.value }, dictionaries)).toEqual({
      types: 1,
      directions: 1,
      statuses: 2,
      sources: 2,
    });
  });
});

describe("[QRY-4] places", () => {
  const place = fc.uuid().map((id) => id.toLowerCase());

  it("have neighbours with nothing between", () => {
    fc.assert(
      fc.property(place, (id) => {
        expect(neighbourOf(id, 1) > id).toBe(true);
        expect(neighbourOf(neighbourOf(id, 1), -1)).toBe(id);
      }),
    );
    expect(neighbourOf("00000000-0000-0000-0000-ffffffffffff", 1)).toBe("00000000-0000-0000-0001-000000000000");
    expect(neighbourOf(LAST_PLACE, 1)).toBe(LAST_PLACE);
  });

  it("of times are exact to the millisecond", () => {
    const filter = { recordedFromMs: DAY_OF_CALLS_MS, recordedToMs: DAY_OF_CALLS_MS + 5 };
    const { minId, maxId } = rangeOf({ filter, order: "newest_first", after: null });
    const inside = (ms: number) => {
      const { id } = storedEvent({ type: "x", atMs: DAY_OF_CALLS_MS + ms });
      return id >= minId && id <= maxId;
    };
    expect([-1, 0, 4, 5].map(inside)).toEqual([false, true, true, false]);
    expect(rangeOf({ filter: {}, order: "oldest_first", after: FIRST_PLACE as EventId }).maxId).toBe(LAST_PLACE);
  });
});

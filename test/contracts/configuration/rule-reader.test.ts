import fc from "fast-check";
import { expect, it } from "vitest";
import { entityJson, parseEntity } from "../../../contracts/configuration/entities.ts";
import { createRuleReader } from "../../../contracts/configuration/rule-reader.ts";
import { ENTITIES } from "./arbitraries.ts";
import { groupRule } from "./rows.ts";

const travelled = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

it("[CFG-5] many rules are read as one by one, also where a few differ in one field", () => {
  const rule = fc.oneof(groupRule("a"), groupRule("b"), ENTITIES["routing-rules"]);
  const damage = fc.record(
    { id: fc.constantFrom("x", "X", ""), precedence: fc.constantFrom(1, -1, null, "1"), extra: fc.constant(1) },
    { requiredKeys: [] },
  );
  const prefix = fc.constantFrom("+49", "49", "x", "", 7, null);
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), damage, prefix), { maxLength: 20 }),
      (rules, uses) => {
        const read = createRuleReader();
        for (const [which, changes, value] of uses) {
          const json = { ...entityJson("routing-rules", rules[which % rules.length]!), ...changes };
          for (const each of [
            json,
            { ...json, when: { callee: { prefix: [value] } } },
            { ...json, when: { trunk: ["main"], callee: { prefix: [value] } } },
          ])
            expect(read(travelled(each))).toEqual(parseEntity("routing-rules", travelled(each)));
        }
      },
    ),
    { numRuns: 30 },
  );
});

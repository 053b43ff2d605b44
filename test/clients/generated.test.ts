import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { API } from "../../contracts/openapi/api.ts";
import { OPERATIONS } from "../../clients/typescript/generated.ts";
import { CLIENT_TYPES_FILE, clientTypesText } from "../../local/openapi/client-types.ts";
import { typeText } from "../../local/openapi/type-text.ts";
import { ROOT } from "../../local/paths.ts";

/** What the client follows instead of asking for it once. */
const FOLLOWED = ["tailEvents", "watchSession", "watchSessions"];

describe("the client's types", () => {
  it("[API-11] are what the interface description says; otherwise run `npm run openapi -- client`", () => {
    expect(readFileSync(join(ROOT, CLIENT_TYPES_FILE), "utf8") === clientTypesText()).toBe(true);
  });

  it("[API-11] have every operation that answers once", () => {
    const described = API.operations.map(({ id }) => id).filter((id) => !FOLLOWED.includes(id));
    expect(Object.keys(OPERATIONS).sort()).toEqual(described.sort());
  });

  it.each([
    [{ type: "array", items: { type: ["string", "null"] } }, "readonly ((string | null))[]"],
    [{ anyOf: [{ const: 1 }, { const: "a" }, { const: 1 }] }, '(1 | "a")'],
    [{ type: "array", items: { $ref: "#/components/schemas/Trunk" } }, "readonly Trunk[]"],
    [{ type: "object", additionalProperties: { type: "integer" } }, "{\n  readonly [name: string]: number;\n}"],
    [{ type: "object", properties: {}, additionalProperties: false }, "Readonly<Record<string, never>>"],
    [
      { type: "object", propertyNames: { enum: ["a", "b"] }, additionalProperties: { type: "integer" } },
      '{ readonly [name in ("a" | "b")]?: number }',
    ],
    [
      { type: "object", properties: { "a-b": { type: "boolean" }, c: {} }, required: ["c"] },
      '{\n  readonly "a-b"?: boolean;\n  readonly c: unknown;\n}',
    ],
  ])("says %j in TypeScript", (schema, text) => {
    expect(typeText(schema)).toBe(text);
  });
});

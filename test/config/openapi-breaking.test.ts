import { describe, expect, it } from "vitest";
import { breakingChanges } from "../../local/openapi/breaking.ts";
import { apiDocument } from "../../contracts/openapi/api.ts";

type Json = Record<string, unknown>;

const parameter = (name: string, more: Json = {}): Json => ({ name, in: "query", schema: { type: "string" }, ...more });

/** One operation of each thing that may change. */
const operation = (): Json => ({
  operationId: "makeThing",
  "x-required-scope": "things:write",
  security: [{ bearer: [] }, { apiKey: [] }],
  parameters: [parameter("kind", { schema: { type: "string", enum: ["a", "b"] } }), { $ref: "#/components/parameters/Key" }],
  requestBody: { required: false, content: { "application/json": { schema: { $ref: "#/components/schemas/NewThing" } } } },
  responses: {
    "201": {
      headers: { Location: {} },
      content: {
        "application/json": { schema: { $ref: "#/components/schemas/Thing" } },
        "text/csv": { schema: { type: "string" } },
      },
    },
    "409": {},
  },
});

const documentOf = (change: (document: Document) => void = () => {}): Json => {
  const document = {
    paths: { "/v1/things": { post: operation() } } as Record<string, Record<string, Json>>,
    components: {
      parameters: { Key: parameter("key", { in: "header" }) },
      schemas: {
        NewThing: {
          type: "object",
          properties: {
            name: { type: "string", maxLength: 10 },
            size: { type: "number" },
            at: { anyOf: [{ type: "string" }, { type: "integer" }] },
            mode: { type: "string", enum: ["x", "y"] },
            parts: { type: "array", items: { $ref: "#/components/schemas/NewThing" } },
          },
          required: ["name"],
        },
        Thing: {
          type: "object",
          properties: {
            id: { type: "string" },
            count: { type: "integer" },
            note: { anyOf: [{ type: "string" }, { type: "null" }] },
            state: { type: "string", enum: ["open", "closed"] },
            inner: { type: "array", items: { type: "object", properties: { deep: { type: "string" } }, required: ["deep"] } },
          },
          required: ["id", "count"],
        },
      } as Record<string, Schema>,
    },
  };
  change(document);
  return document;
};
type Schema = { properties: Record<string, Json>; required: string[]; additionalProperties?: boolean };
type Document = {
  paths: Record<string, Record<string, Json>>;
  components: { parameters: Record<string, Json>; schemas: Record<string, Schema> };
};

const post = ({ paths }: Document): Json => paths["/v1/things"]!["post"]!;
const taken = ({ components }: Document): Schema => components.schemas["NewThing"]!;
const given = ({ components }: Document): Schema => components.schemas["Thing"]!;
const answers = (document: Document) => post(document)["responses"] as Record<string, { headers: Json; content: Json }>;

const BREAKS: readonly (readonly [what: string, change: (document: Document) => void, told: RegExp])[] = [
  ["a path that is gone", (d) => delete d.paths["/v1/things"], /POST \/v1\/things: is gone/],
  ["a method that is another", (d) => (d.paths["/v1/things"] = { put: operation() }), /POST \/v1\/things: is gone/],
  ["an operationId that is another", (d) => (post(d)["operationId"] = "createThing"), /another operationId/],
  [
    "a permission that is another",
    (d) => (post(d)["x-required-scope"] = "things:manage"),
    /takes things:manage instead of things:write/,
  ],
  ["a proof that is not taken any more", (d) => (post(d)["security"] = [{ bearer: [] }]), /apiKey is no proof any more/],
  ["a parameter that is gone", (d) => (post(d)["parameters"] = [parameter("kind")]), /header parameter key is gone/],
  [
    "a new parameter that is required",
    (d) => (post(d)["parameters"] as Json[]).push(parameter("x", { required: true })),
    /query parameter x is required now/,
  ],
  [
    "a parameter that is required now",
    (d) => (d.components.parameters["Key"]!["required"] = true),
    /header parameter key is required now/,
  ],
  [
    "a value of a parameter that is gone",
    (d) =>
      (post(d)["parameters"] = [
        parameter("kind", { schema: { type: "string", enum: ["a"] } }),
        { $ref: "#/components/parameters/Key" },
      ]),
    /"b" is no longer taken/,
  ],
  ["a body that is required now", (d) => ((post(d)["requestBody"] as Json)["required"] = true), /a body is required now/],
  [
    "a type of body that is gone",
    (d) => (post(d)["requestBody"] = { content: { "text/csv": {} } }),
    /body: application\/json is gone/,
  ],
  ["a member that is required now", (d) => taken(d).required.push("size"), /\/size: is required now/],
  ["a member that is not taken any more", (d) => delete taken(d).properties["size"], /\/size: is gone/],
  ["members that are unknown and not taken any more", (d) => (taken(d).additionalProperties = false), /takes no other members/],
  [
    "a value of a member that is gone",
    (d) => (taken(d).properties["mode"] = { type: "string", enum: ["x"] }),
    /\/mode: "y" is no longer taken/,
  ],
  [
    "a list of values where there was none",
    (d) => (taken(d).properties["name"] = { type: "string", maxLength: 10, enum: ["n"] }),
    /\/name: takes certain values alone/,
  ],
  [
    "a narrower type of what is sent",
    (d) => (taken(d).properties["size"] = { type: "integer" }),
    /\/size: number is no longer taken/,
  ],
  [
    "an alternative that is not taken any more",
    (d) => (taken(d).properties["at"] = { type: "string" }),
    /\/at: an alternative is no longer taken/,
  ],
  ["a tighter bound", (d) => (taken(d).properties["name"] = { type: "string", maxLength: 9 }), /\/name: maxLength is narrower/],
  [
    "a pattern where there was none",
    (d) => (taken(d).properties["name"] = { type: "string", maxLength: 10, pattern: "^a" }),
    /\/name: pattern is narrower/,
  ],
  ["an answer that is gone", (d) => delete answers(d)["201"], /: 201 is gone/],
  ["a type of an answer that is gone", (d) => delete answers(d)["201"]!.content["text/csv"], /201: text\/csv is gone/],
  ["a header of an answer that is gone", (d) => (answers(d)["201"]!.headers = {}), /201 has no Location any more/],
  ["a member of an answer that is gone", (d) => delete given(d).properties["count"], /\/count: is gone/],
  ["a member of an answer that may be missing", (d) => (given(d).required = ["id"]), /\/count: may be missing now/],
  [
    "another type of what is answered",
    (d) => (given(d).properties["id"] = { type: "integer" }),
    /\/id: integer was never answered here/,
  ],
  [
    "a wider type of what is answered",
    (d) => (given(d).properties["count"] = { type: "number" }),
    /\/count: number was never answered here/,
  ],
  [
    "an alternative that was never answered",
    (d) => (given(d).properties["id"] = { anyOf: [{ type: "string" }, { type: "null" }] }),
    /\/id: there is an alternative that was not there/,
  ],
  [
    "a member deep in an answer that is gone",
    (d) => (given(d).properties["inner"] = { type: "array", items: { type: "object", properties: {} } }),
    /\/inner\/\*\/deep: is gone/,
  ],
];

const ADDITIONS: readonly (readonly [what: string, change: (document: Document) => void])[] = [
  ["nothing", () => {}],
  ["an operation", (d) => (d.paths["/v1/others"] = { get: operation() })],
  ["an operation that is open to everybody now", (d) => Object.assign(post(d), { "x-required-scope": null, security: [{}] })],
  ["an optional parameter", (d) => (post(d)["parameters"] as Json[]).push(parameter("x"))],
  ["a value of a parameter", (d) => (post(d)["parameters"] = [parameter("kind"), { $ref: "#/components/parameters/Key" }])],
  ["a type of body", (d) => ((post(d)["requestBody"] as { content: Json }).content["text/csv"] = {})],
  ["an optional member of a body", (d) => (taken(d).properties["extra"] = { type: "string" })],
  ["a member of a body that need not be there any more", (d) => (taken(d).required = [])],
  ["a wider type of what is taken", (d) => (taken(d).properties["mode"] = { type: ["string", "null"] })],
  ["a wider bound", (d) => (taken(d).properties["name"] = { type: "string", maxLength: 20 })],
  ["a member of an answer", (d) => (given(d).properties["extra"] = { type: "string" })],
  ["a member of an answer that is always there now", (d) => given(d).required.push("note")],
  ["a narrower type of what is answered", (d) => (given(d).properties["note"] = { type: "string" })],
  ["a value of an answer", (d) => (given(d).properties["state"] = { type: "string", enum: ["open", "closed", "gone"] })],
  ["a status", (d) => (answers(d)["202"] = { headers: {}, content: {} })],
  ["a refusal less", (d) => delete answers(d)["409"]],
];

describe("[API-3] what breaks clients", () => {
  it.each(BREAKS)("[API-3] %s", (_what, change, told) => {
    const changes = breakingChanges(documentOf(), documentOf(change));
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatch(told);
  });

  it.each(ADDITIONS)("[API-3] %s is no break", (_what, change) => {
    expect(breakingChanges(documentOf(), documentOf(change))).toEqual([]);
  });

  it("[API-3] the API does not break itself, whatever refers to what", () => {
    expect(breakingChanges(apiDocument(), apiDocument())).toEqual([]);
  });
});

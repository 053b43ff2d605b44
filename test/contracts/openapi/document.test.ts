import { describe, expect, it } from "vitest";
import { API, apiDocument, validateAnswer } from "../../../contracts/openapi/api.ts";
import { ACCEPTED, HOLD, PARTLY_ACCEPTED, STORED_EVENT } from "../../../contracts/openapi/examples.ts";
import { mismatches } from "../../../contracts/openapi/mismatches.ts";
import { rateOf } from "../../../contracts/openapi/operation.ts";
import { problem } from "../../../contracts/openapi/problem-schema.ts";
import { problemsOf } from "../../../contracts/openapi/problems-json.ts";
import { TAGS } from "../../../contracts/openapi/tags.ts";
import { PROBLEMS, type ProblemCode, problemJson } from "../../../contracts/problem.ts";
import { intakeKindOf, parseIntake } from "../../../contracts/events/ingest.ts";
import { maskConfiguration, maskJson } from "../../../domain/privacy/mask.ts";
import { PERMISSIONS } from "../../../domain/identity/principal.ts";
import { tenant } from "../../adapters/identity/tenant-fixture.ts";

type Json = Readonly<Record<string, unknown>>;
const document = apiDocument();
const { operations } = API;

/** Every object in a document, with the pointer to it. */
function* objects(value: unknown, at = "#"): Generator<readonly [pointer: string, object: Json]> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield [at, value as Json];
  for (const [name, member] of Object.entries(value)) yield* objects(member, `${at}/${name}`);
}

function resolve(reference: string): unknown {
  return reference
    .slice("#/".length)
    .split("/")
    .reduce<unknown>((value, name) => (value as Json | undefined)?.[name], document);
}

describe("[LMT-4] [API-1] the interface description", () => {
  it("[LMT-4] is OpenAPI 3.1 by its structure, and has nothing that JSON has not", () => {
    expect(document["openapi"]).toBe("3.1.0");
    expect(document["info"]).toMatchObject({ title: expect.any(String) as string, version: expect.any(String) as string });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it("[LMT-4] refers only to what is there", () => {
    const references = [...objects(document)].flatMap(([at, { $ref }]) =>
      typeof $ref === "string" ? [[at, $ref] as const] : [],
    );
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter(([, reference]) => resolve(reference) === undefined)).toEqual([]);
  });

  it("[API-1] has no part that nothing refers to", () => {
    const references = new Set([...objects(document)].map(([, { $ref }]) => $ref));
    const { securitySchemes: _schemes, ...components } = document["components"] as Record<string, Json>;
    const parts = Object.entries(components).flatMap(([kind, named]) =>
      Object.keys(named).map((name) => `#/components/${kind}/${name}`),
    );
    expect(parts.filter((part) => !references.has(part))).toEqual([]);
  });

  it("[LMT-4] names every operation once, with every parameter of its path", () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length);
    for (const { path, parameters } of operations) {
      const inPath = parameters.filter((parameter) => parameter.in === "path");
      expect(inPath.map(({ name }) => name)).toEqual([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
      expect(inPath.every(({ isRequired }) => isRequired === true)).toBe(true);
      expect(new Set(parameters.map(({ name }) => name)).size).toBe(parameters.length);
    }
  });

  it.each(operations)("[API-1] $id has a scope, answers with examples, and the problems that it may have", (operation) => {
    const { path, method, permission, id } = operation;
    const described = ((document["paths"] as Record<string, Json>)[path] as Record<string, Json>)[method]!;
    expect(described["operationId"]).toBe(id);
    expect(id).toMatch(/^[a-z][a-zA-Z]+$/);
    expect(described["description"]).toEqual(expect.stringMatching(/\.$/));
    expect(described["x-required-scope"]).toBe(permission);
    expect(permission === null || PERMISSIONS.includes(permission)).toBe(true);
    const { responses } = described as { responses: Record<string, Json> };
    const statuses = [
      ...operation.answers.map(({ status }) => status),
      ...problemsOf(operation).map((code) => PROBLEMS[code].status),
    ];
    expect(new Set(Object.keys(responses))).toEqual(new Set(statuses.map(String)));
    expect(Object.hasOwn(responses, "429")).toBe(rateOf(operation) !== null);
    const told = Object.values(responses).map(({ $ref, headers }) =>
      typeof $ref === "string" ? (resolve($ref) as Json)["headers"] : headers,
    );
    const limited = told.map((headers) => Object.hasOwn(headers as Json, "RateLimit"));
    expect(limited.every((has) => has === (rateOf(operation) !== null))).toBe(true);
  });

  it("[API-1] explains every tag, and every way to prove who asks", () => {
    const { tags, components } = document as unknown as { tags: { name: string }[]; components: { securitySchemes: Json } };
    expect(tags.map(({ name }) => name)).toEqual(
      Object.keys(TAGS).filter((name) => operations.some(({ tag }) => tag === name)),
    );
    const schemes = [...objects(document["paths"])].flatMap(([, { security }]) =>
      Array.isArray(security) ? security.flatMap((each) => Object.keys(each as Json)) : [],
    );
    expect([...new Set(schemes)].sort()).toEqual(Object.keys(components.securitySchemes).sort());
  });
});

describe("[LMT-4] examples", () => {
  const bodiesOf = operations.flatMap(({ id, body = [] }) =>
    body.map((content) => ({ what: `body of ${id} in ${content.mediaType}`, ...content })),
  );
  it.each(bodiesOf)("[API-1] $what is taken by its schema", ({ schema, example }) => {
    expect(schema.safeParse(example)).toMatchObject({ success: true });
  });

  const contents = operations.flatMap(({ id, parameters, answers }) => [
    ...answers.flatMap(({ status, content }) =>
      content.map((each) => ({ what: `${status} of ${id} in ${each.mediaType}`, ...each })),
    ),
    ...parameters.flatMap(({ name, schema, example }) =>
      example === undefined ? [] : [{ what: `${name} of ${id}`, schema, example }],
    ),
  ]);

  it.each(contents)("[LMT-4] $what is as its schema says", ({ schema, example }) => {
    expect(mismatches(schema, example)).toEqual([]);
  });

  it.each(Object.keys(PROBLEMS) as ProblemCode[])("[LMT-4] %s is a problem as described", (code) => {
    expect(mismatches(problem, problemJson({ code }, { path: "/v1/events", requestId: "r" }))).toEqual([]);
  });

  const bodies = operations.find(({ id }) => id === "appendEvents")!.body!;
  it.each(bodies)("[LMT-4] the body in $mediaType is taken by who reads it", ({ mediaType, example }) => {
    const bytes = new TextEncoder().encode(typeof example === "string" ? example : JSON.stringify(example));
    const sender = { tenant: tenant("demo"), nowMs: Date.parse("2026-11-21T16:00:00Z"), key: null };
    const parsed = parseIntake(bytes, intakeKindOf(mediaType)!, sender);
    expect(parsed).toMatchObject({ ok: true, value: { refused: [] } });
  });
});

describe("[API-1] masked answers", () => {
  const seen = operations.flatMap(({ id, tag, permission, answers }) =>
    permission === null
      ? []
      : answers.flatMap(({ status, content }) =>
          content
            .filter(({ example }) => typeof example !== "string")
            .map((each) => ({
              what: `${status} of ${id}`,
              mask: tag === "Configuration" ? maskConfiguration : maskJson,
              ...each,
            })),
        ),
  );
  it.each(seen)("[API-1] [PII-2] $what has its form for those who may not see personal data", ({ schema, example, mask }) => {
    expect(mismatches(schema, mask(example))).toEqual([]);
  });
});

describe("[LMT-4] holding answers against the description", () => {
  it("[LMT-4] has nothing to say of what is described", () => {
    expect(validateAnswer("appendEvents", 201, ACCEPTED)).toEqual([]);
    expect(validateAnswer("appendEvents", 207, PARTLY_ACCEPTED)).toEqual([]);
    expect(validateAnswer("getEvent", 200, { ...STORED_EVENT, myextension: "x" })).toEqual([]);
    expect(validateAnswer("exportEvents", 200, "id,type\r\n", "text/csv")).toEqual([]);
    const refusal = problemJson({ code: "too_many_requests" }, { path: "/", requestId: "r" });
    expect(validateAnswer("listEvents", 429, refusal)).toEqual([]);
  });

  it("[LMT-4] tells members that are missing, wrong or not described, and where", () => {
    expect(validateAnswer("listEvents", 200, { items: [{ ...STORED_EVENT, id: 1 }] })[0]).toMatch(/^\/items\/0\/id: /);
    expect(validateAnswer("listEvents", 200, { items: [], next: "x" })).toEqual(["/next: is not described"]);
    const { reason: _reason, ...hold } = HOLD;
    expect(validateAnswer("placeEventHold", 201, hold)[0]).toMatch(/^\/reason: /);
  });

  it("[LMT-4] tells statuses and problems that an operation is not described to have", () => {
    expect(validateAnswer("listEvents", 201, { items: [] }).length).toBe(1);
    expect(validateAnswer("getEventPolicy", 418, {}).length).toBe(1);
    const other = problemJson({ code: "bad_cursor" }, { path: "/", requestId: "r" });
    expect(validateAnswer("countEvents", 400, other)).toEqual(["countEvents is not described to answer bad_cursor"]);
    expect(validateAnswer("nothing", 200, {}).length).toBe(1);
    expect(validateAnswer("exportEvents", 200, "", "text/html").length).toBe(1);
  });
});

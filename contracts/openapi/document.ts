/** Operations as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), whose schemas are JSON Schema 2020-12. */
import { z } from "zod";
import { LIMIT_HEADER, POLICY_HEADER } from "../../domain/limits/headers.ts";
import { PROBLEMS, type ProblemCode, problemJson } from "../problem.ts";
import type { Answer, Content, Operation, Parameter } from "./operation.ts";
import { problem } from "./problem-schema.ts";

type Json = Readonly<Record<string, unknown>>;
export type Schemas = Readonly<Record<string, z.ZodType>>;

export type Described = {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly operations: readonly Operation[];
  /** By name: every body and answer is one of them. */
  readonly schemas: Schemas;
};

const PROBLEM_NAME = "Problem";
const COMPONENTS = "#/components/schemas/";

/** What any request may meet. */
const COMMON_PROBLEMS: readonly ProblemCode[] = ["unauthenticated", "forbidden", "internal", "unavailable"];

const OPTIONS = {
  uri: (id: string) => `${COMPONENTS}${id}`,
  io: "input",
  override: ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    // The pattern says again, at length, what the format says.
    if (jsonSchema["format"] !== undefined) delete jsonSchema["pattern"];
  },
} as const;

function bare({ $schema: _schema, $id: _id, id: _name, ...rest }: Record<string, unknown>): Json {
  return rest;
}

function componentsOf(schemas: Schemas): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, OPTIONS).schemas;
  return Object.fromEntries(Object.entries(made).map(([id, schema]) => [id, bare(schema as Record<string, unknown>)]));
}

function reference(schemas: Schemas, schema: z.ZodType): Json {
  const name = Object.keys(schemas).find((known) => schemas[known] === schema);
  if (name === undefined) throw new Error("a body's schema has no name");
  return { $ref: `${COMPONENTS}${name}` };
}

function contentJson(schemas: Schemas, contents: readonly Content[]): Json {
  return Object.fromEntries(
    contents.map(({ mediaType, schema, example }) => [mediaType, { schema: reference(schemas, schema), example }]),
  );
}

function parameterJson({ name, in: place, schema, description, example, isRequired }: Parameter): Json {
  return {
    name,
    in: place,
    description,
    ...(isRequired === true ? { required: true } : {}),
    schema: bare(z.toJSONSchema(schema, OPTIONS)),
    ...(example === undefined ? {} : { example }),
  };
}

const headerJson = (description: string): Json => ({ description, schema: { type: "string" } });

/** Headers of every answer of an operation. */
function commonHeaders({ limit }: Operation): Json {
  const limited = { $ref: "#/components/headers/RateLimit" };
  const policy = { $ref: "#/components/headers/RateLimit-Policy" };
  return {
    "X-Request-Id": { $ref: "#/components/headers/X-Request-Id" },
    ...(limit === undefined ? {} : { [POLICY_HEADER]: policy, [LIMIT_HEADER]: limited }),
  };
}

function answerJson(schemas: Schemas, operation: Operation, { description, content, headers = {} }: Answer): Json {
  const own = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, headerJson(text)]));
  return {
    description,
    headers: { ...own, ...commonHeaders(operation) },
    ...(content.length === 0 ? {} : { content: contentJson(schemas, content) }),
  };
}

/** Every problem that an operation may answer with. */
export function problemsOf({ limit, problems }: Operation): readonly ProblemCode[] {
  const limited: readonly ProblemCode[] = limit === undefined ? [] : ["too_many_requests"];
  return [...new Set([...COMMON_PROBLEMS, ...limited, ...problems])];
}

/** Problems by status: several codes may share one. */
function problemsJson(operation: Operation): Json {
  const byStatus = Map.groupBy(problemsOf(operation), (code) => PROBLEMS[code].status);
  const answers = [...byStatus].map(([status, codes]) => {
    const examples = codes.map((code) => [code, { $ref: `#/components/examples/${code}` }] as const);
    const waits = status === 429 || status === 503;
    const retryAfter = waits ? { "Retry-After": { $ref: "#/components/headers/Retry-After" } } : {};
    const content = { schema: { $ref: `${COMPONENTS}${PROBLEM_NAME}` }, examples: Object.fromEntries(examples) };
    const description = codes.map((code) => PROBLEMS[code].title).join("; ");
    const headers = { ...retryAfter, ...commonHeaders(operation) };
    return [String(status), { description, headers, content: { "application/problem+json": content } }] as const;
  });
  return Object.fromEntries(answers);
}

function problemExamples(operations: readonly Operation[]): Json {
  const codes = [...new Set(operations.flatMap(problemsOf))];
  const request = { path: "/v1/events", requestId: "4bf92f3577b34da6" };
  return Object.fromEntries(
    codes.map((code) => [code, { summary: PROBLEMS[code].title, value: problemJson({ code }, request) }]),
  );
}

function operationJson(schemas: Schemas, operation: Operation): Json {
  const { id, tag, summary, description, permission, parameters, body, answers } = operation;
  const good = answers.map((answer) => [String(answer.status), answerJson(schemas, operation, answer)] as const);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    "x-required-scope": permission,
    security: [{ bearer: [] }, { apiKey: [] }],
    ...(parameters.length === 0 ? {} : { parameters: parameters.map(parameterJson) }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentJson(schemas, body) } }),
    responses: { ...Object.fromEntries(good), ...problemsJson(operation) },
  };
}

const COMPONENT_HEADERS: Json = {
  "Retry-After": headerJson("Seconds after which to try again."),
  "X-Request-Id": headerJson("The request's id, as logs and problems have it; the client's own where it sent one."),
  "RateLimit-Policy": headerJson(
    'What the client may do: `"events-write";q=2000;w=4` is 2,000 requests at once, which come back in 4 s.',
  ),
  RateLimit: headerJson(
    'What is left: `"events-write";r=1999;t=1`; `t`: seconds until all of it is there again, or, with nothing left, something.',
  ),
};

const SECURITY_SCHEMES: Json = {
  bearer: {
    type: "http",
    scheme: "bearer",
    bearerFormat: "JWT",
    description: "A token of a configured issuer. Its `scope` narrows what its roles grant.",
  },
  apiKey: { type: "apiKey", in: "header", name: "X-Api-Key", description: "`tlk_…`; taken as a bearer token too." },
};

/** The document, as plain JSON. */
export function openApiDocument({ title, version, description, operations, schemas: named }: Described): Json {
  const schemas = { ...named, [PROBLEM_NAME]: problem };
  const byPath = Map.groupBy(operations, ({ path }) => path);
  const paths = [...byPath].map(([path, of]) => {
    const methods = of.map((operation) => [operation.method, operationJson(schemas, operation)] as const);
    return [path, Object.fromEntries(methods)] as const;
  });
  return {
    openapi: "3.1.0",
    info: { title, version, description },
    paths: Object.fromEntries(paths),
    components: {
      schemas: componentsOf(schemas),
      headers: COMPONENT_HEADERS,
      examples: problemExamples(operations),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

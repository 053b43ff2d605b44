/** Operations as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.0), whose schemas are JSON Schema 2020-12. */
import type { z } from "zod";
import { LIMIT_HEADER, POLICY_HEADER } from "../../domain/limits/headers.ts";
import type { Answer, Content, Operation, Parameter } from "./operation.ts";
import { PROBLEM_NAME, commonHeaders, problemExamples, problemResponses, problemsJson } from "./problems-json.ts";
import { problem } from "./problem-schema.ts";
import { COMPONENTS, type Json, type Schemas, componentsOf, schemaJson } from "./schema-json.ts";
import { SECURITY_SCHEMES, USUAL_PROOFS } from "./security.ts";
import { TAGS, type TagName } from "./tags.ts";

export type { Schemas } from "./schema-json.ts";

export type Described = {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;
};

function reference(schemas: Schemas, schema: z.ZodType, owner: string): Json {
  const name = Object.keys(schemas).find((known) => schemas[known] === schema);
  if (name === undefined) throw new Error(`a schema of ${owner} has no name: it belongs into the area's schemas`);
  return { $ref: `${COMPONENTS}${name}` };
}

function contentJson(schemas: Schemas, contents: readonly Content[], owner: string): Json {
  return Object.fromEntries(
    contents.map(({ mediaType, schema, example }) => [mediaType, { schema: reference(schemas, schema, owner), example }]),
  );
}

function parameterJson({ name, in: place, schema, description, example, isRequired }: Parameter): Json {
  return {
    name,
    in: place,
    description,
    ...(isRequired === true ? { required: true } : {}),
    schema: schemaJson(schema),
    ...(example === undefined ? {} : { example }),
  };
}

const headerJson = (description: string): Json => ({ description, schema: { type: "string" } });

const REPLAYED = { "Idempotent-Replayed": "`true`: it was done before; this is the answer of then." };

function answerJson(schemas: Schemas, operation: Operation, { status, description, content, headers = {} }: Answer): Json {
  const replayed = operation.isIdempotent === true && status < 300 ? REPLAYED : {};
  const told: Readonly<Record<string, string>> = { ...headers, ...replayed };
  const own = Object.entries(told).map(([name, text]) => [name, headerJson(text)] as const);
  return {
    description,
    headers: { ...Object.fromEntries(own), ...commonHeaders(operation) },
    ...(content.length === 0 ? {} : { content: contentJson(schemas, content, operation.id) }),
  };
}

const IDEMPOTENCY_KEY = { $ref: "#/components/parameters/Idempotency-Key" };
const IDEMPOTENCY_PARAMETER: Json = {
  name: "Idempotency-Key",
  in: "header",
  description:
    "Names the request: the same one again within 24 hours gets the first answer and does nothing. 1 to 255 printable characters without spaces.",
  schema: { type: "string", minLength: 1, maxLength: 255 },
  example: "order-2026-118",
};

function operationJson(schemas: Schemas, operation: Operation): Json {
  const { id, tag, summary, description, permission, proofs = USUAL_PROOFS, parameters, body, answers } = operation;
  const good = answers.map((answer) => [String(answer.status), answerJson(schemas, operation, answer)] as const);
  const asked = [...parameters.map(parameterJson), ...(operation.isIdempotent === true ? [IDEMPOTENCY_KEY] : [])];
  const required = operation.isBodyOptional === true ? {} : { required: true };
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: description ?? `${summary}.`,
    "x-required-scope": permission,
    security: proofs.length === 0 ? [{}] : proofs.map((name) => ({ [name]: [] })),
    ...(asked.length === 0 ? {} : { parameters: asked }),
    ...(body === undefined ? {} : { requestBody: { ...required, content: contentJson(schemas, body, id) } }),
    responses: { ...Object.fromEntries(good), ...problemsJson(operation) },
  };
}

const COMPONENT_HEADERS: Json = {
  "Retry-After": headerJson("Seconds after which to try again."),
  "X-Request-Id": headerJson("The request's id, as logs and problems have it; the client's own where it sent one."),
  [POLICY_HEADER]: headerJson(
    'What the client may do: `"events-write";q=2000;w=4` is 2,000 requests at once, which come back in 4 s.',
  ),
  [LIMIT_HEADER]: headerJson(
    'What is left: `"events-write";r=1999;t=1`; `t`: seconds until all of it is there again, or, with nothing left, something.',
  ),
};

/** `info`, without what each deployment would have to say for itself. */
const infoOf = ({ title, version, description }: Described): Json => ({
  title,
  version,
  description,
  contact: { name: "Whoever runs this deployment" },
  license: { name: "All rights reserved", identifier: "LicenseRef-Proprietary" },
});

/** The document, as plain JSON. */
export function openApiDocument(described: Described): Json {
  const { operations } = described;
  const schemas = { ...described.schemas, [PROBLEM_NAME]: problem };
  const byPath = Map.groupBy(operations, ({ path }) => path);
  const paths = [...byPath].map(([path, of]) => {
    const methods = of.map((operation) => [operation.method, operationJson(schemas, operation)] as const);
    return [path, Object.fromEntries(methods)] as const;
  });
  const used = new Set(operations.map(({ tag }) => tag));
  const tags = (Object.keys(TAGS) as TagName[]).filter((name) => used.has(name));
  const repeated = operations.some(({ isIdempotent }) => isIdempotent === true);
  return {
    openapi: "3.1.0",
    info: infoOf(described),
    servers: [{ url: "/", description: "Where this document came from: either lane, by the front door." }],
    tags: tags.map((name) => ({ name, description: TAGS[name] })),
    paths: Object.fromEntries(paths),
    components: {
      schemas: componentsOf(schemas),
      ...(repeated ? { parameters: { "Idempotency-Key": IDEMPOTENCY_PARAMETER } } : {}),
      responses: problemResponses(operations),
      headers: COMPONENT_HEADERS,
      examples: problemExamples(operations),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

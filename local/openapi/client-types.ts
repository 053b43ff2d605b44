/**
 * The generated part of the TypeScript client: a type for each message of the API, and for each operation what it takes and gives, with a
 * table of how it is asked. Made of the interface description; `npm run openapi -- client` writes it, a test holds the file against it.
 */
import { apiDocument } from "../../contracts/openapi/api.ts";
import { commentText, typeText } from "./type-text.ts";

export const CLIENT_TYPES_FILE = "clients/typescript/generated.ts";

type Content = Readonly<Record<string, { readonly schema: unknown }>>;
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly description?: string };
type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};
type Described = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly description?: string }>> };
};

/** Lines that stay open have clients of their own. */
const OPEN_LINES: readonly string[] = ["watchSession", "watchSessions", "tailEvents"];
/** This client takes whole answers. */
const UNUSED_HEADERS: readonly string[] = ["idempotency-key", "content-encoding"];
const REPEATABLE = "idempotency-key";
const LINES = "application/x-ndjson";

const isJson = (mediaType: string): boolean => mediaType.endsWith("/json") || mediaType.endsWith("+json");
const camelCase = (header: string): string =>
  header.toLowerCase().replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

type Gives = { readonly gives: "json" | "text" | "lines" | "none"; readonly type: string; readonly accept: string | null };

function givenBy({ responses }: Operation): Gives {
  const good = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  const contents = good.flatMap(([, { content = {} }]) => Object.entries(content));
  const typed = (wanted: (mediaType: string) => boolean): string =>
    [...new Set(contents.filter(([mediaType]) => wanted(mediaType)).map(([, { schema }]) => typeText(schema)))].join(" | ");
  const json = contents.find(([mediaType]) => isJson(mediaType));
  if (json !== undefined) return { gives: "json", type: typed(isJson), accept: json[0] };
  if (contents.some(([mediaType]) => mediaType === LINES)) {
    const line = typed((mediaType) => mediaType === LINES);
    return { gives: "lines", type: line === "Text" ? "Readonly<Record<string, unknown>>" : line, accept: LINES };
  }
  const [first] = contents;
  return first === undefined
    ? { gives: "none", type: "undefined", accept: null }
    : { gives: "text", type: "string", accept: first[0] };
}

type Takes = { readonly type: string; readonly mediaType: string; readonly isOptional: boolean };

/** JSON where it is taken, and a merge patch by its own name. */
function takenBy({ requestBody }: Operation): Takes | null {
  if (requestBody === undefined) return null;
  const mediaTypes = Object.keys(requestBody.content);
  const mediaType =
    mediaTypes.find((each) => each.includes("merge-patch")) ??
    mediaTypes.find((each) => each === "application/json") ??
    mediaTypes[0]!;
  const type = isJson(mediaType) ? typeText(requestBody.content[mediaType]!.schema) : "string";
  return { type, mediaType, isOptional: requestBody.required !== true };
}

/** `metadata.<path>` stands for many names. */
function queryMember({ name, required, description }: Parameter): string {
  const pattern = name.replace(/<\w+>$/, "${string}");
  const optional = required === true ? "" : "?";
  const key = pattern === name ? `${name}${optional}` : `[name: \`${pattern}\`]`;
  return `${commentText(description, "        ")}        readonly ${key}: QueryValue;`;
}

/** Members of the path and of headers by their names, then `query` and `body`. */
function inputText(method: string, operation: Operation): string {
  const parameters = (operation.parameters ?? []).filter((each): each is Parameter => "name" in each);
  const members = parameters
    .filter((each) => each.in === "path")
    .map(({ name, description }) => `${commentText(description, "      ")}      readonly ${name}: string;`);
  for (const { name, description } of parameters.filter((each) => each.in === "header")) {
    // What this client does not keep cannot be unchanged.
    const isUnused = UNUSED_HEADERS.includes(name.toLowerCase()) || (method === "get" && name === "If-None-Match");
    if (!isUnused) members.push(`${commentText(description, "      ")}      readonly ${camelCase(name)}?: string;`);
  }
  const query = parameters.filter((each) => each.in === "query");
  if (query.length > 0) {
    const isOptional = query.every(({ required }) => required !== true);
    members.push(`      readonly query${isOptional ? "?" : ""}: {\n${query.map(queryMember).join("\n")}\n      };`);
  }
  const body = takenBy(operation);
  if (body !== null) members.push(`      readonly body${body.isOptional ? "?" : ""}: ${body.type};`);
  return members.length === 0 ? "Readonly<Record<never, never>>" : `{\n${members.join("\n")}\n    }`;
}

const isRepeatable = ({ parameters = [] }: Operation): boolean =>
  parameters.some((each) => ("name" in each ? each.name : each.$ref).toLowerCase().endsWith(REPEATABLE));

function rowText(method: string, path: string, operation: Operation): string {
  const { gives, accept } = givenBy(operation);
  const body = takenBy(operation);
  const members = [
    `method: ${JSON.stringify(method.toUpperCase())}`,
    `path: ${JSON.stringify(path)}`,
    `gives: ${JSON.stringify(gives)}`,
    ...(accept === null ? [] : [`accept: ${JSON.stringify(accept)}`]),
    ...(body === null ? [] : [`takes: ${JSON.stringify(body.mediaType)}`]),
    ...(isRepeatable(operation) ? ["isRepeatable: true"] : []),
  ];
  return `  ${operation.operationId}: { ${members.join(", ")} },`;
}

function typesOf(method: string, operation: Operation): string {
  const { gives, type } = givenBy(operation);
  const answer = gives === "lines" ? `AsyncGenerator<${type}, void, undefined>` : type;
  return `${commentText(operation.summary, "  ")}  readonly ${operation.operationId}: {
    readonly input: ${inputText(method, operation)};
    readonly answer: ${answer};
  };`;
}

const HEAD = `/** Generated from the interface description by \`npm run openapi -- client\`; not to be edited. */

/** Of several values one is enough, where a parameter takes several. */
export type QueryValue = string | number | boolean | readonly (string | number)[] | undefined;
`;

export function clientTypesText(): string {
  const { paths, components } = apiDocument() as unknown as Described;
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `${commentText(schema.description, "")}export type ${name} = ${typeText(schema)};`,
  );
  const operations = Object.entries(paths)
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
    .filter(({ operation }) => !OPEN_LINES.includes(operation.operationId));
  return [
    HEAD,
    `${schemas.join("\n\n")}\n`,
    "/** By operationId: what each operation takes, and the body of its good answer. */",
    `export type Operations = {\n${operations.map(({ method, operation }) => typesOf(method, operation)).join("\n")}\n};\n`,
    "export const OPERATIONS = {",
    ...operations.map(({ path, method, operation }) => rowText(method, path, operation)),
    "} as const;\n",
  ].join("\n");
}

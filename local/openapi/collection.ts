/**
 * The interface description as a Postman collection v2.1 (https://schema.postman.com/collection/json/v2.1.0/draft-07/docs/index.html).
 * That format, because Postman, Bruno, Insomnia and Hoppscotch all import it; Bruno's own is read by Bruno alone.
 */
import type { Json } from "./schema-changes.ts";
import { isObject, resolved } from "./schema-changes.ts";

const SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

type Item = Readonly<Record<string, unknown>>;
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);
const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

const asText = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(",") : typeof value === "string" ? value : JSON.stringify(value ?? "");

type Asked = {
  readonly name: string;
  readonly place: string;
  readonly value: string;
  readonly required: boolean;
  readonly description: string;
};

function askedOf(document: Json, operation: Json): readonly Asked[] {
  return listOf(operation["parameters"]).map((parameter) => {
    const { name, in: place, example = "", required = false, description = "" } = resolved(document, parameter);
    return {
      name: String(name),
      place: String(place),
      value: asText(example),
      required: required === true,
      description: String(description),
    };
  });
}

function urlOf(path: string, asked: readonly Asked[]): Item {
  const query = asked.filter(({ place }) => place === "query");
  const segments = path
    .split("/")
    .slice(1)
    .map((segment) => segment.replace(/^\{(.+)\}$/, ":$1"));
  const shown = query.filter(({ required }) => required).map(({ name, value }) => `${name}=${encodeURIComponent(value)}`);
  return {
    raw: `{{baseUrl}}/${segments.join("/")}${shown.length === 0 ? "" : `?${shown.join("&")}`}`,
    host: ["{{baseUrl}}"],
    path: segments,
    query: query.map(({ name, value, required, description }) => ({
      key: name,
      value,
      description,
      ...(required ? {} : { disabled: true }),
    })),
    variable: asked
      .filter(({ place }) => place === "path")
      .map(({ name, value, description }) => ({ key: name, value, description })),
  };
}

function bodyOf(operation: Json): { readonly mediaType: string; readonly raw: string } | null {
  const [first] = Object.entries(objectOf(objectOf(operation["requestBody"])["content"]));
  if (first === undefined) return null;
  const [mediaType, content] = first;
  const { example } = objectOf(content);
  return { mediaType, raw: typeof example === "string" ? example : JSON.stringify(example, null, 2) };
}

const isOpen = (operation: Json): boolean => listOf(operation["security"]).every((each) => Object.keys(each).length === 0);

function itemOf(document: Json, method: string, path: string, operation: Json): Item {
  const asked = askedOf(document, operation);
  const body = bodyOf(operation);
  const headers = asked
    .filter(({ place }) => place === "header")
    .map(({ name, value, required, description }) => ({
      key: name,
      value,
      description,
      ...(required ? {} : { disabled: true }),
    }));
  const type = body === null ? [] : [{ key: "Content-Type", value: body.mediaType }];
  return {
    name: operation["summary"],
    request: {
      method: method.toUpperCase(),
      description: operation["description"],
      header: [...type, ...headers],
      url: urlOf(path, asked),
      ...(isOpen(operation) ? { auth: { type: "noauth" } } : {}),
      ...(body === null ? {} : { body: { mode: "raw", raw: body.raw } }),
    },
    response: [],
  };
}

/** A folder per tag, a request per operation with its examples; `baseUrl` and `token` are variables. */
export function collectionOf(document: Json): Item {
  const { title, description } = objectOf(document["info"]);
  const operations = Object.entries(objectOf(document["paths"])).flatMap(([path, item]) =>
    Object.entries(objectOf(item)).map(([method, operation]) => ({ method, path, operation: objectOf(operation) })),
  );
  const byTag = Map.groupBy(operations, ({ operation }) => String((operation["tags"] as readonly unknown[])[0]));
  const folders = listOf(document["tags"]).map(({ name, description: about }) => ({
    name,
    description: about,
    item: (byTag.get(String(name)) ?? []).map(({ method, path, operation }) => itemOf(document, method, path, operation)),
  }));
  return {
    info: { name: title, description, schema: SCHEMA },
    auth: { type: "bearer", bearer: [{ key: "token", value: "{{token}}", type: "string" }] },
    variable: [
      { key: "baseUrl", value: "http://127.0.0.1:8787" },
      { key: "token", value: "", description: "npm run token -- --role admin" },
    ],
    item: folders,
  };
}

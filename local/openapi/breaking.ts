/** What of an interface description would break a client that was made of an earlier one. Additions do not. */
import { type Json, isObject, resolved, schemaChanges } from "./schema-changes.ts";

const METHODS = ["get", "put", "post", "patch", "delete"];
const FIRST_REFUSAL = 400;

type Found = { readonly name: string; readonly operation: Json };

const objectOf = (value: unknown): Json => (isObject(value) ? value : {});
const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);

function operationsOf(document: Json): readonly Found[] {
  return Object.entries(objectOf(document["paths"])).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = objectOf(item)[method];
      return isObject(operation) ? [{ name: `${method.toUpperCase()} ${path}`, operation }] : [];
    }),
  );
}

type Pair = { readonly before: Json; readonly after: Json; readonly was: Json; readonly is: Json; readonly name: string };

function parametersOf(document: Json, operation: Json): ReadonlyMap<string, Json> {
  const all = listOf(operation["parameters"]).map((parameter) => resolved(document, parameter));
  return new Map(all.map((parameter) => [`${String(parameter["in"])} parameter ${String(parameter["name"])}`, parameter]));
}

function parameterChanges({ before, after, was, is, name }: Pair): readonly string[] {
  const [known, present] = [parametersOf(before, was), parametersOf(after, is)];
  const added = [...present].filter(
    ([key, parameter]) => parameter["required"] === true && known.get(key)?.["required"] !== true,
  );
  return [
    ...added.map(([key]) => `${name}: ${key} is required now`),
    ...[...known].flatMap(([key, parameter]) => {
      const now = present.get(key);
      if (now === undefined) return [`${name}: ${key} is gone`];
      return schemaChanges(
        { document: before, schema: objectOf(parameter["schema"]) },
        { document: after, schema: objectOf(now["schema"]) },
        "request",
        `${name}: ${key}`,
      );
    }),
  ];
}

function contentChanges(pair: Pair, was: Json, is: Json, direction: "request" | "answer", at: string): readonly string[] {
  return Object.entries(was).flatMap(([mediaType, content]) => {
    const now = is[mediaType];
    if (!isObject(now)) return [`${at}: ${mediaType} is gone`];
    return schemaChanges(
      { document: pair.before, schema: objectOf(objectOf(content)["schema"]) },
      { document: pair.after, schema: objectOf(now["schema"]) },
      direction,
      `${at} ${mediaType} `,
    );
  });
}

function bodyChanges(pair: Pair): readonly string[] {
  const { was, is, name, before, after } = pair;
  const [body, now] = [resolved(before, objectOf(was["requestBody"])), resolved(after, objectOf(is["requestBody"]))];
  const required = now["required"] === true && body["required"] !== true ? [`${name}: a body is required now`] : [];
  return [
    ...required,
    ...contentChanges(pair, objectOf(body["content"]), objectOf(now["content"]), "request", `${name}: body`),
  ];
}

/** A refusal that is not given any more breaks nobody. */
function answerChanges(pair: Pair): readonly string[] {
  const { was, is, name, before, after } = pair;
  const [answers, present] = [objectOf(was["responses"]), objectOf(is["responses"])];
  return Object.entries(answers).flatMap(([status, answer]) => {
    if (Number(status) >= FIRST_REFUSAL) return [];
    const now = present[status];
    if (!isObject(now)) return [`${name}: ${status} is gone`];
    const [old, fresh] = [resolved(before, objectOf(answer)), resolved(after, now)];
    const headers = Object.keys(objectOf(old["headers"])).filter((header) => !(header in objectOf(fresh["headers"])));
    return [
      ...headers.map((header) => `${name}: ${status} has no ${header} any more`),
      ...contentChanges(pair, objectOf(old["content"]), objectOf(fresh["content"]), "answer", `${name}: ${status}`),
    ];
  });
}

const proofsOf = (operation: Json): readonly string[] => listOf(operation["security"]).flatMap((each) => Object.keys(each));

function rightChanges({ was, is, name }: Pair): readonly string[] {
  const [scope, now] = [was["x-required-scope"] ?? null, is["x-required-scope"] ?? null];
  const scopes =
    now !== null && now !== scope ? [`${name}: takes ${String(now)} instead of ${String(scope ?? "nothing")}`] : [];
  const [proofs, taken] = [proofsOf(was), proofsOf(is)];
  if (proofs.length === 0) return [...scopes, ...(taken.length > 0 ? [`${name}: is no longer open to everybody`] : [])];
  const isOpen = taken.length === 0;
  return [
    ...scopes,
    ...proofs.filter((proof) => !isOpen && !taken.includes(proof)).map((proof) => `${name}: ${proof} is no proof any more`),
  ];
}

/** @returns one text for each break, with the operation and the place; empty when clients of `before` may go on. */
export function breakingChanges(before: Json, after: Json): readonly string[] {
  const present = new Map(operationsOf(after).map(({ name, operation }) => [name, operation]));
  return operationsOf(before).flatMap(({ name, operation: was }) => {
    const is = present.get(name);
    if (is === undefined) return [`${name}: is gone`];
    const pair: Pair = { before, after, was, is, name };
    const renamed =
      was["operationId"] === is["operationId"] ? [] : [`${name}: ${String(was["operationId"])} has another operationId`];
    return [...renamed, ...rightChanges(pair), ...parameterChanges(pair), ...bodyChanges(pair), ...answerChanges(pair)];
  });
}

/** JSON bodies: bounded before they are parsed, bounded in depth after. */
import { type Result, err, ok } from "../domain/shared/result.ts";

/** A call-control request is small; what is larger is a mistake or an attack. */
export const MAX_BODY_BYTES = 64 * 1024;
const MAX_DEPTH = 16;

export type JsonProblem = { readonly code: "not_utf8" | "not_json" | "too_deep" | "not_an_object"; readonly detail: string };

/** Walks the text, not the value: the depth is known before a parser recurses into it. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (inString) {
      if (character === "\\") i += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") deepest = Math.max(deepest, ++depth);
    else if (character === "}" || character === "]") depth -= 1;
  }
  return deepest;
}

/** Parses a body that must be a JSON object. */
export function parseJsonObject(body: Uint8Array): Result<Record<string, unknown>, JsonProblem> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    return err({ code: "not_utf8", detail: "the body is not UTF-8" });
  }
  return parseJsonText(text);
}

/** The same of what has been decoded already. */
export function parseJsonText(text: string): Result<Record<string, unknown>, JsonProblem> {
  if (depthOf(text) > MAX_DEPTH) return err({ code: "too_deep", detail: `the body nests deeper than ${MAX_DEPTH} levels` });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err({ code: "not_json", detail: "the body is not JSON" });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return err({ code: "not_an_object", detail: "the body is not a JSON object" });
  }
  return ok(value as Record<string, unknown>);
}

/** An emergency call may bring more, such as a location by value; the rest of it is still read. */
export const MAX_EMERGENCY_BODY_BYTES = 256 * 1024;

/**
 * As much of a JSON object as an emergency call can use: damaged text is repaired, and of a body that nests too deep the plain
 * fields are kept. Null when there is no object at all.
 */
export function salvageJsonObject(body: Uint8Array): Record<string, unknown> | null {
  const text = new TextDecoder("utf-8").decode(body);
  const strict = parseJsonObject(new TextEncoder().encode(text));
  if (strict.ok) return strict.value;
  if (strict.error.code !== "too_deep") return scrapedFields(text);
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value !== "object" || value === null) return null;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, typeof field === "object" ? NESTED : field]));
  } catch {
    return scrapedFields(text);
  }
}

/** A member of what was meant to be an object, with a text or digits for its value. */
const MEMBER = /"(to|from|ruri|callId|trunk|srcIp)"\s*:\s*(?:"((?:[^"\\]|\\["\\/]){1,512})"|(\d{1,32}))/g;

/** Who and where to, of text that is no JSON: a comma too many is no reason to leave somebody without help. Null: it does not say where to. */
function scrapedFields(text: string): Record<string, unknown> | null {
  const fields: Record<string, unknown> = {};
  for (const [, name = "", quoted, digits] of text.matchAll(MEMBER))
    fields[name] = quoted?.replaceAll(/\\(.)/g, "$1") ?? digits;
  return "to" in fields || "ruri" in fields ? fields : null;
}

/** Stands for a field that was too deep to look at: no field of this API is a symbol, so it is dropped and noted like any other. */
const NESTED = Symbol("nested too deep");

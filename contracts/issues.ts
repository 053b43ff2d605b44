/** What is wrong with a request, field by field, as RFC 9457 extension members and as warnings. */
import type { z } from "zod";
import type { Warning } from "../domain/call/call.ts";

/** `pointer` is a JSON pointer (RFC 6901) into the body. */
export type FieldError = { readonly pointer: string; readonly code: string; readonly detail: string };

export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Codes in the words of this API, so that a change of the validator does not change what clients match on. */
const CODES: Readonly<Record<string, string>> = {
  invalid_type: "wrong_type",
  too_big: "too_large",
  too_small: "too_small",
  invalid_value: "not_allowed",
  invalid_format: "bad_format",
  invalid_union: "not_allowed",
};

function detailOf(issue: z.core.$ZodIssue): string {
  return issue.code === "invalid_value" ? `must be one of ${issue.values.map(String).join(", ")}` : issue.message;
}

export function fieldErrors(error: z.ZodError, input: unknown): FieldError[] {
  return error.issues.map((issue) => {
    const pointer = pointerTo(issue.path);
    if (valueAt(input, issue.path) === undefined) return { pointer, code: "missing", detail: "is required" };
    return { pointer, code: CODES[issue.code] ?? "invalid", detail: detailOf(issue) };
  });
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined),
    input,
  );
}

const MAX_WARNINGS = 32;
const MAX_NAME = 64;

/** Unknown fields are ignored, and said: a misspelt field must not be silently without effect. */
export function unknownFieldWarnings(input: Readonly<Record<string, unknown>>, known: readonly string[]): Warning[] {
  return Object.keys(input)
    .filter((name) => !known.includes(name))
    .slice(0, MAX_WARNINGS)
    .map((name) => ({
      pointer: pointerTo([name.slice(0, MAX_NAME)]),
      code: "unknown_field",
      detail: "is not a field of this request and was ignored",
    }));
}

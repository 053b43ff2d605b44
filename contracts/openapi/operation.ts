/** An operation of the API, described once: the document and the checks of answers are both made of it. */
import type { z } from "zod";
import type { Permission } from "../../domain/identity/principal.ts";
import { type ClientLimit, limitOf } from "../../domain/limits/policy.ts";
import type { ProblemCode } from "../problem.ts";
import type { ProofName } from "./security.ts";
import type { TagName } from "./tags.ts";

/** `schema` is of the JSON; of text, of each line or of nothing where it is no JSON. */
export type Content = { readonly mediaType: string; readonly schema: z.ZodType; readonly example: unknown };

export type Parameter = {
  readonly name: string;
  readonly in: "query" | "path" | "header";
  readonly schema: z.ZodType;
  readonly description: string;
  readonly example?: unknown;
  readonly isRequired?: true;
};

export type Answer = {
  readonly status: number;
  readonly description: string;
  readonly content: readonly Content[];
  /** Name and what it says. */
  readonly headers?: Readonly<Record<string, string>>;
};

export type Operation = {
  /** In camelCase; clients that are generated call their methods so. */
  readonly id: string;
  readonly method: "get" | "put" | "post" | "patch" | "delete";
  /** With `{parameters}` in braces. */
  readonly path: string;
  readonly tag: TagName;
  readonly summary: string;
  readonly description?: string;
  /** What the route asks for by `requires`; null: nothing, beyond what `proofs` say. */
  readonly permission: Permission | null;
  /** The rate that it counts for where that does not follow from the permission. */
  readonly rate?: ClientLimit;
  /** How who asks may prove who they are; none: open to everybody. Absent: as `USUAL_PROOFS`. */
  readonly proofs?: readonly ProofName[];
  readonly parameters: readonly Parameter[];
  readonly body?: readonly Content[];
  /** The body may be left out. */
  readonly isBodyOptional?: true;
  /** Asked for without being counted. */
  readonly isUncounted?: true;
  /** Takes `Idempotency-Key` as [API-4] has it. */
  readonly isIdempotent?: true;
  readonly answers: readonly Answer[];
  /** Beside those that every operation may have. */
  readonly problems: readonly ProblemCode[];
};

/** The rate that its requests count for; null: none. Whoever serves it decides by the same. */
export function rateOf({ method, permission, isUncounted, rate }: Operation): ClientLimit | null {
  if (rate !== undefined) return rate;
  return permission === null || isUncounted === true ? null : limitOf(permission, method === "get");
}

/** An operation of the API, described once: the document and the checks of answers are both made of it. */
import type { z } from "zod";
import type { Permission } from "../../domain/identity/principal.ts";
import type { LimitName } from "../../domain/limits/policy.ts";
import type { ProblemCode } from "../problem.ts";

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
  readonly id: string;
  readonly method: "get" | "put" | "post" | "delete";
  /** With `{parameters}` in braces. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly permission: Permission;
  readonly limit?: LimitName;
  readonly parameters: readonly Parameter[];
  readonly body?: readonly Content[];
  readonly answers: readonly Answer[];
  /** Beside those that every operation may have. */
  readonly problems: readonly ProblemCode[];
};

/** Nobody hands out more than they have ([ORG-2]): asked wherever somebody gives roles or permissions to somebody. */
import type { Problem } from "../contracts/problem.ts";
import {
  type OwnRoles,
  PERMISSIONS,
  type Permission,
  grantsOfRoles,
  isBuiltIn,
  missingOf,
} from "../domain/identity/principal.ts";
import type { AppContext } from "./context.ts";

const NO_ROLES: OwnRoles = new Map();

/** What is handed out with permissions that the writer may lack; null: nothing is wrong with it. */
export function beyondOwn(c: AppContext, permissions: readonly Permission[]): Problem | null {
  const missing = missingOf(c.get("principal"), permissions);
  if (missing.length === 0) return null;
  return { code: "forbidden", detail: `nobody hands out what they have not: ${missing.join(", ")}` };
}

/** Whoever may do everything hands out what they like. */
export const mayDoEverything = (c: AppContext): boolean => missingOf(c.get("principal"), PERMISSIONS).length === 0;

/**
 * What is wrong with doing what reaches who has more than the writer: whose tokens count, which roles of tokens count, what is asked of
 * everybody. Null for who has every permission: no other can tell what they would take or give.
 */
export const needsEverything = (c: AppContext): Problem | null => {
  const missing = missingOf(c.get("principal"), PERMISSIONS);
  return missing.length === 0 ? null : { code: "forbidden", detail: `takes every permission; missing: ${missing.join(", ")}` };
};

/**
 * What is wrong with giving these roles to somebody; null: nothing. 422 for roles that there are not, 403 for what who asks has not.
 * @param names as the body has them, at `/roles`.
 * @param scopes what the roles are narrowed to, if they are, those of before too.
 * @param before roles that whoever gets them has already: who has more than the writer is not theirs to change.
 * @throws DatabaseUnavailable
 */
export async function handOutProblem(
  c: AppContext,
  names: readonly string[],
  { scopes, before = [] }: { readonly scopes?: readonly Permission[] | undefined; readonly before?: readonly string[] } = {},
): Promise<Problem | null> {
  const isKnown = [...names, ...before].every(isBuiltIn);
  const own = isKnown ? NO_ROLES : await c.get("deps").people.ownRoles(c.get("principal").tenant);
  const errors = names.flatMap((name, i) =>
    isBuiltIn(name) || own.has(name) ? [] : [{ pointer: `/roles/${i}`, code: "unknown", detail: "there is no such role" }],
  );
  if (errors.length > 0) return { code: "invalid_fields", errors };
  const touched = grantsOfRoles([...new Set([...names, ...before])], own);
  return beyondOwn(
    c,
    touched.filter((permission) => scopes === undefined || scopes.includes(permission)),
  );
}

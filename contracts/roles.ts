/** Names of roles on the wire: built-in ones and a tenant's own. */
import { z } from "zod";
import { MAX_ROLES, ROLE_NAME } from "../domain/identity/principal.ts";
import { setOf } from "./configuration/fields.ts";

export const roleName = z
  .string()
  .regex(ROLE_NAME, "the name of a role: lower-case letters, digits and inner dashes, at most 64");

/** Whether there are such roles is known to the tenant alone. */
export const roleNames = setOf(roleName, MAX_ROLES);

/** A tenant and its people, in Postgres. */
import type { PeopleStore } from "../../../domain/identity/people-store.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import type { Database } from "../client.ts";
import { createInvitationStore } from "./invitations.ts";
import { createRoleStore } from "./roles.ts";
import { createTenantStore } from "./tenants.ts";
import { createUserStore } from "./users.ts";

/**
 * @param keys what names and addresses are sealed with.
 * @throws DatabaseUnavailable from every function, when Postgres does not answer in time.
 */
export const createPeopleStore = (database: Database, keys: DataKeys): PeopleStore => ({
  ...createTenantStore(database),
  ...createRoleStore(database),
  ...createUserStore(database, keys),
  ...createInvitationStore(database, keys),
});

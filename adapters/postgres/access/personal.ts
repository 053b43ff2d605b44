/** Names and addresses of people, encrypted in their rows: each is bound to its column, tenant and row. */
import { type DataKeys, keyIdOf, placeOf } from "../../identity/data-keys.ts";

export type PersonalColumn = `${"users" | "invitations"}.${"email" | "name"}`;

export type PersonalPlace = { readonly column: PersonalColumn; readonly tenant: string; readonly id: string };

/** What a value of the column is bound to. */
export const personalContext = ({ column, tenant, id }: PersonalPlace): string => placeOf(column, tenant, id);

export const sealPersonal = (keys: DataKeys, place: PersonalPlace, plain: string): Promise<string> =>
  keys.seal(plain, personalContext(place));

/**
 * What stands in the column. Rows of before there was encryption are there as they are; what does not open, because its key is gone or it
 * was moved, is shown as nothing rather than as something that it may not be.
 */
export async function openPersonal(keys: DataKeys, place: PersonalPlace, stored: string): Promise<string> {
  if (keyIdOf(stored) === null) return stored;
  const opened = await keys.open(stored, personalContext(place));
  return opened.ok ? opened.value : "";
}

/** By what an address is found: the same for all spellings of it, and another one in another tenant. */
export const emailIndexOf = (keys: DataKeys, tenant: string, email: string): Promise<string> =>
  keys.index(placeOf("users.email", tenant, email.trim().toLowerCase()));

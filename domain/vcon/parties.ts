/** Who takes part in a call, as Party objects (draft-ietf-vcon-vcon-core-04 §4.2). */
import type { Location } from "../call/call.ts";
import type { TenantId } from "../shared/ids.ts";

/** Civic address by the names of RFC 5139 in lower case, as the draft has it. */
type CivicAddress = Readonly<Partial<Record<"country" | "a1" | "a3" | "a6" | "hno" | "pc" | "flr" | "loc", string>>>;

export type VconParty = {
  readonly tel?: string;
  readonly sip?: string;
  readonly name?: string;
  /** Latitude and longitude, WGS 84, with a space between (GML `pos`). */
  readonly gmlpos?: string;
  readonly civicaddress?: CivicAddress;
};

const WHOLE_NUMBER = /^\+\d+$/;
const SHORT_NUMBER = /^[\d*#]+$/;
const SIP = /^sips?:/i;

/**
 * One side of the call. Short numbers mean something within their tenant only, which is what a `phone-context` is for (RFC 3966 §5.1.5).
 * @param address as events have it; null: nobody has said who it is, and nothing is made up.
 */
export function partyOf(address: string | null, tenant: TenantId): VconParty {
  if (address === null) return {};
  if (WHOLE_NUMBER.test(address)) return { tel: `tel:${address}` };
  if (SHORT_NUMBER.test(address)) return { tel: `tel:${address};phone-context=${tenant}.trunkline.invalid` };
  return SIP.test(address) ? { sip: address } : { name: address };
}

const said = (fields: Readonly<Record<string, unknown>>): CivicAddress =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => typeof value === "string" && value !== ""));

/** Where the caller was. @param location as `call.received` has it, which is what was sent and checked then. */
export function placeOf(location: unknown): Pick<VconParty, "gmlpos" | "civicaddress"> {
  if (typeof location !== "object" || location === null) return {};
  const place = location as Partial<Location>;
  if (place.type === "geodetic") return { gmlpos: `${String(place.latitude)} ${String(place.longitude)}` };
  if (place.type !== "civic") return {};
  const { country, region, city, street, houseNumber, postalCode, floor, room } = place;
  return {
    civicaddress: said({
      country,
      a1: region,
      a3: city,
      a6: street,
      hno: houseNumber,
      pc: postalCode,
      flr: floor,
      loc: room,
    }),
  };
}

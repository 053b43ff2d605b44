import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../../domain/numbers/address.ts";
import type { DialProfile } from "../../../domain/numbers/dial-profile.ts";
import { classifyEmergency, mayBeEmergency } from "../../../domain/numbers/emergency.ts";
import { classOf, type NumberType, type TollClass } from "../../../domain/numbers/number-class.ts";

/** What people dial on a plain line or behind a PBX of the country, and what that is. */
type Dialled = {
  readonly on: "line" | "pbx";
  readonly what: string;
  readonly write: string;
  readonly is: string;
  /** Of numbers; null: of no country. */
  readonly country?: string | null;
  readonly type?: NumberType;
  readonly toll?: readonly TollClass[];
  readonly emergency?: true;
  /** The sub-service that an emergency number reaches; none: all of them. */
  readonly reaches?: string;
};

type Country = {
  readonly country: string;
  readonly line: DialProfile;
  readonly pbx: DialProfile;
  readonly dialled: readonly Dialled[];
};

const FOLDER = join(import.meta.dirname, "../../golden/numbers");
const countries = readdirSync(FOLDER).map((file) => JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as Country);

/** The columns of a row that are about what was written, as the code sees it. */
function read({ write, on }: Dialled, country: Country) {
  const profile = country[on];
  const address = parseAddress(write, profile, "callee");
  const emergency = classifyEmergency(write, profile);
  const said = { is: address.ok ? formatAddress(address.value) : address.error.code, emergency: emergency?.service ?? null };
  if (!address.ok || address.value.kind !== "e164") return said;
  const { country: of, type, tollClasses } = classOf(address.value.e164);
  return { ...said, country: of, type, toll: tollClasses };
}

const SOS = "urn:service:sos";

function expected({ is, emergency, reaches, country, type, toll }: Dialled) {
  const service = reaches === undefined ? SOS : `${SOS}.${reaches}`;
  const said = { is, emergency: emergency === true ? service : null };
  return type === undefined ? said : { ...said, country, type, toll: toll ?? [] };
}

describe.each(countries)("[NUM-1] [NUM-2] [EMG-1] [EMG-4] [RTE-22] dialling in $country", (country) => {
  it.each([...country.dialled])("on the $on: $what, $write", (row) => {
    expect(read(row, country)).toEqual(expected(row));
  });
});

describe("the golden table of numbers", () => {
  const rows = countries.flatMap(({ dialled }) => dialled);

  it("has 40 countries and every habit in each", () => {
    expect(countries.length).toBeGreaterThanOrEqual(40);
    const habits = [
      "national",
      "international, own number",
      "abroad",
      "satellite abroad",
      "emergency",
      "extension",
      "short code",
    ];
    const lacking = countries.filter(({ dialled }) => !habits.every((habit) => dialled.some(({ what }) => what === habit)));
    expect(lacking.map(({ country }) => country)).toEqual([]);
  });

  it("[EMG-3] lets every emergency number pass the test without a profile", () => {
    const emergencies = rows.filter(({ emergency }) => emergency === true);
    expect(emergencies.filter(({ write }) => !mayBeEmergency(write))).toEqual([]);
  });
});

/**
 * Numbers that cost far more than others, or that pay whoever has them called. docs/number-classes.md says how the lists are kept.
 */

/**
 * Global codes of satellite systems and of networks that belong to no country, and satellite ranges inside countries: beginnings of E.164
 * numbers without the plus. Position of ITU-T's list of assigned country codes (complement to E.164) in 2025; +871 to +874 and +888 are
 * withdrawn but still quoted in tariffs.
 */
export const SATELLITE_PREFIXES: readonly string[] = [
  // Inmarsat: the single access code, and the ocean regions that it replaced.
  "870",
  "871",
  "872",
  "873",
  "874",
  // Universal personal telecommunications.
  "878",
  // Global mobile satellite systems: Iridium 881 6/7, Globalstar 881 8/9.
  "881",
  // International networks, among them Thuraya (882 16), ship and aircraft networks.
  "882",
  "883",
  // Disaster relief.
  "888",
  // Australia: satellite services (numbering plan of the regulator, 0145 and 0147).
  "61145",
  "61147",
  // Russia: GlobalTel (Globalstar).
  "7954",
];

/** Who says that a country is a destination of international revenue share fraud. */
export const HIGH_RISK_SOURCES = {
  cox: "Cox Communications, standing block list; TransNexus blog, 2014",
  integra: "Integra (Electric Lightwave), standing block list; support page, read 2026",
  namibia: "Telecom Namibia, routes blocked during an attack on PBXs; Xinhua, 2017-02-13",
  ftc: "US Federal Trade Commission, area codes of one-ring fraud; WPIX, 2017-03-10",
  fcc: "US Federal Communications Commission, warning of 2019-05-03",
  yates: "Yates Fraud Consulting, ranking by advertised test numbers; Commsrisk, 2020",
  telcheck: "telcheck.fr, codes abused most for one-ring fraud, 2026",
} as const;
export type HighRiskSource = keyof typeof HIGH_RISK_SOURCES;

/** When the list was last gone through. */
export const HIGH_RISK_REVIEWED = "2026-11-21";

/** ISO 3166-1 alpha-2 → who names it. On the list is what a regulator or a carrier's standing block list names, or two of the others. */
export const HIGH_RISK_COUNTRIES: Readonly<Record<string, readonly HighRiskSource[]>> = {
  AG: ["ftc"],
  AZ: ["cox", "integra"],
  CD: ["integra"],
  CF: ["cox"],
  CG: ["integra"],
  CI: ["integra"],
  CU: ["integra", "namibia", "yates"],
  DJ: ["integra"],
  DM: ["ftc"],
  DO: ["ftc", "fcc"],
  ER: ["integra"],
  GD: ["ftc"],
  GM: ["cox"],
  GN: ["cox", "integra", "namibia"],
  JM: ["ftc"],
  KP: ["integra"],
  LV: ["integra", "yates"],
  LY: ["integra"],
  MC: ["cox", "integra", "namibia"],
  MK: ["integra", "namibia", "telcheck"],
  MR: ["fcc", "telcheck"],
  MS: ["ftc"],
  MV: ["cox"],
  SC: ["cox"],
  SI: ["integra", "yates"],
  SL: ["cox", "integra", "namibia", "fcc", "telcheck"],
  SN: ["integra", "namibia"],
  SO: ["cox", "integra", "namibia"],
  ST: ["cox", "integra", "namibia"],
  TC: ["ftc"],
  TV: ["integra"],
  VG: ["ftc"],
  ZW: ["integra"],
};

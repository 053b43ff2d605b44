/** Trunks, and the settings of the tenant as a whole. */
import { z } from "zod";
import {
  CAPABILITIES,
  DEFAULT_EMERGENCY_SETTINGS,
  type Settings,
  TRUNK_CREDENTIALS,
  TRUNK_KINDS,
  type Trunk,
  UNAUTHENTICATED_POLICIES,
} from "../../domain/configuration/model.ts";
import { TOLL_CLASSES } from "../../domain/numbers/number-class.ts";
import { capacityPolicy } from "./capacity.ts";
import { country, durationMs, e164, entityId, label, listedNumber, setOf, trunkId } from "./fields.ts";
import {
  MAX_ACTIVE_SILENCE_MS,
  MAX_CALLBACK_WINDOW_MS,
  MAX_CALLS_PER_HOUR,
  MAX_COST_PER_HOUR_MICROS,
  MAX_COUNTRIES,
  MAX_DESTINATIONS,
  MAX_EXCEPTED_EXTENSIONS,
  MAX_SETUP_SILENCE_MS,
  MAX_SOURCES,
  MAX_TEST_NUMBERS,
  MIN_ACTIVE_SILENCE_MS,
  MIN_SETUP_SILENCE_MS,
} from "./limits.ts";

const emergencySettings = z
  .strictObject({
    lastResort: setOf(entityId, MAX_DESTINATIONS).default([]),
    testNumbers: setOf(z.string().regex(/^\d{3,6}$/, "3 to 6 digits"), MAX_TEST_NUMBERS).default([]),
    testDestinations: setOf(entityId, MAX_DESTINATIONS).default([]),
    callbackNumber: e164.nullable().default(null),
    callbackWindowMs: z.int().min(0).max(MAX_CALLBACK_WINDOW_MS).default(DEFAULT_EMERGENCY_SETTINGS.callbackWindowMs),
    answeringPointNumbers: setOf(listedNumber).default([]),
  })
  .refine(
    ({ testNumbers, testDestinations }) => testNumbers.length === 0 || testDestinations.length > 0,
    "numbers of your own need testDestinations: they mean nothing to an answering point",
  );

export const settingsSchema = z.strictObject({
  defaultTrunk: trunkId,
  emergency: emergencySettings.prefault({}),
  capacity: capacityPolicy.prefault({}),
}) satisfies z.ZodType<Settings>;

const digits = (max: number) => z.string().regex(new RegExp(`^\\d{1,${max}}$`), `1 to ${max} digits`);

const dialProfile = z.strictObject({
  country,
  areaCode: digits(6).exactOptional(),
  internationalPrefixes: z.array(digits(5)).max(8).exactOptional(),
  nationalPrefix: digits(3).exactOptional(),
  outsidePrefix: digits(3).exactOptional(),
  extensionLength: z
    .strictObject({ min: z.int().min(1).max(10), max: z.int().min(1).max(10) })
    .refine(({ min, max }) => min <= max, "min is greater than max")
    .exactOptional(),
  extensions: setOf(digits(6), MAX_EXCEPTED_EXTENSIONS).exactOptional(),
});

const tollPolicy = z.strictObject({
  openClasses: setOf(z.enum(TOLL_CLASSES)).default([]),
  openCountries: setOf(country, MAX_COUNTRIES).default([]),
  callsPerHour: z.int().min(0).max(MAX_CALLS_PER_HOUR).nullable().default(null),
  costPerHourMicros: z.int().min(0).max(MAX_COST_PER_HOUR_MICROS).nullable().default(null),
});

const silence = z.strictObject({
  setupMs: z.int().min(MIN_SETUP_SILENCE_MS).max(MAX_SETUP_SILENCE_MS).nullable().default(null),
  activeMs: z.int().min(MIN_ACTIVE_SILENCE_MS).max(MAX_ACTIVE_SILENCE_MS).nullable().default(null),
});

export const trunkSchema = z.strictObject({
  id: trunkId,
  name: label,
  kind: z.enum(TRUNK_KINDS).default("pbx"),
  auth: setOf(z.enum(TRUNK_CREDENTIALS)).default([...TRUNK_CREDENTIALS]),
  dialProfile,
  sources: setOf(z.union([z.ipv4(), z.ipv6()], "an IPv4 or IPv6 address"), MAX_SOURCES).default([]),
  capabilities: setOf(z.enum(CAPABILITIES)).default([...CAPABILITIES]),
  toll: tollPolicy.prefault({}),
  maxDurationMs: durationMs,
  carrier: entityId.nullable().default(null),
  silence: silence.prefault({}),
  emergency: z
    .strictObject({
      unauthenticated: z.enum(UNAUTHENTICATED_POLICIES).default("serve"),
      callbackNumber: e164.nullable().default(null),
    })
    .prefault({}),
  capacity: capacityPolicy.prefault({}),
}) satisfies z.ZodType<Trunk>;

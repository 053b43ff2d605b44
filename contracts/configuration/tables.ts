/** Rate tables and number lists, and the rows in them. */
import { z } from "zod";
import type { NumberList, NumberListEntry, Rate, RateTable } from "../../domain/configuration/model.ts";
import { entityId, label, listedNumber } from "./fields.ts";
import { MAX_INCREMENT_S, MAX_RATE_MICROS } from "./limits.ts";

export const currency = z.string().regex(/^[A-Z]{3}$/, "ISO 4217, upper case");

export const rateTableSchema = z.strictObject({
  id: entityId,
  name: label,
  currency,
}) satisfies z.ZodType<RateTable>;

const micros = z.int().min(0).max(MAX_RATE_MICROS);

export const DEFAULT_INCREMENT_S = 1;

export const rateSchema = z.strictObject({
  table: entityId,
  prefix: z.string().regex(/^[1-9]\d{0,14}$/, "digits of an E.164 number, without the plus sign"),
  perMinuteMicros: micros,
  connectMicros: micros.default(0),
  incrementS: z.int().min(1).max(MAX_INCREMENT_S).default(DEFAULT_INCREMENT_S),
}) satisfies z.ZodType<Rate>;

export const numberListSchema = z.strictObject({ id: entityId, name: label }) satisfies z.ZodType<NumberList>;

export const numberListEntrySchema = z.strictObject({
  list: entityId,
  number: listedNumber,
}) satisfies z.ZodType<NumberListEntry>;

/** What fields of several entities are made of. */
import { z } from "zod";
import { MAX_ADDRESS_LENGTH } from "../../domain/numbers/address-limits.ts";
import { isTimeZone } from "../../domain/routing/time-zone.ts";
import { type TrunkId, parseTrunkId } from "../../domain/shared/ids.ts";
import {
  MAX_CONDITION_VALUES,
  MAX_DESTINATIONS,
  MAX_DURATION_MS,
  MAX_LABEL,
  MAX_PREFIX,
  MAX_URI,
  MIN_DURATION_MS,
} from "./limits.ts";

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
/** The last instant whose year has four digits, which RFC 3339 asks for. */
const MAX_INSTANT_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

export const entityId = z.string().regex(SLUG, "lower-case letters, digits and inner dashes, at most 64");

export const trunkId = z.string().transform((raw, context): TrunkId => {
  const parsed = parseTrunkId(raw);
  if (parsed.ok) return parsed.value;
  context.addIssue({ code: "custom", message: "lower-case letters, digits and inner dashes, at most 32" });
  return z.NEVER;
});

/** Text that can be stored as it is: neither control characters nor halves of surrogate pairs. */
export const plainText = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has control characters");

/** What people call it. */
export const label = plainText(MAX_LABEL).default("");

/** Where a destination is; `{number}` stands for the called number (RFC 3261 §19.1, without headers and escapes). */
export const sipUriTemplate = z
  .string()
  .max(MAX_URI)
  .regex(
    /^sips?:(?:\{number\}@|[\w+.~!*'-]+@)?[\w.[\]:-]+(?:;[\w=.-]+)*$/,
    "a SIP URI, in which {number} stands for the number",
  );

/** What rules compare: E.164 with its plus sign, digits of a short code, or `user@host` of a SIP address. */
export const routingKey = z
  .string()
  .min(1)
  .max(MAX_ADDRESS_LENGTH)
  .regex(/^(?:\+\d{1,15}|[\d*#]{1,32}|[^\s\p{C}*+@<>"]*@?[^\s\p{C}*+@<>",;]+)$/u, "+49…, digits of a short code, or user@host");

/** The beginning of a routing key that is a number. A lone plus sign: every number in E.164. */
export const numberPrefix = z
  .string()
  .max(MAX_PREFIX)
  .regex(/^(?:\+\d{0,15}|[\d*#]{1,32})$/, "digits, after a plus sign if they are E.164");

/** A number of a list: a routing key, or a prefix that ends in `*`. */
export const listedNumber = z
  .string()
  .max(MAX_ADDRESS_LENGTH)
  .refine(
    (text) => (text.endsWith("*") ? numberPrefix.safeParse(text.slice(0, -1)).success : routingKey.safeParse(text).success),
    "a number, a SIP address, or a prefix that ends in *",
  );

export const e164 = z.string().regex(/^\+[1-9]\d{1,14}$/, "E.164: a plus sign and at most 15 digits");

export const country = z.string().regex(/^[A-Z]{2}$/, "ISO 3166-1 alpha-2, upper case");

export const sipRejection = {
  sipCode: z.int().min(400).max(699),
  /** A reason phrase: it stands in the first line of a SIP response. */
  reason: z.string().regex(/^[\x20-\x7e]{1,64}$/, "printable ASCII, at most 64 characters"),
};

export const durationMs = z.int().min(MIN_DURATION_MS).max(MAX_DURATION_MS).nullable().default(null);

/** RFC 3339; Unix milliseconds inside. */
export const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .pipe(z.int().min(0).max(MAX_INSTANT_MS))
  .nullable()
  .default(null);

export const instantJson = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

export const timeZone = z
  .string()
  .max(64)
  .regex(/^[A-Za-z][\w+/-]*$/, { error: "an IANA time zone, such as Europe/Berlin", abort: true })
  .refine(isTimeZone, { error: "no time zone of this name is known", abort: true });

export const localDate = z.iso.date();

export const isUnique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

/** A set, written as a list. */
export const setOf = <Item extends z.ZodType>(item: Item, max = MAX_CONDITION_VALUES) =>
  z.array(item).max(max).refine(isUnique, "something stands twice");

/** A condition without a value would never hold: a mistake. */
export const someOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(MAX_CONDITION_VALUES);

export const destinationIds = z.array(entityId).min(1).max(MAX_DESTINATIONS).refine(isUnique, "a destination stands twice");

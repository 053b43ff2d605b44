/**
 * What `POST /v1/events` takes, said a second time in zod, and how it is stored, said in the plainest way: the hand-written reader is held
 * against it. Left out are the window of times and the bounds on what events carry.
 */
import { z } from "zod";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { plainText } from "../../../contracts/configuration/fields.ts";
import {
  MAX_ATTRIBUTE,
  MAX_CALL_ID,
  MAX_EVENT_BYTES,
  MAX_EXTENSION_NAME,
  MAX_ORIGIN_ID,
  MAX_PARTY,
  MAX_SOURCE,
  MAX_TYPE,
  MAX_WORD,
} from "../../../contracts/events/ingest-limits.ts";

const URI_REFERENCE = /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/;
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN} *(?:;.*)?$`);
const isJson = (type: string): boolean => /[/+]json$/.test(type.split(";")[0]!.trimEnd().toLowerCase());

export const TENANT = "acme" as TenantId;

/** RFC 3339 §5.6 without leap seconds. */
const TIME = /^\d{4}-\d\d-\d\d[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

const isDate = (text: string): boolean => z.iso.date().safeParse(text.slice(0, "YYYY-MM-DD".length)).success;

const required = (max: number) => plainText(max).min(1);
const time = z.string().regex(TIME).refine(isDate, "is no day");
const source = required(MAX_SOURCE).regex(URI_REFERENCE);
const party = plainText(MAX_PARTY).nullish();
const word = plainText(MAX_WORD).nullish();
const data = z.unknown().optional();

export const plainEvent = z.strictObject({
  type: required(MAX_TYPE),
  callId: required(MAX_CALL_ID),
  at: time.nullish(),
  from: party,
  to: party,
  direction: word,
  status: word,
  data,
  id: required(MAX_ORIGIN_ID).nullish(),
  source: source.nullish(),
});

const EXTENSION_NAME = new RegExp(`^[a-z0-9]{1,${MAX_EXTENSION_NAME}}$`);
const extension = z.union([plainText(MAX_ATTRIBUTE), z.boolean(), z.int32()]).nullish();

export const cloudEvent = z
  .object({
    specversion: z.literal("1.0"),
    id: required(MAX_ORIGIN_ID),
    source,
    type: required(MAX_TYPE),
    subject: required(MAX_CALL_ID).nullish(),
    time: time.nullish(),
    datacontenttype: required(MAX_ATTRIBUTE).regex(MEDIA_TYPE).nullish(),
    dataschema: required(MAX_ATTRIBUTE).regex(URI).regex(URI_REFERENCE).nullish(),
    data,
    data_base64: z.base64().max(MAX_EVENT_BYTES).nullish(),
    caller: party,
    callee: party,
    direction: word,
    status: word,
    sequence: plainText(MAX_ATTRIBUTE).nullish(),
    traceparent: plainText(MAX_ATTRIBUTE).nullish(),
    tenant: z.literal(TENANT).nullish(),
    recordedtime: z.unknown().optional(),
    originid: z.unknown().optional(),
    erased: z.null().optional(),
  })
  .catchall(extension)
  .refine((event) => Object.keys(event).every((name) => name === "data_base64" || EXTENSION_NAME.test(name)), "a bad name")
  .refine((event) => event.data === undefined || event.data_base64 === undefined || event.data_base64 === null)
  .refine(
    ({ data: carried, datacontenttype }) =>
      carried === undefined || carried === null || typeof carried === "string" || isJson(datacontenttype ?? "application/json"),
    "data that is not JSON by its datacontenttype must be a text, or stand in data_base64",
  );

const storedTime = (text: string): string => {
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? "";
  const whole = new Date(Date.parse(text.toUpperCase().replace(/\.\d+/, ""))).toISOString().slice(0, 19);
  return `${whole}.${fraction.padEnd(3, "0")}Z`;
};

const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(([name, value]) => name === "data" || (value !== null && value !== undefined)),
  );

/** The stored event without what the shard makes; undefined: it is refused. */
export function storedForm(item: unknown): Record<string, unknown> | undefined {
  const isCloudEvent =
    typeof item === "object" && item !== null && (item as { specversion?: unknown }).specversion !== undefined;
  // The parser of zod passes over such a name, which is no name of an attribute.
  if (typeof item === "object" && item !== null && Object.hasOwn(item, "__proto__")) return undefined;
  const parsed = isCloudEvent ? cloudEvent.safeParse(item) : plainEvent.safeParse(item);
  if (!parsed.success) return undefined;
  const {
    specversion: _,
    id,
    recordedtime: __,
    originid: ___,
    time: when,
    ...rest
  } = present({
    ...(isCloudEvent ? parsed.data : asCloudEvent(parsed.data as z.output<typeof plainEvent>)),
    tenant: TENANT,
  });
  return {
    ...rest,
    ...(id === undefined ? {} : { originid: id }),
    ...(when === undefined ? {} : { time: storedTime(when as string) }),
  };
}

function asCloudEvent({ callId, at, from, to, source: sender, ...same }: z.output<typeof plainEvent>): Record<string, unknown> {
  const named = { subject: callId, time: at, caller: from, callee: to, source: sender ?? `/tenants/${TENANT}/events` };
  return { ...same, ...named };
}

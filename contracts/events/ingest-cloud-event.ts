/** CloudEvents 1.0 in their JSON format, structured and in batches. */
import type { Result } from "../../domain/shared/result.ts";
import { readData } from "./ingest-data.ts";
import {
  type Draft,
  type Fields,
  type Sender,
  type TakenEvent,
  readMember,
  readSource,
  readTimeOf,
  requireMember,
  take,
} from "./ingest-draft.ts";
import { MAX_ATTRIBUTE, MAX_CALL_ID, MAX_EVENT_BYTES, MAX_ORIGIN_ID, MAX_PARTY, MAX_TYPE, MAX_WORD } from "./ingest-limits.ts";
import {
  type Faults,
  MEDIA_TYPE,
  fault,
  isBase64,
  isExtensionName,
  isJsonType,
  isUri,
  quoted,
  readExtension,
  readQuoted,
  readText,
} from "./ingest-texts.ts";

/** Null stands for what is not there (§2.2 of the JSON format), but as `data`. */
export function readCloudEvent(fields: Fields, sender: Sender, index: number): Result<TakenEvent, Faults> {
  const faults: Faults = [];
  const draft: Draft = { time: "", source: "", type: "", subject: "", originId: "", others: "", data: "" };
  for (const name in fields) {
    const value = fields[name];
    if (name === "data") draft.data = `,"data":${readData(value, faults)}`;
    else if (value !== null) readAttribute(draft, name, value, sender, faults);
    else if (name !== "data_base64" && !isExtensionName(name)) badName(name, faults);
  }
  requireMember(fields, "specversion", faults);
  requireMember(fields, "id", faults);
  requireMember(fields, "source", faults);
  requireMember(fields, "type", faults);
  if (draft.data !== "") checkData(fields, faults);
  return take(draft, sender, index, faults);
}

function badName(name: string, faults: Faults): void {
  fault(faults, name, "bad_name", "names of attributes are 1 to 20 lower-case letters and digits");
}

/** What the members that carry data say together (CloudEvents JSON format §3.1). */
function checkData({ data, data_base64: bytes, datacontenttype }: Fields, faults: Faults): void {
  if (data === undefined) return;
  if (bytes !== undefined && bytes !== null) fault(faults, "data_base64", "not_allowed", "data is there already");
  if (typeof data === "string" || data === null || typeof datacontenttype !== "string" || isJsonType(datacontenttype)) return;
  fault(faults, "data", "wrong_type", "data that is not JSON by its datacontenttype must be a text, or stand in data_base64");
}

function readAttribute(draft: Draft, name: string, value: unknown, sender: Sender, faults: Faults): void {
  switch (name) {
    case "specversion":
      if (value !== "1.0") fault(faults, name, "not_allowed", "must be 1.0");
      return;
    case "id":
      draft.originId = readText(value, name, 1, MAX_ORIGIN_ID, faults);
      return;
    case "source":
      draft.source = readSource(value, faults);
      return;
    case "type":
      draft.type = readQuoted(value, name, 1, MAX_TYPE, faults);
      return;
    case "subject":
      draft.subject = readQuoted(value, name, 1, MAX_CALL_ID, faults);
      return;
    case "time":
      draft.time = readTimeOf(value, name, sender, faults);
      return;
    case "data_base64":
      draft.data ||= `,"data_base64":${readBase64(value, faults)}`;
      return;
    case "tenant":
      if (value !== sender.tenant) fault(faults, name, "not_allowed", "is not the tenant of these credentials");
      return;
    // The store makes them anew. An event of this store that is sent again brings them.
    case "recordedtime":
    case "originid":
      return;
    case "erased":
      fault(faults, name, "not_allowed", "is said by the store alone");
      return;
    default:
      draft.others += readOther(name, value, faults);
  }
}

/** Attributes that are stored as they came. */
function readOther(name: string, value: unknown, faults: Faults): string {
  switch (name) {
    case "caller":
    case "callee":
      return readMember(value, name, 0, MAX_PARTY, faults);
    case "direction":
    case "status":
      return readMember(value, name, 0, MAX_WORD, faults);
    // Texts by the extensions of CloudEvents that define them.
    case "sequence":
    case "traceparent":
      return readMember(value, name, 0, MAX_ATTRIBUTE, faults);
    case "dataschema": {
      const text = readText(value, name, 1, MAX_ATTRIBUTE, faults);
      if (text !== "" && !isUri(text)) fault(faults, name, "bad_format", "is not a URI (RFC 3986)");
      return `,"${name}":${quoted(text)}`;
    }
    case "datacontenttype": {
      const text = readText(value, name, 1, MAX_ATTRIBUTE, faults);
      if (text !== "" && !MEDIA_TYPE.test(text)) fault(faults, name, "bad_format", "is not a media type (RFC 2046)");
      return `,"${name}":${quoted(text)}`;
    }
    default:
      if (isExtensionName(name)) return `,"${name}":${readExtension(value, name, faults)}`;
      badName(name, faults);
      return "";
  }
}

function readBase64(value: unknown, faults: Faults): string {
  const text = readText(value, "data_base64", 0, MAX_EVENT_BYTES, faults);
  if (isBase64(text)) return `"${text}"`;
  fault(faults, "data_base64", "bad_format", "is not Base64 (RFC 4648)");
  return "null";
}

/** Plain events: for senders that know nothing of CloudEvents. */
import type { TenantId } from "../../domain/shared/ids.ts";
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
import { MAX_CALL_ID, MAX_ORIGIN_ID, MAX_PARTY, MAX_TYPE, MAX_WORD } from "./ingest-limits.ts";
import { type Faults, fault, readQuoted, readText } from "./ingest-texts.ts";

/** Of plain events that do not name one. */
export function defaultSource(tenant: TenantId): string {
  return `/tenants/${tenant}/events`;
}

/** `{type, callId, at?, from?, to?, direction?, status?, data?, id?, source?}`; null stands for what is not there, but as `data`. */
export function readPlainEvent(fields: Fields, sender: Sender, index: number): Result<TakenEvent, Faults> {
  const faults: Faults = [];
  const source = defaultSource(sender.tenant);
  const draft: Draft = { time: "", source, type: "", subject: "", originId: "", others: "", data: "" };
  for (const name in fields) {
    const value = fields[name];
    if (name === "data") draft.data = `,"data":${readData(value, faults)}`;
    else if (value !== null) readPlainMember(draft, name, value, sender, faults);
  }
  requireMember(fields, "type", faults);
  requireMember(fields, "callId", faults);
  return take(draft, sender, index, faults);
}

function readPlainMember(draft: Draft, name: string, value: unknown, sender: Sender, faults: Faults): void {
  switch (name) {
    case "type":
      draft.type = readQuoted(value, name, 1, MAX_TYPE, faults);
      return;
    case "callId":
      draft.subject = readQuoted(value, name, 1, MAX_CALL_ID, faults);
      return;
    case "at":
      draft.time = readTimeOf(value, name, sender, faults);
      return;
    case "from":
      draft.others += `,"caller":${readQuoted(value, name, 0, MAX_PARTY, faults)}`;
      return;
    case "to":
      draft.others += `,"callee":${readQuoted(value, name, 0, MAX_PARTY, faults)}`;
      return;
    case "direction":
    case "status":
      draft.others += readMember(value, name, 0, MAX_WORD, faults);
      return;
    case "id":
      draft.originId = readText(value, name, 1, MAX_ORIGIN_ID, faults);
      return;
    case "source":
      draft.source = readSource(value, faults);
      return;
    default:
      fault(faults, name, "unknown_field", "is not a field of an event; what is your own belongs into data");
  }
}

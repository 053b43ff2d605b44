/**
 * Seals the personal values in event data for `session_events.metadata`, and opens them again. Each is bound to its tenant, event and place
 * in the data. Sealing the same event twice gives other ciphertexts; whoever compares rows compares them opened.
 */
import { isSealedMarker, personalValues, withPersonalValues } from "../../../domain/privacy/personal-members.ts";
import { type DataKeys, keyIdOf, placeOf } from "../../identity/data-keys.ts";

export type SessionEventRef = { readonly tenant: string; readonly id: string };
type EventData = Readonly<Record<string, unknown>>;

const sealContext = ({ tenant, id }: SessionEventRef, pointer: string): string => placeOf("session-event", tenant, id, pointer);

/** Event data as it is stored. */
export async function sealEventData(keys: DataKeys, event: SessionEventRef, data: EventData): Promise<EventData> {
  const values = personalValues(data);
  if (values.length === 0) return data;
  const sealed = await Promise.all(
    values.map(async ({ pointer, value }) => {
      const text = await keys.seal(JSON.stringify(value), sealContext(event, pointer));
      return [pointer, { $sealed: text }] as const;
    }),
  );
  return withPersonalValues(data, new Map(sealed));
}

/** Event data as it was. What does not open stays sealed; what was stored before there was encryption is there as it is. */
export async function openEventData(keys: DataKeys, event: SessionEventRef, data: EventData): Promise<EventData> {
  const opened = new Map<string, unknown>();
  for (const { pointer, value } of personalValues(data)) {
    if (!isSealedMarker(value)) continue;
    const plain = await keys.open(value.$sealed, sealContext(event, pointer));
    if (plain.ok) opened.set(pointer, JSON.parse(plain.value));
  }
  return opened.size === 0 ? data : withPersonalValues(data, opened);
}

/** Whether everything personal in stored data is sealed under the current key. */
export function isCurrentlySealed(keys: DataKeys, data: EventData): boolean {
  return personalValues(data).every(({ value }) => isSealedMarker(value) && keys.isCurrent(value.$sealed));
}

/** Whether something in opened data has not opened. */
export function staysSealed(data: EventData): boolean {
  return personalValues(data).some(({ value }) => isSealedMarker(value) && keyIdOf(value.$sealed) !== null);
}

/** What was published before a field was there is read as if the field had been left out. */
import { type ConfigurationItem, DEFAULT_SILENCE, type Trunk } from "./model.ts";

type LaterFields = "carrier" | "silence";
/** A trunk as older versions may have it. */
export type StoredTrunk = Omit<Trunk, LaterFields> & Partial<Pick<Trunk, LaterFields>>;

export const trunkOf = (stored: StoredTrunk): Trunk => ({ carrier: null, silence: DEFAULT_SILENCE, ...stored });

/** @param stored an item as a version that is in force or kept may have it. */
export function itemFrom(stored: ConfigurationItem): ConfigurationItem {
  return stored.kind === "trunks" ? { kind: stored.kind, entity: trunkOf(stored.entity) } : stored;
}

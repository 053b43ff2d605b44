/** What was published before a field was there is read as if the field had been left out. */
import {
  type ConfigurationItem,
  DEFAULT_EMERGENCY_SETTINGS,
  DEFAULT_SILENCE,
  DEFAULT_TRUNK_EMERGENCY,
  type Destination,
  type EmergencyRoute,
  type Settings,
  type Trunk,
  UNBOUNDED,
} from "./model.ts";

type Older<Entity, Later extends keyof Entity> = Omit<Entity, Later> & Partial<Pick<Entity, Later>>;

/** Entities as older versions may have them. */
export type StoredSettings = Older<Settings, "emergency" | "capacity">;
export type StoredTrunk = Older<Trunk, "carrier" | "silence" | "emergency" | "capacity">;
export type StoredDestination = Older<Destination, "capacity">;
export type StoredEmergencyRoute = Older<EmergencyRoute, "countries" | "area" | "calendar" | "parallel">;

export const settingsOf = (stored: StoredSettings): Settings => ({
  emergency: DEFAULT_EMERGENCY_SETTINGS,
  capacity: UNBOUNDED,
  ...stored,
});

export const trunkOf = (stored: StoredTrunk): Trunk => ({
  carrier: null,
  silence: DEFAULT_SILENCE,
  emergency: DEFAULT_TRUNK_EMERGENCY,
  capacity: UNBOUNDED,
  ...stored,
});

export const destinationOf = (stored: StoredDestination): Destination => ({ capacity: UNBOUNDED, ...stored });

export const emergencyRouteOf = (stored: StoredEmergencyRoute): EmergencyRoute => ({
  countries: [],
  area: null,
  calendar: null,
  parallel: false,
  ...stored,
});

/** @param stored an item as a version that is in force or kept may have it. */
export function itemFrom(stored: ConfigurationItem): ConfigurationItem {
  switch (stored.kind) {
    case "settings":
      return { kind: stored.kind, entity: settingsOf(stored.entity) };
    case "trunks":
      return { kind: stored.kind, entity: trunkOf(stored.entity) };
    case "destinations":
      return { kind: stored.kind, entity: destinationOf(stored.entity) };
    case "emergency-routes":
      return { kind: stored.kind, entity: emergencyRouteOf(stored.entity) };
    default:
      return stored;
  }
}

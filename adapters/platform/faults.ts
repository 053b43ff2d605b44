/**
 * Places where a test build may break something that a laptop cannot: a store that fails between two writes, an object that is
 * slow to answer. In every deployed environment this is a constant that does nothing.
 */
export const FAULT_POINTS = [
  "call-session.open",
  "event-log.before-segment",
  "event-log.before-manifest",
  "event-log.before-release",
  "event-log.before-wake-up",
] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

export type Faults = { readonly at: (point: FaultPoint) => Promise<void> };

export const noFaults: Faults = { at: async () => {} };

/** An injected failure: never caught by type anywhere, so it takes the way of a real one. */
export class InjectedFault extends Error {
  constructor(point: FaultPoint) {
    super(`injected at ${point}`);
    this.name = "InjectedFault";
  }
}

/** A session as readers see it, before it takes the form of any protocol. */
import type { Lane, LogShard, SessionId, TenantId } from "../shared/ids.ts";
import type { Plan } from "../routing/plan.ts";
import type { Direction, SessionCall } from "./call.ts";
import type { Annotations } from "./annotations.ts";
import type { CallState } from "./state.ts";
import type { Tried } from "./tried.ts";

export type SessionView = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  /** False while the call has only been reported on. */
  readonly announced: boolean;
  /** True when the session has given up its storage: `call` and `plan` are in the event store alone. */
  readonly archived: boolean;
  /** True when another system has only recorded the call: it has no plan, and nobody of ours carries it. */
  readonly recorded: boolean;
  readonly direction: Direction;
  readonly call: SessionCall | null;
  readonly plan: Plan | null;
  /** Null or absent: no destination has been tried, as far as anybody said. */
  readonly tried?: Tried | null;
  readonly state: CallState;
  readonly annotations: Annotations;
  readonly createdMs: number;
  readonly newsMs: number;
  readonly sequence: number;
  /** Unix hours in which events were recorded. */
  readonly hours: readonly number[];
  readonly log: { readonly name: string; readonly shard: LogShard };
};

/** When the session began for lists: a recorded one when its call did, any other with its first event. Unix milliseconds. */
export function openedMsOf({ recorded, state, createdMs }: Pick<SessionView, "recorded" | "state" | "createdMs">): number {
  return recorded ? (state.startedAtMs ?? createdMs) : createdMs;
}

/** From its beginning to its end; null while it goes on. A call does not end before it began, whatever carriers' clocks say. */
export function durationMsOf(view: Pick<SessionView, "recorded" | "state" | "createdMs">): number | null {
  const { endedAtMs } = view.state;
  return endedAtMs === null ? null : Math.max(0, endedAtMs - openedMsOf(view));
}

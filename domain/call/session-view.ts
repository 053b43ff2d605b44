/** A session as readers see it, before it takes the form of any protocol. */
import type { Lane, LogShard, SessionId, TenantId } from "../shared/ids.ts";
import type { Plan } from "../routing/plan.ts";
import type { Call } from "./call.ts";
import type { Annotations } from "./annotations.ts";
import type { CallState } from "./state.ts";

export type SessionView = {
  readonly id: SessionId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  /** False while the call has only been reported on. */
  readonly announced: boolean;
  /** True when the session has given up its storage: `call` and `plan` are in the event store alone. */
  readonly archived: boolean;
  readonly call: Call | null;
  readonly plan: Plan | null;
  readonly state: CallState;
  readonly annotations: Annotations;
  readonly createdMs: number;
  readonly newsMs: number;
  readonly sequence: number;
  /** Unix hours in which events were recorded. */
  readonly hours: readonly number[];
  readonly log: { readonly name: string; readonly shard: LogShard };
};

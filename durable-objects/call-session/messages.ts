/** What a session is asked, and what it answers. */
import type { Call } from "../../domain/call/call.ts";
import type { LegCallback } from "../../domain/call/carrier.ts";
import type { Command, CommandRefusal } from "../../domain/call/commands.ts";
import type { SessionView } from "../../domain/call/session-view.ts";
import type { CloudEvent } from "../../domain/events/event.ts";
import type { Plan } from "../../domain/routing/plan.ts";
import type { TenantId, TrunkId } from "../../domain/shared/ids.ts";
import type { Identity, IncomingReport } from "./steps.ts";

export type OpenRequest = {
  readonly identity: Identity;
  readonly call: Call;
  readonly plan: Plan;
  readonly fingerprint: string | null;
  readonly traceparent: string;
};
/** A caller who has just opened the session knows its call and plan: only what came out of it goes back. */
export type OpenOutcome =
  | ({ readonly created: true } & Opened)
  | { readonly created: false; readonly deleted: false; readonly sameRequest: boolean; readonly view: SessionView }
  /** There was such a session, and somebody has deleted it. */
  | { readonly created: false; readonly deleted: true };
export type Opened = Pick<SessionView, "state" | "createdMs" | "newsMs" | "sequence" | "hours">;

export type ReportRequest = {
  readonly identity: Identity;
  readonly report: IncomingReport;
  /** Take the report also when nobody has announced the call yet. */
  readonly early: boolean;
  readonly traceparent: string;
};
export type ReportAnswer =
  | { readonly tag: "taken"; readonly applied: boolean; readonly ended: boolean; readonly view: SessionView }
  | { readonly tag: "unknown" }
  /** Another system keeps the session: nobody carries a call of which to report. */
  | { readonly tag: "recorded" }
  /** Not taken; it may be sent again. */
  | { readonly tag: "unavailable" };

export type CommandRequest = {
  readonly tenant: TenantId;
  /** To whose sessions the credentials are bound that it was given with; null: to none in particular. */
  readonly trunk: TrunkId | null;
  readonly command: Command;
  /** The sender's own id; null: a repetition is not known as one. */
  readonly id: string | null;
  /** Who gives it. */
  readonly by: string;
  readonly traceparent: string;
};
export type CommandAnswer =
  /** `repeated`: it had been taken before, and nothing changed. */
  | { readonly tag: "taken"; readonly repeated: boolean; readonly view: SessionView }
  | { readonly tag: "unknown" }
  | { readonly tag: "archived" }
  /** The credentials are of another trunk than the call's. */
  | { readonly tag: "other_trunk" }
  | CommandRefusal
  /** Where a redirection was to lead, nobody may call, or there is no way. */
  | { readonly tag: "not_routed"; readonly sipCode: number; readonly reason: string }
  | { readonly tag: "bad_address"; readonly detail: string }
  /** Not taken; it may be given again. */
  | { readonly tag: "unavailable" };

export type CallbackRequest = { readonly account: string; readonly callback: LegCallback; readonly traceparent: string };
export type CallbackAnswer = { readonly tag: "taken" | "unknown" };

export type TimelineAnswer = { readonly view: SessionView; readonly events: readonly CloudEvent[] };

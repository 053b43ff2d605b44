/** What people and programs may tell a call to do, and when. */
import type { Annotations } from "./annotations.ts";
import type { CarrierCapability } from "./carrier.ts";
import { type CallState, type Phase, isTerminal } from "./state.ts";

/** Where a call is redirected to: an address, as `POST /v1/calls` takes it, or a destination of the configuration. */
export type RedirectTo =
  | { readonly tag: "address"; readonly address: string }
  | { readonly tag: "destination"; readonly destination: string };

export type Command =
  | { readonly kind: "hangUp"; readonly reason: string | null }
  | { readonly kind: "redirect"; readonly to: RedirectTo }
  | { readonly kind: "note"; readonly text: string }
  | { readonly kind: "tag"; readonly add: readonly string[]; readonly remove: readonly string[] }
  | { readonly kind: "setDisposition"; readonly disposition: string };

export const MAX_TAGS = 16;
export const MAX_NOTES = 32;

/** Who executes the call, as far as commands are concerned. */
export type Executor = { readonly tag: "peer" } | { readonly tag: "self"; readonly capabilities: readonly CarrierCapability[] };

export type CommandRefusal =
  | { readonly tag: "illegal_state"; readonly state: Phase }
  | { readonly tag: "capability_missing"; readonly capability: CarrierCapability }
  | { readonly tag: "too_many"; readonly of: "tags" | "notes" | "events" | "legs" };

const CAPABILITY = { hangUp: "hang_up", redirect: "redirect" } as const;

/** The tags after a command. */
export function tagged(tags: readonly string[], { add, remove }: Extract<Command, { kind: "tag" }>): readonly string[] {
  return [...new Set([...tags, ...add])].filter((tag) => !remove.includes(tag)).toSorted();
}

/** Why the command cannot be carried out now; null: it can. The state comes before what the executor can do. */
export function refusalOf(
  command: Command,
  state: CallState,
  annotations: Annotations,
  executor: Executor,
): CommandRefusal | null {
  const illegal = { tag: "illegal_state", state: state.phase } as const;
  switch (command.kind) {
    case "hangUp":
    case "redirect": {
      if (isTerminal(state.phase) || state.phase === "ending") return illegal;
      const capability = CAPABILITY[command.kind];
      if (executor.tag === "self" && executor.capabilities.includes(capability)) return null;
      return { tag: "capability_missing", capability };
    }
    case "note":
      return annotations.notes.length >= MAX_NOTES ? { tag: "too_many", of: "notes" } : null;
    case "tag":
      return tagged(annotations.tags, command).length > MAX_TAGS ? { tag: "too_many", of: "tags" } : null;
    case "setDisposition":
      return isTerminal(state.phase) || state.answeredAtMs !== null ? null : illegal;
  }
}

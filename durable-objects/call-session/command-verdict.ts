/** Whether a command can be taken, and what it needs to know beyond itself. */
import { within } from "../../adapters/platform/deadline.ts";
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import { type Command, refusalOf } from "../../domain/call/commands.ts";
import { mayRedirect } from "../../domain/call/legs.ts";
import type { RedirectPlanner } from "../../domain/call/redirect.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { ReadyCommand } from "./command-steps.ts";
import { isFull } from "./forwarding.ts";
import { type Carriers, executorOf } from "./leg-runner.ts";
import type { CommandAnswer, CommandRequest } from "./messages.ts";
import { MAX_EVENTS_PER_SESSION } from "./record.ts";
import { type SessionRow, type Stored, isTombstone } from "./row.ts";
import { viewOf } from "./view.ts";

/** The configuration is in memory or in R2. */
const PLAN_DEADLINE_MS = 2_000;

/** Ids of commands remembered: whoever repeats one does so soon. */
const MAX_COMMAND_IDS = 128;

/** Remembers that a command with this id has been taken. @param id null: the sender gives none. */
export function rememberingCommand(row: SessionRow, id: string | null): SessionRow {
  return id === null ? row : { ...row, commandIds: [...(row.commandIds ?? []), id].slice(-MAX_COMMAND_IDS) };
}

/** Why a command cannot be taken now, or that it has been; null: it can, and the row is a live one of the asker's tenant. */
export function commandVerdict(
  stored: Stored | null,
  { tenant, trunk, command, id }: CommandRequest,
  carriers: Carriers,
): CommandAnswer | null {
  if (stored === null || stored.tenant !== tenant) return { tag: "unknown" };
  if (isTombstone(stored)) return { tag: "archived" };
  if (trunk !== null && stored.call?.trunk !== trunk) return { tag: "other_trunk" };
  if (id !== null && stored.commandIds?.includes(id) === true) return { tag: "taken", repeated: true, view: viewOf(stored) };
  const refusal = refusalOf(command, stored.state, stored.annotations ?? NO_ANNOTATIONS, executorOf(stored, carriers));
  if (refusal !== null || command.kind === "hangUp") return refusal;
  if (command.kind === "redirect" && stored.legs !== undefined && !mayRedirect(stored.legs))
    return { tag: "too_many", of: "legs" };
  if (stored.sequence >= MAX_EVENTS_PER_SESSION) return { tag: "too_many", of: "events" };
  return isFull(stored) ? { tag: "unavailable" } : null;
}

/** The command with where it leads. */
export async function readyCommand(
  planner: RedirectPlanner,
  row: SessionRow,
  command: Command,
): Promise<Result<ReadyCommand, CommandAnswer>> {
  if (command.kind !== "redirect") return ok(command);
  const { call } = row;
  if (call === null || call.trunk === null) return err({ tag: "unavailable" });
  try {
    const planned = await within(planner.planRedirect({ ...call, trunk: call.trunk }, row.id, command.to), PLAN_DEADLINE_MS);
    if (!planned.done) return err({ tag: "unavailable" });
    return planned.value.ok ? ok({ ...command, target: planned.value.value }) : err(planned.value.error);
  } catch {
    return err({ tag: "unavailable" });
  }
}

/** The steps that commands are. Functions from row to row. */
import { NO_ANNOTATIONS } from "../../domain/call/annotations.ts";
import { type Command, tagged } from "../../domain/call/commands.ts";
import type { LegAction } from "../../domain/call/legs.ts";
import { transition } from "../../domain/call/machine.ts";
import type { RedirectTarget } from "../../domain/call/redirect.ts";
import { type LegStep, stepLegs } from "./leg-steps.ts";
import { type StepContext, present, record, settle } from "./record.ts";
import type { SessionRow } from "./row.ts";

/** A command that has been found possible, with what it needs beyond itself. */
export type ReadyCommand =
  | Exclude<Command, { kind: "redirect" }>
  | (Extract<Command, { kind: "redirect" }> & { readonly target: RedirectTarget });

/** @param by who gave it. */
export function carryOut(row: SessionRow, command: ReadyCommand, by: string, context: StepContext): LegStep {
  const { nowMs } = context;
  const annotations = row.annotations ?? NO_ANNOTATIONS;
  const none: readonly LegAction[] = [];
  switch (command.kind) {
    case "hangUp": {
      const recorded = record(row, context, "session.hangup_requested", nowMs, present({ by, reason: command.reason }));
      const asked = settle(recorded, context, transition(row.state, { kind: "hang_up", atMs: nowMs }));
      return stepLegs(asked, { kind: "hang_up" }, context);
    }
    case "redirect": {
      const { uri, ringTimeoutMs, destination } = command.target;
      const recorded = record(row, context, "session.redirected", nowMs, { by, uri, destination });
      return stepLegs(recorded, { kind: "redirect", target: { uri, ringTimeoutMs } }, context);
    }
    case "note": {
      const note = { atMs: nowMs, by, text: command.text };
      const recorded = record(row, context, "session.noted", nowMs, { by, text: command.text });
      return { row: { ...recorded, annotations: { ...annotations, notes: [...annotations.notes, note] } }, actions: none };
    }
    case "tag": {
      const tags = tagged(annotations.tags, command);
      const recorded = record(row, context, "session.tagged", nowMs, { by, tags });
      return { row: { ...recorded, annotations: { ...annotations, tags } }, actions: none };
    }
    case "setDisposition": {
      const { disposition } = command;
      const recorded = record(row, context, "session.disposition_set", nowMs, { by, disposition });
      return { row: { ...recorded, annotations: { ...annotations, disposition } }, actions: none };
    }
  }
}

/** People and programs that give commands at any time, sensible or not. Each is marked, so that what it did can be found again. */
import type { Command } from "../../../../domain/call/commands.ts";
import { eventType } from "../../../../domain/events/event.ts";
import type { Dice } from "../scheduler.ts";

const KINDS = ["hangUp", "redirect", "redirect", "note", "tag", "setDisposition"] as const;
const COMMANDS = 0.5;
/** While the first leg is being placed. */
const AT_ONCE = 0.4;
const AT_ONCE_MS = 5_000;

/** `isMine` tells whether data of an event of this type came of this command. */
export type GivenCommand = {
  readonly command: Command;
  readonly id: string;
  readonly afterMs: number;
  readonly type: string;
  readonly mark: string;
};

export const uriOfRedirect = (mark: string): string => `sip:${mark}@redirected.example`;

function commandOf(kind: (typeof KINDS)[number], mark: string): Pick<GivenCommand, "command" | "type"> {
  switch (kind) {
    case "hangUp":
      return { command: { kind, reason: mark }, type: eventType("session.hangup_requested") };
    case "redirect":
      return { command: { kind, to: { tag: "address", address: mark } }, type: eventType("session.redirected") };
    case "note":
      return { command: { kind, text: mark }, type: eventType("session.noted") };
    case "tag":
      return { command: { kind, add: [mark], remove: [] }, type: eventType("session.tagged") };
    case "setDisposition":
      return { command: { kind, disposition: mark }, type: eventType("session.disposition_set") };
  }
}

/** @param withinMs of the call's beginning. */
export function commandsFor(dice: Dice, name: string, withinMs: number): GivenCommand[] {
  const given: GivenCommand[] = [];
  while (dice.chance(COMMANDS)) {
    const mark = `${name}-command-${given.length}`;
    given.push({
      ...commandOf(dice.pick(KINDS), mark),
      id: mark,
      mark,
      afterMs: dice.below(dice.chance(AT_ONCE) ? AT_ONCE_MS : withinMs),
    });
  }
  return given;
}

/** `POST /v1/sessions/{id}/commands`, and the command frames of a live socket. */
import { z } from "zod";
import type { Command } from "../domain/call/commands.ts";
import { MAX_ADDRESS_LENGTH } from "../domain/numbers/address-limits.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { type FieldError, fieldErrors } from "./issues.ts";

/** Characters. */
const MAX_NOTE = 2_000;
const MAX_REASON = 256;
const MAX_COMMAND_ID = 128;

// oxlint-disable-next-line eslint/no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/;
const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .refine((value) => !CONTROLS.test(value) && value.isWellFormed(), "control characters");

/** A word of the tenant's own: letters, digits, dots, dashes, underscores. */
export const word = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, "1 to 64 letters, digits, dots, dashes, underscores");
const words = z.array(word).max(32).default([]);

const id = z
  .string()
  .min(1)
  .max(MAX_COMMAND_ID)
  .regex(/^[\x21-\x7e]+$/, "printable ASCII without spaces")
  .optional();

export const commandSchema = z
  .discriminatedUnion("command", [
    z.strictObject({ id, command: z.literal("hangUp"), reason: text(MAX_REASON).optional() }),
    z.strictObject({
      id,
      command: z.literal("redirect"),
      to: z.union([z.string().min(1).max(MAX_ADDRESS_LENGTH), z.strictObject({ destination: z.string().min(1).max(64) })]),
    }),
    z.strictObject({ id, command: z.literal("note"), text: text(MAX_NOTE) }),
    z
      .strictObject({ id, command: z.literal("tag"), add: words, remove: words })
      .refine(({ add, remove }) => add.length + remove.length > 0, "nothing to add or remove"),
    z.strictObject({ id, command: z.literal("setDisposition"), disposition: word }),
  ])
  .transform(({ id: commandId, ...body }): ParsedCommand => ({ id: commandId ?? null, command: commandOf(body) }));

/** @property id the sender's own; null: a repetition is not known as one. */
export type ParsedCommand = { readonly id: string | null; readonly command: Command };

type Body =
  | { command: "hangUp"; reason?: string | undefined }
  | { command: "redirect"; to: string | { destination: string } }
  | { command: "note"; text: string }
  | { command: "tag"; add: string[]; remove: string[] }
  | { command: "setDisposition"; disposition: string };

function commandOf(body: Body): Command {
  switch (body.command) {
    case "hangUp":
      return { kind: "hangUp", reason: body.reason ?? null };
    case "redirect":
      return {
        kind: "redirect",
        to:
          typeof body.to === "string"
            ? { tag: "address", address: body.to }
            : { tag: "destination", destination: body.to.destination },
      };
    case "note":
      return { kind: "note", text: body.text };
    case "tag":
      return { kind: "tag", add: body.add, remove: body.remove };
    case "setDisposition":
      return { kind: "setDisposition", disposition: body.disposition };
  }
}

export function parseCommand(body: Record<string, unknown>): Result<ParsedCommand, readonly FieldError[]> {
  const parsed = commandSchema.safeParse(body);
  return parsed.success ? ok(parsed.data) : err(fieldErrors(parsed.error, body));
}

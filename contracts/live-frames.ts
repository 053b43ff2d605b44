/** Parses what clients send over live sockets. */
import { z } from "zod";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { parseJsonText } from "./json.ts";
import type { FeedClientFrame, SessionClientFrame } from "./live.ts";

/** Characters. */
const MAX_POSITION = 64;
const MAX_FRAME_ID = 128;

const sessionFrame: z.ZodType<SessionClientFrame> = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("ack"), sequence: z.int().min(0) }),
  z.strictObject({
    type: z.literal("command"),
    id: z
      .string()
      .max(MAX_FRAME_ID)
      .regex(/^[\x21-\x7e]+$/),
    command: z.record(z.string(), z.unknown()),
  }),
]);

const feedFrame: z.ZodType<FeedClientFrame> = z.strictObject({
  type: z.literal("ack"),
  position: z.string().min(1).max(MAX_POSITION),
});

export type BadFrame = "bad_frame";

const parser =
  <Frame>(schema: z.ZodType<Frame>) =>
  (text: string): Result<Frame, BadFrame> => {
    const json = parseJsonText(text);
    const parsed = json.ok ? schema.safeParse(json.value) : null;
    return parsed?.success ? ok(parsed.data) : err("bad_frame");
  };

/** One text frame of a session's socket. */
export const parseSessionFrame = parser(sessionFrame);
/** One text frame of the feed's socket. */
export const parseFeedFrame = parser(feedFrame);

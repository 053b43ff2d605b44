/**
 * What is said over a live socket, as types and numbers that server and clients share. Nothing here needs a library: clients carry
 * this file and no other. `live-frames.ts` parses what clients send.
 *
 * Beside the frames, which are JSON, a client may send the text `ping` at any time and gets the text `pong`.
 */

/** A client offers it; the server chooses it. */
export const SUBPROTOCOL = "trunkline.v1";
/** A client that can set no header offers its token or API key as a second subprotocol behind this. It is never chosen. */
export const BEARER_SUBPROTOCOL = "bearer.";
export const TICKET_PARAMETER = "ticket";
export const AFTER_PARAMETER = "after";

/** A client acknowledges what it has taken at least after so many frames or characters of them: well before the server waits for it. */
export const ACK_EVERY = 32;
export const ACK_BYTES = 16 * 1024;

/** Why a server closes; 4000 to 4999 are the application's (RFC 6455 §7.4.2). */
export const CLOSE = {
  badFrame: 4000,
  /** The credentials have expired: come back with new ones. */
  expired: 4001,
  /** The session has given up its storage: there is nothing more to come. */
  gone: 4004,
  /** What was sent was not acknowledged: come back and go on. */
  tooSlow: 4008,
  tooManySockets: 4009,
  /** What was asked for cannot be read now: come back and go on. */
  tryAgain: 4013,
  tooManyFrames: 4029,
} as const;
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** A session as `GET /v1/sessions/{id}` gives it. */
export type SessionRecord = Readonly<Record<string, unknown>>;
/** An event as `GET /v1/sessions/{id}/events` gives it. */
export type SessionEventRecord = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** The body of `POST /v1/sessions/{id}/commands`. */
export type CommandBody =
  | { readonly command: "hangUp"; readonly reason?: string }
  | { readonly command: "redirect"; readonly to: string | { readonly destination: string } }
  | { readonly command: "note"; readonly text: string }
  | { readonly command: "tag"; readonly add?: readonly string[]; readonly remove?: readonly string[] }
  | { readonly command: "setDisposition"; readonly disposition: string };

/** What became of a command. A refusal is what the HTTP route answers as a problem; `state` is there where the state does not allow it. */
export type CommandResult =
  | { readonly ok: true; readonly sequence: number; readonly session: SessionRecord }
  | {
      readonly ok: false;
      readonly status: number;
      readonly code: string;
      readonly title: string;
      readonly detail?: string;
      readonly state?: string;
      readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
    };

/** From the client of a session's socket. `sequence`: the last one that it has taken. */
export type SessionClientFrame =
  | { readonly type: "ack"; readonly sequence: number }
  | { readonly type: "command"; readonly id: string; readonly command: Readonly<Record<string, unknown>> };

/** To it. `snapshot` comes first and only where the client did not ask for what came after a sequence; `event` has each event once, in order. */
export type SessionServerFrame =
  | { readonly type: "snapshot"; readonly sequence: number; readonly session: SessionRecord }
  | { readonly type: "event"; readonly sequence: number; readonly event: SessionEventRecord }
  | ({ readonly type: "result"; readonly id: string } & CommandResult);

/** From the client of the tenant's feed. `position`: the last one that it has taken. */
export type FeedClientFrame = { readonly type: "ack"; readonly position: string };

/**
 * To it. A position is opaque. `hello` comes first. `session` is what the list shows. After `reset` the client has missed changes: it
 * reads the list again and goes on from the position.
 */
export type FeedServerFrame =
  | { readonly type: "hello"; readonly position: string }
  | {
      readonly type: "opened" | "changed" | "ended";
      readonly position: string;
      readonly session: SessionRecord;
      /** There when the session does not match the filter any more: who shows it takes it away. */
      readonly left?: true;
    }
  | { readonly type: "reset"; readonly position: string };

/** The answer to `POST /v1/live/tickets`. */
export type TicketAnswer = { readonly ticket: string; readonly expiresAt: string };

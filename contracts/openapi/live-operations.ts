/** Commands, and sessions as they happen. */
import { z } from "zod";
import { commandSchema } from "../commands.ts";
import { ticketRequest } from "../live-ticket.ts";
import { SUBPROTOCOL } from "../live.ts";
import { SESSION_ID } from "./call-operations.ts";
import { instant } from "./event-schemas.ts";
import type { Answer, Operation } from "./operation.ts";
import { BODY_PROBLEMS, header, inPath, json, query } from "./parts.ts";
import { SESSION, sessionRecord } from "./session-schemas.ts";
import { SESSION_FILTER_PARAMETERS } from "./session-list-operations.ts";

const taken = z.object({ sequence: z.int().min(0).describe("Of the session, after the command."), session: sessionRecord });

const command: Operation = {
  id: "commandSession",
  method: "post",
  path: "/v1/sessions/{id}/commands",
  tag: "Sessions",
  summary: "Tell a session to do something",
  description:
    "`hangUp`, `redirect`, `note`, `tag` or `setDisposition`. With an `id` of the sender's a repetition does nothing and gets the same answer.",
  permission: "sessions:command",
  parameters: [inPath("id", "The session's id.", SESSION_ID)],
  body: [json(commandSchema, { id: "c-1", command: "tag", add: ["vip"] })],
  answers: [
    {
      status: 200,
      description: "It is done, or on its way; the session as it is now.",
      content: [json(taken, { sequence: 7, session: SESSION })],
      headers: { "Idempotent-Replayed": "`true`: the command was taken before." },
    },
  ],
  problems: [...BODY_PROBLEMS, "not_found", "wrong_lane", "illegal_state", "capability_missing", "conflict"],
};

const ticket = z.object({
  ticket: z.string().describe("For one socket, in the query parameter `ticket`."),
  expiresAt: instant,
});

const createTicket: Operation = {
  id: "createLiveTicket",
  method: "post",
  path: "/v1/live/tickets",
  tag: "Live",
  summary: "Get a ticket for one socket",
  description:
    "For pages in a browser, which hold no token. Without `session` it is for the tenant's feed. The body may be left out.",
  permission: "sessions:read",
  parameters: [],
  body: [json(ticketRequest, { session: SESSION_ID })],
  isBodyOptional: true,
  answers: [
    {
      status: 201,
      description: "The ticket; good for one socket, for a short time.",
      content: [json(ticket, { ticket: "dGlja2V0…", expiresAt: "2026-11-21T15:28:02.309Z" })],
    },
  ],
  problems: BODY_PROBLEMS,
};

const UPGRADE = [
  header("Upgrade", "`websocket` (RFC 6455).", "websocket"),
  header("Sec-WebSocket-Protocol", `\`${SUBPROTOCOL}\`; a token may stand behind it as \`bearer.<token>\`.`, SUBPROTOCOL),
];
const SWITCHED: Answer = {
  status: 101,
  description: "A WebSocket. Frames are JSON, as `contracts/live.ts` has them.",
  content: [],
};
const upgrades = {
  method: "get",
  tag: "Live",
  permission: "sessions:read",
  proofs: ["bearer", "apiKey", "ticket"],
  isUncounted: true,
  answers: [SWITCHED],
} as const;

const sessionSocket: Operation = {
  ...upgrades,
  id: "watchSession",
  path: "/v1/sessions/{id}/live",
  summary: "Follow one session over a WebSocket",
  description: "A snapshot and then each event once, in order; commands go over the same socket. `after` goes on without loss.",
  parameters: [
    inPath("id", "The session's id.", SESSION_ID),
    query("after", "The last sequence that was taken: what comes behind it is told, and no snapshot.", z.int().min(0), 7),
    ...UPGRADE,
  ],
  problems: ["bad_query", "bad_header", "not_found", "wrong_lane", "upgrade_required"],
};

const feed: Operation = {
  ...upgrades,
  id: "watchSessions",
  path: "/v1/live",
  summary: "Follow the tenant's sessions over a WebSocket",
  description:
    "What opens, changes and ends. Takes the filters of the list of sessions; after `reset` a client reads that list again.",
  parameters: [query("after", "The last position that was taken."), ...SESSION_FILTER_PARAMETERS, ...UPGRADE],
  problems: ["bad_query", "bad_header", "upgrade_required"],
};

export const LIVE_OPERATIONS: readonly Operation[] = [command, createTicket, feed, sessionSocket];
export const LIVE_SCHEMAS = {
  Session: sessionRecord,
  SessionCommand: commandSchema as z.ZodType,
  CommandTaken: taken,
  NewLiveTicket: ticketRequest as z.ZodType,
  LiveTicket: ticket,
};

/** `POST /v1/live/tickets`: a ticket for one socket. Either lane gives them, and takes those of the other. */
import { Hono } from "hono";
import { mintTicket } from "../../adapters/identity/ticket.ts";
import { fieldErrors } from "../../contracts/issues.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import { ticketRequest } from "../../contracts/live-ticket.ts";
import type { TicketAnswer } from "../../contracts/live.ts";
import type { AppEnv } from "../context.ts";
import { holderOf } from "../live-credentials.ts";
import { requires } from "../middleware/authenticate.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";

const NONCE_BYTES = 16;

export const liveTicketRoutes = () =>
  new Hono<AppEnv>().post("/v1/live/tickets", readBody, requires("sessions:read"), async (c) => {
    const body = c.get("body");
    const json = parseJsonObject(body.length === 0 ? new TextEncoder().encode("{}") : body);
    if (!json.ok) return answerProblem(c, { code: "bad_json", detail: json.error.detail });
    const parsed = ticketRequest.safeParse(json.value);
    if (!parsed.success) return answerProblem(c, { code: "invalid_fields", errors: fieldErrors(parsed.error, json.value) });
    const { environment, clock, randomness } = c.get("deps");
    const nowMs = clock.nowMs();
    const principal = c.get("principal");
    const { session } = parsed.data;
    const ticket = await mintTicket(
      environment.CONFIG_KEY,
      {
        tenant: principal.tenant,
        ...holderOf(principal, nowMs),
        target: session === undefined ? "feed" : `session:${session}`,
      },
      nowMs,
      randomness.bytes(NONCE_BYTES),
    );
    const answer: TicketAnswer = { ticket: ticket.text, expiresAt: new Date(ticket.expiresMs).toISOString() };
    return c.json(answer, 201, { "Cache-Control": "no-store" });
  });

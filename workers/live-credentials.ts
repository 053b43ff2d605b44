/** Who opens a live socket: by a ticket, by a token or API key among the subprotocols, or as every other request. */
import { type TicketTarget, checkTicket, ticketForgottenAt } from "../adapters/identity/ticket.ts";
import { BEARER_SUBPROTOCOL, TICKET_PARAMETER } from "../contracts/live.ts";
import { PERMISSIONS, type Permission, type Principal, may } from "../domain/identity/principal.ts";
import type { TenantId } from "../domain/shared/ids.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { type Holder, MAX_SOCKET_MS } from "../durable-objects/sockets/socket.ts";
import type { TicketUse } from "../durable-objects/sockets/upgrade.ts";
import type { AppContext } from "./context.ts";
import { answerUnauthenticated, authenticateRequest } from "./middleware/authenticate.ts";
import { refuseOrigin } from "./middleware/cors.ts";

/** What a socket may be good for; credentials that grant more grant it not here. */
export const LIVE_PERMISSIONS = ["sessions:read", "sessions:command", "pii:read"] as const satisfies readonly Permission[];

export type LiveCredentials = { readonly tenant: TenantId; readonly holder: Holder; readonly ticket: TicketUse | null };

/** @param nowMs credentials that do not expire by themselves are asked for again after `MAX_SOCKET_MS`. */
export function holderOf(principal: Principal, nowMs: number): Holder {
  return {
    subject: principal.subject,
    permissions: LIVE_PERMISSIONS.filter((permission) => may(principal, permission)),
    expiresMs: Math.min(principal.expiresMs ?? Infinity, nowMs + MAX_SOCKET_MS),
    ...(principal.trunk === undefined ? {} : { trunk: principal.trunk }),
  };
}

/** The subprotocols that a client offers (RFC 6455 §11.3.4), in its order. */
export function offeredProtocols(c: AppContext): string[] {
  const names = c.req.header("sec-websocket-protocol")?.split(",") ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== "");
}

/** As the header that it would stand in, if the client could set one. A header that is there all the same counts. */
function withOfferedToken(c: AppContext): Headers {
  const { headers } = c.req.raw;
  const offered = offeredProtocols(c).find((name) => name.startsWith(BEARER_SUBPROTOCOL));
  if (offered === undefined || headers.has("authorization")) return headers;
  const read = new Headers(headers);
  read.set("Authorization", `Bearer ${offered.slice(BEARER_SUBPROTOCOL.length)}`);
  return read;
}

/** A browser asks nobody before it opens a socket: the origin is all that tells one page from another. */
async function refusedOrigin(c: AppContext, tenant: TenantId): Promise<Response | null> {
  return c.req.header("origin") === undefined ? null : refuseOrigin(c, (await c.get("deps").entry(tenant))?.policy);
}

async function byTicket(c: AppContext, text: string, target: TicketTarget): Promise<Result<LiveCredentials, Response>> {
  const { environment, clock } = c.get("deps");
  const checked = await checkTicket(environment.CONFIG_KEY, text, target, clock.nowMs());
  if (!checked.ok) return err(answerUnauthenticated(c, checked.error));
  const { tenant, subject, permissions, expiresMs, nonce, trunk } = checked.value;
  const refused = await refusedOrigin(c, tenant);
  if (refused !== null) return err(refused);
  const known = PERMISSIONS.filter((permission) => permissions.includes(permission));
  const ticket = { nonce, expiresMs: ticketForgottenAt(checked.value) };
  return ok({ tenant, holder: { subject, permissions: known, expiresMs, ...(trunk === undefined ? {} : { trunk }) }, ticket });
}

/**
 * Who asks, or the answer that refuses. One kind of credentials decides, a ticket first. Throws `ConfigurationUnavailable`.
 * @param target what a ticket has to be for.
 */
export async function liveCredentials(c: AppContext, target: TicketTarget): Promise<Result<LiveCredentials, Response>> {
  const ticket = c.req.query(TICKET_PARAMETER);
  if (ticket !== undefined) return byTicket(c, ticket, target);
  const principal = await authenticateRequest(c, "sessions:read", { headers: withOfferedToken(c) });
  if (!principal.ok) return principal;
  const { tenant } = principal.value;
  const refused = await refusedOrigin(c, tenant);
  if (refused !== null) return err(refused);
  return ok({ tenant, holder: holderOf(principal.value, c.get("deps").clock.nowMs()), ticket: null });
}

/**
 * What a Worker tells an object with an upgrade. It stands in one header of a request that the Worker makes itself: nothing that a client
 * sends goes on with it, and only Workers of the deployment reach objects.
 */
import type { Problem, ProblemCode } from "../../contracts/problem.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import type { Holder } from "./socket.ts";

const UPGRADE_HEADER = "trunkline-upgrade";
const REFUSAL_HEADER = "trunkline-refusal";

export type TicketUse = { readonly nonce: string; readonly expiresMs: number };

export type Upgrade = {
  readonly tenant: TenantId;
  readonly holder: Holder;
  /** The ticket that the client came with; the object sees to it that it is used once. */
  readonly ticket: TicketUse | null;
  /** The query of the client's request that is the object's business, such as `after` and filters. */
  readonly query: Readonly<Record<string, readonly string[]>>;
};

/** @param offered the subprotocols of the client that the object may choose from. */
export function upgradeRequest(upgrade: Upgrade, offered: string | null): Request {
  const headers = new Headers({ Upgrade: "websocket", [UPGRADE_HEADER]: encodeURIComponent(JSON.stringify(upgrade)) });
  if (offered !== null) headers.set("Sec-WebSocket-Protocol", offered);
  return new Request("https://object/live", { headers });
}

export function readUpgrade(request: Request): Upgrade {
  return JSON.parse(decodeURIComponent(request.headers.get(UPGRADE_HEADER) ?? "")) as Upgrade;
}

/** The object does not upgrade, and says why; the Worker says so to the client. */
export function refuseUpgrade(code: ProblemCode, detail: string): Response {
  return new Response(detail, { status: 409, headers: { [REFUSAL_HEADER]: code } });
}

/** Null for an answer that upgrades. */
export async function refusalOf(response: Response): Promise<Problem | null> {
  if (response.webSocket != null) return null;
  const code = response.headers.get(REFUSAL_HEADER);
  return code === null ? { code: "unavailable" } : { code: code as ProblemCode, detail: await response.text() };
}

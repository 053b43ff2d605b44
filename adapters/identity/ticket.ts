/**
 * Tickets for live sockets, for clients that can set no header and want no token in a URL: `tlt_<content, base64url>.<HMAC-SHA256, hex>`.
 * Whoever mints one vouches for its holder; any Worker of the deployment takes it. That it is good once is the matter of the object
 * whose socket it opens.
 */
import { PERMISSIONS, type Permission } from "../../domain/identity/principal.ts";
import { toHex } from "../../domain/shared/hex.ts";
import {
  type SessionId,
  type TenantId,
  type TrunkId,
  parseSessionId,
  parseTenantId,
  parseTrunkId,
} from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AuthProblem } from "./auth-problem.ts";
import { constantTimeEqual, digestFromHex, fromBase64, utf8 } from "./bytes.ts";
import { keyedMac } from "./keyed-mac.ts";

/** Long enough to open a socket with. It stands in a URL, which others may read later. */
export const TICKET_LIFE_MS = 30_000;
/** How far the clocks of two Workers may differ. */
const CLOCK_TOLERANCE_MS = 5_000;
const NONCE_BYTES = 16;
const KEY_PURPOSE = "live-ticket";
const PREFIX = "tlt_";
const TICKET = /^tlt_([A-Za-z0-9_-]{1,4096})\.([0-9a-f]{64})$/;

/** What a ticket opens. */
export type TicketTarget = `session:${SessionId}` | "feed";

export type TicketContent = {
  readonly tenant: TenantId;
  readonly subject: string;
  readonly permissions: readonly Permission[];
  readonly target: TicketTarget;
  /** When the credentials expire that it was given for, Unix milliseconds: the socket goes no further. */
  readonly expiresMs: number;
  /** The trunk of those credentials, where they are bound to one. */
  readonly trunk?: TrunkId;
  readonly nonce: string;
  readonly mintedMs: number;
};

/** @param random at least 16 bytes from a cryptographic source. */
export async function mintTicket(
  keyBase64: string,
  content: Omit<TicketContent, "nonce" | "mintedMs">,
  nowMs: number,
  random: Uint8Array,
): Promise<{ readonly text: string; readonly expiresMs: number }> {
  const full: TicketContent = { ...content, nonce: toHex(random.subarray(0, NONCE_BYTES)), mintedMs: nowMs };
  const body = toBase64Url(utf8(JSON.stringify(full)));
  const mac = toHex(await keyedMac(keyBase64, KEY_PURPOSE, body));
  return { text: `${PREFIX}${body}.${mac}`, expiresMs: usableUntil(full) };
}

/** When it is refused for its age, Unix milliseconds: its use need not be remembered for longer. */
export function ticketForgottenAt({ mintedMs }: TicketContent): number {
  return mintedMs + TICKET_LIFE_MS + CLOCK_TOLERANCE_MS;
}

/** The content of a ticket that is good now for this target. `expired` is told only to who holds a ticket of ours. */
export async function checkTicket(
  keyBase64: string,
  text: string,
  target: TicketTarget,
  nowMs: number,
): Promise<Result<TicketContent, AuthProblem>> {
  const match = TICKET.exec(text);
  const given = match === null ? null : digestFromHex(match[2]!);
  if (match === null || given === null) return err({ tag: "bad_credentials" });
  if (!constantTimeEqual(given, await keyedMac(keyBase64, KEY_PURPOSE, match[1]!))) return err({ tag: "bad_signature" });
  const content = contentOf(match[1]!);
  if (content === null || content.target !== target) return err({ tag: "bad_credentials" });
  if (content.mintedMs - nowMs > CLOCK_TOLERANCE_MS) return err({ tag: "not_yet_valid" });
  return nowMs < usableUntil(content) ? ok(content) : err({ tag: "expired" });
}

function usableUntil({ mintedMs, expiresMs }: TicketContent): number {
  return Math.min(mintedMs + TICKET_LIFE_MS, expiresMs);
}

/** Null for what this version has not minted, although somebody with the key has. */
function contentOf(body: string): TicketContent | null {
  const bytes = fromBase64(body.replaceAll("-", "+").replaceAll("_", "/"));
  if (bytes === null) return null;
  const raw = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
  const { subject, nonce, mintedMs, expiresMs, permissions } = raw;
  const tenant = parseTenantId(String(raw["tenant"]));
  const target = targetOf(String(raw["target"]));
  if (!tenant.ok || target === null || typeof subject !== "string" || typeof nonce !== "string") return null;
  if (typeof mintedMs !== "number" || typeof expiresMs !== "number" || !Array.isArray(permissions)) return null;
  const known = PERMISSIONS.filter((permission) => permissions.includes(permission));
  const content = { tenant: tenant.value, subject, permissions: known, target, expiresMs, nonce, mintedMs };
  if (raw["trunk"] === undefined) return content;
  const trunk = parseTrunkId(String(raw["trunk"]));
  return trunk.ok ? { ...content, trunk: trunk.value } : null;
}

function targetOf(text: string): TicketTarget | null {
  if (text === "feed") return text;
  const id = parseSessionId(text.replace(/^session:/, ""));
  return id.ok && text.startsWith("session:") ? `session:${id.value}` : null;
}

function toBase64Url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

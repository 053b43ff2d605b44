/** Where a redirection leads: decided by the tenant's configuration, outside the session. */
import type { SessionId } from "../shared/ids.ts";
import type { Result } from "../shared/result.ts";
import type { Call } from "./call.ts";
import type { RedirectTo } from "./commands.ts";

export type RedirectTarget = { readonly destination: string; readonly uri: string; readonly ringTimeoutMs: number };

export type RedirectRefusal =
  /** What was dialled cannot be read, or there is no such destination. */
  | { readonly tag: "bad_address"; readonly detail: string }
  /** There is no way, or nobody may call there. */
  | { readonly tag: "not_routed"; readonly sipCode: number; readonly reason: string }
  | { readonly tag: "unavailable" };

/** Never rejects. */
export type RedirectPlanner = {
  readonly planRedirect: (call: Call, session: SessionId, to: RedirectTo) => Promise<Result<RedirectTarget, RedirectRefusal>>;
};

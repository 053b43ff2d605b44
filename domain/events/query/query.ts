/** What events are asked for. Plain data: it travels to the shards as it is. */
import type { EventId, TenantId } from "../../shared/ids.ts";
import type { Expression } from "./expression.ts";

export type TextMatch = { readonly tag: "exact" | "prefix"; readonly value: string };

/** Every field that is there must hold; of several values one is enough. Times in Unix milliseconds, from inclusive, to exclusive. */
export type EventFilter = {
  /** Of the occurrence. */
  readonly fromMs?: number;
  readonly toMs?: number;
  /** Of the storing, which is the time in the id. */
  readonly recordedFromMs?: number;
  readonly recordedToMs?: number;
  readonly type?: readonly TextMatch[];
  readonly source?: readonly TextMatch[];
  readonly caller?: readonly TextMatch[];
  readonly callee?: readonly TextMatch[];
  readonly callId?: readonly string[];
  readonly direction?: readonly string[];
  readonly status?: readonly string[];
  /** `data.<path>=`: all of them must hold. Compared as text. */
  readonly data?: readonly { readonly path: readonly string[]; readonly values: readonly string[] }[];
  readonly expression?: Expression;
};

export type EventOrder = "newest_first" | "oldest_first";

export type EventQuery = {
  readonly tenant: TenantId;
  readonly filter: EventFilter;
  readonly order: EventOrder;
  /** The place behind which the page begins, exclusive; need not be the id of any event. Null: the beginning. */
  readonly after: EventId | null;
  readonly limit: number;
};

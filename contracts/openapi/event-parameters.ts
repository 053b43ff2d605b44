/** Query parameters that several operations of the event store share. */
import { z } from "zod";
import { instant } from "./event-schemas.ts";
import type { Parameter } from "./operation.ts";
import { query } from "./parts.ts";

export const LANE = query("lane", "Which lane's store answers.", z.enum(["standard", "emergency"]));

export const PERIOD: readonly Parameter[] = [
  query("from", "Of the occurrence, inclusive.", instant, "2026-11-21T00:00:00Z"),
  query("to", "Of the occurrence, exclusive.", instant, "2026-11-22T00:00:00Z"),
];

const RECORDED: readonly Parameter[] = [
  query("recordedFrom", "Of the storing, inclusive.", instant),
  query("recordedTo", "Of the storing, exclusive.", instant),
];

/** Without the period of storing. Values separated by commas are alternatives; `data.<path>=` compares a member of `data` as text. */
export const FILTERS: readonly Parameter[] = [
  query("type", "Types; `*` at the end for a prefix, commas for alternatives.", z.string(), "call.*"),
  query("callId", "The call: a session's id or the sender's own.", z.string(), "call-8831"),
  query("caller", "Numbers or addresses; `*` at the end for a prefix.", z.string(), "+1555*"),
  query("callee", "Numbers or addresses; `*` at the end for a prefix."),
  query("direction", "Directions."),
  query("status", "Statuses."),
  query("source", "Sources; `*` at the end for a prefix."),
  query("data.<path>", "A member of `data`, by its path with dots; compared as text. May be there for several paths."),
  query("filter", "An expression (a subset of AIP-160).", z.string(), 'type:"call.*" AND data.sipCode >= 500'),
];

export const ALL_FILTERS: readonly Parameter[] = [...PERIOD, ...RECORDED, ...FILTERS];

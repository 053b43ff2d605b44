/**
 * Reads many rules. Those of large groups are alike but for their id and prefix: what they have in common is checked once, which makes
 * an upload of some hundred thousand several times as quick.
 */
import type { Rule } from "../../domain/configuration/model.ts";
import { type Result, ok } from "../../domain/shared/result.ts";
import type { FieldError } from "../issues.ts";
import { parseEntity } from "./entities.ts";
import { entityId, numberPrefix } from "./fields.ts";

export type RuleReader = (json: unknown) => Result<Rule, readonly FieldError[]>;

/** What rules have in common, so many times; the others are read as a whole. */
const MAX_TEMPLATES = 1_000;
/** Characters; what is longer is not often repeated. */
const MAX_TEMPLATE = 4_096;

type Parts = { readonly id: string; readonly prefix: string; readonly rest: string };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The rule's id, its one prefix, and everything else as text; null when it is of another form. */
function partsOf(json: unknown): Parts | null {
  if (!isObject(json) || typeof json["id"] !== "string") return null;
  const { id, when } = json;
  if (!isObject(when) || !isObject(when["callee"]) || Object.keys(when["callee"]).length !== 1) return null;
  const { prefix: prefixes } = when["callee"];
  if (!Array.isArray(prefixes) || prefixes.length !== 1 || typeof prefixes[0] !== "string") return null;
  return { id, prefix: prefixes[0], rest: JSON.stringify({ ...json, id: 0, when: { ...when, callee: 0 } }) };
}

/** A reader for one upload. What it reads must come from JSON: text has to tell values apart. */
export function createRuleReader(): RuleReader {
  const templates = new Map<string, Rule>();
  return (json) => {
    const parts = partsOf(json);
    const known = parts === null ? undefined : templates.get(parts.rest);
    if (parts !== null && known !== undefined) {
      const { id, prefix } = parts;
      if (entityId.safeParse(id).success && numberPrefix.safeParse(prefix).success)
        return ok({ ...known, id, when: { ...known.when, callee: { prefix: [prefix] } } });
    }
    const parsed = parseEntity("routing-rules", json);
    if (parts !== null && parsed.ok && parts.rest.length <= MAX_TEMPLATE && templates.size < MAX_TEMPLATES)
      templates.set(parts.rest, parsed.value);
    return parsed;
  };
}

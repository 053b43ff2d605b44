/** Entities of a configuration between JSON and the model. Unknown fields are mistakes: a misspelt word must not be without effect. */
import type { z } from "zod";
import { type ConfigurationItem, ENTITY_KINDS, type EntityKind, type EntityOf } from "../../domain/configuration/model.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import { type FieldError, fieldErrors, pointerTo } from "../issues.ts";
import { calendarSchema } from "./calendar.ts";
import { decisionServiceSchema } from "./decision-service.ts";
import { destinationSchema } from "./destination.ts";
import { emergencyRouteSchema } from "./emergency-route.ts";
import { MAX_REPORTED_ERRORS } from "./limits.ts";
import { profileSchema } from "./profile.ts";
import { ruleJson, ruleSchema } from "./rule.ts";
import { numberListEntrySchema, numberListSchema, rateSchema, rateTableSchema } from "./tables.ts";
import { settingsSchema, trunkSchema } from "./trunk.ts";

type Schemas = { readonly [Kind in EntityKind]: z.ZodType<EntityOf[Kind]> };

export const ENTITY_SCHEMAS: Schemas = {
  settings: settingsSchema,
  "rate-tables": rateTableSchema,
  rates: rateSchema,
  calendars: calendarSchema,
  "number-lists": numberListSchema,
  "number-list-entries": numberListEntrySchema,
  trunks: trunkSchema,
  destinations: destinationSchema,
  "emergency-routes": emergencyRouteSchema,
  profiles: profileSchema,
  "decision-services": decisionServiceSchema,
  "routing-rules": ruleSchema,
};

/** As `fieldErrors`, with a pointer to each unknown field itself. At most `MAX_REPORTED_ERRORS`. */
export function entityErrors(error: z.ZodError, input: unknown): FieldError[] {
  const errors: FieldError[] = [];
  for (const issue of error.issues) {
    if (errors.length >= MAX_REPORTED_ERRORS) break;
    if (issue.code === "unrecognized_keys")
      errors.push(...issue.keys.map((key) => unknownField(pointerTo([...issue.path, key.slice(0, MAX_NAME)]))));
    else errors.push(...fieldErrors({ issues: [issue] } as z.ZodError, input));
  }
  return errors.slice(0, MAX_REPORTED_ERRORS);
}

/** Characters of a name that nobody knows which are said back. */
const MAX_NAME = 64;

export const unknownField = (pointer: string): FieldError => ({ pointer, code: "unknown_field", detail: "is no field here" });

/** @returns the entity with its defaults, or what is wrong with it, with pointers into `json`. */
export function parseEntity<Kind extends EntityKind>(kind: Kind, json: unknown): Result<EntityOf[Kind], readonly FieldError[]> {
  const parsed = ENTITY_SCHEMAS[kind].safeParse(json);
  return parsed.success ? ok(parsed.data) : err(entityErrors(parsed.error, json));
}

/** All of the entity, defaults too. `parseEntity` of it gives the entity again. */
export function entityJson<Kind extends EntityKind>(kind: Kind, entity: EntityOf[Kind]): Record<string, unknown> {
  return kind === "routing-rules" ? ruleJson(entity as EntityOf["routing-rules"]) : { ...entity };
}

export function isEntityKind(name: unknown): name is EntityKind {
  return (ENTITY_KINDS as readonly unknown[]).includes(name);
}

/** Puts kind and entity together; that they belong together is what the parameter says and a mapped type cannot follow. */
export function itemOf<Kind extends EntityKind>(kind: Kind, entity: EntityOf[Kind]): ConfigurationItem {
  return { kind, entity } as unknown as ConfigurationItem;
}

const problem = (pointer: string, code: string, detail: string) => err([{ pointer, code, detail }]);

/**
 * One line of a draft as JSON lines: `{"kind": …, "entity": …}`.
 * @param readRule reads what is a rule: see rule-reader.ts, for many.
 */
export function parseItem(
  line: unknown,
  readRule: (json: unknown) => Result<EntityOf["routing-rules"], readonly FieldError[]> = (json) =>
    parseEntity("routing-rules", json),
): Result<ConfigurationItem, readonly FieldError[]> {
  if (typeof line !== "object" || line === null || Array.isArray(line))
    return problem("", "wrong_type", 'must be {"kind": …, "entity": …}');
  const { kind, entity, ...others } = line as Record<string, unknown>;
  if (!isEntityKind(kind)) return problem("/kind", "not_allowed", `must be one of ${ENTITY_KINDS.join(", ")}`);
  const [other] = Object.keys(others);
  if (other !== undefined) return err([unknownField(pointerTo([other.slice(0, MAX_NAME)]))]);
  const parsed = kind === "routing-rules" ? readRule(entity) : parseEntity(kind, entity);
  if (parsed.ok) return ok(itemOf(kind, parsed.value));
  return err(parsed.error.map((each) => ({ ...each, pointer: `/entity${each.pointer}` })));
}

export function itemJson(item: ConfigurationItem): { readonly kind: EntityKind; readonly entity: Record<string, unknown> } {
  return { kind: item.kind, entity: entityJson(item.kind, item.entity) };
}

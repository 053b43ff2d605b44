/** Entities of a draft as they are sent and as they are answered. */
import { z } from "zod";
import type { EntityKind } from "../../domain/configuration/model.ts";
import type { ResourceKind } from "../../domain/configuration/store.ts";
import { ENTITY_SCHEMAS } from "../configuration/entities.ts";
import { MAX_UPLOAD_ROWS } from "../configuration/limits.ts";
import { numberListEntrySchema, rateSchema } from "../configuration/tables.ts";
import { pageOf } from "./parts.ts";
import type { Schemas } from "./schema-json.ts";
import { written } from "./written.ts";

/** What an entity is called where a class or a component is. */
export const NAMES = {
  settings: "Settings",
  trunks: "Trunk",
  destinations: "Destination",
  "routing-rules": "RoutingRule",
  "rate-tables": "RateTable",
  calendars: "Calendar",
  "number-lists": "NumberList",
  profiles: "Profile",
  "emergency-routes": "EmergencyRoute",
  "decision-services": "DecisionService",
} as const satisfies Readonly<Record<ResourceKind | "settings", string>>;

/** The entity with its id taken from the path, where it may be left out of the body. */
function unnamed(schema: z.ZodType): z.ZodType {
  const inner = schema instanceof z.ZodPipe ? (schema.in as z.ZodType) : schema;
  if (!(inner instanceof z.ZodObject)) throw new Error("an entity is an object");
  const { id, ...rest } = inner.shape as Record<string, z.ZodType>;
  return z.strictObject(id === undefined ? rest : { id: id.optional(), ...rest });
}

const formsOf = (kind: ResourceKind) => {
  const whole = written(ENTITY_SCHEMAS[kind]);
  return { taken: ENTITY_SCHEMAS[kind] as z.ZodType, put: unnamed(ENTITY_SCHEMAS[kind]), whole, page: pageOf(whole) };
};
type Forms = ReturnType<typeof formsOf>;

export const KINDS = Object.keys(NAMES).filter((kind): kind is ResourceKind => kind !== "settings");
export const FORMS = Object.fromEntries(KINDS.map((kind) => [kind, formsOf(kind)])) as Readonly<Record<ResourceKind, Forms>>;

export const settings = ENTITY_SCHEMAS.settings as z.ZodType;
export const settingsAnswer = written(settings);

/** Rows of a table stand under the table's name in the path. */
export const rate = written(rateSchema.omit({ table: true }));
export const ratePage = pageOf(rate);
export const numberListEntry = written(numberListEntrySchema.omit({ list: true }));
export const numberListEntryPage = pageOf(numberListEntry);

export const mergePatch = z
  .record(z.string(), z.unknown())
  .describe("A merge patch (RFC 7396): members that are there are changed, null gives one its default, lists are replaced.");

export const uploaded = z.object({ rows: z.int().min(0).max(MAX_UPLOAD_ROWS) });

/** A line of a draft. */
export const draftLine = z.object({ kind: z.enum(Object.keys(ENTITY_SCHEMAS) as [EntityKind]), entity: z.unknown() });

const named = (suffix: (name: string) => string, form: keyof Forms): Schemas =>
  Object.fromEntries(KINDS.map((kind) => [suffix(NAMES[kind]), FORMS[kind][form]]));

export const CONFIGURATION_SCHEMAS: Schemas = {
  ...named((name) => `New${name}`, "taken"),
  ...named((name) => `${name}Content`, "put"),
  ...named((name) => name, "whole"),
  ...named((name) => `${name}Page`, "page"),
  NewSettings: settings,
  Settings: settingsAnswer,
  Rate: rate,
  RatePage: ratePage,
  NumberListEntry: numberListEntry,
  NumberListEntryPage: numberListEntryPage,
  MergePatch: mergePatch,
  Uploaded: uploaded,
};

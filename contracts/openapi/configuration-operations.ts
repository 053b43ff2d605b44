/** Entities of a draft, kind by kind: the same six operations for each. */
import type { ResourceKind } from "../../domain/configuration/store.ts";
import { z } from "zod";
import { FILTERS } from "../configuration/filters.ts";
import { NEW_ENTITIES, entityExample } from "./configuration-examples.ts";
import { FORMS, KINDS, NAMES, mergePatch, settings, settingsAnswer } from "./configuration-schemas.ts";
import { CURSOR } from "./examples.ts";
import type { Operation, Parameter } from "./operation.ts";
import {
  ETAG,
  GONE,
  IF_MATCH,
  IF_NONE_MATCH,
  NOT_MODIFIED,
  PAGE,
  PAGE_PROBLEMS,
  TYPED_BODY_PROBLEMS,
  UNLESS_THERE,
  inPath,
  json,
  query,
} from "./parts.ts";
import { RULES_AS_CSV } from "./table-operations.ts";

/** Beside what the ids of the entities say by themselves. */
const NOUNS: Readonly<Record<ResourceKind, readonly [one: string, many: string]>> = {
  trunks: ["trunk", "trunks"],
  destinations: ["destination", "destinations"],
  "routing-rules": ["routing rule", "routing rules"],
  "rate-tables": ["rate table", "rate tables"],
  calendars: ["calendar", "calendars"],
  "number-lists": ["number list", "number lists"],
  profiles: ["profile", "profiles"],
  "emergency-routes": ["emergency route", "emergency routes"],
  "decision-services": ["decision service", "decision services"],
};

/** As tables, rules go by group. */
const GROUPS_AS_CSV = " With `Accept: text/csv` and `group`: a group as a table.";

const WITHOUT_EFFECT = "Calls are routed by it only after the draft is published.";

/** Several values with commas between are alternatives. */
const filtersOf = (kind: ResourceKind): readonly Parameter[] =>
  Object.entries(FILTERS[kind]).map(([name, schema]) =>
    query(name, "Only those that have one of these values.", z.array(schema as z.ZodType)),
  );

function operationsOf(kind: ResourceKind): readonly Operation[] {
  const name = NAMES[kind];
  const [one, many] = NOUNS[kind];
  const form = FORMS[kind];
  const taken = NEW_ENTITIES[kind];
  const whole = entityExample(kind);
  const path = `/v1/${kind}`;
  const byId = `${path}/{id}`;
  const id = inPath("id", `The id of the ${one}.`, taken.id);
  const reads = { tag: "Configuration", permission: "config:read" } as const;
  const writes = { tag: "Configuration", permission: "config:write" } as const;
  const changed = { status: 200, description: `The ${one}, whole.`, content: [json(form.whole, whole)], headers: ETAG };
  return [
    {
      ...reads,
      id: `list${name}s`,
      method: "get",
      path,
      summary: `List ${many}`,
      description: `The draft's ${many}, by id, page by page.${kind === "routing-rules" ? GROUPS_AS_CSV : ""}`,
      parameters: [...filtersOf(kind), ...PAGE],
      answers: [
        {
          status: 200,
          description: "A page.",
          content: [
            json(form.page, { items: [whole], nextCursor: CURSOR }),
            ...(kind === "routing-rules" ? [RULES_AS_CSV] : []),
          ],
        },
      ],
      problems: kind === "routing-rules" ? [...PAGE_PROBLEMS, "conflict"] : PAGE_PROBLEMS,
    },
    {
      ...writes,
      id: `create${name}`,
      method: "post",
      path,
      summary: `Make a ${one}`.replace("a e", "an e"),
      description: `What is left out has its default. ${WITHOUT_EFFECT}`,
      isIdempotent: true,
      parameters: [],
      body: [json(form.taken, taken)],
      answers: [
        {
          status: 201,
          description: "It is made.",
          content: [json(form.whole, whole)],
          headers: { ...ETAG, Location: "Where it is." },
        },
      ],
      problems: [...TYPED_BODY_PROBLEMS, "conflict", "not_found"],
    },
    {
      ...reads,
      id: `get${name}`,
      method: "get",
      path: byId,
      summary: `One ${one}`,
      parameters: [id, IF_NONE_MATCH],
      answers: [changed, NOT_MODIFIED],
      problems: ["not_found"],
    },
    {
      ...writes,
      id: `put${name}`,
      method: "put",
      path: byId,
      summary: `Make or replace a ${one}`.replace("a e", "an e"),
      description: `The whole of it: what is left out has its default. ${WITHOUT_EFFECT}`,
      parameters: [id, IF_MATCH, UNLESS_THERE],
      body: [json(form.put, taken)],
      answers: [
        changed,
        {
          status: 201,
          description: "There was none; it is made.",
          content: [json(form.whole, whole)],
          headers: { ...ETAG, Location: "Where it is." },
        },
      ],
      problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed"],
    },
    {
      ...writes,
      id: `update${name}`,
      method: "patch",
      path: byId,
      summary: `Change members of a ${one}`.replace("a e", "an e"),
      description: `By a merge patch; made anew when somebody else was quicker, unless \`If-Match\` is there. ${WITHOUT_EFFECT}`,
      parameters: [id, IF_MATCH],
      body: ["application/merge-patch+json", "application/json"].map((mediaType) => ({
        mediaType,
        schema: mergePatch,
        example: PATCHES[kind],
      })),
      answers: [changed],
      problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed"],
    },
    {
      ...writes,
      id: `delete${name}`,
      method: "delete",
      path: byId,
      summary: `Remove a ${one}`.replace("a e", "an e"),
      description: `Not while something in the draft uses it. ${WITHOUT_EFFECT}`,
      parameters: [id, IF_MATCH],
      answers: [GONE],
      problems: ["bad_header", "not_found", "precondition_failed", "conflict"],
    },
  ];
}

const PATCHES: Readonly<Record<ResourceKind, Readonly<Record<string, unknown>>>> = {
  trunks: { maxDurationMs: 7_200_000 },
  destinations: { enabled: false },
  "routing-rules": { precedence: 10 },
  "rate-tables": { name: "Carrier North, autumn" },
  calendars: { holidays: [] },
  "number-lists": { name: "Contracts" },
  profiles: { doNotDisturb: true },
  "emergency-routes": { destinations: ["psap"] },
  "decision-services": { cacheMs: 30_000 },
};

const SETTINGS = {
  status: 200,
  description: "The settings.",
  content: [json(settingsAnswer, entityExample("settings"))],
  headers: ETAG,
};

const getSettings: Operation = {
  id: "getSettings",
  method: "get",
  path: "/v1/settings",
  tag: "Configuration",
  summary: "The tenant's settings",
  permission: "config:read",
  parameters: [IF_NONE_MATCH],
  answers: [SETTINGS, NOT_MODIFIED],
  problems: ["not_found"],
};

const putSettings: Operation = {
  ...getSettings,
  id: "putSettings",
  method: "put",
  summary: "Replace the tenant's settings",
  description: WITHOUT_EFFECT,
  permission: "config:write",
  parameters: [IF_MATCH, UNLESS_THERE],
  body: [json(settings, NEW_ENTITIES.settings)],
  answers: [SETTINGS, { ...SETTINGS, status: 201, description: "There were none; they are made." }],
  problems: [...TYPED_BODY_PROBLEMS, "bad_header", "not_found", "precondition_failed"],
};

export const CONFIGURATION_OPERATIONS: readonly Operation[] = [getSettings, putSettings, ...KINDS.flatMap(operationsOf)];

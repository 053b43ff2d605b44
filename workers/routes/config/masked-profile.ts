/** Whoever reads a profile masked would write the mask in place of the name ([PII-2]). */
import type { ConfigurationItem, EntityKind } from "../../../domain/configuration/model.ts";
import { MASK } from "../../../domain/privacy/mask.ts";
import type { FieldError, Problem } from "../../../contracts/problem.ts";
import type { AppContext } from "../../context.ts";
import { seesPersonalData } from "../../middleware/personal-data.ts";
import { invalidFields } from "./answers.ts";

/** The masked numbers of blocked callers are no numbers, and are refused as such. */
const isMasked = (kind: EntityKind, entity: object): boolean =>
  kind === "profiles" && "name" in entity && entity.name === MASK;

const masked = (pointer: string): FieldError => ({
  pointer,
  code: "not_allowed",
  detail: "is what hides the name, and not a name",
});

/** What is wrong with an entity that is to be written; null: nothing. */
export function maskedProblem(c: AppContext, kind: EntityKind, entity: object): Problem | null {
  return isMasked(kind, entity) && !seesPersonalData(c) ? invalidFields([masked("/name")]) : null;
}

/** As `maskedProblem`, of the lines of an upload. */
export function maskedLines(c: AppContext, items: readonly ConfigurationItem[]): readonly FieldError[] {
  if (seesPersonalData(c)) return [];
  return items.flatMap(({ kind, entity }) => (isMasked(kind, entity) ? [masked(`/${kind}/${entityName(entity)}/name`)] : []));
}

/** Whoever reads a profile masked would write the mask in place of the name ([PII-2]). */
import type { FieldError } from "../../../contracts/issues.ts";
import type { EntityKind } from "../../../domain/configuration/model.ts";
import { MASK } from "../../../domain/privacy/mask.ts";
import type { AppContext } from "../../context.ts";
import { seesPersonalData } from "../../middleware/personal-data.ts";

const MASKED_NAME: FieldError = { pointer: "/name", code: "not_allowed", detail: "is what hides the name, and not a name" };

/** Looks at what is to be written. Masked numbers of blocked callers are no numbers, and are refused as such elsewhere. */
export type MaskCheck = (kind: EntityKind, entity: object) => readonly FieldError[];

export function maskCheck(c: AppContext): MaskCheck {
  if (seesPersonalData(c)) return () => [];
  return (kind, entity) => (kind === "profiles" && "name" in entity && entity.name === MASK ? [MASKED_NAME] : []);
}

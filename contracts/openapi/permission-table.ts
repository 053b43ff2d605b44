/** Which built-in role may do which operation, as a table: made of the operations and of what the roles grant, so that there is one truth. */
import { ROLES, grantsOf } from "../../domain/identity/principal.ts";
import type { Operation } from "./operation.ts";
import { USUAL_PROOFS } from "./security.ts";
import { TAGS } from "./tags.ts";

/** What stands in a role's column. */
const MAY = "✓";
const MAY_NOT = "–";

/** Who may do what takes no permission. */
function openTo({ proofs = USUAL_PROOFS }: Operation): string {
  if (proofs.length === 0) return "everybody";
  return proofs.some((proof) => USUAL_PROOFS.includes(proof)) && proofs.includes("bearer") ? "whoever is known" : "the peer";
}

function row(operation: Operation): string {
  const { id, method, path, permission } = operation;
  const cells = ROLES.map((role) => (permission === null || grantsOf(role).includes(permission) ? MAY : MAY_NOT));
  const takes = permission === null ? openTo(operation) : `\`${permission}\``;
  return `| \`${method.toUpperCase()} ${path}\` | ${id} | ${takes} | ${cells.join(" | ")} |`;
}

/** Markdown: a section for each chapter of the API that has operations, in the order of the reference. */
export function permissionTable(operations: readonly Operation[]): string {
  const head = `| operation | id | takes | ${ROLES.join(" | ")} |\n|---|---|---|${ROLES.map(() => ":-:").join("|")}|`;
  const chapters = Object.keys(TAGS).flatMap((tag) => {
    const rows = operations.filter((operation) => operation.tag === tag).map(row);
    return rows.length === 0 ? [] : [`## ${tag}\n${head}\n${rows.join("\n")}\n`];
  });
  return chapters.join("\n");
}

/** Between these lines of docs/permissions.md the table stands. */
export const TABLE_BEGIN = "<!-- made by `npm run permissions`: do not edit by hand -->";
export const TABLE_END = "<!-- end of what is made -->";

/** The page with the table as it is now. @throws Error when the page has no place for it. */
export function withPermissionTable(page: string, operations: readonly Operation[]): string {
  const [begin, end] = [page.indexOf(TABLE_BEGIN), page.indexOf(TABLE_END)];
  if (begin < 0 || end < begin) throw new Error("the page does not say where the table stands");
  return `${page.slice(0, begin + TABLE_BEGIN.length)}\n${permissionTable(operations)}${page.slice(end)}`;
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { API } from "../../../contracts/openapi/api.ts";
import { permissionTable, withPermissionTable } from "../../../contracts/openapi/permission-table.ts";
import { ROLES, grantsOf } from "../../../domain/identity/principal.ts";
import { ROOT } from "../../../local/paths.ts";

const page = readFileSync(join(ROOT, "docs", "permissions.md"), "utf8");

describe("[ORG-5] the table of who may do what", () => {
  it("is as the operations and the roles are now; `npm run permissions` writes it anew", () => {
    expect(page).toBe(withPermissionTable(page, API.operations));
  });

  it("says of every operation and every role what the role grants", () => {
    const rows = permissionTable(API.operations)
      .split("\n")
      .filter((line) => line.startsWith("| `"));
    expect(rows).toHaveLength(API.operations.length);
    for (const { id, permission } of API.operations) {
      const cells = rows
        .find((line) => line.split(" | ")[1] === id)
        ?.slice(0, -" |".length)
        .split(" | ")
        .slice(3);
      expect(cells).toEqual(ROLES.map((role) => (permission === null || grantsOf(role).includes(permission) ? "✓" : "–")));
    }
  });
});

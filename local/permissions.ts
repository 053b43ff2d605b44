/** `npm run permissions`: writes the table of docs/permissions.md anew, from the operations and from what the built-in roles grant. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { API } from "../contracts/openapi/api.ts";
import { withPermissionTable } from "../contracts/openapi/permission-table.ts";
import { ROOT } from "./paths.ts";

const PAGE = join(ROOT, "docs", "permissions.md");

const page = readFileSync(PAGE, "utf8");
const current = withPermissionTable(page, API.operations);
if (current !== page) writeFileSync(PAGE, current);
process.stdout.write(`docs/permissions.md ${current === page ? "is as it was" : "is written anew"}\n`);

import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CommandResult, ROOT, run } from "./command.ts";

/** What the schema is made of: drizzle-kit resolves its imports too. */
const NEEDED = ["drizzle.config.ts", "package.json", "tsconfig.json", "schema", "contracts", "domain", "migrations"];

function contents(folder: string): ReadonlyMap<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path, "utf8")];
    }),
  );
}

/** Generates migrations in a copy of the repository: where that writes anything, the checked-in ones are behind the schema. */
export async function migrationsDiffer(): Promise<CommandResult> {
  if (!existsSync(join(ROOT, "drizzle.config.ts"))) return { ok: false, output: "drizzle.config.ts is missing" };
  const copy = mkdtempSync(join(tmpdir(), "trunkline-migrations-"));
  try {
    for (const name of NEEDED)
      if (existsSync(join(ROOT, name))) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const before = contents(join(copy, "migrations"));
    const generated = await run("drizzle-kit", ["generate"], copy);
    if (!generated.ok) return generated;
    const after = contents(join(copy, "migrations"));
    const changed = [...after].filter(([path, text]) => before.get(path) !== text);
    if (changed.length === 0) return { ok: true, output: "" };
    const statements = changed.filter(([path]) => path.endsWith(".sql")).map(([path, text]) => `migrations/${path}\n${text}`);
    return {
      ok: false,
      output: `The schema has changed; run \`npm run migrations\`. It would write:\n${statements.join("\n")}`,
    };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const RULES = join("test", "lint", "rules");

type Diagnostic = { readonly code: string; readonly filename: string };

/**
 * Lints files with the repository's configuration, in a tree of their own.
 * @param files path from the tree's root → text.
 * @returns path → the rules that it breaks, each once; a path that breaks none is not in it.
 */
export function lint(files: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> {
  const tree = mkdtempSync(join(tmpdir(), "trunkline-lint-"));
  try {
    cpSync(join(ROOT, ".oxlintrc.json"), join(tree, ".oxlintrc.json"));
    cpSync(join(ROOT, RULES), join(tree, RULES), { recursive: true });
    for (const [path, text] of files) {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), text);
    }
    const oxlint = join(ROOT, "node_modules", "oxlint", "bin", "oxlint");
    const { stdout, stderr } = spawnSync(process.execPath, [oxlint, "--format", "json", "."], { cwd: tree, encoding: "utf8" });
    if (!stdout.startsWith("{")) throw new Error(`oxlint did not lint: ${stdout}${stderr}`);
    const broken = new Map<string, Set<string>>();
    for (const { filename, code } of (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics) {
      broken.set(filename, (broken.get(filename) ?? new Set()).add(code));
    }
    return broken;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

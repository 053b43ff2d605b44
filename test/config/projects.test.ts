import { globSync } from "node:fs";
import { join, matchesGlob } from "node:path";
import { expect, it } from "vitest";
import { PROJECTS } from "../projects.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const EXCLUDED = ["**/node_modules", ".trunkline", ".wrangler"];

it("every test file belongs to exactly one project, so that none is left out", () => {
  const files = globSync("**/*.test.{ts,tsx}", { cwd: ROOT, exclude: EXCLUDED });
  expect(files.length).toBeGreaterThan(0);
  const misplaced = files.filter(
    (file) => PROJECTS.filter(({ include }) => include.some((pattern) => matchesGlob(file, pattern))).length !== 1,
  );
  expect(misplaced).toEqual([]);
});

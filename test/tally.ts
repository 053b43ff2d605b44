import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

/** Names the file that the tally is written to. */
export const TALLY_FILE_VARIABLE = "TRUNKLINE_TEST_TALLY";

export type Tally = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string | undefined }[];
};

/**
 * Counts one project's tests for test/run.ts. vitest's own JSON report knows neither why a test was skipped nor errors outside of
 * tests; here a file that could not be loaded and an error that nobody caught count as one failure each.
 */
export default class TallyReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let [passed, failed] = [0, unhandledErrors.length];
    const skipped: { name: string; reason: string | undefined }[] = [];
    for (const module of modules) {
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "skipped") skipped.push({ name: test.fullName, reason: result.note });
        else failed += 1;
      }
    }
    const file = process.env[TALLY_FILE_VARIABLE];
    if (file !== undefined) writeFileSync(file, JSON.stringify({ passed, failed, skipped } satisfies Tally));
  }
}

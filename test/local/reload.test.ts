import { utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { until } from "../../local/deadline.ts";
import { ROOT } from "../../local/paths.ts";
import { watchSources } from "../../local/reload.ts";

/** Saving a file without a change of its content: enough for a watcher, and nothing for the tree. */
function save(): void {
  const now = new Date();
  utimesSync(join(ROOT, "domain", "shared", "hex.ts"), now, now);
}

it("[RUN-6] a saved source reloads once, and one that does not build leaves the watch as it was", async () => {
  const notices: string[] = [];
  let reloads = 0;
  const stop = watchSources(
    (text) => void notices.push(text),
    async () => {
      reloads += 1;
      if (reloads === 1) throw new Error("it does not build");
    },
  );
  onTestFinished(stop);
  save();
  save();
  await until(() => notices.length === 1, 10_000, 50);
  expect([reloads, notices]).toEqual([1, ["Not reloaded: it does not build"]]);
  save();
  await until(() => notices.length === 2, 10_000, 50);
  expect(notices[1]).toMatch(/^Reloaded in /);
});

import { cleanUp, guardRun } from "../cleanup.ts";
import { createWorkspace } from "../workspace.ts";
import { VARIANTS } from "./variants.ts";
import { measureFanOut } from "./fan-out.ts";
import { measureIdle } from "./idle.ts";
guardRun(200_000);
const n = Number(process.argv[2] ?? 100);
const only = process.argv[3]?.split(",");
try {
  const w = await createWorkspace();
  for (const v of VARIANTS) {
    if (only && !only.includes(v.name)) continue;
    console.log(
      v.name,
      JSON.stringify(process.argv[4] === "idle" ? await measureIdle(w, v, n, Math.min(n, 60)) : await measureFanOut(w, v, n)),
    );
  }
} catch (e) {
  console.error(e);
} finally {
  await cleanUp();
}
process.exit(0);

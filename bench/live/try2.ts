import { cleanUp, guardRun } from "../cleanup.ts";
import { createWorkspace } from "../workspace.ts";
import { VARIANTS } from "./variants.ts";
import { readFileSync } from "node:fs";
guardRun(60_000);
const t0 = Date.now();
const log = (...a: unknown[]) => console.log(Date.now() - t0, ...a);
try {
  const w = await createWorkspace();
  log("workspace");
  const server = await VARIANTS[0]!.start(w);
  log("started");
  const rooms = await server.rooms(1);
  log("room", rooms);
  for (let i = 0; i < 5; i++) {
    const r = await fetch(server.target.url + rooms[0]!.path, {
      method: "POST",
      headers: { ...server.target.headers, "content-type": "application/json" },
      body: server.bodyOf(i),
    });
    log(r.status, await r.text());
  }
  console.log(readFileSync(w.folder + "/runs/1/worker.jsonl", "utf8").slice(-1500));
  console.log(readFileSync(w.folder + "/runs/1/output.log", "utf8").slice(-1500));
} catch (e) {
  console.error(e);
} finally {
  await cleanUp();
}
process.exit(0);

/** What the Worker's processor time goes to while one session after the other is read. */
import { profileWhile } from "../../profiler.ts";
import { runRequests } from "../load/load.ts";
import { type Stage, byToken, startSystem } from "./variants.ts";

const CONNECTIONS = 32;
const WARM_UP = 5_000;
const REQUESTS = 15_000;

/** @returns what took the most, as a table. */
export async function profileReads(stage: Stage): Promise<string> {
  const { workspace, credentials } = stage;
  const inspectorPort = await workspace.port();
  const { url, requests, worker, stop } = await startSystem(stage, byToken(credentials), undefined, inspectorPort);
  const job = { url, requests, connections: CONNECTIONS, perSecond: null };
  try {
    await runRequests(workspace, { ...job, warmUp: 0, count: WARM_UP });
    const work = async (): Promise<void> => {
      const { errors } = await runRequests(workspace, { ...job, warmUp: 0, count: REQUESTS });
      if (Object.keys(errors).length > 0) throw new Error(`requests failed: ${JSON.stringify(errors)}`);
    };
    return await profileWhile(worker, inspectorPort, work, { title: "reading a session", unit: "request", per: REQUESTS });
  } finally {
    await stop();
  }
}

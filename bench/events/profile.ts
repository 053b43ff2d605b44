/** What the Worker's processor time goes to while events come in. */
import { urlOf } from "../lanes.ts";
import { profileWhile } from "../profiler.ts";
import { startRuntime } from "../runtime/runtime.ts";
import type { Clients } from "./clients.ts";
import { CONNECTIONS, type Sending } from "./ingest.ts";
import { runEvents } from "./load/load.ts";
import { INGEST_PATH, standardLane } from "./variants.ts";

/** @returns what took the most, as a table. */
export async function profileIngest({ workspace, headers }: Clients, sending: Sending): Promise<string> {
  const worker = await standardLane(workspace);
  const inspectorPort = await workspace.port();
  const runtime = await startRuntime(workspace, [worker], undefined, inspectorPort);
  try {
    const { perRequest, warmUp, requests } = sending;
    const job = {
      url: urlOf(worker, INGEST_PATH),
      clients: headers,
      perRequest,
      connections: CONNECTIONS,
      perSecond: null,
      patient: true,
    };
    await runEvents(workspace, { ...job, warmUp: 0, requests: warmUp });
    const work = async (): Promise<void> => {
      const { errors } = await runEvents(workspace, { ...job, warmUp: 0, requests });
      if (Object.keys(errors).length > 0) throw new Error(`requests failed: ${JSON.stringify(errors)}`);
    };
    const said = { title: sending.name, unit: "event", per: requests * perRequest };
    return await profileWhile(worker, inspectorPort, work, said);
  } finally {
    await runtime.stop();
  }
}

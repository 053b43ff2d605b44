/** The loopback carrier, for calls that Trunkline places itself. It computes in this process, not on the Workers' account. */
import { carrierOptions } from "../../local/carrier-account.ts";
import { startLoopbackCarrier } from "../../local/loopback-carrier/server.ts";
import { onEnd } from "../cleanup.ts";
import { urlOf } from "../lanes.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import type { Workspace } from "../workspace.ts";

/** Every leg rings, is answered, and ends by the callee, who says little. */
const BEHAVIOUR = { all: { outcome: "answer", delayMs: 50, ringMs: 1_000, talkMs: 1_500 } } as const;
/** By then a call is over and its last callback taken. */
export const OWN_CALL_MS = 4_000;

/** @param gate takes the callbacks. */
export async function startCarrier({ secrets }: Workspace, port: number, gate: HostedWorker): Promise<() => Promise<void>> {
  const carrier = await startLoopbackCarrier({ ...carrierOptions(secrets, port, urlOf(gate)), behaviour: BEHAVIOUR });
  return onEnd(carrier.stop, () => {});
}

/** The process of the loopback carrier, told by the supervisor what to do. It ends when the supervisor does. */
import type { FromLane, ToCarrier } from "../lane-messages.ts";
import { type LoopbackCarrier, startLoopbackCarrier } from "./server.ts";

let carrier: LoopbackCarrier | undefined;

function tell(message: FromLane): void {
  if (process.connected) process.send?.(message);
}

async function stop(): Promise<never> {
  await carrier?.stop();
  process.exit(0);
}

async function handle(message: ToCarrier): Promise<void> {
  if (message.type === "stop") return stop();
  carrier = await startLoopbackCarrier(message.config);
  tell({ type: "ready" });
  return undefined;
}

process.on("message", (message: ToCarrier) => {
  handle(message).catch((error: unknown) =>
    tell({ type: "failed", message: error instanceof Error ? error.message : String(error) }),
  );
});
process.on("disconnect", () => void stop());
// Ctrl-C is for the supervisor, which stops its processes in order.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => void stop());

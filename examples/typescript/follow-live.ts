/** Has a call placed, follows it event by event, and hangs up once it is answered. A line that breaks is opened again where it was. */
import { client } from "./client.ts";

const { id } = await client.calls.create({ from: "+15550100100", to: "+15551230001", channel: "api", trunk: "app-voice" });
const session = client.live.session(id, { after: 0, signal: AbortSignal.timeout(30_000) });

let hangingUp: Promise<{ readonly ok: boolean }> = Promise.resolve({ ok: false });
for await (const item of session) {
  if (item.type !== "event") continue;
  console.log(item.sequence, item.event.type);
  if (item.event.type.startsWith("dev.trunkline.call.answered")) hangingUp = session.command({ command: "hangUp" });
  if (item.event.type.startsWith("dev.trunkline.session.completed")) break;
}
const { ok } = await hangingUp;
console.log("hung up:", ok);

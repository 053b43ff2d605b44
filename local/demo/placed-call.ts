/** Chapter 7: a call that Trunkline places itself, watched and commanded over one live socket. */
import { type LiveSession, trunkline } from "../../clients/typescript/index.ts";
import { type Client, ensure } from "./client.ts";
import { bold, chapter, columns, dim, line, proven } from "./narrator.ts";
import { CALLER } from "./ordinary-call.ts";

const CALLEE = "+1 (555) 123-0001";
const TRUNK = "app-voice";
/** The loopback carrier answers within two seconds. */
const DEADLINE_MS = 20_000;
const TYPE = /^dev\.trunkline\.(.+)\.v\d+$/;

async function give(session: LiveSession, command: Parameters<LiveSession["command"]>[0]): Promise<void> {
  const result = await session.command(command);
  ensure(result.ok, `The command ${command.command} was refused.`);
  columns(["command", 13, dim], [command.command, 16, bold], ["taken", 0]);
}

/** What the person who watches does when somebody has answered. */
async function wrapUp(session: LiveSession): Promise<void> {
  await give(session, { command: "tag", add: ["demo"] });
  await give(session, { command: "setDisposition", disposition: "booked" });
  await give(session, { command: "hangUp", reason: "the demo is over" });
}

/** @param credentials a token or API key that may command. */
export async function placedCall(client: Client, credentials: string): Promise<void> {
  chapter(7, "A call that Trunkline places", "POST /v1/calls, GET /v1/sessions/{id}/live");
  line(`to ${bold(CALLEE)} on the trunk ${bold(TRUNK)}: the session itself dials, through the loopback carrier`);
  const api = trunkline({ url: client.baseUrl, token: credentials, signal: AbortSignal.timeout(DEADLINE_MS) });
  const { id } = await api.calls.create({ from: CALLER, to: CALLEE, channel: "api", trunk: TRUNK });
  const session = api.live.session(id, { after: 0 });
  const seen: string[] = [];
  let wrapping: Promise<void> | null = null;
  for await (const item of session) {
    if (item.type !== "event") continue;
    const name = TYPE.exec(item.event.type)?.[1] ?? item.event.type;
    seen.push(name);
    columns(["live", 13, dim], [String(item.sequence).padStart(2), 4, dim], [name, 0]);
    if (name === "call.answered") wrapping = wrapUp(session);
    if (name === "session.completed") break;
  }
  ensure(wrapping !== null && seen.at(-1) === "session.completed", "The call should be answered, and end when it is hung up.");
  await wrapping;
  const { items, asOf } = (await api.operations.listSessions({ query: { tag: "demo", limit: 1 } })).body;
  columns(
    ["listed", 13, dim],
    [`${items[0]?.state ?? "nothing"}, ${items[0]?.disposition ?? ""}`, 24, bold],
    [`as of ${asOf}`, 0, dim],
  );
  ensure(items[0]?.id === id && items[0].disposition === "booked", "The list should show the call as it was left.");
  proven("dialled, watched event by event, commanded over the same socket, and listed at once.");
}

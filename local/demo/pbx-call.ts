/** Chapter 5: the same decision in Kamailio's words. */
import { randomUUID } from "node:crypto";
import { reportedSchema, rtjsonSchema } from "./answers.ts";
import { type Client, ensure } from "./client.ts";
import { bold, chapter, dim, document, line, proven } from "./narrator.ts";

/** The trunk "pbx-main" knows the proxy by its address: Berlin, 0 for an outside line, extensions of 4 or 5 digits. */
const PROXY = "127.0.0.1";
const EXTENSION = "sip:2001@pbx.example";
/** Outside line 0, then Berlin's area code with its trunk prefix. */
const DIALLED = "sip:00301234567@pbx.example";
const NUMBER = "+49301234567";

/** @param client with the PBX's own API key, which is good for its trunk alone. */
export async function pbxCall(client: Client): Promise<void> {
  chapter(5, "A PBX asks in its own dialect", "POST /pbx/kamailio/route");
  const callId = `${randomUUID()}@pbx.example`;
  line(`extension 2001 dials ${bold("0 030 1234567")}: ${dim(`ruri ${DIALLED}`)}`);
  const request = { callId, from: EXTENSION, to: DIALLED, ruri: DIALLED, srcIp: PROXY };
  const route = (await client.post("/pbx/kamailio/route", request, rtjsonSchema, [200])).body;
  document(route);
  ensure(route.routes[0]?.uri.includes(NUMBER) === true, `The dialled digits should have become ${NUMBER}.`);

  const cancelled = { callId, type: "call.cancelled", ts: Date.now() / 1_000, sipCode: 487 };
  const { state } = (await client.post("/pbx/kamailio/events", cancelled, reportedSchema, [200])).body;
  ensure(state === "failed", `A cancelled call should have failed; it is ${state}.`);
  line(`the caller hangs up: ${dim("POST /pbx/kamailio/events call.cancelled, found by its SIP Call-ID")} → ${state}`);
  proven(`the trunk's dial plan makes ${NUMBER} of it; Kamailio's rtjson module takes the document as it is.`);
}

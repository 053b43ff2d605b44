/** Goes through all sessions of the last day, page by page behind the scenes. */
import { client } from "./client.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

let [count, talkMs] = [0, 0];
const from = new Date(Date.now() - DAY_MS).toISOString();
for await (const session of client.sessions.list({ from, status: "completed", limit: 500 })) {
  count += 1;
  talkMs += session.talkMs ?? 0;
}
console.log("sessions:", count, "talk in seconds:", talkMs / 1000);

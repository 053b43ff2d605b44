/** Keeps the record of a call that another system handles: begins it, says what happens, ends it, reads its events. */
import { client } from "./client.ts";

const session = await client.sessions.create({
  callerId: "+15550100100",
  calleeId: "+15551230001",
  startedAt: new Date().toISOString(),
  initialMetadata: { ticket: "T-118" },
  tags: ["example"],
});
console.log("recording", session.id, session.state);

// Reads the session and writes with If-Match: another writer's change is not lost.
await client.sessions.update(session.id, ({ tags }) => ({ tags: [...tags, "vip"], metadata: { agent: "a-17" } }));

const ended = await client.sessions.end(session.id, { disposition: "answered" });
console.log("ended", ended.state, ended.disposition, ended.tags.join(","));

for await (const event of client.sessions.events(session.id)) console.log(event.time, event.type);

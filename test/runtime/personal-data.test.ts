import { exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../domain/identity/principal.ts";
import { until } from "./fixture/clock.ts";
import { type Answer, type Sent, ask, requestOf } from "./fixture/http.ts";
import { LiveClient } from "./fixture/socket.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const [FROM, TO] = ["+493012345678", "+15551239876"];
/** Anything of the call that only those may see who may see personal data. */
const PERSONAL = /12345678|1239876|Maria|52\.5|13\.25/;

const JSON_TYPE = { "Content-Type": "application/json" };

let tenant: TestTenant;
let path: string;

const by = (role: Role) => ({ key: tenant.key(role) });

async function done(status: number, target: string, sent: Sent): Promise<Answer> {
  const answer = await ask(target, sent);
  if (answer.status !== status) throw new Error(`${target}: ${answer.status} ${answer.text}`);
  return answer;
}

beforeAll(async () => {
  tenant = await publishedTenant();
  const call = {
    channel: "api",
    from: FROM,
    to: TO,
    callId: "c-personal",
    location: { type: "geodetic", latitude: 52.5, longitude: 13.25 },
    metadata: { patient: "Maria Muster" },
  };
  const made = await done(201, "/v1/calls", { ...by("operator"), body: call });
  path = `/v1/sessions/${String(made.body["id"])}`;
  await done(200, `${path}/commands`, { ...by("operator"), body: { command: "note", text: "Maria calls back" } });
  const event = {
    type: "crm.opened",
    callId: "c-crm",
    from: FROM,
    to: TO,
    at: new Date().toISOString(),
    data: { name: "Maria" },
  };
  await done(201, "/v1/events", { ...by("operator"), headers: JSON_TYPE, body: [event] });
  await until(
    async () => (await ask(`/v1/calls/${path.slice(13)}/timeline`, by("supervisor"))).text.includes("noted"),
    "the note",
  );
});

/** Calls that have begun by now. */
function records(): string {
  const [from, to] = [-600_000, 60_000].map((ms) => encodeURIComponent(new Date(Date.now() + ms).toISOString()));
  return `/v1/cdrs?from=${from}&to=${to}`;
}

const readable = (): string[] => [
  "/v1/sessions",
  path,
  `${path}/events`,
  `/v1/calls/${path.slice(13)}/timeline`,
  "/v1/calls/c-crm/timeline?format=text",
  "/v1/events",
  "/v1/events/export",
  "/v1/events/export?format=csv",
  records(),
];

describe("[PII-2] whoever lacks pii:read", () => {
  it("[PII-2] sees the beginnings of numbers and nothing personal, wherever calls are shown; others see all of it", async () => {
    for (const target of readable()) {
      // The log hears of a call a moment after its caller.
      await until(async () => PERSONAL.test((await ask(target, by("supervisor"))).text), `${target} knows the call`);
      const [masked, whole]: readonly [Answer, Answer] = [await ask(target, by("viewer")), await ask(target, by("supervisor"))];
      expect([target, masked.status, whole.status]).toEqual([target, 200, 200]);
      expect([target, PERSONAL.exec(masked.text)?.[0] ?? null]).toEqual([target, null]);
      expect([target, PERSONAL.test(whole.text)]).toEqual([target, true]);
      expect([target, masked.text.includes("+49301***")]).toEqual([target, true]);
      expect(masked.headers.get("content-type")).toBe(whole.headers.get("content-type"));
      const length = masked.headers.get("content-length");
      expect(Number(length ?? masked.text.length)).toBe(new TextEncoder().encode(masked.text).length);
      expect(masked.headers.get("vary")).toContain("Authorization");
    }
  });

  it("[PII-2] is told the same on live sockets", async () => {
    const heard = async (role: Role): Promise<string> => {
      const client = await LiveClient.open(`${path}/live?after=0`, tenant.key(role));
      await client.events(4);
      const late = await LiveClient.open(`${path}/live`, tenant.key(role));
      await late.frame("snapshot");
      const text = JSON.stringify([client.frames, late.frames]);
      for (const { ws } of [client, late]) ws.close();
      return text;
    };
    const [masked, whole] = [await heard("viewer"), await heard("supervisor")];
    expect(masked).not.toMatch(PERSONAL);
    expect(masked).toContain("+49301***");
    expect(whole).toMatch(PERSONAL);
  });

  it("[PII-2] is sent a tail masked as it goes", async () => {
    const response = await exports.default.fetch(requestOf("/v1/events/tail?callId=c-tailed", by("viewer")));
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    const readOn = async (part: string) => {
      while (!text.includes(part)) text += (await reader.read()).value ?? "";
    };
    await readOn("id: ");
    const event = { type: "crm.opened", callId: "c-tailed", from: FROM, data: { name: "Maria" } };
    expect((await ask("/v1/events", { ...by("operator"), headers: JSON_TYPE, body: [event] })).status).toBe(201);
    await readOn("crm.opened");
    await reader.cancel();
    expect(text).toContain("+49301***");
    expect(text).not.toMatch(PERSONAL);
  });

  it("[AUD-1] who reads events page by page leaves an entry of it", async () => {
    expect((await ask("/v1/events", by("supervisor"))).status).toBe(200);
    const entries = await until(async () => {
      const { body } = await ask("/v1/audit?action=events.list", by("admin"));
      const found = body["items"] as { via: string; resource: string }[];
      return found.length > 0 && found;
    }, "the entry");
    expect(entries[0]).toMatchObject({ via: "api_key", resource: "events", outcome: "done" });
  });

  it("[PII-2] may not look for what is hidden", async () => {
    const query = [
      "/v1/sessions?caller=%2B4930*",
      "/v1/sessions?q=1234",
      "/v1/sessions?metadata.patient=Maria",
      "/v1/events?callee=%2B1*",
      "/v1/events?data.name=Maria",
      "/v1/events/export?filter=caller%3D%22x%22",
      "/v1/events/stats?caller=%2B4930*",
    ];
    for (const target of query) expect([target, (await ask(target, by("viewer"))).status]).toEqual([target, 403]);
    const live = await exports.default.fetch(
      requestOf("/v1/live?caller=%2B49", { ...by("viewer"), headers: { Upgrade: "websocket" } }),
    );
    expect(live.status).toBe(403);
    expect((await ask("/v1/sessions?trunk=main", by("viewer"))).status).toBe(200);
    expect((await ask("/v1/events?callee=%2B1*", by("supervisor"))).status).toBe(200);
  });

  it("[PII-2] has entity tags of its own, which are known again", async () => {
    const [masked, whole] = [await ask(path, by("viewer")), await ask(path, by("supervisor"))];
    const [own, other] = [masked.headers.get("etag") ?? "", whole.headers.get("etag") ?? ""];
    expect(own).not.toBe(other);
    const again = await ask(path, { ...by("viewer"), headers: { "If-None-Match": own } });
    expect([again.status, again.headers.get("etag"), again.text]).toEqual([304, own, ""]);
    expect((await ask(path, { ...by("supervisor"), headers: { "If-None-Match": own } })).status).toBe(200);
  });
});

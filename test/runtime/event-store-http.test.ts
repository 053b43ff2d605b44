import { exports } from "cloudflare:workers";
import { CloudEvent, HTTP } from "cloudevents";
import { beforeAll, describe, expect, it } from "vitest";
import { validateAnswer } from "../../contracts/openapi/api.ts";
import { type Answer, type Sent, ask, read, requestOf } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

const NUMBER = "+4930555666777";
const QUARTER_MS = 900_000;
const SOURCE = "/pbx/http";

let tenant: TestTenant;
let other: TestTenant;
beforeAll(async () => {
  [tenant, other] = await Promise.all([publishedTenant(), publishedTenant()]);
});

const mediaTypeOf = ({ headers }: Answer): string => (headers.get("content-type") ?? "").split(";", 1)[0]!;
const isJson = (answer: Answer): boolean => /[/+]json$/.test(mediaTypeOf(answer));

/** The answer, which is as the OpenAPI document says. */
async function described(operation: string, path: string, sent: Sent = {}): Promise<Answer> {
  const answer = await ask(path, sent);
  const body: unknown = isJson(answer) ? JSON.parse(answer.text) : answer.text;
  const mismatches = validateAnswer(operation, answer.status, body, answer.status < 300 ? mediaTypeOf(answer) : undefined);
  expect({ operation, status: answer.status, mismatches }).toEqual({ operation, status: answer.status, mismatches: [] });
  return answer;
}

const by = (role: "admin" | "supervisor", of: TestTenant = tenant): Sent => ({ key: of.key(role) });

/** @param type of the body. */
function posted(body: unknown, type = "application/json", role: "admin" | "supervisor" = "admin"): Sent {
  return { ...by(role), body, headers: { "Content-Type": type } };
}

const call = (type: string, callId: string, atMs: number): Record<string, unknown> => ({
  type,
  callId,
  at: new Date(atMs).toISOString(),
  from: NUMBER,
  to: "+15550100",
  direction: "inbound",
  status: "ok",
  data: { sipCode: 200 },
});

const idsOf = ({ body }: Answer): string[] => (body["items"] as { readonly id: string }[]).map(({ id }) => id);
const linesOf = ({ text }: Answer): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** What a tail says from a place on, until it has said something of an event. */
async function tailed(path: string, key: string, id: string): Promise<string> {
  const response = await exports.default.fetch(requestOf(path, { key }));
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    while (!text.includes(id)) {
      const { value, done } = await reader.read();
      if (done) break;
      text += value;
    }
    return text;
  } finally {
    await reader.cancel();
  }
}

describe("[LMT-4] the event store over HTTP", () => {
  it("[ING-1] [QRY-5] [QRY-8] [QRY-9] [QRY-10] [QRY-11] gives back what it took, in every form", async () => {
    const nowMs = Date.now();
    const types = ["call.received", "call.answered", "call.ended"];
    const events = types.map((type, index) => call(type, "c-1", nowMs - 60_000 + index * 10_000));
    const stored = await described("appendEvents", "/v1/events", posted(events));
    expect(stored.status).toBe(201);
    const ids = idsOf(stored);

    const one = await described("getEvent", `/v1/events/${ids[0]}`, by("supervisor"));
    expect(one.body).toMatchObject({ id: ids[0], type: "call.received", subject: "c-1", caller: NUMBER });
    const page = await described("listEvents", "/v1/events?callId=c-1&order=id&limit=2", by("supervisor"));
    expect(idsOf(page)).toEqual(ids.slice(0, 2));
    const cursor = encodeURIComponent(String(page.body["nextCursor"]));
    const rest = await described("listEvents", `/v1/events?callId=c-1&order=id&limit=2&cursor=${cursor}`, by("supervisor"));
    expect([idsOf(rest), rest.body["nextCursor"]]).toEqual([ids.slice(2), undefined]);

    const lines = linesOf(await described("exportEvents", "/v1/events/export?callId=c-1", by("supervisor")));
    expect([lines.slice(0, -1).map(({ id }) => id), lines.at(-1)]).toEqual([ids, { end: { events: 3 } }]);
    const csv = await described("exportEvents", "/v1/events/export?callId=c-1&format=csv", by("supervisor"));
    expect(csv.text.split("\r\n").filter((row) => row !== "")).toHaveLength(4);

    const bounds = [Math.floor(nowMs / QUARTER_MS) - 1, Math.floor(nowMs / QUARTER_MS) + 1].map((quarter) =>
      new Date(quarter * QUARTER_MS).toISOString(),
    );
    const period = `from=${bounds[0]}&to=${bounds[1]}`;
    const counts = await described("countEvents", `/v1/events/stats?bucket=15m&by=type&${period}`, by("supervisor"));
    expect(counts.body["total"]).toBe(3);
    const timeline = await described("getTimeline", "/v1/calls/c-1/timeline", by("supervisor"));
    expect((timeline.body["events"] as unknown[]).length).toBe(3);
    const text = await described("getTimeline", "/v1/calls/c-1/timeline?format=text", by("supervisor"));
    expect(text.text).toContain("call c-1");
    const records = await described("exportCallRecords", `/v1/cdrs?${period}`, by("supervisor"));
    expect(records.text).toContain("c-1");
    await described("exportCallRecords", `/v1/cdrs?${period}&format=ndjson`, by("supervisor"));
    const beginning = await tailed("/v1/events/tail?callId=c-tail", tenant.key("supervisor"), ":");
    expect(beginning).not.toContain(ids[0]);
  });

  it("[ING-2] is read and written by the CloudEvents SDK", async () => {
    const event = new CloudEvent({ id: "e-1", source: SOURCE, type: "call.answered", subject: "c-2", data: { sipCode: 200 } });
    const { headers, body } = HTTP.structured(event);
    const stored = await described("appendEvents", "/v1/events", posted(String(body), String(headers["content-type"])));
    const id = String(stored.body["id"]);
    const json = { "content-type": "application/cloudevents+json" };
    const got = await described("getEvent", `/v1/events/${id}`, by("supervisor"));
    const [back] = [HTTP.toEvent({ headers: json, body: got.text })].flat() as CloudEvent<unknown>[];
    expect(back?.validate()).toBe(true);
    expect(back).toMatchObject({ id, source: SOURCE, subject: "c-2", originid: "e-1", data: { sipCode: 200 } });
    const listed = await described("listEvents", "/v1/events?callId=c-2", by("supervisor"));
    const batch = { "content-type": "application/cloudevents-batch+json" };
    const all = [HTTP.toEvent({ headers: batch, body: JSON.stringify(listed.body["items"]) })].flat() as CloudEvent<unknown>[];
    expect(all.map((each) => [each.id, each.validate()])).toEqual([[id, true]]);
    // What was read may be written as it stands: it is another event then, with this one's id as that of its sender.
    const again = await described(
      "appendEvents",
      "/v1/events",
      posted(String(HTTP.structured(back!).body), json["content-type"]),
    );
    const copy = await described("getEvent", `/v1/events/${String(again.body["id"])}`, by("supervisor"));
    expect(copy.body).toMatchObject({
      source: SOURCE,
      subject: "c-2",
      originid: id,
      time: got.body["time"],
      data: { sipCode: 200 },
    });
  });

  it("[LMT-2] [KEEP-1] [KEEP-2] [KEEP-3] is for those who may, and for each tenant its own", async () => {
    const stored = await described("appendEvents", "/v1/events", posted([call("call.ended", "c-3", Date.now())]));
    const [id = ""] = idsOf(stored);
    expect((await described("appendEvents", "/v1/events", posted({}, "application/json", "supervisor"))).status).toBe(403);
    expect((await described("listEvents", "/v1/events")).status).toBe(401);
    expect((await described("getEventPolicy", "/v1/events/policy", by("supervisor"))).status).toBe(403);
    expect((await described("eraseNumber", "/v1/events/erasures", posted({}, "application/json", "supervisor"))).status).toBe(
      403,
    );
    expect((await described("getEvent", `/v1/events/${id}`, by("admin", other))).status).toBe(404);
    expect(idsOf(await described("listEvents", "/v1/events", by("admin", other)))).toEqual([]);
    expect((await described("getTimeline", "/v1/calls/c-3/timeline", by("admin", other))).status).toBe(404);
    expect(linesOf(await described("exportEvents", "/v1/events/export", by("admin", other)))).toEqual([{ end: { events: 0 } }]);

    await described("getEventPolicy", "/v1/events/policy", by("admin"));
    const policy = { infrequentAfterDays: 30, archiveAfterDays: 365, deleteAfterDays: null };
    await described("putEventPolicy", "/v1/events/policy", { ...posted(policy), method: "PUT" });
    const held = { scope: { number: NUMBER }, from: null, to: null, reason: "case 1" };
    const hold = await described("placeEventHold", "/v1/events/holds", posted(held));
    expect(hold.status).toBe(201);
    const asked = { number: NUMBER, reason: "asked for" };
    expect((await described("eraseNumber", "/v1/events/erasures", posted(asked))).status).toBe(409);
    await described("listEventHolds", "/v1/events/holds", by("admin"));
    await described("liftEventHold", `/v1/events/holds/${String(hold.body["id"])}/lift`, { ...by("admin"), method: "POST" });
    const erasure = await described("eraseNumber", "/v1/events/erasures", posted(asked));
    expect(erasure.status).toBe(202);
    await described("listEventErasures", "/v1/events/erasures", by("admin"));
    await described("getEventErasure", `/v1/events/erasures/${String(erasure.body["id"])}`, by("admin"));
    const erased = await described("getEvent", `/v1/events/${id}`, by("supervisor"));
    expect([erased.body["erased"], erased.text.includes(NUMBER)]).toEqual([erasure.body["id"], false]);
    expect(idsOf(await described("listEvents", `/v1/events?caller=${encodeURIComponent(NUMBER)}`, by("supervisor")))).toEqual(
      [],
    );
  });

  it("[QRY-7] tells who follows it what comes", async () => {
    const first = await exports.default.fetch(requestOf("/v1/events/tail?callId=c-4", by("supervisor")));
    const reader = first.body!.pipeThrough(new TextDecoderStream()).getReader();
    const opening = (await reader.read()).value ?? "";
    const [id = ""] = idsOf(await described("appendEvents", "/v1/events", posted([call("call.ended", "c-4", Date.now())])));
    let text = opening;
    while (!text.includes(id)) text += (await reader.read()).value ?? "";
    await reader.cancel();
    expect(text).toContain("call.ended");
    const refused = await read(await exports.default.fetch(requestOf("/v1/events/tail?nonsense=1", by("supervisor"))));
    expect([refused.status, validateAnswer("tailEvents", 400, refused.body)]).toEqual([400, []]);
  });
});

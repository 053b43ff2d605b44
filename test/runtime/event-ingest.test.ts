import { env, exports } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_BATCH_BYTES } from "../../contracts/events/ingest-limits.ts";
import { parseEnvironment } from "../../contracts/environment.ts";
import type { IntakeAnswer, PackedBatch } from "../../domain/events/shard.ts";
import type { StoredEvent } from "../../domain/events/stored.ts";
import { type EventId, INTAKE_EPOCH, shardOfEventId } from "../../domain/shared/ids.ts";
import { intakeShard } from "../../workers/events/ingest.ts";
import { standard } from "../../workers/standard.ts";
import { type Answer, ask, read, workerWith } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

const JSON_TYPE = "application/json";
const plain = (more: Record<string, unknown> = {}) => ({ type: "call.answered", callId: "c-1", ...more });
const cloud = (id: string, more: Record<string, unknown> = {}) => ({
  specversion: "1.0",
  id,
  source: "/pbx/1",
  type: "call.ended",
  ...more,
});

function post(body: unknown, type = JSON_TYPE, headers: Record<string, string> = {}, query = ""): Promise<Answer> {
  return ask(`/v1/events${query}`, { key: tenant.key("integrator"), body, headers: { "Content-Type": type, ...headers } });
}

type Item = { readonly id?: EventId; readonly duplicate?: true; readonly status?: number; readonly problem?: object };
const itemsOf = ({ body }: Answer): Item[] => body["items"] as Item[];
const idsOf = (answer: Answer): EventId[] => itemsOf(answer).map(({ id }) => id!);

/** The event as its shard holds it. */
async function stored(id: EventId): Promise<StoredEvent | null> {
  const { number } = shardOfEventId(id);
  const found = await env.EVENT_LOG.getByName(intakeShard(parseEnvironment(env), number)).locate(id);
  return found.tag === "head" ? (JSON.parse(found.line) as StoredEvent) : null;
}

describe("POST /v1/events", () => {
  it("[ING-1] [ING-2] stores one event and says where it is", async () => {
    const answer = await post(plain({ from: "+4930", at: new Date().toISOString() }));
    const [id] = idsOf(answer);
    expect(answer).toMatchObject({ status: 201, body: { id, items: [{ id }] } });
    expect(answer.headers.get("location")).toBe(`/v1/events/${id}`);
    expect(shardOfEventId(id!).epoch).toBe(INTAKE_EPOCH);
    expect(await stored(id!)).toMatchObject({
      specversion: "1.0",
      id,
      type: "call.answered",
      subject: "c-1",
      tenant: tenant.id,
      caller: "+4930",
    });
  });

  it("[ING-1] stores batches and lines in their order", async () => {
    const batch = await post([cloud(unique("e")), cloud(unique("e"))], "application/cloudevents-batch+json");
    const lines = await post(
      `${JSON.stringify(plain({ status: "1" }))}\n${JSON.stringify(plain({ status: "2" }))}\n`,
      "application/x-ndjson",
    );
    expect([batch.status, lines.status, batch.body["id"]]).toEqual([201, 201, undefined]);
    expect(idsOf(batch)).toEqual([...idsOf(batch)].sort());
    const events = await Promise.all(idsOf(lines).map(stored));
    expect(events.map((event) => event?.status)).toEqual(["1", "2"]);
    // An event that does not say when it happened has happened when it was stored.
    expect(events[0]?.time).toBe(events[0]?.recordedtime);
  });

  it("[ING-1] takes gzip, within the same bounds", async () => {
    const packed = async (text: string) =>
      read(
        await exports.default.fetch(
          new Request("https://trunkline.example/v1/events", {
            method: "POST",
            headers: {
              Authorization: `Bearer ${tenant.key("integrator")}`,
              "Content-Type": JSON_TYPE,
              "Content-Encoding": "gzip",
            },
            body: await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
          }),
        ),
      );
    expect((await packed(JSON.stringify(plain()))).status).toBe(201);
    expect((await packed(" ".repeat(MAX_BATCH_BYTES + 1))).status).toBe(413);
    expect((await post(plain(), JSON_TYPE, { "Content-Encoding": "gzip" })).body).toMatchObject({
      status: 400,
      code: "bad_json",
    });
    expect((await post(plain(), JSON_TYPE, { "Content-Encoding": "br" })).status).toBe(415);
  });

  it("[ING-3] stores a batch whole or not at all, and the good ones when it is told to", async () => {
    const [first, second] = [unique("e"), unique("e")];
    const batch = [cloud(first), plain({ callId: "" }), cloud(second)];
    const refused = await post(batch);
    expect(refused.body).toMatchObject({
      status: 422,
      code: "invalid_fields",
      errors: [{ pointer: "/1/callId", code: "too_small" }],
    });
    const partly = await post(batch, JSON_TYPE, {}, "?partial=true");
    expect(partly.status).toBe(207);
    expect(itemsOf(partly)).toMatchObject([
      { status: 201 },
      { status: 422, problem: { code: "invalid_fields", errors: [{ pointer: "/1/callId" }] } },
      { status: 201 },
    ]);
    // The first try has stored none of them: they were new to the second.
    expect(itemsOf(partly).filter(({ duplicate }) => duplicate)).toEqual([]);
    expect((await post([5], JSON_TYPE, {}, "?partial=true")).status).toBe(207);
    expect((await post(batch, JSON_TYPE, {}, "?partial=maybe")).body).toMatchObject({ status: 400, code: "bad_query" });
  });

  it("[ING-5] knows an event that comes again", async () => {
    const id = unique("e");
    const [first] = idsOf(await post(cloud(id)));
    const again = await post([cloud(unique("e")), cloud(id)]);
    expect(itemsOf(again)[1]).toEqual({ id: first, duplicate: true });
    expect(itemsOf(again)[0]?.duplicate).toBeUndefined();
  });

  it("[ING-5] knows a request by its idempotency key", async () => {
    const key = { "Idempotency-Key": unique("key") };
    const [first, again, other] = [
      await post([plain(), plain()], JSON_TYPE, key),
      await post([plain(), plain()], JSON_TYPE, key),
      await post([plain(), plain({ status: "x" })], JSON_TYPE, key),
    ];
    expect(idsOf(again)).toEqual(idsOf(first));
    expect(new Set(idsOf(first)).size).toBe(2);
    expect([first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")]).toEqual([null, "true"]);
    expect(other.body).toMatchObject({ status: 422, code: "idempotency_key_reused" });
    expect((await post(plain(), JSON_TYPE, { "Idempotency-Key": "two words" })).status).toBe(400);
  });

  it("[ING-1] refuses other media types, and those who may not write events", async () => {
    expect((await post("x", "text/plain")).body).toMatchObject({ status: 415, code: "unsupported_media_type" });
    expect((await post(plain(), "application/json;charset=latin1")).status).toBe(415);
    expect((await ask("/v1/events", { key: tenant.key("viewer"), body: plain() })).status).toBe(403);
    expect((await ask("/v1/events", { body: plain() })).status).toBe(401);
  });
});

describe("[ING-8] a shard that does not take events", () => {
  /** Shards that answer what they are told to, one answer after the other. */
  function shards(...answers: (IntakeAnswer | object)[]) {
    const asked: { name: string; batch: PackedBatch }[] = [];
    const store = async (name: string, batch: PackedBatch) => {
      const answer = answers[Math.min(asked.push({ name, batch }), answers.length) - 1]!;
      if ("tag" in answer) return answer;
      throw Object.assign(new Error("of the platform"), answer);
    };
    const { ask: tell } = workerWith(standard(), {
      EVENT_LOG: { getByName: () => ({ store }) } as unknown as Env["EVENT_LOG"],
      INTAKE_SHARDS: "8",
    });
    const send = (body: unknown) =>
      tell("/v1/events", { key: tenant.key("integrator"), body, headers: { "Content-Type": JSON_TYPE } });
    return { asked, send };
  }
  const STORED: IntakeAnswer = { tag: "stored", ids: ["018f" as EventId], duplicates: [] };

  it("answers 503 and when to come again", async () => {
    const full = shards({ tag: "overloaded", retryAfterMs: 1_500 });
    const answer = await full.send(plain());
    expect([answer.status, answer.headers.get("retry-after"), full.asked.length]).toEqual([503, "2", 1]);
    expect((await shards({ overloaded: true, retryable: true }).send(cloud("a"))).status).toBe(503);
  });

  it("is asked again only where nothing can be stored twice", async () => {
    const [known, unknown] = [shards({ retryable: true }, STORED), shards({ retryable: true }, STORED)];
    expect([(await known.send(cloud("a"))).status, known.asked.length]).toEqual([201, 2]);
    expect([(await unknown.send(plain())).status, unknown.asked.length]).toEqual([503, 1]);
  });

  it("[ING-5] [ING-6] is the same one for a source and for a call, and any one for the rest", async () => {
    const { asked, send } = shards(STORED);
    const chosen = async (bodies: readonly unknown[]) => {
      const before = asked.length;
      for (const body of bodies) await send(body);
      return new Set(asked.slice(before).map(({ name }) => name)).size;
    };
    expect(await chosen(["a", "b", "c", "d"].map((id) => cloud(id, { subject: id })))).toBe(1);
    expect(await chosen(["a", "b", "c", "d"].map((status) => [plain({ status }), plain()]))).toBe(1);
    expect(await chosen(Array.from({ length: 8 }, () => [plain(), plain({ callId: "c-2" })]))).toBe(8);
    expect(asked.every(({ name }) => /-15-[0-7]$/.test(name))).toBe(true);
  });
});

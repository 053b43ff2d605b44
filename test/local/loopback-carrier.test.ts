/** The carrier of the local system, in a process of its own, spoken to by the client that the Workers have. */
import { fork } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished } from "vitest";
import { loopbackCarrier } from "../../adapters/carriers/loopback/client.ts";
import { behaviourOf, behaviourSchema, type Behaviour } from "../../local/loopback-carrier/behaviour.ts";
import { until } from "../../local/deadline.ts";
import { ROOT } from "../../local/paths.ts";
import { freePort } from "../../local/ports.ts";
import type { SessionId, TenantId } from "../../domain/shared/ids.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const SESSION = "0192f000-0000-7000-8000-000000000001" as SessionId;
const WAIT_MS = 5_000;

type Callback = { id: string; type: string; leg: string; answeredAt?: string; sipCode?: number | null };

/** Takes callbacks as the gate does; the first `failures` of them are answered 503. */
async function receiver(failures = 0) {
  const taken: Callback[] = [];
  let seen = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += String(part);
    const said = new Webhook(SECRET).verify(body, request.headers as Record<string, string>) as Callback;
    seen += 1;
    if (seen > failures) taken.push(said);
    response.writeHead(seen > failures ? 200 : 503).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/carriers/loopback/events`,
    taken,
    seen: () => seen,
  };
}

async function started(behaviour: Behaviour = {}, failures = 0) {
  const callbacks = await receiver(failures);
  const port = await freePort();
  const child = fork(join(ROOT, "local", "loopback-carrier", "main.ts"), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.send({ type: "start", config: { port, secret: SECRET, callbackUrl: callbacks.url } });
  const [message] = await once(child, "message");
  expect(message).toEqual({ type: "ready" });
  const url = `http://127.0.0.1:${port}`;
  const carrier = loopbackCarrier({ baseUrl: url, secret: SECRET }, undefined, 500);
  const behave = async (wanted: Behaviour) =>
    fetch(`${url}/behaviour`, { method: "PUT", body: JSON.stringify(wanted), headers: { "content-type": "application/json" } });
  expect((await behave(behaviour)).status).toBe(200);
  const place = (number: number, user = "alice", parameters = "") =>
    carrier.place({
      leg: `${SESSION}.${number}`,
      session: SESSION,
      tenant: "demo" as TenantId,
      uri: `sip:${user}@127.0.0.1${parameters}`,
      from: "+15550100100",
      isPrivate: false,
      ringTimeoutMs: 20_000,
      traceparent: "00-11111111111111111111111111111111-2222222222222222-01",
    });
  const typesOf = (number: number) =>
    callbacks.taken.filter(({ leg }) => leg === `${SESSION}.${number}`).map(({ type }) => type);
  const hears = async (number: number, types: string[]) => {
    await until(() => typesOf(number).length >= types.length, WAIT_MS);
    expect(typesOf(number)).toEqual(types);
  };
  return { ...callbacks, child, url, carrier, behave, place, hears, typesOf };
}

const QUICK = { delayMs: 0, ringMs: 20, talkMs: 50 } as const;
const legOf = (number: number) => `${SESSION}.${number}`;

describe("[CAR-4] the loopback carrier", () => {
  it("[CAR-4] dials, rings, answers, talks and tells of it by signed callbacks; each leg once however often it is asked", async () => {
    const { carrier, place, hears, url, taken } = await started({ all: QUICK });
    expect(await place(0)).toEqual({ ok: true, value: { tag: "dialling" } });
    expect((await place(0)).ok).toBe(true);
    await hears(0, ["ringing", "answered", "ended"]);
    expect(taken.at(-1)!.answeredAt).toMatch(/Z$/);
    expect(await carrier.status(legOf(0))).toMatchObject({ ok: true, value: { tag: "ended", sipCode: null, q850: 16 } });
    const dialled = (await (await fetch(`${url}/calls/${SESSION}`)).json()) as { items: unknown[] };
    expect(dialled.items).toMatchObject([{ leg: legOf(0), uri: "sip:alice@127.0.0.1", from: "+15550100100", requests: 2 }]);
  });

  it("[CAR-4] behaves by number and by parameters of the destination before what holds for all", async () => {
    const { place, hears, taken, behave } = await started({
      all: QUICK,
      byUser: { "*99": { outcome: "busy" }, "+1555*": { outcome: "fail" } },
    });
    await place(0, "199");
    await place(1, "+15550001");
    await place(2, "+15550001", ";loopback-outcome=decline;loopback-ring-ms=5");
    for (const number of [0, 1, 2]) await hears(number, ["ringing", "failed"]);
    const codes = taken.filter(({ type }) => type === "failed").map(({ leg, sipCode }) => `${leg.at(-1)} ${sipCode}`);
    expect(codes.sort()).toEqual(["0 486", "1 503", "2 603"]);
    expect((await behave({ all: { outcome: "explode" as never } })).status).toBe(400);
  });

  it("[CAR-4] cancels what rings and spares what was answered, unless it is to hang up; what was ended first is never dialled", async () => {
    const { carrier, place, hears, typesOf, url } = await started({ all: { ...QUICK, talkMs: null } });
    await place(0, "bob", ";loopback-outcome=no_answer");
    await hears(0, ["ringing"]);
    expect(await carrier.end(legOf(0), { unlessAnswered: true })).toMatchObject({
      ok: true,
      value: { tag: "ended", sipCode: 487 },
    });
    await hears(0, ["ringing", "failed"]);

    await place(1);
    await hears(1, ["ringing", "answered"]);
    expect(await carrier.end(legOf(1), { unlessAnswered: true })).toMatchObject({ ok: true, value: { tag: "answered" } });
    expect(await carrier.end(legOf(1), { unlessAnswered: false })).toMatchObject({
      ok: true,
      value: { tag: "ended", q850: 16 },
    });
    await hears(1, ["ringing", "answered", "ended"]);

    await carrier.end(legOf(2), { unlessAnswered: true });
    expect(await place(2)).toMatchObject({ ok: true, value: { tag: "ended", sipCode: 487 } });
    expect(await carrier.status(legOf(3))).toEqual({ ok: true, value: { tag: "unknown" } });
    expect(typesOf(2)).toEqual([]);
    const hungUp = await fetch(`${url}/calls/${SESSION}/caller-hang-up`, { method: "POST" });
    expect(hungUp.status).toBe(202);
    await hears(2, ["callerHungUp"]);
  });

  it("[CAR-4] hangs when it is told to: no answer, no callback, and the caller of the API gives up", async () => {
    const { place, carrier, seen } = await started({ all: { outcome: "hang", delayMs: 0 } });
    expect(await place(0)).toMatchObject({ ok: false, error: { tag: "unavailable" } });
    expect(await carrier.status(legOf(0))).toMatchObject({ ok: false, error: { tag: "unavailable" } });
    expect(seen()).toBe(0);
  });

  it("[CAR-4] loses, duplicates and repeats callbacks", async () => {
    const { place, hears, behave, carrier, seen, taken } = await started({ all: QUICK, callbacks: { lost: 1 } });
    await place(0);
    await until(async () => {
      const known = await carrier.status(legOf(0));
      return known.ok && known.value.tag === "ended";
    }, WAIT_MS);
    expect(seen()).toBe(0);
    await behave({ all: QUICK, callbacks: { duplicated: 1 } });
    await place(1, "carol", ";loopback-talk-ms=60000");
    await until(() => taken.length >= 4, WAIT_MS);
    expect(taken.map(({ type }) => type).sort()).toEqual(["answered", "answered", "ringing", "ringing"]);
    expect(new Set(taken.map(({ id }) => id)).size).toBe(2);
    await carrier.end(legOf(1), { unlessAnswered: false });
    await hears(0, []);
  });

  it("[CAR-4] sends a callback again that was not taken", async () => {
    const { place, hears, seen } = await started({ all: { ...QUICK, outcome: "no_answer" } }, 1);
    await place(0);
    await hears(0, ["ringing"]);
    expect(seen()).toBe(2);
  });

  it("[CAR-2] does nothing that is not signed for exactly that, and not by the account", async () => {
    const { carrier, place, url } = await started({ all: { ...QUICK, talkMs: null } });
    await place(0);
    const stranger = loopbackCarrier({ baseUrl: url, secret: `whsec_${Buffer.alloc(32, 9).toString("base64")}` });
    expect(await stranger.end(legOf(0), { unlessAnswered: false })).toMatchObject({ ok: false, error: { tag: "refused" } });
    // Signed for asking how it is, and used to end it.
    const now = new Date();
    const id = `status.${legOf(0)}.x`;
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
      "webhook-signature": new Webhook(SECRET).sign(id, now, "{}"),
    };
    const misused = await fetch(`${url}/legs/${legOf(0)}/hangUp`, { method: "POST", headers, body: "{}" });
    expect(misused.status).toBe(401);
    const known = await carrier.status(legOf(0));
    expect(known.ok && known.value.tag !== "ended").toBe(true);
  });

  it("[CAR-4] ends with whoever started it", async () => {
    const { child } = await started();
    const gone = once(child, "exit");
    child.disconnect();
    await gone;
    expect(child.exitCode).toBe(0);
  });
});

describe("[CAR-4] what decides how a leg goes", () => {
  it("[CAR-4] is the pattern that says most of the number, and what is malformed is passed over", () => {
    const behaviour = behaviourSchema.parse({
      all: { outcome: "fail", talkMs: null },
      byUser: { "+1*": { outcome: "busy" }, "+1555*": { outcome: "decline" }, "+15550001": { outcome: "answer" } },
    });
    const outcomeOf = (uri: string) => behaviourOf(behaviour, uri).outcome;
    expect(outcomeOf("sip:+12@h")).toBe("busy");
    expect(outcomeOf("sip:+15559@h")).toBe("decline");
    expect(outcomeOf("sip:+15550001@h;transport=tcp")).toBe("answer");
    expect(outcomeOf("sip:h")).toBe("fail");
    expect(outcomeOf("sip:h;loopback-outcome=nonsense;loopback-ring-ms=1")).toBe("fail");
    expect(behaviourOf(behaviour, "sip:h;loopback-ring-ms=1")).toMatchObject({ ringMs: 1, talkMs: null });
  });
});

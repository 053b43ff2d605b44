/** Keys, users and secrets of trunks over the REST API: what is changed there is in force without publishing. */
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Role } from "../../domain/identity/principal.ts";
import type { Answer, Client, Json } from "../system/client.ts";
import { pointersOf } from "../system/client.ts";
import { type World, startWorld } from "../system/harness.ts";
import { ROUTE, newCallId, question } from "../system/kamailio/requests.ts";

/** [CFG-10]: within so many milliseconds a change is in force everywhere. */
const IN_FORCE_MS = 10_000;
const LOOK_EVERY_MS = 250;

let world: World;
let admin: Client;

const as = async (role: Role, tenant = "demo"): Promise<Client> =>
  world.standard.as(`Bearer ${await world.system.token(role, tenant)}`);

beforeAll(async () => {
  world = await startWorld({ lanes: ["standard"] });
  admin = await as("admin");
});
afterAll(() => world.end());

/** Asks until the answer has this status. */
async function soon(ask: () => Promise<Answer>, status: number): Promise<number> {
  const until = Date.now() + IN_FORCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer.status === status || Date.now() > until) return answer.status;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

const itemsOf = (answer: Answer) => answer.json["items"] as readonly Json[];

describe("[CFG-10] API keys", () => {
  it("are shown once, work at once, and end when they are revoked", async () => {
    const made = await admin.post("/v1/api-keys", { name: "Billing", roles: ["viewer"], trunk: null });
    expect(made.status).toBe(201);
    expect(made.headers.get("cache-control")).toBe("no-store");
    const { key, ...shown } = made.json as { readonly key: string } & Json;
    expect(key).toMatch(/^tlk_demo_[0-9a-z]{12}_[\w-]{43}$/);
    expect(shown).toMatchObject({ name: "Billing", roles: ["viewer"], trunk: null, revokedAt: null, expiresAt: null });

    const path = `/v1/api-keys/${String(shown["id"])}`;
    expect(made.headers.get("location")).toBe(path);
    const read = await admin.get(path);
    expect(read.json).toEqual(shown);
    expect(itemsOf(await admin.get("/v1/api-keys?limit=500"))).toContainEqual(shown);
    const secret = key.slice(-43);
    expect(read.text + (await admin.get("/v1/api-keys?limit=500")).text).not.toContain(secret);

    const holder = world.standard.as(`Bearer ${key}`);
    expect(await soon(() => holder.get("/v1/trunks"), 200)).toBe(200);
    expect((await holder.get("/v1/api-keys")).status).toBe(403);

    const revoked = await admin.post(`${path}/revoke`, undefined);
    expect(revoked.status).toBe(200);
    expect(revoked.json["revokedAt"]).toEqual(expect.any(String));
    expect(await soon(() => holder.get("/v1/trunks"), 401)).toBe(401);
    // The first time counts.
    expect((await admin.post(`${path}/revoke`, undefined)).json).toEqual(revoked.json);
    expect(itemsOf(await admin.get("/v1/api-keys?revoked=true")).map(({ id }) => id)).toContain(shown["id"]);
    expect(itemsOf(await admin.get("/v1/api-keys?revoked=false")).map(({ id }) => id)).not.toContain(shown["id"]);
  });

  it("of one trunk reach no further, whatever their roles", async () => {
    const made = await admin.post("/v1/api-keys", { name: "Bound", roles: ["admin"], trunk: "pbx-main" });
    const holder = world.standard.as(`Bearer ${String(made.json["key"])}`);
    expect(await soon(() => holder.get("/v1/trunks"), 403)).toBe(403);
    expect((await holder.post("/v1/api-keys", { name: "More", roles: ["admin"] })).status).toBe(403);
    expect(itemsOf(await admin.get("/v1/api-keys?trunk=pbx-main")).map(({ name }) => name)).toContain("Bound");
  });

  it.each([
    ["no name", { roles: ["viewer"] }, "/name"],
    ["no role", { name: "x", roles: [] }, "/roles"],
    ["a role that nobody knows", { name: "x", roles: ["root"] }, "/roles/0"],
    ["an end that has passed", { name: "x", roles: ["viewer"], expiresAt: "2020-01-01T00:00:00Z" }, "/expiresAt"],
    ["a secret of its own", { name: "x", roles: ["viewer"], key: "tlk_demo_x" }, "/key"],
  ])("are refused with %s", async (_what, body, pointer) => {
    const refused = await admin.post("/v1/api-keys", body);
    expect([refused.status, ...pointersOf(refused, "errors")]).toEqual([422, pointer]);
  });

  it("of nobody cannot be revoked, nor those of another tenant", async () => {
    expect((await admin.post("/v1/api-keys/000000000000/revoke", undefined)).status).toBe(404);
    const acme = await as("admin", "acme");
    const theirs = itemsOf(await acme.get("/v1/api-keys"))[0]!["id"];
    expect((await admin.get(`/v1/api-keys/${String(theirs)}`)).status).toBe(404);
    expect((await admin.post(`/v1/api-keys/${String(theirs)}/revoke`, undefined)).status).toBe(404);
    expect((await world.standard.as(`Bearer ${world.system.apiKeys.acme}`).get("/v1/trunks")).status).toBe(200);
  });
});

describe("[CFG-1] users", () => {
  it("are put, read, listed and removed", async () => {
    const id = "auth0|64f/a b";
    const path = `/v1/users/${encodeURIComponent(id)}`;
    const user = { issuer: null, email: "ada@example.com", name: "Ada", profile: null, roles: ["operator"], disabled: false };
    const made = await admin.send(path, { method: "PUT", body: user });
    expect(made.status).toBe(201);
    expect(made.headers.get("location")).toBe(path);
    expect(made.json).toEqual({ id, ...user });
    const read = await admin.get(path);
    expect(read.json).toEqual({ id, ...user });

    const etag = read.headers.get("etag")!;
    const disabled = await admin.send(path, {
      method: "PUT",
      body: { ...read.json, disabled: true },
      headers: { "if-match": etag },
    });
    expect([disabled.status, disabled.json["disabled"]]).toEqual([200, true]);
    expect((await admin.send(path, { method: "PUT", body: user, headers: { "if-match": etag } })).status).toBe(412);
    expect(itemsOf(await admin.get("/v1/users?disabled=true&role=operator")).map((each) => each["id"])).toContain(id);
    expect(itemsOf(await admin.get("/v1/users?email=nobody@example.com"))).toEqual([]);

    expect((await admin.send(path, { method: "PUT", body: { ...user, id: "other" } })).status).toBe(422);
    expect((await admin.send(path, { method: "PUT", body: { ...user, roles: ["root"] } })).status).toBe(422);
    expect((await admin.send(path, { method: "DELETE", headers: { "if-match": etag } })).status).toBe(412);
    expect((await admin.send(path, { method: "DELETE" })).status).toBe(204);
    expect((await admin.get(path)).status).toBe(404);
  });
});

describe("[ORG-2] roles of the tenant's own", () => {
  const put = (path: string, body: unknown, as_: Client = admin) => as_.send(path, { method: "PUT", body });

  it("are put, listed behind the built-in ones, in force for keys, and stay while somebody has them", async () => {
    const role = { description: "Access desk", permissions: ["sessions:read", "access:manage"] };
    const made = await put("/v1/roles/access-desk", role);
    expect([made.status, made.headers.get("location")]).toEqual([201, "/v1/roles/access-desk"]);
    expect(made.json).toEqual({ id: "access-desk", ...role, builtIn: false });
    const first = await admin.get("/v1/roles?limit=5");
    expect(itemsOf(first).map(({ id, builtIn }) => [id, builtIn])).toContainEqual(["viewer", true]);
    const next = await admin.get(`/v1/roles?limit=5&cursor=${String(first.json["nextCursor"])}`);
    expect(itemsOf(next)).toEqual([made.json]);
    expect((await put("/v1/roles/viewer", role)).status).toBe(409);
    expect((await put("/v1/users/nobody", { roles: ["no-such-role"] })).status).toBe(422);

    const key = await admin.post("/v1/api-keys", { name: "Desk", roles: ["access-desk"] });
    expect(key.status).toBe(201);
    const desk = world.standard.as(`Bearer ${String(key.json["key"])}`);
    expect(await soon(() => desk.get("/v1/roles"), 200)).toBe(200);
    expect((await desk.get("/v1/trunks")).status).toBe(403);
    const ofAdmin = await admin.post("/v1/api-keys", { name: "Boss", roles: ["admin"] });
    // Nobody hands out more than they have.
    for (const refused of [
      await put("/v1/roles/more", { permissions: ["config:publish"] }, desk),
      await put("/v1/users/friend", { roles: ["admin"] }, desk),
      await desk.post("/v1/api-keys", { name: "More", roles: ["operator"] }),
      await desk.post("/v1/invitations", { roles: ["viewer"] }),
      // Nor makes it of what they may do: a secret signs as an integrator, a token may say any role, a policy is everybody's.
      await desk.post("/v1/trunks/pbx-main/secrets", {}),
      await put("/v1/users/boss-by-token", { roles: ["access-desk"], disabled: true }, desk),
      await desk.post(`/v1/api-keys/${String(ofAdmin.json["id"])}/revoke`, undefined),
      await desk.send("/v1/tenants/demo", { method: "PATCH", body: { policy: { signedPermissions: ["config:publish"] } } }),
    ])
      expect([refused.status, refused.json["code"]]).toEqual([403, "forbidden"]);
    expect((await put("/v1/users/friend", { roles: ["access-desk"] })).status).toBe(201);
    expect((await put("/v1/users/friend", { roles: ["access-desk"], disabled: true }, desk)).status).toBe(200);
    expect((await put("/v1/users/friend", { roles: ["access-desk"], issuer: "https://not.ours.example" })).status).toBe(422);
    const inUse = await admin.send("/v1/roles/access-desk", { method: "DELETE" });
    expect([inUse.status, inUse.json["detail"]]).toEqual([409, expect.stringContaining("users/friend") as string]);
    // What is masked for a reader is not written back as if it were a name.
    await put("/v1/users/friend", { name: "Fred", roles: ["access-desk"] });
    const seen = await desk.get("/v1/users/friend");
    expect([seen.json["name"], (await put("/v1/users/friend", seen.json, desk)).status]).toEqual(["***", 422]);
    expect((await admin.get("/v1/users/friend")).json["name"]).toBe("Fred");
    expect((await desk.send("/v1/users/friend", { method: "DELETE" })).status).toBe(403);
    expect((await admin.send("/v1/users/friend", { method: "DELETE" })).status).toBe(204);
    await admin.post(`/v1/api-keys/${String(ofAdmin.json["id"])}/revoke`, undefined);
    await admin.post(`/v1/api-keys/${String(key.json["id"])}/revoke`, undefined);
    expect((await admin.send("/v1/roles/access-desk", { method: "DELETE" })).status).toBe(204);
    expect((await admin.get("/v1/roles/access-desk")).status).toBe(404);
  });
});

describe("[ORG-3] the directory", () => {
  it("keeps its last administrator, and changes nobody who has more than the writer", async () => {
    const acme = await as("admin", "acme");
    const put = (id: string, body: unknown) => acme.send(`/v1/users/${id}`, { method: "PUT", body });
    expect((await put("boss", { roles: ["admin"] })).status).toBe(201);
    for (const refused of [
      await put("boss", { roles: ["viewer"] }),
      await put("boss", { roles: ["admin"], disabled: true }),
      await acme.send("/v1/users/boss", { method: "DELETE" }),
    ])
      expect([refused.status, refused.json["code"]]).toEqual([409, "conflict"]);
  });

  it("leads to the profile by which a user is called", async () => {
    const callee = "+4930555010";
    expect((await admin.send("/v1/users/cal", { method: "PUT", body: { roles: [], profile: callee } })).status).toBe(422);
    expect((await admin.post("/v1/profiles", { id: callee })).status).toBe(201);
    expect((await admin.send("/v1/users/cal", { method: "PUT", body: { roles: [], profile: callee } })).status).toBe(201);
    const changed = await admin.send("/v1/users/cal/profile", { method: "PUT", body: { doNotDisturb: true } });
    expect([changed.status, changed.headers.get("content-location")]).toEqual([
      200,
      `/v1/profiles/${encodeURIComponent(callee)}`,
    ]);
    expect((await admin.get("/v1/users/cal/profile")).json).toMatchObject({ id: callee, doNotDisturb: true });
    expect((await admin.get("/v1/users/nobody/profile")).status).toBe(404);
    expect((await admin.send("/v1/users/cal", { method: "DELETE" })).status).toBe(204);
  });
});

describe("[ORG-4] invitations", () => {
  const token = async (subject: string, tenant = "demo"): Promise<Client> =>
    world.standard.as(`Bearer ${await world.system.token("viewer", tenant, { sub: subject, roles: [] })}`);

  it("bring somebody without any role into the directory, once", async () => {
    const made = await admin.post("/v1/invitations", { email: "guest@example.org", name: "Guest", roles: ["operator"] });
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { token: text, ...shown } = made.json as { readonly token: string } & Json;
    const path = `/v1/invitations/${String(shown["id"])}`;
    expect((await admin.get(path)).json).toEqual(shown);
    const guest = await token("guest-1");
    expect((await guest.get("/v1/trunks")).status).toBe(403);
    const accept = (client: Client, given: string) => client.post("/v1/invitations/accept", { token: given });
    expect((await accept(guest, `${text.slice(0, -4)}AAAA`)).status).toBe(404);
    expect((await accept(await token("guest-1", "acme"), text)).status).toBe(404);
    const joined = await accept(guest, text);
    expect([joined.status, joined.headers.get("location")]).toEqual([201, "/v1/users/guest-1"]);
    expect(joined.json).toMatchObject({ id: "guest-1", roles: ["operator"] });
    const known = await admin.get("/v1/users/guest-1");
    expect(known.json).toMatchObject({ name: "Guest", email: "guest@example.org", disabled: false });
    expect(await soon(() => guest.get("/v1/trunks"), 200)).toBe(200);
    expect((await guest.get("/v1/me")).json).toMatchObject({ subject: "guest-1", roles: ["operator"], inDirectory: true });
    expect((await accept(await token("guest-2"), text)).status).toBe(409);
    expect((await admin.send(path, { method: "DELETE" })).status).toBe(409);
    expect(itemsOf(await admin.get("/v1/invitations?state=accepted")).map(({ acceptedBy }) => acceptedBy)).toContain("guest-1");
    expect((await admin.send("/v1/users/guest-1", { method: "DELETE" })).status).toBe(204);
  });

  it("that were taken back are good for nobody, and keys do not join", async () => {
    const made = await admin.post("/v1/invitations", { roles: ["viewer"] });
    const accepting = { token: String(made.json["token"]) };
    const key = world.standard.as(`Bearer ${world.system.apiKeys.demo}`);
    expect((await key.post("/v1/invitations/accept", accepting)).status).toBe(403);
    const revoked = await admin.send(`/v1/invitations/${String(made.json["id"])}`, { method: "DELETE" });
    expect([revoked.status, revoked.json["state"]]).toEqual([200, "revoked"]);
    expect((await (await token("guest-3")).post("/v1/invitations/accept", accepting)).status).toBe(409);
  });
});

describe("[ORG-1] the tenant", () => {
  it("sees and changes itself alone, and does not shut itself out", async () => {
    const mine = await admin.get("/v1/tenants/demo");
    expect(itemsOf(await admin.get("/v1/tenants"))).toEqual([mine.json]);
    expect((await admin.get("/v1/tenants/acme")).status).toBe(404);
    const patch = (body: unknown, headers: Record<string, string> = {}, id = "demo") =>
      admin.send(`/v1/tenants/${id}`, { method: "PATCH", body, headers });
    expect((await patch({ name: "x" }, {}, "acme")).status).toBe(404);
    const limits = { client: { burst: 5_000, perS: 1_000 } };
    const changed = await patch({ policy: { limits } }, { "if-match": mine.headers.get("etag")! });
    expect([changed.status, changed.json["name"]]).toEqual([200, mine.json["name"]]);
    expect(changed.json["policy"]).toMatchObject({ limits, corsOrigins: [] });
    expect((await patch({ name: "x" }, { "if-match": mine.headers.get("etag")! })).status).toBe(412);
    const lockedOut = await patch({ policy: { signedPermissions: ["access:manage"] } });
    expect([lockedOut.status, lockedOut.json["code"]]).toEqual([409, "conflict"]);
    expect((await patch({ policy: { corsOrigins: ["desk.example.org"] } })).status).toBe(422);
    expect((await patch({ policy: { limits: { client: null } } })).json["policy"]).toMatchObject({ limits: {} });
  });
});

describe("[AUTH-5] [AUTH-7] secrets of a trunk", () => {
  const SECRETS = "/v1/trunks/pbx-main/secrets";

  const ask = (secret: string): Promise<Answer> => {
    const text = JSON.stringify(question(newCallId(), "+4930555000"));
    const at = new Date();
    const id = `msg_${newCallId()}`;
    return world.standard.as(undefined).post(ROUTE, text, {
      headers: {
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
        "webhook-signature": new Webhook(secret).sign(id, at, text),
        "trunkline-trunk": "demo/pbx-main",
      },
    });
  };

  it("are shown once, hold beside the old one, and end when they are retired", async () => {
    const made = await admin.post(SECRETS, { id: "spring" });
    expect(made.status).toBe(201);
    const { secret, ...shown } = made.json as { readonly secret: string } & Json;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(made.headers.get("location")).toBe(`${SECRETS}/spring`);
    expect(itemsOf(await admin.get(SECRETS))).toContainEqual(shown);
    expect((await admin.get(SECRETS)).text).not.toContain(secret.slice(6));

    expect(await soon(() => ask(secret), 200)).toBe(200);
    expect((await ask(world.system.webhookSecret)).status).toBe(200);
    expect((await admin.post(SECRETS, { id: "spring" })).status).toBe(409);

    const retired = await admin.send(`${SECRETS}/spring`, { method: "DELETE" });
    expect([retired.status, typeof retired.json["retiredAt"]]).toEqual([200, "string"]);
    expect(await soon(() => ask(secret), 401)).toBe(401);
    expect((await ask(world.system.webhookSecret)).status).toBe(200);
    expect(itemsOf(await admin.get(`${SECRETS}?retired=true`)).map(({ id }) => id)).toEqual(["spring"]);
  });

  it("get a name when none is given", async () => {
    const made = await admin.post(SECRETS, {});
    expect(made.json["id"]).toMatch(/^[0-9a-f]{12}$/);
    await admin.send(`${SECRETS}/${String(made.json["id"])}`, { method: "DELETE" });
  });

  it("belong to trunks that are there", async () => {
    expect((await admin.post("/v1/trunks/nobody/secrets", {})).status).toBe(404);
    expect((await admin.post("/v1/trunks/No%20body/secrets", {})).status).toBe(404);
    expect((await admin.send(`${SECRETS}/never`, { method: "DELETE" })).status).toBe(404);
    expect((await admin.post(SECRETS, { secret: "whsec_mine" })).status).toBe(422);
  });
});

describe("[AUTH-6] who may manage access", () => {
  it.each(["operator", "integrator", "supervisor", "viewer"] as const)("not %s", async (role) => {
    const client = await as(role);
    for (const answer of [
      await client.get("/v1/api-keys"),
      await client.post("/v1/api-keys", { name: "x", roles: ["admin"] }),
      await client.get("/v1/users"),
      await client.send("/v1/users/me", { method: "PUT", body: { roles: ["admin"] } }),
      await client.get("/v1/trunks/pbx-main/secrets"),
      await client.post("/v1/trunks/pbx-main/secrets", {}),
    ])
      expect([answer.status, answer.json["code"]]).toEqual([403, "forbidden"]);
  });

  it("[CFG-15] without Postgres nothing is changed: 503", async () => {
    await world.system.stopLane("postgres");
    const away = { mayBeUnavailable: true };
    const refused = await admin.post("/v1/api-keys", { name: "Away", roles: ["viewer"] }, away);
    expect([refused.status, refused.json["code"]]).toEqual([503, "unavailable"]);
    await world.system.startLane("postgres");
    expect(itemsOf(await admin.get("/v1/api-keys?limit=500")).map(({ name }) => name)).not.toContain("Away");
  });
});

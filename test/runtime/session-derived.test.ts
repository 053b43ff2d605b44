import { beforeAll, describe, expect, it } from "vitest";
import { type Answer, ask } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";

let tenant: TestTenant;
let other: TestTenant;
beforeAll(async () => {
  [tenant, other] = await Promise.all([publishedTenant(), publishedTenant()]);
});

const HOUR_MS = 3_600_000;
const get = (path: string, key = tenant.key("operator")): Promise<Answer> => ask(path, { key });
const statusOf = ({ status, body }: Answer): unknown[] => [status, body["code"]];

async function recorded(): Promise<string> {
  const startedAt = new Date(Date.now() - HOUR_MS).toISOString();
  const body = { callerId: "+15551230001", calleeId: "+15551230002", startedAt, initialMetadata: { account: "42" } };
  const made = await ask("/v1/sessions", { key: tenant.key("integrator"), body });
  return `/v1/sessions/${String(made.body["id"])}`;
}

const end = (path: string): Promise<Answer> =>
  ask(`${path}/end`, { key: tenant.key("integrator"), method: "POST", body: { disposition: "sold" } });

describe("[VCON-1] GET /v1/sessions/{id}/vcon", () => {
  it("is of a session that has ended, and masked for who may not see personal data", async () => {
    const path = await recorded();
    expect(statusOf(await get(`${path}/vcon`))).toEqual([409, "illegal_state"]);
    await end(path);
    const vcon = await get(`${path}/vcon`);
    expect([vcon.status, vcon.headers.get("content-type")]).toEqual([200, "application/vcon"]);
    expect(vcon.body).toMatchObject({
      vcon: "0.4.0",
      parties: [{ tel: "tel:+15551230001" }, { tel: "tel:+15551230002" }],
      dialog: [{ type: "recording", duration: expect.any(Number) }],
      attachments: [{ purpose: "events", encoding: "json", body: [{ specversion: "1.0" }, {}, {}, {}] }],
    });
    const masked = await get(`${path}/vcon`, tenant.key("viewer"));
    expect(masked.body).toMatchObject({ uuid: vcon.body["uuid"], parties: [{ tel: "tel:+15551***" }, {}] });
    expect(JSON.stringify(masked.body)).not.toContain("1230001");
  });

  it("is not there for another tenant", async () => {
    const path = await recorded();
    await end(path);
    for (const what of ["vcon", "replay"])
      expect(statusOf(await get(`${path}/${what}`, other.key("admin")))).toEqual([404, "not_found"]);
  });
});

describe("[VCON-2] GET /v1/sessions/{id}/replay", () => {
  it("is the session as it was, and now what the record says", async () => {
    const path = await recorded();
    const before = (await get(path)).body;
    await end(path);
    const { plan: _plan, archived: _archived, ...now } = (await get(path)).body;
    expect((await get(`${path}/replay`)).body).toMatchObject({ ...now, complete: true });
    const first = await get(`${path}/replay?at=${String(before["lastSequence"])}`);
    expect(first.body).toMatchObject({ state: "active", disposition: null, endedAt: null, updatedAt: before["updatedAt"] });
    expect(statusOf(await get(`${path}/replay?at=2020-01-01T00:00:00Z`))).toEqual([400, "bad_query"]);
    expect(statusOf(await get(`${path}/replay?at=yesterday&by=heart`))).toEqual([400, "bad_query"]);
  });
});

describe("[VCON-3] GET /v1/analytics/sessions", () => {
  it("refuses what it does not know, and what the deployment or the database cannot answer", async () => {
    expect(statusOf(await get("/v1/analytics/sessions?bucket=year"))).toEqual([400, "bad_query"]);
    const long = "from=2026-01-01T00:00:00Z&to=2026-01-09T00:00:00Z";
    expect(statusOf(await get(`/v1/analytics/sessions?by=trunk&${long}`))).toEqual([400, "bad_query"]);
    expect(statusOf(await get("/v1/analytics/sessions?source=analytics-engine"))).toEqual([409, "conflict"]);
    expect(statusOf(await get(`/v1/analytics/sessions?${long}`))).toEqual([503, "unavailable"]);
  });
});

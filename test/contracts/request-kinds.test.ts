import { describe, expect, it } from "vitest";
import { API } from "../../contracts/openapi/api.ts";
import { problemsOf } from "../../contracts/openapi/problems-json.ts";
import { requestKind } from "../../contracts/request-kinds.ts";

const kindOf = (text: string) => {
  const [method, path] = text.split(" ");
  return requestKind(method!, path!);
};
const described = API.operations.map((operation) => ({
  operation,
  name: `${operation.method.toUpperCase()} ${operation.path}`,
}));

describe("[RES-5] which requests give way", () => {
  it.each([
    ["POST /v1/calls", "calls"],
    ["POST /pbx/kamailio/route", "calls"],
    ["GET /v1/analytics/sessions", "analytics"],
    ["GET /v1/events/export", "analytics"],
    ["GET /v1/events/stats", "analytics"],
    ["GET /v1/audit/export", "analytics"],
    ["GET /v1/cdrs", "analytics"],
    ["POST /v1/routing/replay", "analytics"],
    ["POST /v1/webhooks/w1/replay", "analytics"],
    ["GET /v1/sessions/s1/vcon", "analytics"],
    ["GET /v1/sessions", "lists"],
    ["HEAD /v1/sessions", "lists"],
    ["GET /v1/sessions/s1/events", "lists"],
    ["GET /v1/events", "lists"],
    ["PUT /v1/config/draft", "lists"],
    ["PATCH /v1/trunks/main", "lists"],
    ["GET /v1/users", "lists"],
  ])("%s: %s", (request, kind) => {
    expect(kindOf(request)).toBe(kind);
  });

  it("reports, commands, calls under way, answering points and what ends an overload do not", () => {
    const kept = described.filter(({ name }) => ["kept", null].includes(kindOf(name))).map(({ name }) => name);
    expect(kept).toEqual([
      "GET /v1/emergency/locations/{reference}",
      "POST /v1/sessions",
      "GET /v1/sessions/{id}",
      "PATCH /v1/sessions/{id}",
      "POST /v1/sessions/{id}/end",
      "POST /v1/sessions/{id}/events",
      "POST /v1/sessions/{id}/commands",
      "POST /v1/live/tickets",
      "GET /v1/live",
      "GET /v1/sessions/{id}/live",
      "POST /v1/events",
      "GET /v1/events/tail",
      "POST /v1/config/publish",
      "POST /v1/config/rollback",
      "POST /v1/api-keys/{id}/revoke",
      "DELETE /v1/issuers/{id}",
      "DELETE /v1/trunks/{id}/secrets/{secret}",
      "PATCH /v1/tenants/{id}",
      "DELETE /v1/users/{id}",
      "POST /pbx/kamailio/events",
      "POST /carriers/{account}/events",
      "GET /healthz",
      "GET /readyz",
      "GET /metrics",
      "GET /openapi.json",
      "GET /docs",
      "GET /problems/{code}",
    ]);
  });

  it("nor what the Workers tell each other", () => {
    expect(kindOf("POST /internal/emergency-callers")).toBeNull();
  });

  it("and the description says which may be 503 overloaded", () => {
    const said = described.filter(({ operation }) => problemsOf(operation).includes("overloaded")).map(({ name }) => name);
    expect(said).toEqual(described.filter(({ name }) => !["kept", null].includes(kindOf(name))).map(({ name }) => name));
  });
});

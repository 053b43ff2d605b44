/** Who may do what with a webhook that shows personal data. The store is the test's own: there is no database here. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { hashApiKeySecret } from "../../adapters/identity/api-key-check.ts";
import type { Stored } from "../../domain/configuration/store.ts";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../domain/identity/api-key.ts";
import type { WebhookEndpointRecord, WebhookStore } from "../../domain/webhooks/endpoint.ts";
import { depsOf } from "../../workers/deps.ts";
import { standard } from "../../workers/standard.ts";
import { type Answer, type Sent, workerWith } from "./fixture/http.ts";
import { tenantId } from "./fixture/session.ts";
import { configurationFile, itemsOf, publishItems } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const URL_BODY = { url: "https://elsewhere.example.com/in", eventTypes: [], description: "" };

const endpoint = (id: string, personalData: boolean): Stored<WebhookEndpointRecord> => ({
  revision: 7,
  createdAtMs: 0,
  updatedAtMs: 0,
  entity: {
    id,
    url: "https://hooks.example.com/in",
    description: "",
    eventTypes: [],
    personalData,
    sealedSecrets: [],
    rotatedUntilMs: null,
    disabled: null,
    createdBy: "admin",
  },
});

const expected: unknown[] = [];
let ask: (path: string, sent?: Sent) => Promise<Answer>;
let delegate: string;
let admin: string;

beforeAll(async () => {
  const tenant = tenantId(unique("hooks"));
  const made = await Promise.all(
    ["hooks-only", "admin"].map(async (role) => {
      const { keyId, secret, text } = mintApiKey(tenant, crypto.getRandomValues(new Uint8Array(API_KEY_RANDOM_BYTES)));
      return { text, record: { id: keyId, tenant, secretHash: await hashApiKeySecret(secret), roles: [role] } };
    }),
  );
  [delegate, admin] = made.map(({ text }) => text) as [string, string];
  const roles = [{ id: "hooks-only", permissions: ["webhooks:manage"] as const }];
  const access = { apiKeys: made.map(({ record }) => record), trunkSecrets: [], users: [], roles };
  await publishItems({ own: env.CONFIG, gate: null }, tenant, itemsOf(configurationFile("gateway.example")), access);
  const worker = workerWith(standard(), {});
  const failed = { ok: false, error: { tag: "precondition_failed" } } as const;
  const write = async (expectation: unknown) => {
    expected.push(expectation);
    return failed;
  };
  const webhooks: Partial<WebhookStore> = {
    get: async (_tenant, id) => endpoint(id, id === "wh-personal"),
    put: (_tenant, _id, _input, expectation) => write(expectation),
    enable: (_tenant, _id, expectation) => write(expectation),
    rotate: (_tenant, _id, _secret, expectation) => write(expectation),
  };
  Object.assign(depsOf(worker.env), { webhooks });
  ask = worker.ask;
});

const sent = (key: string, method: string, body?: object, headers: Record<string, string> = {}): Sent => ({
  key,
  method,
  ...(body === undefined ? {} : { body }),
  headers: { "Content-Type": "application/json", ...headers },
});

const PUT = { ...URL_BODY, enabled: true };

describe("[HOOK-1] [PII-2] a webhook with personalData", () => {
  it("[HOOK-1] is neither made nor changed, enabled, tested, replayed or given a secret by who lacks pii:read", async () => {
    const asked = [
      ["POST", "/v1/webhooks", { ...URL_BODY, personalData: true }],
      ["PUT", "/v1/webhooks/wh-masked", { ...PUT, personalData: true }],
      ["PUT", "/v1/webhooks/wh-personal", { ...PUT, personalData: true }],
      ["PUT", "/v1/webhooks/wh-personal", { ...PUT, personalData: false }],
      ["POST", "/v1/webhooks/wh-personal/enable", undefined],
      ["POST", "/v1/webhooks/wh-personal/rotate-secret", undefined],
      ["POST", "/v1/webhooks/wh-personal/test", undefined],
      ["POST", "/v1/webhooks/wh-personal/replay?from=2026-01-01T00:00:00Z", undefined],
    ] as const;
    for (const [method, path, body] of asked) {
      const { status, text } = await ask(path, sent(delegate, method, body));
      expect([method, path, status, text.includes("pii:read")]).toEqual([method, path, 403, true]);
    }
    expect(expected).toEqual([]);
  });

  it("[HOOK-1] is theirs who see personal data; of others' changes to other webhooks only the revision counts that was looked at", async () => {
    expect((await ask("/v1/webhooks/wh-personal", sent(admin, "PUT", { ...PUT, personalData: true }))).status).toBe(412);
    expect((await ask("/v1/webhooks/wh-masked", sent(delegate, "PUT", { ...PUT, personalData: false }))).status).toBe(412);
    expect(expected).toEqual([{ tag: "any" }, { tag: "revision", revision: 7 }]);
    const guessed = sent(delegate, "PUT", { ...PUT, personalData: false }, { "If-Match": '"8"' });
    expect((await ask("/v1/webhooks/wh-masked", guessed)).status).toBe(412);
    expect(expected).toHaveLength(2);
  });
});

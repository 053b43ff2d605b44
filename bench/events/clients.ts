/** Clients of the demo tenant, each with an API key: a single one would be held to its rate, as it should. */
import { createHash, randomBytes } from "node:crypto";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../domain/identity/api-key.ts";
import { DEMO_TENANT } from "../../local/secrets.ts";
import type { Workspace } from "../workspace.ts";

export type Headers = Readonly<Record<string, string>>;

/** @property headers of each client. */
export type Clients = { readonly workspace: Workspace; readonly headers: readonly Headers[] };

/** @returns the workspace with keys for so many clients, which are in force in every system that is started with it. */
export function withClients(workspace: Workspace, count: number): Clients {
  const keys = Array.from({ length: count }, () => mintApiKey(DEMO_TENANT, randomBytes(API_KEY_RANDOM_BYTES)));
  const records = keys.map(({ keyId, secret }) => ({
    id: keyId,
    tenant: DEMO_TENANT,
    secretHash: createHash("sha256").update(secret).digest("hex"),
    roles: ["integrator"] as const,
  }));
  const demo = workspace.access[DEMO_TENANT]!;
  const access = { ...workspace.access, [DEMO_TENANT]: { ...demo, apiKeys: [...demo.apiKeys, ...records] } };
  return { workspace: { ...workspace, access }, headers: keys.map(({ text }) => ({ "x-api-key": text })) };
}

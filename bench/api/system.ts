/** The standard lane as `bench -- api` starts it, who asks it, and sessions that can be read. */
import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { basename } from "node:path";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../domain/identity/api-key.ts";
import { DEMO_TENANT, PBX_TRUNK } from "../../local/secrets.ts";
import { mintToken } from "../../local/tokens.ts";
import { CALL, hostedLane, urlOf } from "../lanes.ts";
import { createClient } from "../load/client.ts";
import type { HostedWorker } from "../runtime/messages.ts";
import type { Workspace } from "../workspace.ts";
import { type Signer, ed25519Signer, hmacSigner } from "./requests.ts";

/** As deployed; the local system flushes every two seconds, for people to look at. */
const DEPLOYED = { FLUSH_AGE_MS: "30000", ANALYTICS_SINK: "engine" } as const;
/** @param entry other than the Worker's own, for a part of the system. */
export async function standardLane(
  workspace: Workspace,
  vars: Readonly<Record<string, string>>,
  entry?: string,
): Promise<HostedWorker> {
  const bundle = await workspace.bundle(entry === undefined ? "worker" : basename(entry, ".ts"), entry);
  return hostedLane(workspace, { lane: "standard", bundle, vars: { ...DEPLOYED, ...vars } });
}

/** The same without the guards, for the same process: it consumes no queue, which has one consumer. */
export async function openLane(workspace: Workspace, vars: Readonly<Record<string, string>>): Promise<HostedWorker> {
  const bundle = await workspace.bundle("open", new URL("open-worker.ts", import.meta.url).pathname);
  const lane = await hostedLane(workspace, { lane: "standard", bundle, vars: { ...DEPLOYED, ...vars } });
  return { ...lane, name: "trunkline-open", options: { ...lane.options, queueConsumers: {}, cronTriggers: [] } };
}

export type Credentials = {
  readonly token: string;
  readonly apiKey: string;
  readonly hmac: Signer;
  readonly ed25519: Signer;
  /** Of a trunk, for Standard Webhooks. */
  readonly trunk: string;
  readonly secret: string;
};

/** @returns the workspace with one more API key, whose holder signs with Ed25519; all of them may do what an integrator may. */
export async function withCredentials(
  workspace: Workspace,
): Promise<{ readonly workspace: Workspace; readonly credentials: Credentials }> {
  const { secrets, access } = workspace;
  const { keyId, secret } = mintApiKey(DEMO_TENANT, randomBytes(API_KEY_RANDOM_BYTES));
  const pair = generateKeyPairSync("ed25519");
  const { x = "" } = pair.publicKey.export({ format: "jwk" });
  const record = {
    id: keyId,
    tenant: DEMO_TENANT,
    secretHash: createHash("sha256").update(secret).digest("hex"),
    roles: ["integrator"],
    publicKey: `ed25519:${Buffer.from(x, "base64url").toString("base64")}`,
  };
  const demo = access[DEMO_TENANT]!;
  const changed = { ...access, [DEMO_TENANT]: { ...demo, apiKeys: [...demo.apiKeys, record] } };
  const trunk = `${DEMO_TENANT}/${PBX_TRUNK}`;
  return {
    workspace: { ...workspace, access: changed },
    credentials: {
      token: await mintToken(secrets, "integrator", DEMO_TENANT),
      apiKey: secrets.apiKeys.demo,
      hmac: hmacSigner(`${trunk}/local-1`, secrets.webhookSecret),
      ed25519: ed25519Signer(`${DEMO_TENANT}/${keyId}`, pair.privateKey.export({ format: "pem", type: "pkcs8" }).toString()),
      trunk,
      secret: secrets.webhookSecret,
    },
  };
}

const OPENING_CONNECTIONS = 8;

/** Sets up calls. @returns the URLs of their sessions. @throws when one is refused. */
export async function openSessions(worker: HostedWorker, apiKey: string, count: number): Promise<readonly string[]> {
  const client = createClient({ url: urlOf(worker), headers: { "x-api-key": apiKey } }, OPENING_CONNECTIONS);
  try {
    const answers = await Promise.all(Array.from({ length: count }, () => client.send("POST", "/v1/calls", CALL)));
    return answers.map(({ status, text }) => {
      if (status !== 201) throw new Error(`a call was answered ${status}: ${text}`);
      return urlOf(worker, `/v1/sessions/${(JSON.parse(text) as { id: string }).id}`);
    });
  } finally {
    client.close();
  }
}

/** What others run in production: an issuer of tokens, and somebody's receiver of webhooks. Both can be made to hang. */
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT, exportJWK, generateKeyPair } from "jose";

const HOST = "127.0.0.1";
const KEY_ID = "chaos-1";
const AUDIENCE = "trunkline";

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that takes every request, and answers while it does not hang. */
export type Hangable = {
  readonly url: string;
  readonly hang: (hangs: boolean) => void;
  readonly answered: () => number;
  readonly stop: () => Promise<void>;
};

async function startHangable(answer: Answer): Promise<Hangable> {
  let [hangs, answered] = [false, 0];
  const held = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (hangs) return void held.add(response);
    answered += 1;
    request.resume();
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, HOST, resolve));
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    hang: (next) => {
      hangs = next;
      for (const response of held) response.destroy();
      held.clear();
    },
    answered: () => answered,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

export const startReceiver = (): Promise<Hangable> => startHangable((_request, response) => void response.writeHead(204).end());

export type Issuer = Hangable & {
  /** For `AUTH_ISSUERS`. */
  readonly config: Readonly<Record<string, unknown>>;
  /** A token of an integrator of the tenant, valid for an hour. */
  readonly token: (tenant: string) => Promise<string>;
};

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: KEY_ID, alg: "ES256", use: "sig" }] });
  const server = await startHangable(
    (_request, response) => void response.writeHead(200, { "content-type": "application/json" }).end(keys),
  );
  return {
    ...server,
    config: { issuer: server.url, audience: AUDIENCE, jwksUrl: `${server.url}/keys` },
    token: (tenant) =>
      new SignJWT({ tenant, roles: ["integrator"] })
        .setProtectedHeader({ alg: "ES256", kid: KEY_ID, typ: "JWT" })
        .setIssuer(server.url)
        .setAudience(AUDIENCE)
        .setSubject("chaos")
        .setIssuedAt()
        .setNotBefore("-60s")
        .setExpirationTime("1h")
        .sign(privateKey),
  };
}

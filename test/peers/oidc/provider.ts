/** A certified OpenID provider (npm `oidc-provider`) on this machine, and a browser that signs in at it. */
import { createHash, randomBytes } from "node:crypto";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

export const AUDIENCE = "https://trunkline.example/acme";
const REDIRECT = "http://127.0.0.1/callback";
const MACHINE = { id: "dialler", secret: "a machine's secret, as long as it has to be" };

export type OidcProvider = {
  readonly issuer: string;
  readonly jwksUrl: string;
  /** A person's access token, by authorization code with PKCE. */
  readonly signIn: (login: string) => Promise<string>;
  /** A machine's, by client credentials. */
  readonly machineToken: () => Promise<string>;
  /** Keys of its own making take the place of those that there were. */
  readonly rotate: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What the provider says of people and machines in a claim of its own. */
const GROUPS: Readonly<Record<string, readonly string[]>> = { ann: ["Call Center", "everybody"], dialler: ["machines"] };

async function configuration(kid: string): Promise<object> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid, alg: "ES256", use: "sig" };
  return {
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(16).toString("hex")] },
    clients: [
      {
        client_id: "console",
        application_type: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: [REDIRECT],
        id_token_signed_response_alg: "ES256",
      },
      {
        client_id: MACHINE.id,
        client_secret: MACHINE.secret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
        id_token_signed_response_alg: "ES256",
      },
    ],
    findAccount: (_ctx: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_ctx: unknown, token: { accountId?: string; clientId?: string }) => ({
      groups: GROUPS[token.accountId ?? token.clientId ?? ""] ?? [],
    }),
    features: {
      devInteractions: { enabled: true },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience: AUDIENCE,
          scope: "calls:create sessions:read",
          accessTokenFormat: "jwt",
          accessTokenTTL: 3600,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
  };
}

/** Follows redirects as a browser does, with cookies, until one leads to the client. @returns the code. */
async function authorize(issuer: string, login: string, challenge: string): Promise<string> {
  const cookies = new Map<string, string>();
  const query = new URLSearchParams({
    client_id: "console",
    response_type: "code",
    redirect_uri: REDIRECT,
    scope: "openid sessions:read",
    resource: AUDIENCE,
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  let next: { readonly url: string; readonly form?: URLSearchParams } = { url: `${issuer}/auth?${query}` };
  for (let step = 0; step < 20; step++) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(next.url, {
      redirect: "manual",
      headers: { cookie, accept: "text/html" },
      ...(next.form === undefined ? {} : { method: "POST", body: next.form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = line.split(";")[0]!.split(/=(.*)/);
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location?.startsWith(REDIRECT)) {
      const code = new URL(location).searchParams.get("code");
      if (code === null) throw new Error(`no code: ${location}`);
      return code;
    }
    if (location !== null) {
      next = { url: new URL(location, issuer).href };
      continue;
    }
    // The page asks who it is, and then whether they agree.
    const page = await answer.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (action === undefined || prompt === undefined) throw new Error(`no form: ${answer.status}`);
    next = { url: new URL(action, issuer).href, form: new URLSearchParams({ prompt, login, password: "any" }) };
  }
  throw new Error("the provider leads nowhere");
}

async function tokenBy(issuer: string, form: Readonly<Record<string, string>>, authorization?: string): Promise<string> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  const answer = await fetch(`${issuer}/token`, { method: "POST", headers, body: new URLSearchParams(form) });
  const { access_token: token } = (await answer.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${answer.status}`);
  return token;
}

export async function startOidcProvider(): Promise<OidcProvider> {
  let handle: ReturnType<Provider["callback"]> | null = null;
  const server: Server = createServer((request, response) => handle?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let generation = 0;
  const rotate = async () => {
    handle = new Provider(issuer, await configuration(`key-${++generation}`)).callback();
  };
  await rotate();
  return {
    issuer,
    jwksUrl: `${issuer}/jwks`,
    rotate,
    signIn: async (login) => {
      const verifier = randomBytes(32).toString("base64url");
      const challenge = createHash("sha256").update(verifier).digest("base64url");
      const code = await authorize(issuer, login, challenge);
      const form = { grant_type: "authorization_code", client_id: "console", code, redirect_uri: REDIRECT };
      return tokenBy(issuer, { ...form, code_verifier: verifier });
    },
    machineToken: () => {
      const basic = Buffer.from(`${MACHINE.id}:${encodeURIComponent(MACHINE.secret)}`).toString("base64");
      const form = { grant_type: "client_credentials", resource: AUDIENCE, scope: "calls:create" };
      return tokenBy(issuer, form, `Basic ${basic}`);
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { freshnessOf } from "../../../adapters/identity/freshness.ts";
import type { DecisionOutcome } from "../../../adapters/identity/jwt.ts";
import { may } from "../../../domain/identity/principal.ts";
import { type Edge, type SigningKey, edge, issuers, signingKey, token } from "./tenant-fixture.ts";

let signing: SigningKey;
let jwt: string;
let api: Edge;
let outcomes: DecisionOutcome[];

beforeAll(async () => {
  signing = await signingKey("EdDSA", "d1");
  jwt = await token(signing);
});
beforeEach(() => {
  outcomes = [];
  api = edge({
    issuers: issuers({ jwks: { keys: [signing.publicJwk] } }),
    onDecision: (outcome) => void outcomes.push(outcome),
  });
});

const ask = (cacheControl?: string) =>
  api.authenticate({
    headers: { authorization: `Bearer ${jwt}`, ...(cacheControl === undefined ? {} : { "cache-control": cacheControl }) },
  });

async function verifications(work: () => Promise<unknown>): Promise<number> {
  const verify = vi.spyOn(crypto.subtle, "verify");
  await work();
  const { length } = verify.mock.calls;
  verify.mockRestore();
  return length;
}

describe("[LMT-3] remembered decisions on tokens", () => {
  it("[LMT-3] hold five minutes, and what was found is counted", async () => {
    expect(await verifications(ask)).toBe(1);
    api.nowMs += 5 * 60_000 - 1;
    expect(await verifications(ask)).toBe(0);
    api.nowMs += 1;
    expect(await verifications(ask)).toBe(1);
    expect(outcomes).toEqual(["miss", "hit", "miss"]);
  });

  it.each(["no-cache", "No-Cache", "max-age=0", "max-age=59", "no-transform, max-age=59"])(
    "[LMT-3] %s has one of a minute ago made anew, and the next request takes it",
    async (header) => {
      await ask();
      api.nowMs += 60_000;
      expect(await verifications(() => ask(header))).toBe(1);
      api.nowMs += 5 * 60_000 - 1;
      expect(await verifications(ask)).toBe(0);
      expect(outcomes).toEqual(["miss", "bypass", "hit"]);
    },
  );

  it("[LMT-3] max-age takes one that is young enough", async () => {
    await ask();
    api.nowMs += 60_000;
    expect(await verifications(() => ask("max-age=60"))).toBe(0);
    expect(outcomes).toEqual(["miss", "hit"]);
  });

  it("[LMT-3] no-store is verified anew and not remembered", async () => {
    expect(await verifications(() => ask("no-store"))).toBe(1);
    expect(await verifications(ask)).toBe(1);
    expect(outcomes).toEqual(["bypass", "miss"]);
  });

  it("[LMT-3] a token that is no good is refused every time", async () => {
    jwt = await token(signing, { exp: 1 });
    expect((await ask()).ok).toBe(false);
    expect((await ask("no-cache")).ok).toBe(false);
    expect(outcomes).toEqual(["miss", "bypass"]);
    jwt = await token(signing);
  });

  it("[LMT-3] words that say nothing about it are passed over", () => {
    for (const header of [null, "", "no-transform", "only-if-cached", "x-no-cache", "s-max-age=0", "max-age=soon"])
      expect(freshnessOf(header)).toEqual({ maxAgeMs: Infinity, isKept: true });
  });
});

describe("[LMT-2] a token's scope", () => {
  const permissionsOf = async (claims: Record<string, unknown>) => {
    const result = await api.bearer(await token(signing, claims));
    if (!result.ok) throw new Error(result.error.tag);
    return (["events:read", "events:write", "events:manage", "sessions:read"] as const).filter((permission) =>
      may(result.value, permission),
    );
  };
  const OPERATOR = ["events:read", "events:write", "sessions:read"];

  it.each<[string, unknown, readonly string[]]>([
    ["narrows to what it names", "events:write", ["events:write"]],
    ["beside words of other systems too", "openid events:read profile", ["events:read"]],
    ["grants nothing that the roles do not", "events:manage events:read", ["events:read"]],
    ["may be an array", ["events:write"], ["events:write"]],
    ["of other systems alone narrows nothing", "openid profile email", OPERATOR],
    ["that is empty or no text narrows nothing", "", OPERATOR],
    ["that is absent narrows nothing", undefined, OPERATOR],
    ["that names only what the roles do not grant leaves nothing", "events:manage", []],
  ])("[LMT-2] %s", async (_what, scope, expected) => {
    expect(await permissionsOf({ scope })).toEqual(expected);
  });
});

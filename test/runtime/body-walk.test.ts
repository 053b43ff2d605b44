/** Every operation that takes a body is sent one that is too large, and one that is not what it says. There is no database here. */
import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { API } from "../../contracts/openapi/api.ts";
import type { Operation } from "../../contracts/openapi/operation.ts";
import { LIMIT_NAMES } from "../../domain/limits/policy.ts";
import { standard } from "../../workers/standard.ts";
import { type Answer, ask, read, requestOf } from "./fixture/http.ts";
import { type TestTenant, publishedTenant } from "./fixture/tenant.ts";
import { newSessionId } from "./fixture/unique.ts";

/** More than any operation takes. */
const HUGE_BYTES = 1e12;
const AMPLE = { burst: 100_000, perS: 10_000 };
const OWN = { ...env, API_LIMITS: JSON.stringify(Object.fromEntries(LIMIT_NAMES.map((name) => [name, AMPLE]))) } as Env;

const app = standard();
let tenant: TestTenant;
beforeAll(async () => {
  tenant = await publishedTenant();
});

/** Peers prove who they are by the body itself. */
const OPERATIONS = API.operations.filter(({ body, proofs }) => body !== undefined && !proofs?.every((proof) => proof === "carrier"));

function pathOf({ path, parameters }: Operation): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    path.startsWith("/v1/sessions/")
      ? newSessionId()
      : encodeURIComponent(String(parameters.find((parameter) => parameter.name === name)?.example)),
  );
  const required = parameters.filter((parameter) => parameter.in === "query" && parameter.isRequired === true);
  return `${filled}?${new URLSearchParams(required.map(({ name, example }) => [name, String(example)]))}`;
}

async function sent(operation: Operation, body: string, headers: Record<string, string>): Promise<Answer> {
  const request = requestOf(pathOf(operation), {
    key: tenant.key("admin"),
    method: operation.method.toUpperCase(),
    headers: { "Content-Type": operation.body![0]!.mediaType, ...headers },
    body,
  });
  return read(await app.fetch(request, OWN, createExecutionContext()));
}

const told = async (body: string, headers: Record<string, string> = {}) =>
  Promise.all(
    OPERATIONS.map(async (operation) => {
      const { status, body: answer } = await sent(operation, body, headers);
      return { id: operation.id, status, said: `${operation.id}: ${status} ${String(answer["code"])}` };
    }),
  );

describe("[API-9] what is sent to an operation", () => {
  it("and is too large is 413, before anything has begun", async () => {
    const answers = await told("{}", { "Content-Length": String(HUGE_BYTES) });
    expect(answers.filter(({ status }) => status !== 413).map(({ said }) => said)).toEqual([]);
    expect((await ask("/v1/audit", { key: tenant.key("admin") })).body["items"]).toEqual([]);
  });

  it("and is no JSON is the sender's fault, whatever it is meant for", async () => {
    const answers = await told('{"a":');
    expect(answers.filter(({ status }) => status !== 400 && status !== 415).map(({ said }) => said)).toEqual([]);
  });

  it("and is no text is the sender's fault as well", async () => {
    const answers = await told("\u0000{}", { "Content-Type": "image/png" });
    expect(answers.filter(({ status }) => status !== 400 && status !== 415).map(({ said }) => said)).toEqual([]);
  });
});

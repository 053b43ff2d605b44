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

const OPERATIONS = API.operations.filter(({ body }) => body !== undefined);
/** Streamed into the database, which is asked first; what they say of their lines: test/configuration/uploads.test.ts. */
const STREAMED = ["replaceRates", "replaceNumberListEntries", "replaceRoutingRuleGroup", "putDraft"];
/** A carrier proves itself by a signature over the body, and a key does not join: they are refused before what they say counts. */
const REFUSED = ["reportCarrierLeg", "acceptInvitation"];

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

async function outcomes(operations: readonly Operation[], body: string, headers: Record<string, string> = {}) {
  const told = operations.map(async (operation) => {
    const { status, body: answer } = await sent(operation, body, headers);
    return { status, said: `${operation.id}: ${status} ${String(answer["code"])}` };
  });
  return Promise.all(told);
}

const READ = OPERATIONS.filter(({ id }) => !STREAMED.includes(id) && !REFUSED.includes(id));
const otherThan = (expected: readonly number[], told: Awaited<ReturnType<typeof outcomes>>) =>
  told.filter(({ status }) => !expected.includes(status)).map(({ said }) => said);

describe("[API-9] what is sent to an operation", () => {
  it("and is too large is 413, before anything has begun", async () => {
    const told = await outcomes(OPERATIONS, "{}", { "Content-Length": String(HUGE_BYTES) });
    expect(otherThan([413], told)).toEqual([]);
    const { status, body } = await ask("/v1/audit", { key: tenant.key("admin") });
    expect([status, body["items"]]).toEqual([200, []]);
  });

  it("and is no JSON is the sender's fault, whatever it is meant for", async () => {
    expect(READ.length).toBeGreaterThan(40);
    expect(otherThan([400, 415], await outcomes(READ, '{"a":'))).toEqual([]);
  });

  it("and is of another type is the sender's fault as well", async () => {
    expect(
      otherThan(
        [400, 415],
        await outcomes(
          OPERATIONS.filter(({ id }) => !REFUSED.includes(id)),
          "\u0000{}",
          { "Content-Type": "image/png" },
        ),
      ),
    ).toEqual([]);
  });
});

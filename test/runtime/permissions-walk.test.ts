/**
 * Every operation is asked for as every kind of principal. There is no database here: what stands behind the permission may be any other
 * refusal, and 401 and 403 are told exactly where docs/permissions.md has them.
 */
import { env } from "cloudflare:workers";
import { createExecutionContext } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { hashApiKeySecret } from "../../adapters/identity/api-key-check.ts";
import { AFTER_PARAMETER } from "../../contracts/live.ts";
import { API } from "../../contracts/openapi/api.ts";
import type { Operation } from "../../contracts/openapi/operation.ts";
import { permissionTable } from "../../contracts/openapi/permission-table.ts";
import { API_KEY_RANDOM_BYTES, mintApiKey } from "../../domain/identity/api-key.ts";
import { type CustomRole, PERMISSIONS, ROLES } from "../../domain/identity/principal.ts";
import { LIMIT_NAMES } from "../../domain/limits/policy.ts";
import { type Lane, freshSessionId } from "../../domain/shared/ids.ts";
import { gate } from "../../workers/gate.ts";
import { standard } from "../../workers/standard.ts";
import { standardLane } from "./fixture/front.ts";
import { type Sent, requestOf } from "./fixture/http.ts";
import { tenantId } from "./fixture/session.ts";
import { configurationFile, itemsOf, publishItems } from "./fixture/tenant.ts";
import { unique } from "./fixture/unique.ts";

const ONLY: readonly CustomRole[] = PERMISSIONS.map((permission) => ({
  id: `only-${permission.replace(":", "-")}`,
  permissions: [permission],
}));
const ALL_BUT: readonly CustomRole[] = PERMISSIONS.map((permission) => ({
  id: `all-but-${permission.replace(":", "-")}`,
  permissions: PERMISSIONS.filter((other) => other !== permission),
}));
/** A role that nobody has heard of grants nothing. */
const UNKNOWN = "unheard-of";
const NO_ROLES = "none";
/** A key that was never given out. */
const FORGED = "forged";

/** Streams and sockets are refused for it, once it is known who asks. */
const REFUSED = [AFTER_PARAMETER, "unheard of"];
/** Far more than the walk asks for. */
const AMPLE = { burst: 100_000, perS: 10_000 };
const UNLIMITED = JSON.stringify(Object.fromEntries(LIMIT_NAMES.map((name) => [name, AMPLE])));

type Asks = { readonly who: string; readonly status: 401 | 403 | "admitted" };
type Row = { readonly takes: string; readonly byRole: ReadonlyMap<string, boolean> };

/** The table as people read it. */
const TABLE: ReadonlyMap<string, Row> = new Map(
  permissionTable(API.operations)
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => {
      const [, id = "", takes = "", ...cells] = line.slice(0, -" |".length).split(" | ");
      return [id, { takes, byRole: new Map(ROLES.map((role, at) => [role, cells[at] === "✓"])) }];
    }),
);

const keys = new Map<string, string>();

async function keyFor(tenant: ReturnType<typeof tenantId>, roles: readonly string[]) {
  const { keyId, secret, text } = mintApiKey(tenant, crypto.getRandomValues(new Uint8Array(API_KEY_RANDOM_BYTES)));
  return { text, record: { id: keyId, tenant, secretHash: await hashApiKeySecret(secret), roles } };
}

beforeAll(async () => {
  const tenant = tenantId(unique("walk"));
  const own = [...ONLY, ...ALL_BUT];
  const named: [string, readonly string[]][] = [...ROLES, ...own.map(({ id }) => id), UNKNOWN].map((name) => [name, [name]]);
  const made = await Promise.all(
    [...named, [NO_ROLES, []] as const].map(async ([name, roles]) => ({ name, ...(await keyFor(tenant, roles)) })),
  );
  for (const { name, text } of made) keys.set(name, text);
  keys.set(FORGED, (await keyFor(tenant, ["admin"])).text);
  const access = { apiKeys: made.map(({ record }) => record), trunkSecrets: [], users: [], roles: own };
  await publishItems({ own: env.CONFIG, gate: null }, tenant, itemsOf(configurationFile("gateway.example")), access);
});

/** Takes `sessions:read` beside what the table says. */
const ALSO_READS_SESSIONS = new Set(["replayRouting"]);

/** Who asks for an operation, and what becomes of it by the table. */
function askersOf({ id, proofs }: Operation): readonly Asks[] {
  const { takes, byRole } = TABLE.get(id)!;
  const permission = /^`(.+)`$/.exec(takes)?.[1];
  const slug = permission?.replace(":", "-");
  const outcome = (may: boolean) => (may ? "admitted" : 403);
  const unproven = takes === "everybody" ? "admitted" : 401;
  const roles: Asks[] = ROLES.map((who) => ({ who, status: outcome(byRole.get(who) === true) }));
  const nobody: Asks[] = [
    { who: "", status: unproven },
    { who: FORGED, status: unproven },
  ];
  // Known to a peer's secret alone.
  if (takes === "the peer") return [...roles.map(({ who }): Asks => ({ who, status: 401 })), ...nobody];
  // A person's matter, whom no key stands for.
  if (permission === undefined && proofs?.includes("bearer") === true && !proofs.includes("apiKey"))
    return [...roles.map(({ who }): Asks => ({ who, status: 403 })), ...nobody];
  const roleless: Asks[] = [NO_ROLES, UNKNOWN].map((who) => ({ who, status: outcome(permission === undefined) }));
  const exact: Asks[] =
    slug === undefined
      ? []
      : [
          { who: `only-${slug}`, status: outcome(!ALSO_READS_SESSIONS.has(id)) },
          { who: `all-but-${slug}`, status: 403 },
        ];
  return [...roles, ...nobody, ...roleless, ...exact];
}

type Asked = (path: string, sent: Sent) => Promise<number>;
type App = ReturnType<typeof standard>;

/** What is said after the status is not waited for: a stream goes on. */
function asking(app: App, changes: Record<string, unknown>): Asked {
  const own = { ...env, API_LIMITS: UNLIMITED, ...changes } as Env;
  return async (path, sent) => {
    const { status, body, webSocket } = await app.fetch(requestOf(path, sent), own, createExecutionContext());
    await body?.cancel();
    webSocket?.accept();
    webSocket?.close();
    return status;
  };
}

/** Where an operation is asked for: of a lane, and there of a session that does not exist. */
function pathOf({ path, parameters }: Operation, lane: Lane): string {
  const session = freshSessionId(Date.now(), crypto.getRandomValues(new Uint8Array(16)), lane);
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    path.startsWith("/v1/sessions/")
      ? session
      : encodeURIComponent(String(parameters.find((parameter) => parameter.name === name)?.example)),
  );
  const query = parameters.filter((parameter) => parameter.in === "query");
  const required = query.filter(({ isRequired }) => isRequired === true).map(({ name, example }) => [name, String(example)]);
  const ofLane = query.some(({ name }) => name === "lane") ? [["lane", lane]] : [];
  return `${filled}?${new URLSearchParams([REFUSED, ...required, ...ofLane])}`;
}

/** Takes no body that says anything: nothing is changed by those who may. */
async function statusFor(ask: Asked, operation: Operation, lane: Lane, who: string): Promise<Asks["status"]> {
  const { method, body, proofs } = operation;
  const key = keys.get(who);
  const status = await ask(pathOf(operation, lane), {
    ...(key === undefined ? {} : { key }),
    method: method.toUpperCase(),
    headers: {
      ...(body === undefined ? {} : { "Content-Type": body[0]!.mediaType }),
      ...(proofs?.includes("ticket") ? { Upgrade: "websocket" } : {}),
    },
    ...(method === "get" ? {} : { body: "" }),
  });
  return status === 401 || status === 403 ? status : "admitted";
}

/** A lane that is asked everything at once sheds what it can do without. */
const OPERATIONS_AT_ONCE = 10;

async function differencesOf(ask: Asked, operations: readonly Operation[], lane: Lane): Promise<readonly string[]> {
  const differences: string[] = [];
  const left = [...operations];
  const walkOn = async (): Promise<void> => {
    const operation = left.shift();
    if (operation === undefined) return;
    const asked = askersOf(operation).map(async ({ who, status }) => {
      const told = await statusFor(ask, operation, lane, who);
      return told === status ? [] : [`${operation.id} as ${who === "" ? "nobody" : who}: ${told}, not ${status}`];
    });
    differences.push(...(await Promise.all(asked)).flat());
    await walkOn();
  };
  await Promise.all(Array.from({ length: OPERATIONS_AT_ONCE }, walkOn));
  return differences;
}

/** What the gate serves itself, of the emergency lane; the rest it hands on with its credentials. */
const OF_THE_GATE = new Set([
  "getSession",
  "amendSession",
  "deleteSession",
  "endSession",
  "listSessionEvents",
  "reportOnSession",
  "commandSession",
  "watchSession",
  "createLiveTicket",
  "listEvents",
  "tailEvents",
  "exportEvents",
  "countEvents",
  "exportCallRecords",
  "listAuditEntries",
  "exportAuditEntries",
]);

describe("[ORG-5] who may do what, asked of every operation", () => {
  it("[ORG-5] the table says something of every operation", () => {
    expect([...TABLE.keys()].toSorted()).toEqual(API.operations.map(({ id }) => id).toSorted());
    expect([...TABLE.values()].filter(({ byRole }) => [...byRole.values()].includes(false)).length).toBeGreaterThan(50);
  });

  it("[ORG-5] the standard lane admits and refuses exactly as the table has it", async () => {
    const ask = asking(standard(), {});
    expect(await differencesOf(ask, API.operations, "standard")).toEqual([]);
  });

  it("[ORG-5] so does the emergency lane, of what it serves itself", async () => {
    const handedOn = standardLane();
    const ask = asking(gate(), { LANE: "emergency", STANDARD: handedOn });
    const operations = API.operations.filter(({ id }) => OF_THE_GATE.has(id));
    expect(operations).toHaveLength(OF_THE_GATE.size);
    expect(await differencesOf(ask, operations, "emergency")).toEqual([]);
    expect(handedOn.received).toEqual([]);
  });
});

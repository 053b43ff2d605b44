/** Every operation through Prism, which holds requests and answers against the interface description by other means than ours. */
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { API, apiDocument } from "../../contracts/openapi/api.ts";
import type { Operation } from "../../contracts/openapi/operation.ts";
import { ROOT } from "../../local/paths.ts";
import type { System } from "../../local/system.ts";
import { type Answer, type Asked, type Asker, asker, faultsOf, operationOf, quoted } from "./api/ask.ts";
import { furnish } from "./api/furnish.ts";

const TOOLS = join(ROOT, "tools", "api");
const PRISM = join(TOOLS, "node_modules", ".bin", "prism");
const START_MS = 60_000;
const POLL_MS = 250;
const HOUR_MS = 3_600_000;
/** Streams without an end, sockets, and what is proven by a peer's secret. */
const NOT_ASKED = new Set(["tailEvents", "watchSession", "watchSessions", "reportCarrierLeg", "acceptInvitation"]);
/** Prism says so of what it refuses itself, and of answers that are not as described. */
const PRISM_PROBLEM = /stoplight\.io\/prism\/errors#(?!UNAUTHORIZED)(\w+)/;

export type WireOutcome = {
  readonly asked: number;
  /** Operations that never answered with what they are for. */
  readonly unreached: readonly string[];
  readonly violations: readonly string[];
};

/** @throws when it is not installed or does not start. */
async function startPrism(upstream: string, port: number, file: string): Promise<{ url: string; stop: () => void }> {
  if (!existsSync(PRISM)) throw new Error("Prism is not there: `npm run openapi -- lint` installs it");
  writeFileSync(file, JSON.stringify(apiDocument()));
  const child = spawn(PRISM, ["proxy", file, upstream, "--errors", "--port", String(port)], { cwd: TOOLS, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  for (const untilMs = Date.now() + START_MS; Date.now() < untilMs && child.exitCode === null; await sleep(POLL_MS)) {
    const up = await fetch(`${url}/healthz`).catch(() => null);
    if (up !== null) return { url, stop: () => void child.kill() };
  }
  child.kill();
  throw new Error("Prism does not start");
}

/** What an operation is asked for, after `furnish`. Null: nothing. */
function askedOf({ id, body, parameters }: Operation): Asked {
  const nowMs = Date.now();
  const [from, to] = [new Date(nowMs - HOUR_MS).toISOString(), new Date(nowMs + HOUR_MS).toISOString()];
  const required = parameters.filter((parameter) => parameter.in === "query" && parameter.isRequired === true);
  const values: Readonly<Record<string, string>> = { from, to };
  const query = Object.fromEntries(required.map(({ name, example }) => [name, values[name] ?? String(example)]));
  return { query, ...(body === undefined || id === "revokeApiKey" ? {} : { body: body[0]!.example }) };
}

/** Of a session that is kept here, which can be ended. */
const AFTER_AN_END = new Set(["endSession", "deleteSession"]);

/** A body that says its own id says the path's. */
function named({ places }: Asker, { path, method }: Operation, asked: Asked): Asked {
  const id = places.get(path.replace(/\/\{\w+\}$/, ""));
  const isNamed = typeof asked.body === "object" && asked.body !== null && "id" in asked.body;
  return method === "put" && id !== undefined && isNamed ? { ...asked, body: { ...(asked.body as object), id } } : asked;
}

const ORDER = { get: 0, put: 1, post: 2, patch: 3, delete: 4 } as const;

/** With the entity tag of what is there, where the operation takes one. */
async function withTag({ ask }: Asker, operation: Operation, asked: Asked): Promise<Asked> {
  if (operation.method === "get" || !operation.parameters.some(({ name }) => name === "If-Match")) return asked;
  const read = API.operations.find(({ method, path }) => method === "get" && path === operation.path);
  const etag = read === undefined ? null : (await ask(read)).headers.get("etag");
  return etag === null ? asked : { ...asked, headers: { ...asked.headers, "If-Match": etag } };
}

export async function wire(
  { gateUrl, token }: Pick<System, "gateUrl" | "token">,
  { port, file }: { readonly port: number; readonly file: string },
): Promise<WireOutcome> {
  const prism = await startPrism(gateUrl, port, file);
  const violations: string[] = [];
  const reached = new Set<string>();
  const told = new Map<string, string>();
  let asked = 0;
  const look = (id: string, answer: Answer): void => {
    asked += 1;
    if (answer.status < 400) reached.add(id);
    told.set(id, quoted(answer));
    if (PRISM_PROBLEM.test(answer.text)) violations.push(`${id}: Prism: ${answer.text.slice(0, 900)}`);
    else for (const fault of faultsOf(operationOf(id), answer)) violations.push(`${id}: ${fault}: ${quoted(answer)}`);
  };
  try {
    const tenant = asker(prism.url, await token("admin", "demo"));
    const viewer = await token("viewer", "demo");
    await furnish(tenant, `w${Date.now().toString(36).slice(-6)}`, look);
    tenant.places.set("/v1/tenants", "demo");
    const operations = API.operations.filter(({ id }) => !NOT_ASKED.has(id));
    for (const operation of operations.toSorted((one, other) => ORDER[one.method] - ORDER[other.method])) {
      if (AFTER_AN_END.has(operation.id)) tenant.places.set("/v1/sessions", tenant.places.get("recorded") ?? "");
      const usual = await withTag(tenant, operation, named(tenant, operation, askedOf(operation)));
      look(operation.id, await tenant.ask(operation, usual));
      if (operation.permission === null) continue;
      // Typical refusals: credentials that are none, and a role that may not.
      look(operation.id, await tenant.ask(operation, { ...usual, token: "tlk_demo_000000000000_none" }));
      if (operation.method !== "get") look(operation.id, await tenant.ask(operation, { ...usual, token: viewer }));
    }
    const unreached = operations.filter(({ id }) => !reached.has(id)).map(({ id }) => `${id}: ${told.get(id)}`);
    return { asked, unreached, violations: [...new Set(violations)] };
  } finally {
    prism.stop();
  }
}

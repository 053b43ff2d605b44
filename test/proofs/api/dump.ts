/** All that a tenant can be told about itself, as text that can be compared. */
import { setTimeout as sleep } from "node:timers/promises";
import { API } from "../../../contracts/openapi/api.ts";
import type { Operation } from "../../../contracts/openapi/operation.ts";
import type { Asker } from "./ask.ts";

/** Changes by itself: times of asking, and what goes on behind the answers. */
const VOLATILE = new Set(["asOf", "lastUsedAt", "requestId", "nextCursor", "version", "deliveries"]);
/** Streams without an end, sockets, attempts and figures that go on by themselves, and the trail, in which reading stands too. */
const NOT_DUMPED = new Set([
  "tailEvents",
  "watchSession",
  "watchSessions",
  "listDeliveries",
  "getDelivery",
  "getWebhookReplay",
  "getSessionFigures",
  "listAuditEntries",
  "exportAuditEntries",
]);
const SETTLE_MS = 500;
const MAX_ROUNDS = 8;

const isOfTenant = ({ id, method, permission, path }: Operation): boolean =>
  method === "get" && permission !== null && path.startsWith("/v1/") && !NOT_DUMPED.has(id);

/** Lists that go on page by page. */
export const listsOf = (): readonly Operation[] =>
  API.operations.filter((operation) => isOfTenant(operation) && operation.parameters.some(({ name }) => name === "cursor"));

const stable = (name: string, value: unknown): unknown => (VOLATILE.has(name) ? undefined : value);

/** By operation, what it answers. */
export async function dumpOf({ ask }: Asker): Promise<ReadonlyMap<string, string>> {
  const dumped = new Map<string, string>();
  const nowMs = Date.now();
  const [from, to] = [new Date(nowMs - 3_600_000).toISOString(), new Date(nowMs + 3_600_000).toISOString()];
  const asked = API.operations.filter(isOfTenant).map(async (operation) => {
    const isRequired = operation.parameters.some(({ name, isRequired: must }) => name === "from" && must === true);
    const { status, json, text } = await ask(operation, { query: isRequired ? { from, to } : {} });
    dumped.set(operation.id, `${status} ${json === null ? text : JSON.stringify(json, stable)}`);
  });
  await Promise.all(asked);
  return dumped;
}

/** Once nothing goes on by itself any more. @throws when it does not end. */
export async function settledDump(of: Asker): Promise<ReadonlyMap<string, string>> {
  let last = await dumpOf(of);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await sleep(SETTLE_MS);
    const next = await dumpOf(of);
    if ([...next].every(([name, text]) => last.get(name) === text)) return next;
    last = next;
  }
  const now = await dumpOf(of);
  const restless = [...now].filter(([name, text]) => last.get(name) !== text).map(([name]) => name);
  throw new Error(`the tenant does not come to rest: ${restless.join(", ")}`);
}

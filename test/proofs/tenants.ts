/** Two tenants with something of every kind: what one of them knows of the other's ids, cursors and keys is of no use to it. */
import * as fc from "fast-check";
import { API } from "../../contracts/openapi/api.ts";
import type { Operation } from "../../contracts/openapi/operation.ts";
import type { System } from "../../local/system.ts";
import { type Answer, type Asker, asker, faultsOf, operationOf, pathIn, quoted } from "./api/ask.ts";
import { furnish, hiddenOf } from "./api/furnish.ts";
import { dumpOf, listsOf, settledDump } from "./api/dump.ts";

const TENANTS = { victim: "demo", intruder: "acme" } as const;
const INTRUDER = "intruder";
const AT_ONCE = 4;
/** Nobody's, or nothing that a tenant has. */
const NOT_OF_TENANTS = new Set(["getProblem", "reportCarrierLeg", "watchSession"]);

export type TenantsOutcome = {
  readonly probes: number;
  /** How often each status was told. */
  readonly statuses: ReadonlyMap<number, number>;
  /** A text for each; none is good. */
  readonly faults: readonly string[];
  /** What of the victim was different afterwards. */
  readonly changed: readonly string[];
  readonly missing: readonly string[];
};

const takesId = ({ id, path }: Operation): boolean => path.includes("{") && !NOT_OF_TENANTS.has(id);

type Probe = {
  readonly operation: Operation;
  readonly withBody: boolean;
  readonly isForced: boolean;
  readonly recorded: boolean;
};

function probesOf(seed: number, count: number): readonly Probe[] {
  const operations = API.operations.filter(takesId);
  const drawn = fc.record({
    operation: fc.constantFrom(...operations),
    withBody: fc.boolean(),
    isForced: fc.boolean(),
    recorded: fc.boolean(),
  });
  // Each operation at least once, the others at random.
  const each = operations.map((operation) => ({ operation, withBody: true, isForced: false, recorded: false }));
  return [...each, ...fc.sample(drawn, { seed, numRuns: Math.max(1, count - each.length) })].slice(0, count);
}

/** What an answer to a probe gives away or does. @param own paths at which the intruder has made something of its own. */
function faultOf(operation: Operation, path: string, answer: Answer, tag: string, own: Set<string>): string | null {
  if (answer.text.includes(hiddenOf(tag))) return "tells what is hidden";
  if (answer.status === 404) return null;
  const isPut = operation.method === "put";
  // A list of what belongs to nothing is empty; a precondition is looked at before what it is of, whoever has it.
  if (operation.id === "listTrunkSecrets" && (answer.json?.["items"] as readonly unknown[] | undefined)?.length === 0)
    return null;
  if (answer.status === 412) return null;
  if (answer.status < 300) {
    if (isPut) own.add(path);
    return isPut || [...own].some((each) => path === each || path.startsWith(`${each}/`)) ? null : "is done";
  }
  // Refused for what it says, whatever it is about.
  if ([400, 413, 415, 422].includes(answer.status) && operation.body !== undefined) return null;
  if ([409, 428].includes(answer.status) && (isPut || own.has(path))) return null;
  return "is not 404";
}

type Told = { readonly statuses: Map<number, number>; readonly faults: string[] };

async function probe(intruder: Asker, victim: Asker, tag: string, { operation, ...how }: Probe, own: Set<string>, told: Told) {
  const places = new Map(victim.places);
  if (how.recorded) places.set("/v1/sessions", victim.places.get("recorded")!);
  places.set("/v1/tenants", TENANTS.victim);
  const path = pathIn(places, operation);
  const content = operation.body?.[0];
  const answer = await intruder.ask(operation, {
    path,
    ...(content === undefined || !how.withBody ? {} : { body: content.example }),
    headers: how.isForced ? { "If-Match": "*" } : {},
  });
  told.statuses.set(answer.status, (told.statuses.get(answer.status) ?? 0) + 1);
  const fault = faultOf(operation, path, answer, tag, own);
  if (fault !== null) told.faults.push(`${operation.id} ${path} ${fault}: ${quoted(answer)}`);
  for (const each of faultsOf(operation, answer)) told.faults.push(`${operation.id} ${path}: ${each}: ${quoted(answer)}`);
}

/** Another tenant's cursor is a place in the own list at most, and no list says what is hidden. */
async function probeLists(intruder: Asker, victim: Asker, tag: string, told: Told): Promise<number> {
  let asked = 0;
  for (const operation of listsOf()) {
    const path = pathIn(intruder.places, operation);
    const own = await intruder.ask(operation, { path });
    if (own.text.includes(hiddenOf(tag))) told.faults.push(`${operation.id} lists what is another's: ${quoted(own)}`);
    const theirs = await victim.ask(operation, { query: { limit: "1" } });
    const cursor = theirs.json?.["nextCursor"];
    asked += 1;
    if (typeof cursor !== "string") continue;
    const answer = await intruder.ask(operation, { path, query: { limit: "1", cursor } });
    asked += 1;
    told.statuses.set(answer.status, (told.statuses.get(answer.status) ?? 0) + 1);
    if (answer.text.includes(hiddenOf(tag))) told.faults.push(`${operation.id} goes on in another's list: ${quoted(answer)}`);
  }
  return asked;
}

/** One key, used by both: neither gets the other's answer. */
async function probeKeys(intruder: Asker, victim: Asker, tag: string, told: Told): Promise<number> {
  const idempotent = ["createInvitation", "createCall", "createApiKey"].map(operationOf);
  for (const operation of idempotent) {
    const headers = { "Idempotency-Key": `shared-${tag}` };
    const body = {
      createInvitation: { email: `key-${tag}@example.org`, name: hiddenOf(tag), roles: ["viewer"] },
      createCall: { from: "+15550100100", to: "+15551230001", channel: "api" },
      createApiKey: { name: hiddenOf(tag), roles: ["viewer"] },
    }[operation.id];
    const [first, second] = [await victim.ask(operation, { body, headers }), await intruder.ask(operation, { body, headers })];
    const crossed = first.json?.["id"] === second.json?.["id"] || second.headers.has("idempotent-replayed");
    if (crossed || second.status >= 300) told.faults.push(`${operation.id} with another's key: ${quoted(second)}`);
  }
  return idempotent.length;
}

/** What names something in a body or a query instead of the path. */
async function probeNames(intruder: Asker, victim: Asker, tag: string, told: Told): Promise<number> {
  const place = (name: string): string => victim.places.get(name) ?? "";
  const versions = await victim.ask(operationOf("listConfigurationVersions"));
  const version = (versions.json?.["items"] as readonly { version: string }[] | undefined)?.[0]?.version ?? "";
  const named = [
    { id: "createLiveTicket", body: { session: place("/v1/sessions") } },
    { id: "rollBackConfiguration", body: { version } },
    { id: "compareConfigurations", query: { from: version, to: "current" } },
    { id: "createApiKey", body: { name: "x", roles: [`${tag}-role`] } },
  ];
  for (const { id, ...asked } of named) {
    const answer = await intruder.ask(operationOf(id), asked);
    if (answer.status < 400 && id !== "createLiveTicket") told.faults.push(`${id} takes what is another's: ${quoted(answer)}`);
  }
  const filters: readonly (readonly [string, Record<string, string>])[] = [
    ["listEvents", { callId: `${tag}-stored` }],
    ["listSessions", { "metadata.of": hiddenOf(tag) }],
    ["listUsers", { email: `${tag}@example.org` }],
    ["listAuditEntries", { resource: `roles/${tag}-role` }],
  ];
  for (const [id, query] of filters) {
    const answer = await intruder.ask(operationOf(id), { query });
    const items = answer.json?.["items"] as readonly unknown[] | undefined;
    // What it has asked about stands in its own trail.
    const isOwn = id === "listAuditEntries" && !answer.text.includes(hiddenOf(tag));
    if (!isOwn && items?.length !== 0) told.faults.push(`${id} ${JSON.stringify(query)} finds another's: ${quoted(answer)}`);
  }
  return named.length + filters.length;
}

export async function crossTenants(
  { gateUrl, token }: Pick<System, "gateUrl" | "token">,
  { probes: count, seed }: { readonly probes: number; readonly seed: number },
): Promise<TenantsOutcome> {
  const tag = `v${seed.toString(36)}x${Date.now().toString(36).slice(-4)}`;
  const victim = asker(gateUrl, await token("admin", TENANTS.victim));
  const intruder = asker(gateUrl, await token("admin", TENANTS.intruder, { sub: INTRUDER }));
  const missing = [...(await furnish(victim, tag)), ...(await furnish(intruder, `i${tag}`))];
  const told: Told = { statuses: new Map(), faults: [] };
  let asked = (await probeLists(intruder, victim, tag, told)) + (await probeKeys(intruder, victim, tag, told));
  asked += await probeNames(intruder, victim, tag, told);
  const before = await settledDump(victim);
  const own = new Set<string>();
  const probes = probesOf(seed, Math.max(1, count - asked));
  for (let start = 0; start < probes.length; start += AT_ONCE) {
    const some = probes.slice(start, start + AT_ONCE);
    await Promise.all(some.map((each) => probe(intruder, victim, tag, each, own, told)));
  }
  const after = await dumpOf(victim);
  const trail = await victim.ask(operationOf("exportAuditEntries"));
  if (trail.status !== 200 || trail.text.includes(`"actor":"${INTRUDER}"`))
    told.faults.push("the victim's trail speaks of another");
  const changed = [...before].filter(([name, text]) => after.get(name) !== text);
  return {
    probes: asked + probes.length,
    ...told,
    missing,
    changed: changed.map(([name, text]) => `${name}: ${text} became ${after.get(name) ?? "nothing"}`),
  };
}

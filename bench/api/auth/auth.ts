/**
 * What authorisation costs a warm request: the Worker with each kind of credentials, beside the same Worker without guards, in one process
 * and in turn. Told by the processor time of the process, which other work on the machine moves least.
 */
import { randomUUID } from "node:crypto";
import { urlOf } from "../../lanes.ts";
import { rotated } from "../../rotated.ts";
import { startRuntime } from "../../runtime/runtime.ts";
import { median } from "../../statistics.ts";
import { fixed, table } from "../../table.ts";
import type { Workspace } from "../../workspace.ts";
import { runRequests } from "../load/load.ts";
import { getRequest, httpSignature } from "../requests.ts";
import type { Section } from "../section.ts";
import { type Credentials, openLane, openSessions, standardLane } from "../system.ts";

const SESSIONS = 16;
const CONNECTIONS = 8;
const WARM_UP = 300;
const REQUESTS = 3_000;
const QUICK_SHARE = 0.1;
/** Of a token that is remembered. */
export const MAX_ADDED_MS = 0.1;

type HeadersOf = (credentials: Credentials, url: string) => Readonly<Record<string, string>>;
type Way = { readonly name: string; readonly what: string; readonly isOpen?: boolean; readonly headersOf: HeadersOf };

const OPEN: Way = {
  name: "open",
  what: "the route without its guard: nobody is asked for anything",
  isOpen: true,
  headersOf: () => ({}),
};
const TOKEN: Way = {
  name: "token",
  what: "a JWT (ES256) that is remembered",
  headersOf: ({ token }) => ({ authorization: `Bearer ${token}` }),
};

const WAYS: readonly Way[] = [
  OPEN,
  TOKEN,
  { name: "API key", what: "X-Api-Key", headersOf: ({ apiKey }) => ({ "x-api-key": apiKey }) },
  {
    name: "RFC 9421, hmac-sha256",
    what: "signed by a trunk's secret; the nonce is claimed from an object, which writes it down",
    headersOf: ({ hmac }, url) => httpSignature(url, hmac, randomUUID()),
  },
  {
    name: "RFC 9421, ed25519",
    what: "signed by the holder of an API key; the nonce likewise",
    headersOf: ({ ed25519 }, url) => httpSignature(url, ed25519, randomUUID()),
  },
];

export type WayFigures = {
  readonly name: string;
  readonly what: string;
  readonly cpuMs: number[];
  readonly addedMs: number[];
  errors: number;
};
export type AuthFigures = { readonly rounds: number; readonly ways: readonly WayFigures[] };

export async function measureAuth(
  { workspace, credentials }: { readonly workspace: Workspace; readonly credentials: Credentials },
  rounds: number,
  quick: boolean,
  progress: (text: string) => void,
): Promise<AuthFigures> {
  const guarded = await standardLane(workspace, {});
  const open = await openLane(workspace, {});
  const runtime = await startRuntime(workspace, [guarded, open]);
  const share = quick ? QUICK_SHARE : 1;
  const [warmUp, count] = [WARM_UP, REQUESTS * share];
  const ways = WAYS.map((way): { way: Way; figures: WayFigures } => ({
    way,
    figures: { name: way.name, what: way.what, cpuMs: [], addedMs: [], errors: 0 },
  }));
  try {
    const urls = new Map([
      [guarded, await openSessions(guarded, credentials.apiKey, SESSIONS)],
      [open, await openSessions(open, credentials.apiKey, SESSIONS)],
    ]);
    const measure = async ({ isOpen, headersOf }: Way) => {
      const worker = isOpen === true ? open : guarded;
      const known = urls.get(worker)!;
      // Each request is signed for itself: a signature is good for one time.
      const written = (requests: number) =>
        Array.from({ length: requests }, (_, index) => {
          const url = known[index % known.length]!;
          return getRequest(url, headersOf(credentials, url));
        });
      const job = { url: urlOf(worker), connections: CONNECTIONS, warmUp: 0, perSecond: null };
      await runRequests(workspace, { ...job, requests: written(warmUp), count: warmUp });
      const requests = written(count);
      const beforeMs = runtime.cpuMs();
      const { errors, limited } = await runRequests(workspace, { ...job, requests, count });
      const failed = Object.values(errors).reduce((sum, times) => sum + times, limited);
      return { cpuMs: (runtime.cpuMs() - beforeMs) / count, failed };
    };
    for (let round = 0; round < rounds; round++)
      for (const { way, figures } of rotated(ways, round)) {
        const { cpuMs, failed } = await measure(way);
        figures.cpuMs.push(cpuMs);
        figures.errors += failed;
        progress(`round ${round + 1}/${rounds}  ${way.name.padEnd(22)} ${fixed(cpuMs, 3)} ms CPU`);
      }
  } finally {
    await runtime.stop();
  }
  const base = ways[0]!.figures.cpuMs;
  for (const { figures } of ways) figures.addedMs.push(...figures.cpuMs.map((cpuMs, round) => cpuMs - base[round]!));
  return { rounds, ways: ways.map(({ figures }) => figures) };
}

export function authText({ rounds, ways }: AuthFigures): Section {
  const rows = ways.map(({ name, cpuMs, addedMs, errors }) => [
    name,
    fixed(median(cpuMs), 3),
    fixed(median(addedMs), 3),
    `${fixed(Math.min(...addedMs), 3)} to ${fixed(Math.max(...addedMs), 3)}`,
    String(errors),
  ]);
  const missed = ways.flatMap(({ name, addedMs, errors }) => {
    const added = median(addedMs);
    return [
      ...(name === TOKEN.name && !(added <= MAX_ADDED_MS)
        ? [`a remembered token adds ${fixed(added, 3)} ms of processor time, not ${MAX_ADDED_MS}`]
        : []),
      ...(errors > 0 ? [`${name}: ${errors} requests failed`] : []),
    ];
  });
  const text = [
    "What authorisation adds to GET /v1/sessions/{id}, in processor time of the runtime",
    table(["credentials", "CPU ms", "added ms", "rounds", "errors"], rows),
    ways.map(({ name, what }) => `  ${name}: ${what}`).join("\n"),
    `Medians of ${rounds} rounds, in turn, both Workers in one process, ${CONNECTIONS} connections. Added: over the same round's ${OPEN.name}. Permissions, rates and masking are in it.`,
  ].join("\n\n");
  return { text, missed };
}

/**
 * What a tenant notices of another one whose webhook endpoint is slow: its own deliveries and the set-up of its calls, while both tenants
 * have the same calls, with the other's endpoint quick and slow in turn.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { createDataKeys } from "../../../adapters/identity/data-keys.ts";
import { WEBHOOK_SECRET_BYTES, mintWebhookKeys, sealWebhookKeys } from "../../../adapters/identity/webhook-keys.ts";
import type { WebhookTarget } from "../../../domain/webhooks/target.ts";
import { DEMO_TENANT, OTHER_TENANT } from "../../../local/secrets.ts";
import { startSeededDatabase } from "../../database.ts";
import { CALL, hostedLane, urlOf } from "../../lanes.ts";
import { runCalls } from "../../load/load.ts";
import type { CallsJob, Errors } from "../../load/messages.ts";
import { startRuntime } from "../../runtime/runtime.ts";
import { type Window, medianRatio, medianWindow, windowOf } from "../../statistics.ts";
import { fixed, table } from "../../table.ts";
import type { Workspace } from "../../workspace.ts";
import type { Section } from "../section.ts";
import { type Receiver, startReceiver } from "./receiver.ts";

const TENANTS = [DEMO_TENANT, OTHER_TENANT] as const;
type Tenant = (typeof TENANTS)[number];
/** Below the time after which no answer is waited for: the endpoint never fails, so that nothing pauses for it. */
const SLOW_MS = 12_000;
const CALLS_PER_SECOND = 4;
const CONNECTIONS = 16;
const SECONDS = 20;
const QUICK_SECONDS = 3;
/** Until the last events are flushed and delivered. */
const SETTLE_MS = 5_000;
/** Of the same with a quick endpoint. */
export const MAX_OF_QUICK = 1.2;

/** A call that is answered and ended. */
const REPORTS: CallsJob["reports"] = [
  { afterMs: 200, body: { type: "started" } },
  { afterMs: 300, body: { type: "answered", routeIndex: 0 } },
  { afterMs: 1_000, body: { type: "ended", sipCode: 200 } },
];

type Side = { readonly delivery: Window[]; readonly setUp: Window[] };
export type WebhookFigures = {
  readonly rounds: number;
  readonly quick: Side;
  readonly slow: Side;
  /** What the slow endpoint was sent. */
  slowDeliveries: number;
  readonly errors: Errors;
};

async function targetOf({ secrets }: Workspace, tenant: Tenant, url: string): Promise<WebhookTarget> {
  const id = randomUUID();
  const keys = await mintWebhookKeys(randomBytes(WEBHOOK_SECRET_BYTES));
  const dataKeys = createDataKeys({ CONFIG_KEY: secrets.configKey, DATA_KEYS: null });
  const sealed = await sealWebhookKeys(keys, dataKeys, tenant, id);
  return { id, url, eventTypes: [], sealedSecrets: [sealed], rotatedUntilMs: null, personalData: true, revision: 1 };
}

async function withEndpoints(workspace: Workspace, receiver: Receiver): Promise<Workspace> {
  const added = await Promise.all(
    TENANTS.map(async (tenant) => {
      const webhooks = [await targetOf(workspace, tenant, receiver.urlOf(tenant))];
      return [tenant, { ...workspace.access[tenant]!, webhooks }] as const;
    }),
  );
  return { ...workspace, access: { ...workspace.access, ...Object.fromEntries(added) } };
}

export async function measureWebhooks(
  bare: Workspace,
  rounds: number,
  isQuick: boolean,
  progress: (text: string) => void,
): Promise<WebhookFigures> {
  const receiver = await startReceiver(await bare.port());
  const workspace = await withEndpoints(bare, receiver);
  const database = await startSeededDatabase(workspace);
  const figures: WebhookFigures = {
    rounds,
    quick: { delivery: [], setUp: [] },
    slow: { delivery: [], setUp: [] },
    slowDeliveries: 0,
    errors: {},
  };
  const count = (isQuick ? QUICK_SECONDS : SECONDS) * CALLS_PER_SECOND;
  const { apiKeys } = workspace.secrets;
  const keyOf = (tenant: Tenant) => (tenant === DEMO_TENANT ? apiKeys.demo : apiKeys.acme);

  async function window(side: Side, isSlow: boolean): Promise<void> {
    receiver.slow(isSlow ? DEMO_TENANT : null, SLOW_MS);
    const worker = await hostedLane(workspace, {
      lane: "standard",
      bundle: await workspace.bundle("worker"),
      vars: { ANALYTICS_SINK: "engine" },
      database: database.access,
    });
    const runtime = await startRuntime(workspace, [worker]);
    try {
      const job = { connections: CONNECTIONS, perSecond: CALLS_PER_SECOND, body: CALL, reports: REPORTS };
      const run = (tenant: Tenant, calls: number) =>
        runCalls(workspace, { ...job, count: calls, target: { url: urlOf(worker), headers: { "x-api-key": keyOf(tenant) } } });
      // Compiles what a call runs through, and fills what the slow endpoint may have under way.
      await Promise.all(TENANTS.map((tenant) => run(tenant, 5 * CALLS_PER_SECOND)));
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      for (const tenant of TENANTS) receiver.takeDelays(tenant);
      const [, other] = await Promise.all(TENANTS.map((tenant) => run(tenant, count)));
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      side.delivery.push(windowOf(receiver.takeDelays(OTHER_TENANT), other!.seconds));
      side.setUp.push(windowOf(other!.setUpMs, other!.seconds));
      if (isSlow) figures.slowDeliveries += receiver.takeDelays(DEMO_TENANT).length;
      for (const [status, times] of Object.entries(other!.errors))
        figures.errors[status] = (figures.errors[status] ?? 0) + times;
    } finally {
      await runtime.stop();
    }
  }

  for (let round = 0; round < rounds; round++) {
    const sides = [
      [figures.quick, false],
      [figures.slow, true],
    ] as const;
    for (const [side, isSlow] of round % 2 === 0 ? sides : [...sides].reverse()) {
      await window(side, isSlow);
      const [delivery, setUp] = [side.delivery.at(-1)!, side.setUp.at(-1)!];
      progress(
        `round ${round + 1}/${rounds}  the other's endpoint ${isSlow ? "slow " : "quick"}  delivery p50 ${fixed(delivery.p50Ms, 0)} ms, p95 ${fixed(delivery.p95Ms, 0)} ms  set-up p50 ${fixed(setUp.p50Ms, 1)} ms, p95 ${fixed(setUp.p95Ms, 1)} ms`,
      );
    }
  }
  await receiver.stop();
  return figures;
}

const MEASURES = [
  ["delivery", "p50Ms", "an event's way to the quick endpoint, p50"],
  ["delivery", "p95Ms", "the same, p95"],
  ["setUp", "p50Ms", "set-up of a call, p50"],
  ["setUp", "p95Ms", "the same, p95"],
] as const;

export function webhooksText(figures: WebhookFigures): Section {
  const { rounds, quick, slow, slowDeliveries, errors } = figures;
  const compared = MEASURES.map(([part, member, name]) => {
    const of = (side: Side): number[] => side[part].map((window) => window[member]);
    const ratio = medianRatio(of(slow), of(quick));
    return { name, ratio, quickMs: medianWindow(quick[part])[member], slowMs: medianWindow(slow[part])[member] };
  });
  const rows = compared.map(({ name, ratio, quickMs, slowMs }) => [name, fixed(quickMs, 1), fixed(slowMs, 1), fixed(ratio, 2)]);
  const missed = [
    ...compared
      .filter(({ ratio }) => !(ratio <= MAX_OF_QUICK))
      .map(({ name, ratio }) => `beside a slow endpoint: ${name} ${fixed(ratio, 2)} of the usual, not ${MAX_OF_QUICK}`),
    ...(Object.keys(errors).length > 0 ? [`beside a slow endpoint: errors ${JSON.stringify(errors)}`] : []),
  ];
  const text = [
    `A tenant whose endpoint answers at once, beside one whose endpoint answers at once, and after ${SLOW_MS / 1_000} s`,
    table(["of the first tenant, ms", "both quick", "the other slow", "ratio"], rows),
    `${CALLS_PER_SECOND} calls/s of each tenant, every event delivered; medians of ${rounds} rounds, ratios are medians of each round's ratio. The slow endpoint was sent ${slowDeliveries} events meanwhile.`,
  ].join("\n\n");
  return { text, missed };
}

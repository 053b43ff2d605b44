/** Follows one shard of the event log for webhooks: every event with endpoints in force is handed to their objects before the shard's offset moves. */
import type { Log } from "../../adapters/telemetry/log.ts";
import type { Meter } from "../../adapters/telemetry/meter.ts";
import { type StoredEvent, tenantOf } from "../../domain/events/stored.ts";
import { type Lane, type TenantId, parseEventId, parseTenantId } from "../../domain/shared/ids.ts";
import type { HandedEvent } from "../../domain/webhooks/delivery.ts";
import { takesType } from "../../domain/webhooks/target.ts";
import { type FollowDeps, type Followed, type Readable, followAs, piecesOf } from "../following/follow-shard.ts";
import { parseLines } from "../projection/parse-lines.ts";
import type { HandOver } from "./hand-over.ts";
import type { Targets } from "./targets.ts";

export type WebhookFollowerDeps = FollowDeps & {
  readonly lane: Lane;
  readonly log: Log;
  readonly meter: Meter;
  readonly targets: Targets;
  readonly handOver: HandOver;
};

type Event = HandedEvent & { readonly type: string };

/** Each tenant's events in the order of their ids, in which those of a call were made. */
function byTenant(lines: readonly string[]): ReadonlyMap<TenantId, readonly Event[]> {
  const found = new Map<TenantId, Event[]>();
  const stored: readonly StoredEvent[] = parseLines(lines).events;
  for (const event of stored) {
    const tenant = parseTenantId(tenantOf(event));
    const id = parseEventId(event.id);
    // Damage: what it says can be delivered to nobody.
    if (!tenant.ok || !id.ok || typeof event.type !== "string") continue;
    const one = { id: id.value, subject: event.subject ?? null, type: event.type, line: JSON.stringify(event) };
    const known = found.get(tenant.value);
    if (known === undefined) found.set(tenant.value, [one]);
    else known.push(one);
  }
  for (const events of found.values()) events.sort((a, b) => (a.id < b.id ? -1 : 1));
  return found;
}

/** What one tenant's endpoints are to get; each is handed over by itself, so that one that fails keeps nothing from the others. */
async function handOverOf(deps: WebhookFollowerDeps, tenant: TenantId, events: readonly Event[]): Promise<void> {
  const targets = await deps.targets(tenant);
  if (targets === null) return deps.meter.count("trunkline_webhook_events_total", { outcome: "missed" }, events.length);
  const outcomes = await Promise.allSettled(
    targets.map(async (target) => {
      const wanted = events.filter(({ type }) => takesType(target, type));
      if (wanted.length === 0) return;
      await deps.handOver({
        tenant,
        target,
        lane: deps.lane,
        events: wanted.map(({ id, subject, line }) => ({ id, subject, line })),
      });
    }),
  );
  throwFirst(outcomes);
}

function throwFirst(outcomes: readonly PromiseSettledResult<void>[]): void {
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** @throws what the first of them throws, when all have been tried. */
async function deliver(deps: WebhookFollowerDeps, lines: readonly string[]): Promise<void> {
  throwFirst(await Promise.allSettled([...byTenant(lines)].map(([tenant, events]) => handOverOf(deps, tenant, events))));
}

async function take(deps: WebhookFollowerDeps, shard: string, batch: Readable): Promise<void> {
  const unreadable = (key: string, reason: string): void => {
    deps.log("error", "a segment cannot be read for webhooks", { shard, key, reason });
    deps.meter.count("trunkline_webhook_batches_total", { outcome: reason });
  };
  for await (const piece of piecesOf(deps, batch, unreadable)) await deliver(deps, piece);
}

/** As the projection's. @throws when events have to be handed over again: then the shard's offset stays. */
export function followForWebhooks(deps: WebhookFollowerDeps, shard: string, budgetMs: number): Promise<Followed> {
  const count = (outcome: string) => deps.meter.count("trunkline_webhook_batches_total", { outcome });
  return followAs(
    deps,
    {
      follower: "webhooks",
      take: async (name, batch) => {
        await take(deps, name, batch);
        return async () => count("handed_over");
      },
      failed: () => count("failed"),
    },
    shard,
    budgetMs,
  );
}

/** Compiled configurations for tests. */
import type { ConfigurationItem, EntityKind, EntityOf } from "../../../../domain/configuration/model.ts";
import { ENTITY_KINDS, entityKey } from "../../../../domain/configuration/model.ts";
import { createCompiler } from "../../../../domain/routing/compiled/compile.ts";
import { type CompiledRouter, openRouter } from "../../../../domain/routing/compiled/open.ts";
import type { PlainConfiguration } from "../../../../domain/routing/plain-router.ts";
import type { SnapshotCore } from "../../../../domain/routing/snapshot.ts";
import type { TenantId } from "../../../../domain/shared/ids.ts";

export type Compiled = { readonly core: SnapshotCore; readonly chunks: ReadonlyMap<string, Uint8Array> };

const PUBLISHED_AT_MS = Date.parse("2026-06-01T00:00:00Z");

/** The items in the order in which a draft is read. */
export function itemsOf(configuration: PlainConfiguration): readonly ConfigurationItem[] {
  const named = (ids: readonly string[]) => [...new Set(ids)].map((id) => ({ id, name: id }));
  const byKind: { readonly [Kind in EntityKind]: readonly EntityOf[Kind][] } = {
    settings: [configuration.settings],
    "rate-tables": named(configuration.rates.map(({ table }) => table)).map((table) => ({ ...table, currency: "EUR" })),
    rates: configuration.rates,
    calendars: configuration.calendars,
    "number-lists": named(configuration.listEntries.map(({ list }) => list)),
    "number-list-entries": configuration.listEntries,
    trunks: configuration.trunks,
    destinations: configuration.destinations,
    "emergency-routes": configuration.emergencyRoutes,
    profiles: configuration.profiles,
    "decision-services": configuration.decisionServices ?? [],
    "routing-rules": configuration.rules,
  };
  return ENTITY_KINDS.flatMap((kind) => {
    const items = byKind[kind].map((entity) => ({ kind, entity }) as ConfigurationItem);
    return items.sort((a, b) => (entityKey(a) < entityKey(b) ? -1 : 1));
  });
}

/** @param chunkBytes where chunks are cut. */
export function compile(items: readonly ConfigurationItem[], chunkBytes?: number): Compiled {
  const compiler = createCompiler("acme" as TenantId, chunkBytes);
  for (const item of items) compiler.add(item);
  const { core, chunks } = compiler.finish({
    version: "20260301T120000000Z-0123456789ab",
    publishedAt: new Date(PUBLISHED_AT_MS).toISOString(),
    publishedAtMs: PUBLISHED_AT_MS,
  });
  return {
    // As it comes back from the store.
    core: JSON.parse(JSON.stringify(core)) as SnapshotCore,
    chunks: new Map([...chunks].map(({ name, bytes }) => [name, bytes])),
  };
}

/** A router that has no chunk yet. */
export const opened = ({ core }: Compiled): CompiledRouter => openRouter(core);

/** @throws when a chunk is refused. */
export function supplyAll(router: CompiledRouter, { chunks }: Compiled, names: Iterable<string> = chunks.keys()): void {
  for (const name of names) {
    const supplied = router.supply(name, chunks.get(name)!);
    if (!supplied.ok) throw new Error(`${name}: ${supplied.error}`);
  }
}

export function loaded(compiled: Compiled): CompiledRouter {
  const router = opened(compiled);
  supplyAll(router, compiled);
  return router;
}

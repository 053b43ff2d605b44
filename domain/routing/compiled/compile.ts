/** Compiles a tenant's whole configuration, item by item, into a core and packed chunks. The same items give the same bytes. */
import type {
  Calendar,
  ConfigurationItem,
  DecisionService,
  Destination,
  EmergencyRoute,
  NumberList,
  RateTable,
  Settings,
  Trunk,
} from "../../configuration/model.ts";
import { crc32 } from "../../packed/crc32.ts";
import { assertNever } from "../../shared/result.ts";
import type { TenantId } from "../../shared/ids.ts";
import { compileCalendar } from "../calendar.ts";
import { type ChunkInfo, SNAPSHOT_FORMAT, type SnapshotCore } from "../snapshot.ts";
import { type Chunk, type CoreNumbers, RulesCompiler } from "./compile-rules.ts";
import { ListsCompiler, ProfilesCompiler, RatesCompiler } from "./compile-tables.ts";
import { ANY_TRUNK, CHUNK_BYTES, type CoreIndex, MAX_ENTRY_TRUNK } from "./format.ts";
import { MAX_PLAIN_CALENDAR, NO_CALENDAR } from "./plain-conditions.ts";

export type Publication = {
  readonly version: string;
  /** RFC 3339. */
  readonly publishedAt: string;
  readonly publishedAtMs: number;
};

export type Compiler = {
  /** Items in the order of `ENTITY_KINDS`, of a configuration that has been checked. */
  readonly add: (item: ConfigurationItem) => void;
  /** Once, after the last item. `chunks` are built one by one while they are walked over, and again at every walk. */
  readonly finish: (publication: Publication) => { readonly core: SnapshotCore; readonly chunks: Iterable<Chunk> };
};

/** @param chunkBytes where chunks are cut; smaller in tests. */
export function createCompiler(tenant: TenantId, chunkBytes: number = CHUNK_BYTES): Compiler {
  let settings: Settings | null = null;
  const trunks: Trunk[] = [];
  const trunkNumbers = new Map<string, number>();
  const destinations: Destination[] = [];
  const emergencyRoutes: EmergencyRoute[] = [];
  const calendars: Calendar[] = [];
  const rateTables: RateTable[] = [];
  const numberLists: NumberList[] = [];
  const decisionServices: DecisionService[] = [];
  const rates = new RatesCompiler();
  const lists = new ListsCompiler();
  const profiles = new ProfilesCompiler();
  const rules = new RulesCompiler();
  const calendarNumbers = new Map<string, number>();
  const numbers: CoreNumbers = {
    trunk: (id) => trunkNumbers.get(id) ?? ANY_TRUNK,
    calendar: (id) => calendarNumbers.get(id) ?? NO_CALENDAR,
  };

  function add(item: ConfigurationItem): void {
    switch (item.kind) {
      case "settings":
        settings = item.entity;
        return;
      case "rate-tables":
        rateTables.push(item.entity);
        return;
      case "rates":
        return rates.add(item.entity);
      case "calendars":
        calendars.push(item.entity);
        if (calendars.length <= MAX_PLAIN_CALENDAR) calendarNumbers.set(item.entity.id, calendars.length);
        return;
      case "number-lists":
        numberLists.push(item.entity);
        return;
      case "number-list-entries":
        return lists.add(item.entity);
      case "trunks":
        trunks.push(item.entity);
        if (trunks.length <= MAX_ENTRY_TRUNK) trunkNumbers.set(item.entity.id, trunks.length);
        return;
      case "destinations":
        destinations.push(item.entity);
        return;
      case "emergency-routes":
        emergencyRoutes.push(item.entity);
        return;
      case "profiles":
        return profiles.add(item.entity);
      case "decision-services":
        decisionServices.push(item.entity);
        return;
      case "routing-rules":
        return rules.add(item.entity, numbers);
      default:
        return assertNever(item);
    }
  }

  function finish({ version, publishedAt, publishedAtMs }: Publication): ReturnType<Compiler["finish"]> {
    if (settings === null) throw new Error("a configuration has settings");
    const compiledRules = rules.finish(chunkBytes);
    const compiledRates = rates.finish(chunkBytes);
    const compiledLists = lists.finish(chunkBytes);
    const compiledProfiles = profiles.finish(chunkBytes);
    const index: CoreIndex = {
      ...compiledRules.plan,
      rates: compiledRates.directory,
      lists: compiledLists.directory,
      profiles: compiledProfiles.directory,
    };
    const stores = [compiledRules, compiledRates, compiledLists, compiledProfiles];
    const chunks: Iterable<Chunk> = {
      *[Symbol.iterator]() {
        for (const store of stores) yield* store.chunks();
      },
    };
    const infos: ChunkInfo[] = [];
    for (const { name, bytes } of chunks) infos.push({ name, bytes: bytes.length, crc32: crc32(bytes) });
    const core: SnapshotCore = {
      format: SNAPSHOT_FORMAT,
      version,
      publishedAt,
      tenant,
      settings,
      trunks,
      destinations,
      emergencyRoutes,
      calendars: calendars.map((calendar) => compileCalendar(calendar, publishedAtMs)),
      rateTables,
      numberLists,
      decisionServices,
      index,
      chunks: infos,
    };
    return { core, chunks };
  }

  return { add, finish };
}

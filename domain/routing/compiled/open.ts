/** The router over a compiled configuration: a `RouterSource` whose chunks come and go. */
import type { Address } from "../../numbers/address.ts";
import { Key } from "../../packed/key.ts";
import type { Rule } from "../../configuration/model.ts";
import { type Result, ok } from "../../shared/result.ts";
import { calendarState, isOpen } from "../calendar.ts";
import { type CallFacts, type Lookups, factsOf } from "../conditions.ts";
import type { RouterSource, RoutingCall } from "../router.ts";
import type { SnapshotCore } from "../snapshot.ts";
import { allRules } from "./all-rules.ts";
import { BestMatches } from "./best-matches.ts";
import { type ChunkProblem, ChunkStore } from "./chunk-store.ts";
import { DefinitionCache, type DefinitionStore } from "./definition-cache.ts";
import type { RuleIndexName } from "./access-path.ts";
import type { CoreIndex } from "./format.ts";
import { OpenCalendars } from "./open-calendars.ts";
import { ReachedRules } from "./reached-rules.ts";
import { type EntrySink, RuleIndex, type RulePart, SharedDefinitions } from "./rule-index.ts";
import { TagIndex } from "./tag-index.ts";
import { Lists, Profiles, Rates } from "./tables.ts";

/** What decoded rules of one version may take. */
const MAX_DECODED_BYTES = 12 * 1024 * 1024;
/** A trunk that the core does not have: no rule that names a trunk is for it. */
const UNKNOWN_TRUNK = -1;
/** The core's entities, each of which is an object of some hundred bytes. */
const CORE_ENTITY_BYTES = 600;

export type CompiledRouter = RouterSource &
  Lookups & {
    /** Takes a chunk in, after checking that it is the one that the core means. A problem changes nothing. */
    readonly supply: (name: string, bytes: Uint8Array) => Result<void, ChunkProblem>;
    readonly evict: (name: string) => void;
    /** `lastUsedMs` is the time of the last decision that read it; 0 before there was any. */
    readonly chunksInMemory: () => Iterable<{ readonly name: string; readonly bytes: number; readonly lastUsedMs: number }>;
    /** Approximate heap of everything held. */
    readonly bytes: number;
    /** Every rule that the indexes reach for the call, matching or not, in order of precedence. */
    readonly reached: (call: RoutingCall, to: Address, nowMs: number) => readonly Rule[];
    /** Every rule in the chunks that are in memory, each once, in no order. */
    readonly rules: () => Iterable<Rule>;
  };

/** @param core one whose format is known: `SNAPSHOT_FORMAT`. */
export function openRouter(core: SnapshotCore): CompiledRouter {
  const index = core.index as CoreIndex;
  const chunks = new ChunkStore(core.chunks);
  const cache = new DefinitionCache(MAX_DECODED_BYTES);
  const shared = new SharedDefinitions(index.definitions, chunks, cache);
  const context = { shared, cache, trunks: core.trunks.map(({ id }) => id) };
  const indexOf = (name: RuleIndexName): RuleIndex => new RuleIndex(name, index, chunks, context);
  const [callee, caller, tags] = [indexOf("callee"), indexOf("caller"), indexOf("tags")];
  const byTag = new TagIndex(tags, index);
  const rates = new Rates(index.rates, chunks);
  const lists = new Lists(index.lists, chunks);
  const profiles = new Profiles(index.profiles, chunks);

  const trunks = new Map<string, SnapshotCore["trunks"][number]>(core.trunks.map((trunk) => [trunk.id, trunk]));
  const trunkNumbers = new Map<string, number>(core.trunks.map(({ id }, at) => [id, at + 1]));
  const destinations = new Map(core.destinations.map((destination) => [destination.id, destination]));
  const calendars = new Map(core.calendars.map((calendar) => [calendar.id, calendar]));
  const decisionServices = new Map(core.decisionServices.map((service) => [service.id, service]));
  const coreBytes = (core.trunks.length + core.destinations.length + core.calendars.length) * CORE_ENTITY_BYTES;
  const lookups: Lookups = {
    inList: (list, key) => lists.has(list, key),
    isOpen: (id, atMs) => {
      const calendar = calendars.get(id);
      return calendar !== undefined && isOpen(calendar, atMs);
    },
  };
  const best = new BestMatches(lookups, new OpenCalendars(core.calendars));

  function collect(facts: CallFacts, sink: EntrySink): void {
    callee.collect(new Key(facts.callee.key), sink);
    caller.collect(new Key(facts.caller.key), sink);
    byTag.collect(facts, sink);
  }

  const emptyPart = (part: RulePart): void => cache.forget(part.definitions);
  const emptyStore = (store: DefinitionStore): void => cache.forget(store);
  /** Drops what was made of a chunk. */
  function close(name: string): void {
    byTag.forget();
    for (const part of [callee, caller, tags]) part.slots.empty(name).forEach(emptyPart);
    shared.slots.empty(name).forEach(emptyStore);
    for (const store of [rates, lists, profiles]) store.empty(name);
  }
  function evict(name: string): void {
    chunks.evict(name);
    close(name);
  }

  return {
    ...lookups,
    version: core.version,
    settings: core.settings,
    trunk: (id) => trunks.get(id) ?? null,
    destination: (id) => destinations.get(id) ?? null,
    decisionService: (id) => decisionServices.get(id) ?? null,
    profile: (key) => profiles.find(key),
    rate: (table, e164) => rates.rate(table, e164),
    emergencyRoutes: core.emergencyRoutes,
    calendarState: (id, atMs) => calendarState(calendars.get(id), atMs),
    matches: (facts, nowMs, limit) => {
      chunks.nowMs = nowMs;
      best.begin(facts, trunkNumbers.get(facts.call.trunk) ?? UNKNOWN_TRUNK, nowMs, limit);
      collect(facts, best);
      return best.take();
    },
    takeMissing: () => chunks.takeMissing(),
    supply: (name, bytes) => {
      const supplied = chunks.supply(name, bytes);
      if (!supplied.ok) return supplied;
      close(name);
      for (const user of [callee.slots, caller.slots, tags.slots, shared.slots, rates, lists, profiles])
        user.fill(supplied.value);
      return ok(undefined);
    },
    evict,
    chunksInMemory: () => chunks.held(),
    get bytes() {
      return chunks.bytes + cache.bytes + coreBytes;
    },
    reached: (call, to, nowMs) => {
      chunks.nowMs = nowMs;
      const facts = factsOf(call, to);
      const reached = new ReachedRules(facts);
      collect(facts, reached);
      return reached.take();
    },
    rules: () => allRules([callee, caller, tags]),
  };
}

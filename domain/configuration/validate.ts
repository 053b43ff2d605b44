/**
 * Checks a whole configuration while its items pass by, in their order: what must refuse its publication, and what deserves a second look.
 * Of rules that come by the hundred thousand only a few bytes each are kept.
 */
import { MAX_PROGRAMS_SIZE } from "../routing/regex.ts";
import { isTimeZone } from "../routing/time-zone.ts";
import { outsideUrlProblem } from "../shared/public-address.ts";
import { assertNever } from "../shared/result.ts";
import { compareItems } from "./diff.ts";
import { FindingList, type Findings, pointerOf } from "./findings.ts";
import {
  type Calendar,
  type ConfigurationItem,
  type DecisionService,
  type Destination,
  type Profile,
  type RateTable,
  type Rule,
  type Settings,
  type Trunk,
  canDo,
  entityKey,
} from "./model.ts";
import { References } from "./references.ts";
import { RewritingCircles } from "./rewriting-circles.ts";
import { UnreachableRules } from "./unreachable-rules.ts";
import { EmergencyFindings, takesCalls } from "./validate-emergency.ts";
import { type RuleContext, checkRule } from "./validate-rule.ts";

export type { Finding, Findings } from "./findings.ts";

const NUMBER = "{number}";

export type Validator = {
  /** Items in the order of `ENTITY_KINDS`, within a kind by key. */
  readonly add: (item: ConfigurationItem) => void;
  /** Whether something has been found already that refuses publication. */
  readonly hasProblems: boolean;
  /** Once, after the last item. */
  readonly finish: () => { readonly problems: Findings; readonly warnings: Findings };
};

export function createValidator(): Validator {
  return new Validation();
}

class Validation implements Validator {
  readonly #problems = new FindingList();
  readonly #warnings = new FindingList();
  readonly #references = new References(this.#problems);
  readonly #unreachable = new UnreachableRules(this.#warnings);
  readonly #circles = new RewritingCircles(this.#problems);
  readonly #trunks = new Map<string, Trunk>();
  readonly #destinations = new Map<string, Destination>();
  readonly #decisionServices = new Map<string, DecisionService>();
  readonly #sourceOwners = new Map<string, string>();
  readonly #rateTables = new Map<string, RateTable>();
  /** Lists and tables that have at least one entry. */
  readonly #filled = new Set<string>();
  readonly #coveredTrunks = new Set<string>();
  readonly #context: RuleContext = {
    problems: this.#problems,
    warnings: this.#warnings,
    references: this.#references,
    trunks: this.#trunks,
    destinations: this.#destinations,
    decisionServices: this.#decisionServices,
    programsSize: 0,
  };
  readonly #emergency = new EmergencyFindings(this.#context);
  #last: ConfigurationItem | null = null;
  #settings: Settings | null = null;
  #everyTrunkIsCovered = false;

  get hasProblems(): boolean {
    return this.#problems.count > 0;
  }

  add(item: ConfigurationItem): void {
    if (!this.#isInOrder(item)) return;
    switch (item.kind) {
      case "settings":
        this.#settings = item.entity;
        return;
      case "rate-tables":
        this.#rateTables.set(item.entity.id, item.entity);
        return this.#references.declare("rate-tables", item.entity.id);
      case "rates":
        return this.#addEntry("rate-tables", item.entity.table, pointerOf("rates", entityKey(item)));
      case "calendars":
        return this.#addCalendar(item.entity);
      case "number-lists":
        return this.#references.declare("number-lists", item.entity.id);
      case "number-list-entries":
        return this.#addEntry("number-lists", item.entity.list, pointerOf("number-list-entries", entityKey(item)));
      case "trunks":
        return this.#addTrunk(item.entity);
      case "destinations":
        return this.#addDestination(item.entity);
      case "emergency-routes":
        return this.#emergency.addRoute(item.entity);
      case "profiles":
        return this.#addProfile(item.entity);
      case "decision-services":
        return this.#addDecisionService(item.entity);
      case "routing-rules":
        return this.#addRule(item.entity);
      default:
        return assertNever(item);
    }
  }

  /** What stands twice stands next to each other. */
  #isInOrder(item: ConfigurationItem): boolean {
    const order = this.#last === null ? -1 : compareItems(this.#last, item);
    if (order < 0) {
      this.#last = item;
      return true;
    }
    const pointer = pointerOf(item.kind, entityKey(item));
    if (order === 0) this.#problems.add(pointer, "duplicate", "stands twice");
    else this.#problems.add(pointer, "out_of_order", "comes after what it belongs before");
    return false;
  }

  #addEntry(kind: "rate-tables" | "number-lists", id: string, pointer: string): void {
    if (this.#filled.has(`${kind} ${id}`)) return;
    this.#filled.add(`${kind} ${id}`);
    if (!this.#references.ids(kind).has(id))
      this.#problems.add(pointer, "dangling_reference", `there is no "${id}" in ${kind}`);
  }

  #addCalendar(calendar: Calendar): void {
    const { id, timeZone, weekly, holidays } = calendar;
    this.#references.declare("calendars", id);
    if (!isTimeZone(timeZone))
      this.#problems.add(pointerOf("calendars", id, "timeZone"), "bad_time_zone", `there is no time zone "${timeZone}"`);
    if (weekly.every(({ days }) => days.length === 0) && holidays.every(({ hours }) => hours.length === 0))
      this.#warnings.add(pointerOf("calendars", id), "never_open", "no hours are given: it is always closed");
  }

  #addTrunk(trunk: Trunk): void {
    this.#references.declare("trunks", trunk.id);
    this.#trunks.set(trunk.id, trunk);
    trunk.sources.forEach((source, index) => {
      const owner = this.#sourceOwners.get(source);
      this.#sourceOwners.set(source, owner ?? trunk.id);
      const pointer = pointerOf("trunks", trunk.id, "sources", index);
      if (owner !== undefined) this.#problems.add(pointer, "duplicate_source", `trunk "${owner}" has this address already`);
    });
    if (trunk.maxDurationMs !== null && !canDo(trunk, "max_duration")) {
      const pointer = pointerOf("trunks", trunk.id, "maxDurationMs");
      this.#warnings.add(pointer, "capability_missing", "the trunk cannot do max_duration: its calls are not bounded");
    }
  }

  #addDestination(destination: Destination): void {
    const { id, rateTable } = destination;
    this.#references.declare("destinations", id);
    this.#destinations.set(id, destination);
    if (rateTable !== null) this.#references.use("rate-tables", rateTable, () => pointerOf("destinations", id, "rateTable"));
  }

  /** A gateway may come after those who go through it. */
  #checkGateways(): void {
    for (const { id, target } of this.#destinations.values()) {
      if (target.type !== "number") continue;
      const pointer = pointerOf("destinations", id, "target", "via");
      if (!this.#references.use("destinations", target.via, () => pointer)) continue;
      const gateway = this.#destinations.get(target.via)!;
      if (gateway.target.type !== "sip" || !gateway.target.uri.includes(NUMBER))
        this.#problems.add(pointer, "no_gateway", `destination "${target.via}" is not a SIP URI with ${NUMBER}`);
      else if (takesCalls(this.#destinations.get(id)!) && !gateway.enabled)
        this.#warnings.add(pointer, "leads_nowhere", `the gateway "${target.via}" is switched off`);
    }
  }

  #addProfile({ id, diversion, preferredDestination }: Profile): void {
    const { references } = this.#context;
    if (diversion !== null) references.use("destinations", diversion, () => pointerOf("profiles", id, "diversion"));
    if (preferredDestination !== null)
      references.use("destinations", preferredDestination, () => pointerOf("profiles", id, "preferredDestination"));
  }

  #addDecisionService(service: DecisionService): void {
    this.#references.declare("decision-services", service.id);
    this.#decisionServices.set(service.id, service);
    if (outsideUrlProblem(service.url, false) !== null) {
      const detail = "only a system on the same machine asks this address, in development: elsewhere the fallback decides";
      this.#warnings.add(pointerOf("decision-services", service.id, "url"), "not_public", detail);
    }
  }

  #addRule(rule: Rule): void {
    const isSound = checkRule(this.#context, rule);
    if (rule.enabled && !rule.blocker) {
      if (rule.when.trunk === undefined) this.#everyTrunkIsCovered = true;
      else for (const id of rule.when.trunk) this.#coveredTrunks.add(id);
    }
    if (!isSound) return;
    this.#unreachable.add(rule);
    this.#circles.add(rule);
  }

  finish(): ReturnType<Validator["finish"]> {
    if (this.#settings === null) this.#problems.add("settings", "missing", "a configuration needs settings");
    else this.#references.use("trunks", this.#settings.defaultTrunk, () => pointerOf("settings", "defaultTrunk"));
    this.#checkGateways();
    this.#emergency.finish(this.#settings);
    const { programsSize } = this.#context;
    if (programsSize > MAX_PROGRAMS_SIZE) {
      const detail = `all patterns together compile to ${programsSize} instructions; ${MAX_PROGRAMS_SIZE} are allowed`;
      this.#problems.add("routing-rules", "too_many_patterns", detail);
    }
    this.#unreachable.finish();
    this.#circles.finish(this.#unreachable);
    for (const id of this.#everyTrunkIsCovered ? [] : this.#trunks.keys()) {
      if (!this.#coveredTrunks.has(id))
        this.#warnings.add(pointerOf("trunks", id), "uncovered_trunk", "no rule routes calls from this trunk");
    }
    this.#references.reportUnused(this.#warnings);
    this.#checkTables();
    return { problems: this.#problems, warnings: this.#warnings };
  }

  #checkTables(): void {
    for (const kind of ["rate-tables", "number-lists"] as const) {
      for (const id of this.#references.ids(kind)) {
        if (!this.#filled.has(`${kind} ${id}`)) this.#warnings.add(pointerOf(kind, id), "empty", "there is nothing in it");
      }
    }
    if (this.#rateTables.size === 0) {
      for (const { id, toll } of this.#trunks.values()) {
        if (toll.costPerHourMicros !== null)
          this.#warnings.add(
            pointerOf("trunks", id, "toll", "costPerHourMicros"),
            "no_rate",
            "without rates nothing costs anything",
          );
      }
    }
    const currencies = new Set(Array.from(this.#rateTables.values(), ({ currency }) => currency));
    if (currencies.size > 1) {
      const detail = `costs in ${[...currencies].join(", ")} are compared as if they were one currency`;
      this.#warnings.add("rate-tables", "several_currencies", detail);
    }
  }
}

/** The best of the rules that a call reaches and whose conditions hold, in order. Used again for every look-up; a hit allocates nothing. */
import type { CallFacts, Lookups } from "../conditions.ts";
import type { RuleMatch } from "../router.ts";
import { ANY_TRUNK } from "./format.ts";
import type { OpenCalendars } from "./open-calendars.ts";
import { NO_CALENDAR, asksOpen, calendarOf, fieldsFit, plainFacts } from "./plain-conditions.ts";
import type { EntrySink, RulePart } from "./rule-index.ts";

class Hit {
  precedence = 0;
  place = 0;
  part: RulePart | null = null;
  entry = 0;
}

export class BestMatches implements EntrySink {
  readonly #lookups: Lookups;
  readonly #calendars: OpenCalendars;
  readonly #hits: Hit[] = [];
  #count = 0;
  #limit = 0;
  #facts: CallFacts | null = null;
  #plainFacts = 0;
  #trunk: number = ANY_TRUNK;
  #nowMs = 0;

  constructor(lookups: Lookups, calendars: OpenCalendars) {
    this.#lookups = lookups;
    this.#calendars = calendars;
  }

  /** @param trunk the number of the call's trunk. */
  begin(facts: CallFacts, trunk: number, nowMs: number, limit: number): void {
    this.#facts = facts;
    this.#plainFacts = plainFacts(facts);
    this.#trunk = trunk;
    this.#nowMs = nowMs;
    this.#limit = limit;
    this.#count = 0;
    while (this.#hits.length < limit) this.#hits.push(new Hit());
  }

  add(part: RulePart, start: number, end: number): void {
    for (let entry = start; entry < end; entry++) if (this.#fits(part, entry)) this.#add(part, entry);
  }

  /** Whether the call has what the entry itself asks for. */
  #fits(part: RulePart, entry: number): boolean {
    const trunk = part.trunk(entry);
    if (trunk !== ANY_TRUNK && trunk !== this.#trunk) return false;
    const conditions = part.conditions(entry);
    if (!fieldsFit(conditions, this.#plainFacts)) return false;
    const calendar = calendarOf(conditions);
    return calendar === NO_CALENDAR || this.#calendars.isOpen(calendar, this.#nowMs) === asksOpen(conditions);
  }

  #add(part: RulePart, entry: number): void {
    const place = part.place(entry);
    let precedence = part.precedence(entry);
    if (!this.#isWanted(precedence, place)) return;
    if (!part.isBare(entry)) {
      const definition = part.definition(entry);
      const facts = this.#facts;
      if (definition === null || facts === null) return;
      if (!definition.compiled.holds(facts, this.#lookups, this.#nowMs)) return;
      if (definition.isWhole) {
        precedence = definition.compiled.precedenceFor(facts);
        if (!this.#isWanted(precedence, place)) return;
      }
    }
    const hit = this.#insert(precedence, place);
    hit.precedence = precedence;
    hit.place = place;
    hit.part = part;
    hit.entry = entry;
  }

  /** Not when there are better ones enough, nor when the rule is there already, reached by another of its keys. */
  #isWanted(precedence: number, place: number): boolean {
    const count = this.#count;
    for (let at = 0; at < count; at++) if (this.#hits[at]!.place === place) return false;
    if (count < this.#limit) return true;
    if (count === 0) return false;
    const worst = this.#hits[count - 1]!;
    return precedence < worst.precedence || (precedence === worst.precedence && place < worst.place);
  }

  /** Makes room at the right place. */
  #insert(precedence: number, place: number): Hit {
    const hits = this.#hits;
    if (this.#count < this.#limit) this.#count++;
    let at = this.#count - 1;
    const free = hits[at]!;
    for (; at > 0; at--) {
      const before = hits[at - 1]!;
      if (before.precedence < precedence || (before.precedence === precedence && before.place < place)) break;
      hits[at] = before;
    }
    hits[at] = free;
    return free;
  }

  take(): readonly RuleMatch[] {
    const matches: RuleMatch[] = [];
    for (let at = 0; at < this.#count; at++) {
      const { part, entry } = this.#hits[at]!;
      const definition = part!.definition(entry);
      if (definition !== null) matches.push({ id: part!.id(entry), outcome: definition.outcome });
    }
    this.#count = 0;
    this.#facts = null;
    return matches;
  }
}

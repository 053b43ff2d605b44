/** The naive store: a list of events, and what was said about each of them. Knows nothing of shards, segments and indexes. */
import { isDeepStrictEqual } from "node:util";
import { Violation } from "./world.ts";

export type Json = Readonly<Record<string, unknown>>;

/** What the store makes of an event itself. */
type Made = "id" | "recordedtime";

/** An event as a reader gets it. `time` null: it is the time of storing. */
export type Told = {
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly caller?: string;
  readonly callee?: string;
  readonly direction?: string;
  readonly status?: string;
  readonly time: string | null;
  readonly data: Json & { readonly n: number };
  readonly rest: Json;
};

export type ModelEvent = {
  readonly tenant: string;
  readonly told: Told;
  /** The same as text. */
  readonly text: string;
  /** Whether its sender gave it an id, so that it is stored once however often it comes. */
  readonly identified: boolean;
  /** Under which it was acknowledged, and when, Unix milliseconds; several only when it came again after a day, or to another shard. */
  readonly acknowledged: Map<string, number>;
  /** Under which it may be there too. */
  readonly seen: Set<string>;
  /** Whether nothing was ever asked of a shard. */
  isPossible: boolean;
};

/** An erasure of one number. Unix milliseconds; null: not yet. */
export type ModelErasure = {
  readonly tenant: string;
  readonly digits: string;
  readonly askedMs: number;
  acceptedMs: number | null;
  untilMs: number | null;
};

/** An event under its id, in a form that it may have. */
export type View = Told & { readonly id: string; readonly recordedMs: number; readonly atMs: number };
export type Holds = (view: View) => boolean;

/** How long answers may go on showing what is to be erased: isolates go by what they know for ten seconds, and a moment for the answer itself. */
const ERASURE_SHOWS_MS = 10_000;
/** Clocks of shards and of who accepts an erasure differ, beyond the margin that is taken. */
const MARGIN_MS = 12_000;
const DAY_MS = 86_400_000;

export function msOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

const shardIn = (id: string): string => id.slice("xxxxxxxx-xxxx-7xxx-xx".length, "xxxxxxxx-xxxx-7xxx-xxxx-x".length);

function isForgotten(one: string, other: string): boolean {
  return shardIn(one) !== shardIn(other) || Math.abs(msOfId(one) - msOfId(other)) >= DAY_MS - MARGIN_MS;
}

function viewOf(told: Told, id: string): View {
  const recordedMs = msOfId(id);
  return { ...told, id, recordedMs, atMs: told.time === null ? recordedMs : Date.parse(told.time) };
}

/** What is left of an event when a person is taken out of it. */
function erasedView({ source, type, subject, time, direction, status, data: _, ...view }: View): View {
  const { id, recordedMs, atMs } = view;
  const kept = { ...(direction === undefined ? {} : { direction }), ...(status === undefined ? {} : { status }) };
  const rest = "sequence" in view.rest ? { sequence: view.rest["sequence"] } : {};
  const data = {} as Told["data"];
  return { source, type, ...(subject === undefined ? {} : { subject }), time, ...kept, data, rest, id, recordedMs, atMs };
}

/** What an answer was asked for, and when. */
export type Question = {
  readonly tenant: string;
  readonly holds: Holds;
  readonly newestFirst: boolean;
  readonly askedMs: number;
};

export class Model {
  readonly events: ModelEvent[] = [];
  readonly erasures: ModelErasure[] = [];
  /** By tenant: the fewest days after which its policy ever had events deleted; absent: never. */
  readonly deletion = new Map<string, number>();
  readonly #byNumber = new Map<number, ModelEvent>();
  readonly #byId = new Map<string, ModelEvent>();
  readonly #views = new Map<string, View>();
  /** The fastest clock, ahead of the world's. */
  aheadMs = 0;

  add(tenant: string, told: Told, identified: boolean): ModelEvent {
    const text = JSON.stringify(told);
    const event: ModelEvent = { tenant, told, text, identified, acknowledged: new Map(), seen: new Set(), isPossible: false };
    this.events.push(event);
    this.#byNumber.set(told.data.n, event);
    return event;
  }

  /** Its sender has given it its id. */
  expectId(event: ModelEvent, id: string): void {
    this.#byId.set(id, event);
  }

  acknowledge(event: ModelEvent, id: string, nowMs: number): void {
    const other = this.#byId.get(id);
    if (other !== undefined && other !== event) throw new Violation(`${id} was given to two events`);
    this.#byId.set(id, event);
    event.seen.add(id);
    if (!event.acknowledged.has(id)) event.acknowledged.set(id, nowMs);
  }

  acknowledgedIds(tenant: string): string[] {
    return this.events.filter((event) => event.tenant === tenant).flatMap((event) => [...event.acknowledged.keys()]);
  }

  /** Whether it may have been deleted by its tenant's policy. */
  #mayBeGone(tenant: string, id: string, nowMs: number): boolean {
    const days = this.deletion.get(tenant);
    if (days === undefined) return false;
    const begun = Math.floor(msOfId(id) / DAY_MS) * DAY_MS;
    return nowMs + this.aheadMs >= begun + DAY_MS * (1 + days);
  }

  #view(event: ModelEvent, id: string): View {
    const known = this.#views.get(id);
    if (known !== undefined && known.data === event.told.data) return known;
    const view = viewOf(event.told, id);
    this.#views.set(id, view);
    return view;
  }

  /** The forms in which an answer may show it. */
  #forms(event: ModelEvent, id: string, askedMs: number, answeredMs: number): View[] {
    const view = this.#view(event, id);
    const text = event.text;
    let [plain, erased] = [true, false];
    for (const { tenant, digits, askedMs: toldMs, acceptedMs, untilMs } of this.erasures) {
      if (tenant !== event.tenant || !text.includes(digits) || answeredMs < toldMs) continue;
      const boundMs = untilMs ?? answeredMs + MARGIN_MS;
      if (view.recordedMs >= boundMs) continue;
      erased = true;
      const storedMs = event.acknowledged.get(id);
      const isCovered = storedMs !== undefined && storedMs <= toldMs;
      if (isCovered && acceptedMs !== null && askedMs > acceptedMs + ERASURE_SHOWS_MS) plain = false;
    }
    return [...(plain ? [view] : []), ...(erased ? [erasedView(view)] : [])];
  }

  /** What an erased event of an unknown id may be: several may look alike, and those that nobody has seen yet come first. */
  #nameless(tenant: string): ModelEvent[] {
    return this.events
      .filter((event) => event.tenant === tenant && event.isPossible && (event.identified || event.acknowledged.size === 0))
      .sort((a, b) => a.seen.size - b.seen.size);
  }

  /** Which event an answer shows, in which form. */
  #identify(tenant: string, shown: Json, askedMs: number, answeredMs: number): ModelEvent {
    const id = String(shown["id"]);
    const known = this.#byId.get(id);
    const n = (shown["data"] as Json | undefined)?.["n"];
    const named = typeof n === "number" ? this.#byNumber.get(n) : undefined;
    const isShown = (event: ModelEvent): boolean =>
      this.#forms(event, id, askedMs, answeredMs).some((form) => isShownAs(form, shown));
    const candidates = known !== undefined ? [known] : named !== undefined ? [named] : this.#nameless(tenant);
    const event = candidates.find((candidate) => candidate.tenant === tenant && isShown(candidate));
    if (event === undefined) throw new Violation(`${JSON.stringify(shown)} was never stored so`);
    if (!event.isPossible) throw new Violation(`${JSON.stringify(shown)} was not stored`);
    event.seen.add(id);
    this.#byId.set(id, event);
    return event;
  }

  /** The ids of those that an answer has to have, or may have. */
  #expected({ tenant, holds, askedMs }: Question, answeredMs: number): { must: Set<string>; may: Set<string> } {
    const [must, may] = [new Set<string>(), new Set<string>()];
    for (const event of this.events) {
      if (event.tenant !== tenant) continue;
      for (const id of event.seen) {
        const forms = this.#forms(event, id, askedMs, answeredMs);
        const held = forms.filter(holds).length;
        if (held > 0) may.add(id);
        const storedMs = event.acknowledged.get(id);
        const isSure = storedMs !== undefined && storedMs <= askedMs && !this.#mayBeGone(tenant, id, answeredMs);
        if (isSure && held === forms.length) must.add(id);
      }
    }
    return { must, may };
  }

  /**
   * A whole answer, all of its pages.
   * @param isPartial the answer says that something is left out.
   * @throws Violation when something is missing, too much, twice, out of order or other than it was.
   */
  check(what: string, question: Question, shown: readonly Json[], answeredMs: number, isPartial = false): void {
    const { tenant, newestFirst, askedMs } = question;
    const numbers = new Map<number, string>();
    let before: string | null = null;
    for (const event of shown) {
      const id = String(event["id"]);
      const known = this.#identify(tenant, event, askedMs, answeredMs);
      if (before !== null && (newestFirst ? id >= before : id <= before))
        throw new Violation(`${what}: ${id} comes behind ${before}`);
      before = id;
      const { n } = known.told.data;
      const twice = numbers.get(n);
      // To other shards than before, or after a day: then nobody remembers it.
      const mayBeTwice = known.identified && twice !== undefined && isForgotten(twice, id);
      if (twice !== undefined && !mayBeTwice) throw new Violation(`${what}: event ${n} comes twice, as ${twice} and ${id}`);
      numbers.set(n, id);
    }
    const { must, may } = this.#expected(question, answeredMs);
    const ids = new Set(shown.map(({ id }) => String(id)));
    for (const id of ids) if (!may.has(id)) throw new Violation(`${what}: ${id} was not asked for`);
    if (isPartial) return;
    for (const id of must)
      if (!ids.has(id)) throw new Violation(`${what}: event ${this.#byId.get(id)?.told.data.n}, ${id}, is missing`);
  }

  /** How many events an answer has to count at least, and at most, by what they count as. @param keyOf null: it does not count. */
  count(
    { tenant, askedMs }: Omit<Question, "holds" | "newestFirst">,
    answeredMs: number,
    keyOf: (view: View) => string | null,
  ): { readonly least: ReadonlyMap<string, number>; readonly most: ReadonlyMap<string, number>; readonly unseen: number } {
    const [least, most] = [new Map<string, number>(), new Map<string, number>()];
    let unseen = 0;
    const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const event of this.events) {
      if (event.tenant !== tenant || !event.isPossible) continue;
      if (event.seen.size === 0) unseen += 1;
      for (const id of event.seen) {
        const keys = new Set(this.#forms(event, id, askedMs, answeredMs).map(keyOf));
        for (const key of keys) if (key !== null) add(most, key);
        const [only = null] = keys;
        const storedMs = event.acknowledged.get(id);
        const isSure = storedMs !== undefined && storedMs <= askedMs && !this.#mayBeGone(tenant, id, answeredMs);
        if (isSure && keys.size === 1 && only !== null) add(least, only);
      }
    }
    return { least, most, unseen };
  }

  /** Whether it has to be found now; by its id. */
  checkOne(tenant: string, id: string, shown: Json | null, askedMs: number, answeredMs: number): void {
    const holds: Holds = (view) => view.id === id;
    this.check(`get ${id}`, { tenant, holds, newestFirst: true, askedMs }, shown === null ? [] : [shown], answeredMs);
  }
}

/** Made by the store, or of no matter. */
const MADE: ReadonlySet<string> = new Set<string>(["specversion", "id", "recordedtime", "tenant", "datacontenttype"] satisfies (
  | Made
  | string
)[]);

function isShownAs(view: View, shown: Json): boolean {
  const { id, recordedMs, atMs, rest, time, ...told } = view;
  const isErased = !("n" in view.data);
  if (isErased !== (typeof shown["erased"] === "string")) return false;
  if (shown["id"] !== id || Date.parse(String(shown["recordedtime"])) < recordedMs) return false;
  if (Date.parse(String(shown["time"])) !== atMs || (time !== null && shown["time"] !== time)) return false;
  const wanted = { ...told, ...rest };
  const given = Object.entries(shown).filter(([name]) => !MADE.has(name) && name !== "time" && name !== "erased");
  return isDeepStrictEqual(Object.fromEntries(given), JSON.parse(JSON.stringify(wanted)));
}

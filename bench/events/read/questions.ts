/** What a filled store is asked, over HTTP. The answers are the same at every size. */
import { DAY_MS } from "../../../domain/events/keys.ts";
import { createRandom } from "../../routing/random.ts";
import type { Samples } from "../fill/messages.ts";
import {
  BUSY_CALLERS,
  BUSY_CALLS_PER_DAY,
  CALLS_PER_CALLER,
  DAYS,
  type FillSpec,
  callerNumber,
  callersOf,
} from "../fill/plan.ts";
import { STAGES } from "../bodies.ts";
import { DEMO_TENANT } from "../../../local/secrets.ts";

export const PAGE = 50;

export type Question = {
  readonly name: string;
  readonly what: string;
  /** At most so many milliseconds for half of the answers; null: it is told, and held against nothing. */
  readonly maxP50Ms: number | null;
  /** Below `/v1/events`, one for each time that it is asked. */
  readonly paths: readonly string[];
  /** How many events each answer has, which shows that it is the answer. */
  readonly hits: number;
  /** Whether the answer is over with its last page, not with so many events. */
  readonly all: boolean;
};

const encoded = (fields: Readonly<Record<string, string>>): string => `?${new URLSearchParams(fields).toString()}`;

/** Evenly spread, in an order without a pattern. */
function some<T>(items: readonly T[], count: number): T[] {
  const random = createRandom(5);
  const step = items.length / count;
  const spread = Array.from(
    { length: Math.min(count, items.length) },
    (_, index) => items[Math.floor(index * Math.max(1, step))]!,
  );
  return spread
    .map((item) => ({ item, order: random.below(1e9) }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}

/** @param samples of what the fill has stored; @param times each question is asked. */
export function questionsOf(spec: FillSpec, samples: Samples, times: number): Question[] {
  const iso = (ms: number): string => new Date(ms).toISOString();
  const bounds = (fromDay: number, toDay: number) => ({
    from: iso(spec.firstDayMs + fromDay * DAY_MS),
    to: iso(spec.firstDayMs + toDay * DAY_MS),
  });
  const random = createRandom(11);
  const ordinary = callersOf(DEMO_TENANT, spec);
  const repeat = (path: (index: number) => string): string[] => Array.from({ length: times }, (_, index) => path(index));
  const busy = (index: number): string => callerNumber(index % BUSY_CALLERS);
  const page = { limit: String(PAGE) };
  const callIds = some(samples.callIds, times);
  return [
    {
      name: "by id",
      what: "GET /v1/events/{id}",
      maxP50Ms: 10,
      paths: some(samples.ids, times).map((id) => `/${id}`),
      hits: 1,
      all: false,
    },
    {
      name: "of one call",
      what: "?callId=, no bounds of time",
      maxP50Ms: 20,
      paths: callIds.map((callId) => encoded({ callId })),
      hits: STAGES.length,
      all: true,
    },
    {
      name: "of one call, one day",
      what: "?callId= with the day's bounds",
      maxP50Ms: 20,
      paths: some(samples.callIds, times).map((callId) => {
        const day = samples.dayOfCall[callId]!;
        return encoded({ callId, ...bounds(day, day + 1) });
      }),
      hits: STAGES.length,
      all: true,
    },
    {
      name: "caller, one day",
      what: `a page of ${PAGE} of a caller with ${BUSY_CALLS_PER_DAY * STAGES.length} events on that day`,
      maxP50Ms: 50,
      paths: repeat((index) => {
        const day = random.below(DAYS);
        return encoded({ caller: busy(index), ...bounds(day, day + 1), ...page });
      }),
      hits: PAGE,
      all: false,
    },
    {
      name: "caller, 30 days",
      what: `a page of ${PAGE} of a caller with ${CALLS_PER_CALLER * STAGES.length} events, on ${CALLS_PER_CALLER} days`,
      maxP50Ms: 300,
      paths: repeat(() =>
        encoded({ caller: callerNumber(BUSY_CALLERS + random.below(ordinary)), ...bounds(0, DAYS), ...page }),
      ),
      hits: CALLS_PER_CALLER * STAGES.length,
      all: true,
    },
    {
      name: "busy caller, 30 days",
      what: `the newest ${PAGE} of a caller with ${BUSY_CALLS_PER_DAY * STAGES.length * DAYS} events`,
      maxP50Ms: 300,
      paths: repeat((index) => encoded({ caller: busy(index), ...bounds(0, DAYS), ...page })),
      hits: PAGE,
      all: false,
    },
    {
      name: "newest page",
      what: `the newest ${PAGE} of all`,
      maxP50Ms: null,
      paths: repeat(() => encoded(page)),
      hits: PAGE,
      all: false,
    },
  ];
}

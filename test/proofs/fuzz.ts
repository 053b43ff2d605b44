/** Every operation is asked for what its description has, with something wrong in it, and every answer is looked at. */
import * as fc from "fast-check";
import { API } from "../../contracts/openapi/api.ts";
import type { Operation } from "../../contracts/openapi/operation.ts";
import type { System } from "../../local/system.ts";
import { type Asked, asker, faultsOf, pathIn, quoted } from "./api/ask.ts";
import { furnish } from "./api/furnish.ts";

const AT_ONCE = 4;
const HUGE = "a".repeat(300_000);
/** Sockets, and streams without an end. */
const NOT_ASKED = new Set(["watchSession", "watchSessions", "tailEvents"]);

export type FuzzOutcome = {
  readonly requests: number;
  readonly statuses: ReadonlyMap<number, number>;
  readonly faults: readonly string[];
  readonly missing: readonly string[];
};

/** Extremes, and text that means something to somebody. */
const hostile = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    2 ** 53,
    1e308,
    5e-324,
    "",
    " ",
    [],
    {},
    [[]],
    "\u0000",
    "\ud83d\ude00",
    "\u202e",
  ),
  fc.constantFrom("__proto__", "constructor", "9".repeat(400), "1e999", "2026-02-30T25:61:61Z", "'; --", "%00", "\u001b[31m"),
  fc.constantFrom("9999-12-31T23:59:59.999Z", "-000001-01-01T00:00:00Z", "../../etc", "*", "\ud800", HUGE),
  fc.jsonValue({ maxDepth: 3 }),
  fc.string({ unit: "binary", maxLength: 60 }),
);

/** The pointers of a value's members, at any depth. */
function placesIn(value: unknown, at: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== "object" || value === null) return at.length === 0 ? [] : [at];
  const within = Object.entries(value).flatMap(([name, member]) => placesIn(member, [...at, name]));
  return at.length === 0 ? within : [at, ...within];
}

/** The value with another member at a place; `undefined` leaves it out. */
function withMember(value: unknown, [name, ...rest]: readonly string[], member: unknown): unknown {
  if (name === undefined || typeof value !== "object" || value === null) return member;
  if (Array.isArray(value)) return value.map((each, at) => (String(at) === name ? withMember(each, rest, member) : each));
  const inner = rest.length === 0 ? member : withMember((value as Record<string, unknown>)[name], rest, member);
  return { ...value, [name]: inner };
}

/** Bodies: as they should be, with one member wrong, missing or too many, something else altogether, and no JSON at all. */
function bodies(example: unknown): fc.Arbitrary<unknown> {
  if (typeof example === "string")
    return fc.oneof(
      fc.constant(example),
      fc.string({ unit: "binary", maxLength: 200 }),
      fc.constantFrom("", HUGE, `${example}\u0000,`),
    );
  const places = placesIn(example);
  const oneWrong =
    places.length === 0
      ? hostile
      : fc.tuple(fc.constantFrom(...places), hostile).map(([place, member]) => withMember(example, place, member));
  const oneLess =
    places.length === 0 ? hostile : fc.constantFrom(...places).map((place) => withMember(example, place, undefined));
  const oneMore = fc
    .tuple(fc.string({ maxLength: 12 }), hostile)
    .map(([name, member]) => ({ ...(example as object), [name]: member }));
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(example) },
    { weight: 6, arbitrary: oneWrong },
    { weight: 2, arbitrary: oneLess },
    { weight: 2, arbitrary: oneMore },
    { weight: 2, arbitrary: hostile },
    { weight: 1, arbitrary: fc.constantFrom("{", "nul", "[1,", '{"a":1}{', "\ufeff{}", "[".repeat(5_000)) },
  );
}

const HEADERS = [
  "If-Match",
  "If-None-Match",
  "Idempotency-Key",
  "Prefer",
  "X-Request-Id",
  "traceparent",
  "Origin",
  "Accept",
  "Range",
];
const headerText = fc.oneof(
  fc.constantFrom("*", '"7"', 'W/"7"', '"', "", "x".repeat(3_000), "respond-async", "null", "../", "text/html", "bytes=0-1"),
  fc.string({ unit: fc.constantFrom(..."abcXYZ019 !#$%&'()*+,-./:;<=>?@[]^_`{|}~\"\\"), maxLength: 40 }),
);
const segment = fc.oneof(
  fc.constantFrom(
    "x",
    "%00",
    "%2e%2e%2f",
    "%c0%af",
    "%E2%98%8E",
    "a".repeat(2_000),
    "00000000-0000-0000-0000-000000000000",
    "*",
    "__proto__",
  ),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
);

/** So that most cases have one thing wrong. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

type Case = {
  readonly body?: unknown;
  readonly query?: Record<string, string>;
  readonly headers?: Record<string, string>;
  readonly segment?: string;
};

function casesOf({ body, parameters }: Operation): fc.Arbitrary<Case> {
  const query = parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name.replace("<path>", "a.b"));
  const text = hostile.map((value) =>
    (typeof value === "string" ? value : JSON.stringify(value)).slice(0, 4_000).toWellFormed(),
  );
  return fc
    .record({
      body: body === undefined ? fc.constant(undefined) : bodies(body[0]!.example),
      query:
        query.length === 0
          ? fc.constant(undefined)
          : rarely(fc.dictionary(fc.constantFrom(...query, "unknown"), text, { maxKeys: 2, noNullPrototype: true })),
      headers: rarely(fc.dictionary(fc.constantFrom(...HEADERS), headerText, { maxKeys: 2, noNullPrototype: true })),
      type: rarely(
        fc.constantFrom("text/plain", "application/json; charset=utf-16", "multipart/form-data", "application/xml", "x"),
      ),
      segment: rarely(segment),
    })
    .map(({ type, headers, ...rest }) => ({
      ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
      headers: { ...headers, ...(type === undefined || body === undefined ? {} : { "Content-Type": type }) },
    }));
}

const isTeardown = ({ method }: Operation): boolean => method === "delete";

/**
 * @param seed the same one asks the same.
 * @param cases of each operation.
 */
export async function fuzz(
  { gateUrl, token }: Pick<System, "gateUrl" | "token">,
  { seed, cases }: { readonly seed: number; readonly cases: number },
): Promise<FuzzOutcome> {
  const tenant = asker(gateUrl, await token("admin", "acme"));
  const missing = await furnish(tenant, `f${seed.toString(36)}x${Date.now().toString(36).slice(-4)}`);
  const statuses = new Map<number, number>();
  const faults: string[] = [];
  let requests = 0;
  const one = async (operation: Operation, asked: Case): Promise<void> => {
    requests += 1;
    const path = pathIn(tenant.places, operation);
    const odd = asked.segment === undefined || !operation.path.includes("{") ? path : path.replace(/[^/]+$/, asked.segment);
    const request: Asked = { ...asked, path: odd };
    try {
      const answer = await tenant.ask(operation, request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      // Another path is another operation's, or nobody's.
      const found = odd === path ? faultsOf(operation, answer) : answer.status >= 500 ? [`a ${answer.status}`] : [];
      for (const fault of found)
        faults.push(`${operation.id} ${odd.slice(0, 100)} ${JSON.stringify(asked).slice(0, 600)}: ${fault}: ${quoted(answer)}`);
    } catch (error) {
      faults.push(`${operation.id} ${JSON.stringify(asked).slice(0, 600)}: no answer: ${String(error)}`);
    }
  };
  const operations = API.operations.filter(({ id }) => !NOT_ASKED.has(id));
  // What is taken away is gone for the others.
  const inOrder = [...operations.filter((each) => !isTeardown(each)), ...operations.filter(isTeardown)];
  for (const [at, operation] of inOrder.entries()) {
    const drawn = fc.sample(casesOf(operation), { seed: seed + at, numRuns: cases });
    for (let start = 0; start < drawn.length; start += AT_ONCE)
      await Promise.all(drawn.slice(start, start + AT_ONCE).map((each) => one(operation, each)));
  }
  return { requests, statuses, faults, missing };
}

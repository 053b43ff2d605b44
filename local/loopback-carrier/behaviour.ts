/** What becomes of a leg: for all legs, by the number that is dialled, and by parameters of the URI that is dialled. */
import { z } from "zod";

export const OUTCOMES = ["answer", "busy", "no_answer", "decline", "fail", "hang"] as const;

const MAX_MS = 24 * 3_600_000;
const milliseconds = z.int().min(0).max(MAX_MS);
const share = z.number().min(0).max(1);

const changes = z.strictObject({
  outcome: z.enum(OUTCOMES).optional(),
  delayMs: milliseconds.optional(),
  ringMs: milliseconds.optional(),
  talkMs: milliseconds.nullable().optional(),
});

export type LegBehaviour = {
  /** `no_answer` rings until somebody gives up; `hang` takes the leg, and then neither answers nor says anything about it. */
  readonly outcome: (typeof OUTCOMES)[number];
  /** From being placed to the first sound. */
  readonly delayMs: number;
  /** How long it rings before the outcome. */
  readonly ringMs: number;
  /** How long the callee talks; null: until somebody hangs up. */
  readonly talkMs: number | null;
};

const STANDARD: LegBehaviour = { outcome: "answer", delayMs: 50, ringMs: 1_500, talkMs: 30_000 };

export const behaviourSchema = z.strictObject({
  all: changes.default({}),
  /** By user part: exactly, `+1555*` by its beginning or `*0009` by its end. The one that says most of the number counts. */
  byUser: z.record(z.string().min(1).max(64), changes).default({}),
  callbacks: z
    .strictObject({
      lost: share.default(0),
      duplicated: share.default(0),
      reordered: share.default(0),
      seed: z.int().default(1),
    })
    .prefault({}),
});

/** As it is set; every field may be left out. */
export type Behaviour = z.input<typeof behaviourSchema>;
export type ParsedBehaviour = z.output<typeof behaviourSchema>;

const PARAMETER_PREFIX = "loopback-";

function userOf(uri: string): string {
  return /^sips?:([^@;]*)@/i.exec(uri)?.[1] ?? "";
}

/** How much of the number the pattern says; -1: it is another number. */
function precision(pattern: string, user: string): number {
  if (pattern.endsWith("*")) return user.startsWith(pattern.slice(0, -1)) ? pattern.length - 1 : -1;
  if (pattern.startsWith("*")) return user.endsWith(pattern.slice(1)) ? pattern.length - 1 : -1;
  return pattern === user ? Infinity : -1;
}

function byUser(patterns: ParsedBehaviour["byUser"], user: string): z.output<typeof changes> {
  const matching = Object.entries(patterns)
    .map(([pattern, behaviour]) => ({ behaviour, precision: precision(pattern, user) }))
    .filter((each) => each.precision >= 0)
    .sort((a, b) => b.precision - a.precision);
  return matching[0]?.behaviour ?? {};
}

/** `;loopback-outcome=busy;loopback-ring-ms=500` (RFC 3261 §19.1.1: URI parameters). What is malformed is passed over. */
function byParameters(uri: string): z.output<typeof changes> {
  const fields = uri
    .split(";")
    .slice(1)
    .flatMap((text) => {
      const [name = "", value = ""] = text.split("=");
      if (!name.startsWith(PARAMETER_PREFIX)) return [];
      const field = name.slice(PARAMETER_PREFIX.length).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      return [[field, /^\d+$/.test(value) ? Number(value) : value] as const];
    });
  const parsed = changes.safeParse(Object.fromEntries(fields));
  return parsed.success ? parsed.data : {};
}

/** What happens to a leg to this URI: its parameters before its number before what is set for all. */
export function behaviourOf(behaviour: ParsedBehaviour, uri: string): LegBehaviour {
  const said = { ...behaviour.all, ...byUser(behaviour.byUser, userOf(uri)), ...byParameters(uri) };
  const { outcome = STANDARD.outcome, delayMs = STANDARD.delayMs, ringMs = STANDARD.ringMs, talkMs = STANDARD.talkMs } = said;
  return { outcome, delayMs, ringMs, talkMs };
}

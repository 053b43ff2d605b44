/** The figures of `bench -- routing` in words, and the targets that they are held against. */
import { type Machine, machineLine } from "../machine.ts";
import type { Outcome } from "../outcome.ts";
import { median, medianRatio } from "../statistics.ts";
import { fixed, table } from "../table.ts";
import type { Size } from "./configuration.ts";
import type { Built, Measured, Traffic } from "./messages.ts";

export type Variant = {
  readonly name: string;
  readonly what: "floor" | "system";
  readonly traffic: Traffic;
  readonly size: Size;
};

const FEW: Size = { prefixRules: 4_000, mixedRules: 100 };
const MANY: Size = { prefixRules: 400_000, mixedRules: 10_000 };
export const VARIANTS: readonly Variant[] = [
  { name: "floor", what: "floor", traffic: "even", size: MANY },
  { name: "few", what: "system", traffic: "even", size: FEW },
  { name: "many", what: "system", traffic: "even", size: MANY },
  { name: "floor-skewed", what: "floor", traffic: "skewed", size: MANY },
  { name: "many-skewed", what: "system", traffic: "skewed", size: MANY },
];

const MB = 1024 * 1024;
const MAX_LOAD_MS = 2_000;
const MAX_HELD_MB = 32;
const MAX_REPLACING_MB = 80;
const MIN_PER_SECOND = 500_000;
const MAX_P99_US = 20;
/** What a decision among many rules may cost, compared with one among few. */
const MAX_RATIO = 2;

/** Rules, memory and load time of `drouting` as the OpenSIPS and Kamailio projects publish them; not measured here. */
const PUBLISHED = "drouting (OpenSIPS, Kamailio), as published, not measured here: 383,000 rules, 96 MB, loaded in 4 s";

export type RoutingFigures = {
  readonly machine: Machine;
  readonly rounds: number;
  readonly built: ReadonlyMap<Size, Built>;
  readonly measured: ReadonlyMap<Variant, readonly Measured[]>;
};

type Row = {
  readonly name: string;
  readonly what: string;
  readonly loadMs: number;
  readonly heldMb: number;
  readonly replacingMb: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
};

function rowOf({ name, what, traffic, size }: Variant, rounds: readonly Measured[]): Row {
  const of = (pick: (measured: Measured) => number): number => median(rounds.map(pick));
  const rules = `${size.prefixRules} + ${size.mixedRules} rules`;
  return {
    name,
    what: `${what === "floor" ? `longest of ${size.prefixRules} prefixes in a map, nothing else` : `whole decisions, ${rules}`}${
      traffic === "skewed" ? "; most calls to few prefixes" : ""
    }`,
    loadMs: of(({ loadMs }) => loadMs),
    heldMb: of(({ heldBytes }) => heldBytes) / MB,
    replacingMb: of(({ replacingBytes }) => replacingBytes) / MB,
    perSecond: of(({ perSecond }) => perSecond),
    p50Us: of(({ p50Us }) => p50Us),
    p99Us: of(({ p99Us }) => p99Us),
  };
}

function missedBy(row: Row, ratio: number): string[] {
  const missed: string[] = [];
  const most = (what: string, value: number, limit: number, unit: string): void => {
    if (!(value <= limit)) missed.push(`${what}: ${fixed(value, 1)} ${unit}, at most ${limit}`);
  };
  most("load", row.loadMs, MAX_LOAD_MS, "ms");
  most("memory held", row.heldMb, MAX_HELD_MB, "MB");
  most("memory while a version replaces another", row.replacingMb, MAX_REPLACING_MB, "MB");
  most("99th percentile of a decision", row.p99Us, MAX_P99_US, "µs");
  if (!(row.perSecond >= MIN_PER_SECOND))
    missed.push(`decisions: ${fixed(row.perSecond, 0)} per second, at least ${MIN_PER_SECOND}`);
  if (Number.isFinite(ratio)) most("cost among many rules, compared with few", ratio, MAX_RATIO, "times");
  return missed;
}

function builtText(built: ReadonlyMap<Size, Built>): string[] {
  return [...built].map(
    ([{ prefixRules, mixedRules }, { compileMs, chunks, chunkBytes, coreBytes }]) =>
      `${prefixRules} + ${mixedRules} rules compile in ${fixed(compileMs / 1_000, 1)} s to ${chunks} chunks, ` +
      `${fixed(chunkBytes / MB, 1)} MB, and a core of ${fixed(coreBytes / 1_024, 0)} KB`,
  );
}

export function routingReport({ machine, rounds, built, measured }: RoutingFigures): Outcome {
  const rows = [...measured].map(([variant, results]) => rowOf(variant, results));
  const perSecond = (name: string): number[] =>
    [...measured].flatMap(([variant, results]) => (variant.name === name ? results.map((result) => result.perSecond) : []));
  const ratio = medianRatio(perSecond("few"), perSecond("many"));
  const header = ["variant", "per second", "p50 µs", "p99 µs", "load ms", "held MB", "replacing MB", "what"];
  const cells = rows.map((row) => [
    row.name,
    fixed(row.perSecond, 0),
    fixed(row.p50Us, 2),
    fixed(row.p99Us, 2),
    fixed(row.loadMs, 0),
    fixed(row.heldMb, 1),
    fixed(row.replacingMb, 1),
    row.what,
  ]);
  const many = rows.find(({ name }) => name === "many");
  const text = [
    machineLine(machine),
    `One core, one process; a fresh process per variant and round, medians of ${rounds} rounds. Memory: heap and external, after garbage`,
    "collection, compared with before, all chunks loaded and 500,000 decisions made.",
    "",
    table(header, cells),
    "",
    ...(Number.isFinite(ratio) ? [`a decision among many rules costs ${fixed(ratio, 2)} times one among few`] : []),
    ...builtText(built),
    PUBLISHED,
  ].join("\n");
  return {
    text,
    data: { machine, rounds, rows, ratio, built: [...built.values()] },
    missed: many === undefined ? [] : missedBy(many, ratio),
  };
}

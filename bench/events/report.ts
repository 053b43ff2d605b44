/** The figures of `bench -- events` in words, and the targets that they are held against. */
import { type Machine, machineLine } from "../machine.ts";
import type { Outcome } from "../outcome.ts";
import type { CostFigures } from "./cost.ts";
import { costText } from "./cost-report.ts";
import type { Measured } from "./ingest.ts";
import { ingestText, sustainedText } from "./ingest-report.ts";
import type { DayMerged } from "./merge/merge.ts";
import { exportText, mergedText } from "./memory-report.ts";
import { readText } from "./read-report.ts";
import type { Size } from "./read/sizes.ts";
import type { Sustained } from "./sustained.ts";

export type EventsFigures = {
  readonly machine: Machine;
  readonly rounds: number;
  readonly ingest?: readonly Measured[];
  readonly sustained?: Sustained;
  /** Only when they are asked for. */
  readonly profiles?: readonly string[];
  readonly sizes?: readonly Size[];
  readonly merged?: readonly DayMerged[];
  readonly cost?: CostFigures;
};

/** @property missed of the targets that it is about. */
export type Section = { readonly text: string; readonly missed: readonly string[] };

export function eventsReport(figures: EventsFigures): Outcome {
  const { machine, rounds, ingest, sustained, profiles = [], sizes = [], merged, cost } = figures;
  const asked = sizes.filter((size) => size.asked.length > 0);
  const sections: Section[] = [
    ...(ingest === undefined ? [] : [ingestText(ingest, rounds)]),
    ...(sustained === undefined ? [] : [sustainedText(sustained)]),
    ...profiles.map((text) => ({ text, missed: [] })),
    ...(asked.length === 0 ? [] : [readText(asked)]),
    ...sizes.flatMap((size) => (size.exported === null ? [] : [exportText(size.exported, size.events)])),
    ...(merged === undefined ? [] : [mergedText(merged)]),
    ...(cost === undefined ? [] : [costText(cost)]),
  ];
  const missed = sections.flatMap((section) => section.missed);
  const text = [machineLine(machine), ...sections.map((section) => section.text)].join("\n\n");
  return { text: `${text}\n`, data: { ...figures, missed }, missed };
}

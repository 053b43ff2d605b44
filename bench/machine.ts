/** Where the figures were taken. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, loadavg, totalmem } from "node:os";

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly workerd: string;
  /** The folder that everything is stored under. */
  readonly storage: string;
  /** Load average of the minute before the start: other work on the machine shows here. */
  readonly loadBefore: number;
};

export function describeMachine(storage: string): Machine {
  const manifest = createRequire(import.meta.url).resolve("workerd/package.json");
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  const all = cpus();
  return {
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    workerd: version,
    storage,
    loadBefore: loadavg()[0] ?? 0,
  };
}

export const machineLine = ({ cpu, cores, memoryGb, node, workerd, storage, loadBefore }: Machine): string =>
  `${cpu}, ${cores} cores, ${memoryGb} GB; node ${node}, workerd ${workerd}; storage ${storage}; load before ${loadBefore.toFixed(2)}`;

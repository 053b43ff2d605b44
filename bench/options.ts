/** The command line of `npm run bench -- <calls|cost|routing|replay|publish> [options]`. */
import { parseArgs } from "node:util";

const COMMANDS = ["calls", "cost", "routing", "replay", "publish"] as const;
const DEFAULT_ROUNDS = 5;
const MAX_ROUNDS = 99;
const DEFAULT_RATE = 100;
const MAX_RATE = 1_000;

export type Options = {
  readonly command: (typeof COMMANDS)[number];
  readonly rounds: number;
  /** Whole calls per second, kept up for a while. */
  readonly rate: number;
  /** Only these variants of the table; all when empty. */
  readonly only: readonly string[];
  /** Measure parts of the system too. */
  readonly diagnose: boolean;
  readonly jsonFile: string | undefined;
  /** Exit with 1 when a target is missed. */
  readonly assert: boolean;
};

export const USAGE = `usage: npm run bench -- calls [--rounds N] [--rate N] [--only variant,…] [--diagnose] [--json file] [--assert]
       npm run bench -- cost|publish [--json file] [--assert]
       npm run bench -- routing|replay [--rounds N] [--only variant,…] [--json file] [--assert]`;

/** @throws with what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: String(DEFAULT_ROUNDS) },
      rate: { type: "string", default: String(DEFAULT_RATE) },
      only: { type: "string", default: "" },
      diagnose: { type: "boolean", default: false },
      json: { type: "string" },
      assert: { type: "boolean", default: false },
    },
  });
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length > 1) throw new Error(`say what to measure: ${COMMANDS.join(", ")}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) throw new Error(`--rounds takes 1 to ${MAX_ROUNDS}`);
  const rate = Number(values.rate);
  if (!Number.isInteger(rate) || rate < 1 || rate > MAX_RATE) throw new Error(`--rate takes 1 to ${MAX_RATE} calls per second`);
  const only = values.only.split(",").filter((name) => name !== "");
  return { command, rounds, rate, only, diagnose: values.diagnose, jsonFile: values.json, assert: values.assert };
}

/** The command line of `npm run bench -- <calls|cost|live|routing|replay|publish|events|api|emergency> [options]`. */
import { parseArgs } from "node:util";

const COMMANDS = ["calls", "cost", "live", "routing", "replay", "publish", "events", "api", "emergency"] as const;
const DEFAULT_ROUNDS = 5;
/** Each takes more than a minute. */
const DEFAULT_LIVE_ROUNDS = 3;
const MAX_ROUNDS = 99;
const DEFAULT_RATE = 100;
const MAX_RATE = 1_000;
const MAX_SOCKETS = 10_000;
const MAX_EVENTS = 50_000_000;

export type Options = {
  readonly command: (typeof COMMANDS)[number];
  readonly rounds: number;
  /** Whole calls per second, kept up for a while. */
  readonly rate: number;
  /** Sockets of one session, and sockets of a session each on which nothing happens; undefined: as many as the targets say. */
  readonly sockets: number | undefined;
  readonly idleSockets: number | undefined;
  /** Only these variants or parts; all when empty. */
  readonly only: readonly string[];
  /** How many events are stored when they are asked for; undefined: as many as the targets say. */
  readonly events: number | undefined;
  /** Small and fast: tells whether everything works, and nothing about speed. */
  readonly quick: boolean;
  /** Measure parts of the system too. */
  readonly diagnose: boolean;
  readonly jsonFile: string | undefined;
  /** Exit with 1 when a target is missed. */
  readonly assert: boolean;
};

export const USAGE = `usage: npm run bench -- calls [--rounds N] [--rate N] [--only variant,…] [--diagnose] [--json file] [--assert]
       npm run bench -- live [--rounds N] [--sockets N] [--idle N] [--only fan-out,idle] [--json file] [--assert]
       npm run bench -- emergency [--rounds N] [--rate N] [--quick] [--json file] [--assert]
       npm run bench -- cost|publish [--json file] [--assert]
       npm run bench -- events [--rounds N] [--events N] [--quick] [--only ingest,read,memory,cost] [--diagnose] [--json file] [--assert]
       npm run bench -- api [--rounds N] [--quick] [--only read,auth,lists,fair] [--diagnose] [--json file] [--assert]
       npm run bench -- routing|replay [--rounds N] [--only variant,…] [--json file] [--assert]`;

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`--${name} takes 1 to ${max}`);
  return value;
}

const optional = (name: string, text: string | undefined, max: number): number | undefined =>
  text === undefined ? undefined : wholeNumber(name, text, max);

/** @throws with what is wrong with the arguments. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      sockets: { type: "string" },
      idle: { type: "string" },
      rate: { type: "string", default: String(DEFAULT_RATE) },
      events: { type: "string" },
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      diagnose: { type: "boolean", default: false },
      json: { type: "string" },
      assert: { type: "boolean", default: false },
    },
  });
  const command = COMMANDS.find((name) => name === positionals[0]);
  if (command === undefined || positionals.length > 1) throw new Error(`say what to measure: ${COMMANDS.join(", ")}`);
  const usualRounds = command === "live" ? DEFAULT_LIVE_ROUNDS : DEFAULT_ROUNDS;
  const rounds = optional("rounds", values.rounds, MAX_ROUNDS) ?? usualRounds;
  const rate = wholeNumber("rate", values.rate, MAX_RATE);
  const sockets = optional("sockets", values.sockets, MAX_SOCKETS);
  const idleSockets = optional("idle", values.idle, MAX_SOCKETS);
  const events = optional("events", values.events, MAX_EVENTS);
  const only = values.only.split(",").filter((name) => name !== "");
  const { quick, diagnose, json: jsonFile, assert } = values;
  return { command, rounds, rate, sockets, idleSockets, events, quick, only, diagnose, jsonFile, assert };
}

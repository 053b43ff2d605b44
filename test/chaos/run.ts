/**
 * `npm run chaos -- <fault> | all | sip`: breaks one thing after another under calls at a constant rate, each on a system of its own, and
 * holds what was seen against the rules [RES-7] and [RES-8]. The exit code is 0 when everything held. What the faults are, and what an
 * operator sees of them: docs/runbooks.
 */
import { parseArgs } from "node:util";
import { type Check, FAULTS } from "./faults.ts";
import { checksOf, linesOf } from "./judge.ts";
import { type RoundOptions, playRound } from "./round.ts";
import { proveSip } from "./sip.ts";
import { type ChaosStage, setChaosStage } from "./stage.ts";

const SIP = "sip";
const USAGE = `npm run chaos -- <fault> | all | ${SIP} [--seconds 60] [--undisturbed-seconds 60] [--rate 50] [--emergency-rate 5] [--quick]
faults: ${Object.keys(FAULTS).join(", ")}
A p99 is firm with 3,000 samples: --emergency-rate 50 has them in a minute. --quick: 6 s of each at 20 emergency calls a second.`;
const DEFAULTS = { seconds: 60, rate: 50, emergencyRate: 5 };
const QUICK = { seconds: 6, rate: 50, emergencyRate: 20 };
const MS_PER_S = 1_000;
/** Beyond the time that the calls themselves take: starting, catching up, comparing. */
const GRACE_MS = 240_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const notice = (text: string): void => void process.stderr.write(`  … ${text}\n`);

type Asked = { readonly names: readonly string[]; readonly options: RoundOptions };

function readArguments(): Asked {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    options: { seconds: text, "undisturbed-seconds": text, rate: text, "emergency-rate": text, quick: { type: "boolean" } },
    allowPositionals: true,
  });
  const known = [...Object.keys(FAULTS), SIP];
  const names = positionals.length === 1 && positionals[0] === "all" ? known : positionals;
  const unknown = names.find((name) => !known.includes(name));
  if (names.length === 0 || unknown !== undefined)
    throw new Error(unknown === undefined ? "which fault?" : `there is no fault ${unknown}`);
  const number = (given: string | undefined, otherwise: number): number => {
    if (given !== undefined && !/^[1-9]\d{0,3}$/.test(given)) throw new Error(`"${given}" is no number from 1 to 9999`);
    return given === undefined ? otherwise : Number(given);
  };
  const usual = values.quick === true ? QUICK : DEFAULTS;
  const seconds = number(values.seconds, usual.seconds);
  return {
    names,
    options: {
      standardPerS: number(values.rate, usual.rate),
      emergencyPerS: number(values["emergency-rate"], usual.emergencyRate),
      undisturbedMs: number(values["undisturbed-seconds"], seconds) * MS_PER_S,
      faultMs: seconds * MS_PER_S,
      notice,
    },
  };
}

function argumentsOrUsage(): Asked {
  try {
    return readArguments();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
    return process.exit(2);
  }
}

let stage: ChaosStage | undefined;

async function play(name: string, options: RoundOptions): Promise<readonly Check[]> {
  stage = await setChaosStage();
  try {
    if (name === SIP) return await proveSip(stage, say);
    const fault = FAULTS[name]!;
    say(`\n${name}: ${fault.what}`);
    const round = await playRound(stage, fault, options);
    for (const line of linesOf(round)) say(`  ${line}`);
    return checksOf(fault, round);
  } finally {
    await stage.end();
    stage = undefined;
  }
}

const { names, options } = argumentsOrUsage();
// The last resort: the system's own exit handler ends its processes.
setTimeout(
  () => {
    process.stderr.write("The faults took too long.\n");
    process.exit(1);
  },
  names.length * (options.undisturbedMs + options.faultMs + GRACE_MS),
).unref();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, () => void (stage?.end() ?? Promise.resolve()).finally(() => process.exit(1)));
const failed: string[] = [];
for (const name of names) {
  try {
    const checks = await play(name, options);
    for (const { what, holds } of checks) say(`${holds ? "held  " : "FAILED"} ${name}: ${what}`);
    if (!checks.every(({ holds }) => holds)) failed.push(name);
  } catch (error) {
    say(`FAILED ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    failed.push(name);
  }
}
say(
  failed.length === 0
    ? `\n${names.length} faults: everything held`
    : `\n${names.length} faults, did not hold: ${failed.join(", ")}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

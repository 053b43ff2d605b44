/** Runs every example in examples/typescript and the commands of examples/curl.md against a started system. */
import { execFile } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../../local/paths.ts";

const FOLDER = join(ROOT, "examples", "typescript");
const CURL = join(ROOT, "examples", "curl.md");
const DEADLINE_MS = 40_000;
/** What the others import. */
const SHARED = "client.ts";
const SHELL_BLOCK = /^```sh\n([^]*?)^```$/gm;

const execute = promisify(execFile);

/** @returns what each wrote to stdout, by its file's name. @throws when one fails. */
export async function runExamples(url: string, token: string): Promise<Readonly<Record<string, string>>> {
  const env = { ...process.env, TRUNKLINE_URL: url, TRUNKLINE_TOKEN: token };
  const run = async (program: string, args: readonly string[]): Promise<string> =>
    (await execute(program, args, { cwd: ROOT, env, timeout: DEADLINE_MS })).stdout;
  const outputs: Record<string, string> = {};
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ts") && name !== SHARED))
    outputs[file] = await run(process.execPath, [join(FOLDER, file)]);
  const commands = [...readFileSync(CURL, "utf8").matchAll(SHELL_BLOCK)].map(([, block]) => block).join("");
  outputs["curl.md"] = await run("sh", ["-euc", commands]);
  return outputs;
}

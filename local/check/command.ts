import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { stripVTControlCharacters } from "node:util";

export const ROOT = join(import.meta.dirname, "..", "..");

const COMMAND_DEADLINE_MS = 180_000;

/** No tool may phone home, ask a question or write outside of the repository. */
const ENVIRONMENT = {
  CI: "1",
  NO_COLOR: "1",
  FORCE_COLOR: "0",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_WRITE_LOGS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  PATH: [join(ROOT, "node_modules", ".bin"), process.env["PATH"]].join(delimiter),
};

export type CommandResult = { readonly ok: boolean; readonly output: string };

/** Runs a program without a terminal; `output` is what it wrote to both streams. One that hangs is ended and has failed. */
export function run(program: string, args: readonly string[], cwd: string = ROOT): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...ENVIRONMENT },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: COMMAND_DEADLINE_MS,
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", (error) => resolve({ ok: false, output: `${program}: ${error.message}` }));
    child.on("close", (code, signal) => {
      if (signal !== null) output += `\n${program} was ended by ${signal}`;
      resolve({ ok: code === 0, output: stripVTControlCharacters(output) });
    });
  });
}

/**
 * `npm run config -- pull [file] | diff [file] | push [file] [--publish] [--yes]`: the whole configuration of a tenant as one YAML file,
 * so that it can live in git.
 */
import { parseArgs } from "node:util";
import { configurationApi } from "./config/api.ts";
import { diff, EXIT, pull, push, terminal } from "./config/commands.ts";
import { findTarget } from "./config/target.ts";
import { Trouble } from "./config/trouble.ts";

const DEFAULT_FILE = "trunkline.yaml";

const USAGE = `npm run config -- pull [file]      write the tenant's draft to a YAML file (${DEFAULT_FILE})
npm run config -- diff [file]      say what pushing the file would change; exit code 1 when it would
npm run config -- push [file]      make the draft what the file says, after asking
      --publish                    and put it in force
      --yes                        without asking
      --tenant <tenant>            another tenant of the local system than demo

The local system is used unless TRUNKLINE_URL and TRUNKLINE_TOKEN (a token or an API key) name another one.
What the file may say: local/seed/demo.yaml is an example. Comments in it are not kept by \`pull\`.`;

const OPTIONS = {
  publish: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  tenant: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new Trouble(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const [command = "", file = DEFAULT_FILE, ...more] = positionals;
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return EXIT.SAME;
  }
  if (!["pull", "diff", "push"].includes(command) || more.length > 0) throw new Trouble(USAGE);
  if (command !== "push" && (values.publish || values.yes)) throw new Trouble(`--publish and --yes are for push.\n\n${USAGE}`);
  const target = await findTarget(process.env, values.tenant);
  const context = { api: configurationApi(target), file, screen: terminal() };
  if (command === "pull") return pull(context);
  return command === "diff" ? diff(context) : push(context, values);
}

try {
  process.exitCode = await main();
} catch (error) {
  // What is no trouble with input, network or server is a bug, and keeps its stack.
  if (!(error instanceof Trouble)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = EXIT.TROUBLE;
}

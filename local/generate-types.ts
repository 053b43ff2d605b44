/**
 * Writes worker-configuration.d.ts: one `Env` for both lanes, from wrangler.toml. `npm run types` calls it, `npm run check` compares.
 *
 * wrangler describes one environment, or all of them with every binding optional. The lanes differ in few bindings, so the two are
 * generated and joined: what only one lane has is optional, everything else is certain.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { experimental_generateTypes as generateTypes } from "wrangler";

const ROOT = join(import.meta.dirname, "..");
const LANE_ENVIRONMENTS = ["emergency-dev", "standard-dev"] as const;
const HEADER = "// Generated from wrangler.toml by `npm run types`. A binding that only one lane has is optional.\n";

/** A member of the environment's interface, as wrangler prints it: one tab, a name, a type, a semicolon. */
const MEMBER = /^\t(\w+): (.+);$/;

/** The name of the bound resource, which differs from one environment to the next. */
const RESOURCE_COMMENT = / \/\*.*?\*\//g;

export const TYPES_FILE = join(ROOT, "worker-configuration.d.ts");

async function describeEnvironment(env: string): Promise<string> {
  const { env: text } = await generateTypes({
    config: join(ROOT, "wrangler.toml"),
    env,
    path: TYPES_FILE,
    includeRuntime: false,
    strictVars: false,
  });
  if (text === null) throw new Error(`wrangler described no bindings for ${env}`);
  return text.replace(RESOURCE_COMMENT, "");
}

/** wrangler also puts the bindings into `process.env`, for code that runs with its Node emulation. Here Node code reads its own environment. */
function withoutProcessEnv(text: string): string {
  const start = text.indexOf("type StringifyValues<");
  if (start === -1) return text;
  const end = text.indexOf("\n}\n", text.indexOf("declare namespace NodeJS")) + "\n}\n".length;
  return text.slice(0, start) + text.slice(end);
}

/**
 * Joins the descriptions of two environments: every member of either, optional (`?:`) unless both have it.
 * @throws when they give one member two types, which no code could serve.
 */
export function joinEnvironments(first: string, second: string): string {
  const members = (text: string) =>
    new Map(text.split("\n").flatMap((line) => (MEMBER.test(line) ? [[MEMBER.exec(line)![1]!, line] as const] : [])));
  const [left, right] = [members(first), members(second)];
  for (const [name, line] of left) {
    if (right.has(name) && right.get(name) !== line) throw new Error(`the lanes disagree about ${name}`);
  }
  const optional = (line: string) => line.replace(MEMBER, "\t$1?: $2;");
  const onlyRight = [...right].filter(([name]) => !left.has(name)).map(([, line]) => optional(line));
  const lines = first.split("\n").map((line) => {
    const name = MEMBER.exec(line)?.[1];
    return name === undefined || right.has(name) ? line : optional(line);
  });
  const lastMember = lines.findLastIndex((line) => /^\t\w+\??: .+;$/.test(line));
  lines.splice(lastMember + 1, 0, ...onlyRight);
  return lines.join("\n");
}

/** The text that worker-configuration.d.ts ought to have. */
export async function generateEnvironmentTypes(): Promise<string> {
  const [emergency, standard] = await Promise.all(LANE_ENVIRONMENTS.map(describeEnvironment));
  return HEADER + withoutProcessEnv(joinEnvironments(emergency!, standard!)).trimEnd() + "\n";
}

export function checkedInTypes(): string | undefined {
  try {
    return readFileSync(TYPES_FILE, "utf8");
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFileSync(TYPES_FILE, await generateEnvironmentTypes());
}

/** Checks that read files of the repository: their length, their links, the lock file. Each returns what is wrong, one line each. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, run } from "./command.ts";

const MAX_LINES = 400;
const SOURCE = /\.(?:tsx?|mjs|js|css|sh)$/;
/** Tables that a script wrote may be long; they say so in their first line, as the other generated files do. */
const GENERATED = /^(?:\/\/|\/\*).*generated/i;

/** What git tracks or would track, as paths from the root. */
export async function repositoryFiles(): Promise<readonly string[]> {
  const listed = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"]);
  if (!listed.ok) throw new Error(`git could not list the files: ${listed.output}`);
  return listed.output.split("\n").filter((path) => path !== "" && existsSync(join(ROOT, path)));
}

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export async function longFiles(): Promise<readonly string[]> {
  return (await repositoryFiles())
    .filter((path) => SOURCE.test(path))
    .flatMap((path) => {
      const text = read(path);
      const lines = text.split("\n").length - 1;
      return lines > MAX_LINES && !GENERATED.test(text) ? [`${path}: ${lines} lines, at most ${MAX_LINES}`] : [];
    });
}

/** A lock file with addresses installs from one registry only; without them npm uses the one that the machine is set up for. */
export function lockedAddresses(lockFile: string = read("package-lock.json"), name = "package-lock.json"): readonly string[] {
  const { packages } = JSON.parse(lockFile) as { packages: Record<string, { resolved?: string }> };
  return Object.entries(packages).flatMap(([path, { resolved }]) =>
    resolved !== undefined && /^\w+(?:\+\w+)?:\/\//.test(resolved) ? [`${name}: ${path} is resolved to an address`] : [],
  );
}

/** Those of every lock file of the repository. */
export function allLockedAddresses(): readonly string[] {
  return ["package-lock.json", "tools/api/package-lock.json", "tools/numbers/package-lock.json"].flatMap((path) =>
    lockedAddresses(read(path), path),
  );
}

const FENCED = /^(```|~~~)[\s\S]*?^\1/gm;
const INLINE_CODE = /`[^`\n]*`/g;
const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\[[^\]]+\]:\s+(\S+)/gm;
const ELSEWHERE = /^(?:[a-z][a-z0-9+.-]*:|#)/i;

/** The targets of a Markdown text's links that should be files, without their fragments. */
export function fileLinks(markdown: string): readonly string[] {
  const prose = markdown.replace(FENCED, "").replace(INLINE_CODE, "");
  return [...prose.matchAll(LINK)]
    .map((match) => (match[1] ?? match[2])!)
    .filter((target) => !ELSEWHERE.test(target))
    .map((target) => decodeURI(target.split("#")[0]!));
}

export async function brokenLinks(): Promise<readonly string[]> {
  return (await repositoryFiles())
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) =>
      fileLinks(read(path))
        .filter((target) => !existsSync(join(ROOT, target.startsWith("/") ? "." : dirname(path), target)))
        .map((target) => `${path}: ${target} does not exist`),
    );
}

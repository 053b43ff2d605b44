/** A compiled configuration and prepared calls on disk: one process writes them, others measure. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createCompiler } from "../../domain/routing/compiled/compile.ts";
import type { TenantId } from "../../domain/shared/ids.ts";
import { type TimedCall, prepareCalls } from "./calls.ts";
import { PUBLISHED_AT_MS, type Size, configuration } from "./configuration.ts";
import type { Built, Traffic } from "./messages.ts";

const CALLS = 50_000;
const CORE = "core.json";
const preparedFor = (traffic: Traffic): string => `calls-${traffic}.json`;
const TRAFFIC: readonly Traffic[] = ["even", "skewed"];
const PREFIXES = "prefixes.json";
const CHUNKS = "chunks";

export function build(size: Size, folder: string): Built {
  const compiler = createCompiler("bench" as TenantId);
  const prefixes: string[] = [];
  let compileMs = 0;
  const timed = <T>(work: () => T): T => {
    const startedMs = performance.now();
    const result = work();
    compileMs += performance.now() - startedMs;
    return result;
  };
  for (const item of configuration(size)) {
    timed(() => compiler.add(item));
    if (item.kind === "routing-rules" && item.entity.group !== null) prefixes.push(item.entity.when.callee!.prefix![0]!);
  }
  const { core, chunks } = timed(() =>
    compiler.finish({ version: "bench", publishedAt: new Date(PUBLISHED_AT_MS).toISOString(), publishedAtMs: PUBLISHED_AT_MS }),
  );
  mkdirSync(join(folder, CHUNKS), { recursive: true });
  let chunkBytes = 0;
  for (const { name, bytes } of timed(() => [...chunks])) {
    writeFileSync(join(folder, CHUNKS, name), bytes);
    chunkBytes += bytes.length;
  }
  const text = JSON.stringify(core);
  writeFileSync(join(folder, CORE), text);
  for (const traffic of TRAFFIC)
    writeFileSync(join(folder, preparedFor(traffic)), JSON.stringify(prepareCalls(size, CALLS, traffic)));
  writeFileSync(join(folder, PREFIXES), JSON.stringify(prefixes));
  return { type: "built", compileMs, chunks: core.chunks.length, chunkBytes, coreBytes: text.length };
}

export type Stored = { readonly core: string; readonly chunks: readonly (readonly [string, Uint8Array])[] };

export function readCompiled(folder: string): Stored {
  const chunks = readdirSync(join(folder, CHUNKS)).map((name) => {
    // A buffer of its own, as R2 gives it; Node's pool would keep others alive.
    const bytes = new Uint8Array(readFileSync(join(folder, CHUNKS, name)));
    return [name, bytes] as const;
  });
  return { core: readFileSync(join(folder, CORE), "utf8"), chunks };
}

export const readCalls = (folder: string, traffic: Traffic): readonly TimedCall[] =>
  JSON.parse(readFileSync(join(folder, preparedFor(traffic)), "utf8")) as readonly TimedCall[];

/** The keys of the prefix rules, for the floor. */
export const readPrefixes = (folder: string): readonly string[] =>
  JSON.parse(readFileSync(join(folder, PREFIXES), "utf8")) as readonly string[];

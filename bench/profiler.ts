/** What a Worker's processor time goes to, function by function, as the engine's own profiler samples it. */
import { readFileSync } from "node:fs";
import { within } from "../local/deadline.ts";
import type { HostedWorker } from "./runtime/messages.ts";
import { fixed, table } from "./table.ts";

const SAMPLE_EVERY_US = 200;
const COMMAND_DEADLINE_MS = 60_000;
const SHOWN = 25;
const IDLE = "(idle)";
/** Before each module the bundler names its file. */
const MODULE = /^\/\/ (\S+\.(?:ts|js|mjs))$/;

type Node = {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly lineNumber: number };
  readonly children?: readonly number[];
};

/** As the protocol has it (https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile). Times in microseconds. */
type Profile = { readonly nodes: readonly Node[]; readonly samples: readonly number[]; readonly timeDeltas: readonly number[] };

type Inspector = {
  readonly call: (method: string, params?: object) => Promise<{ readonly profile?: Profile }>;
  readonly close: () => void;
};

async function inspect(url: string): Promise<Inspector> {
  const socket = new WebSocket(url);
  const waiting = new Map<number, (result: { readonly profile?: Profile }) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as {
      readonly id?: number;
      readonly result?: { readonly profile?: Profile };
    };
    if (id !== undefined) waiting.get(id)?.(result ?? {});
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error(`${url} cannot be inspected`)));
  });
  await within(opened, COMMAND_DEADLINE_MS, url);
  let last = 0;
  return {
    call: (method, params = {}) => {
      last += 1;
      const id = last;
      const answer = new Promise<{ readonly profile?: Profile }>((resolve) => waiting.set(id, resolve));
      socket.send(JSON.stringify({ id, method, params }));
      return within(answer, COMMAND_DEADLINE_MS, method);
    },
    close: () => socket.close(),
  };
}

/** The file that each line of a bundle comes from. */
function filesOf(bundle: string): (line: number) => string {
  const files: string[] = [];
  let file = "";
  for (const line of readFileSync(bundle, "utf8").split("\n")) {
    file = MODULE.exec(line)?.[1] ?? file;
    files.push(file);
  }
  return (line) => files[line] ?? "";
}

/** Microseconds by function: its own, and with what it calls. */
function timesOf({ nodes, samples, timeDeltas }: Profile, fileOf: (line: number) => string) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const nameOf = ({ callFrame: { functionName, lineNumber } }: Node): string =>
    lineNumber < 0 ? functionName : `${functionName || "(anonymous)"}  ${fileOf(lineNumber)}`;
  const [own, whole] = [new Map<string, number>(), new Map<string, number>()];
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    const node = byId.get(sample)!;
    if (node.callFrame.functionName === IDLE) continue;
    const us = timeDeltas[index] ?? 0;
    total += us;
    own.set(nameOf(node), (own.get(nameOf(node)) ?? 0) + us);
    const names = new Set<string>();
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) names.add(nameOf(byId.get(id)!));
    for (const name of names) whole.set(name, (whole.get(name) ?? 0) + us);
  }
  return { own, whole, total };
}

/**
 * Profiles a Worker while something is done with it.
 * @param inspectorPort that its runtime was started with.
 * @param per what the times are divided by: so many of `unit` were done.
 * @returns what took the most, as tables.
 */
export async function profileWhile(
  worker: HostedWorker,
  inspectorPort: number,
  work: () => Promise<void>,
  { title, unit, per }: { readonly title: string; readonly unit: string; readonly per: number },
): Promise<string> {
  const inspector = await inspect(`ws://127.0.0.1:${inspectorPort}/core:user:${worker.name}`);
  await inspector.call("Profiler.enable");
  await inspector.call("Profiler.setSamplingInterval", { interval: SAMPLE_EVERY_US });
  await inspector.call("Profiler.start");
  await work();
  const { profile } = await inspector.call("Profiler.stop");
  inspector.close();
  if (profile === undefined) throw new Error("the engine gives no profile");
  const { own, whole, total } = timesOf(profile, filesOf(worker.bundle));
  const rows = (times: ReadonlyMap<string, number>): string[][] =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, SHOWN)
      .map(([name, us]) => [name, fixed((us / total) * 100, 1), fixed(us / per, 2)]);
  return [
    `Where JavaScript's time goes, ${title}: ${fixed(total / per, 1)} µs per ${unit} in all. The platform's own work (sockets, storage) is not in it; the profiler and its log make lines of the log dearer than they are.`,
    table(["function itself", "%", `µs/${unit}`], rows(own)),
    table(["with what it calls", "%", `µs/${unit}`], rows(whole)),
  ].join("\n\n");
}

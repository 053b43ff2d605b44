/** Gateways that take calls and callers that place them: SIPp with the scenarios of this folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until, within } from "../../../local/deadline.ts";
import { end, isAlive } from "../../../local/processes.ts";
import { PEER_PATH } from "./harness.ts";

const LOOPBACK = "127.0.0.1";
const START_DEADLINE_MS = 5_000;
const STOP_GRACE_MS = 2_000;
/** Beyond the time that the calls take by themselves. */
const CALLS_GRACE_MS = 30_000;
const CALLER = `sip:+15550001111@${LOOPBACK}`;

/** `answer` and `psap` ring for 100 ms and answer; `busy503` and `busy486` refuse; `rings` waits for CANCEL; `silent` says nothing. */
export type GatewayScenario = "answer" | "psap" | "busy503" | "busy486" | "rings" | "silent";

const GATEWAY_FILES: Readonly<Record<GatewayScenario, { readonly file: string; readonly code?: string }>> = {
  answer: { file: "gateway-answers.xml" },
  psap: { file: "gateway-answers.xml" },
  busy503: { file: "gateway-refuses.xml", code: "503" },
  busy486: { file: "gateway-refuses.xml", code: "486" },
  rings: { file: "gateway-rings.xml" },
  silent: { file: "gateway-silent.xml" },
};

function scenario(file: string, dir: string, values: Readonly<Record<string, string>>): string {
  let text = readFileSync(join(import.meta.dirname, "scenarios", file), "utf8");
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(name, value);
  const path = join(dir, file);
  writeFileSync(path, text);
  return path;
}

/** Reads a file that a program may not have written (yet). */
function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

async function started(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
}

/** Looks, without touching the port: a datagram sent to a gateway would count as a call. */
function isBound(port: number): boolean {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return textOf("/proc/net/udp")
    .split("\n")
    .some((line) => line.trim().split(/\s+/)[1]?.endsWith(suffix));
}

const stopper = (pid: number) => () => end(pid, [["SIGTERM", STOP_GRACE_MS] as const, ["SIGKILL", STOP_GRACE_MS] as const]);

export type Gateway = {
  readonly port: number;
  /** SIP Call-ID of each call that arrived → the session that its X-Trunkline-Session header named, empty without one. */
  readonly sessions: () => ReadonlyMap<string, string>;
  /** The requests that arrived with this method, as they came; empty unless they were to be kept. */
  readonly requests: (method: string) => readonly string[];
  readonly stop: () => Promise<void>;
};

export async function startGateway(options: {
  readonly port: number;
  readonly scenario: GatewayScenario;
  readonly dir: string;
  /** Costs a line per message and more: not for many calls. */
  readonly keepMessages?: boolean;
}): Promise<Gateway> {
  mkdirSync(options.dir, { recursive: true });
  if (isBound(options.port)) throw new Error(`UDP port ${options.port} is taken: the gateway cannot listen on it.`);
  const dir = mkdtempSync(join(options.dir, `gateway-${options.port}-`));
  const { file, code } = GATEWAY_FILES[options.scenario];
  const path = scenario(file, dir, code === undefined ? {} : { CODE: code });
  const callLog = join(dir, "calls.log");
  const messageLog = join(dir, "messages.log");
  const kept = options.keepMessages === true ? ["-trace_msg", "-message_file", messageLog] : [];
  const logs = ["-trace_logs", "-log_file", callLog, ...kept];
  const words = ["-sf", path, "-i", LOOPBACK, "-p", String(options.port), "-nostdin", ...logs];
  const child = spawn("sipp", words, { cwd: dir, stdio: "ignore", env: { ...process.env, PATH: PEER_PATH } });
  const pid = await started(child);
  if (!(await until(() => isBound(options.port) || !isAlive(pid), START_DEADLINE_MS)) || !isAlive(pid)) {
    await stopper(pid)();
    throw new Error(`The gateway on port ${options.port} did not start.`);
  }
  const sessions = () => {
    const lines = textOf(callLog).split("\n").filter(Boolean);
    return new Map(lines.map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1).trim()]));
  };
  const requests = (method: string) =>
    textOf(messageLog)
      .split(/^-{20,}.*\n/m)
      .filter((message) => message.includes("message received") && message.includes(`\n${method} `))
      .map((message) => message.slice(message.indexOf(`\n${method} `) + 1));
  return { port: options.port, sessions, requests, stop: stopper(pid) };
}

/** What the caller expects; any other course of the call counts as failed. */
export type ExpectedCourse =
  | { readonly course: "answered" }
  /** The other side hangs up. */
  | { readonly course: "cut off" }
  | { readonly course: "refused"; readonly sipCode: number }
  | { readonly course: "cancels"; readonly when: "trying" | "ringing" };

export type Calls = {
  /** Request-URIs, used in turn. */
  readonly to: readonly string[];
  readonly count: number;
  /** Calls per second. */
  readonly rate: number;
  /** How long an answered call lasts, or how long the caller waits before CANCEL. */
  readonly holdMs: number;
  readonly expect: ExpectedCourse;
  readonly proxyPort: number;
  readonly localPort: number;
  readonly dir: string;
  /** Further header fields of the INVITE, each a line. */
  readonly headers?: readonly string[];
};

export type CallsResult = {
  readonly ok: number;
  readonly failed: number;
  /** Per call: from INVITE to the final answer, or from CANCEL to 487. The clock ticks every 4 ms. */
  readonly timesMs: readonly number[];
  /** The beginning of what SIPp wrote about calls that went another way. */
  readonly errors: string;
};

function callerScenario(expected: ExpectedCourse, dir: string): string {
  switch (expected.course) {
    case "answered":
      return scenario("caller-answered.xml", dir, {});
    case "cut off":
      return scenario("caller-cut-off.xml", dir, {});
    case "refused":
      return scenario("caller-refused.xml", dir, { EXPECTED: String(expected.sipCode) });
    case "cancels": {
      const trying = `  <recv response="100" ${expected.when === "ringing" ? 'optional="true" ' : ""}/>`;
      const ringing = expected.when === "ringing" ? `\n  <recv response="180" timeout="20000" />` : "";
      return scenario("caller-cancels.xml", dir, { PROVISIONAL_STEPS: `${trying}${ringing}` });
    }
  }
}

/** Puts further fields into the scenario's INVITE. @returns the scenario's path. */
function withHeaders(path: string, headers: readonly string[]): string {
  const lines = headers.map((line) => `      ${line}\n`).join("");
  writeFileSync(path, readFileSync(path, "utf8").replace(/(CSeq: 1 INVITE\n)/, `$1${lines}`));
  return path;
}

/** The last row of SIPp's statistics, by column name. */
function lastRow(csv: string): ReadonlyMap<string, string> {
  const rows = csv.split("\n").filter(Boolean);
  const values = rows.at(-1)?.split(";") ?? [];
  return new Map((rows[0] ?? "").split(";").map((name, column) => [name, values[column] ?? ""]));
}

function responseTimes(dir: string): number[] {
  const file = readdirSync(dir).find((name) => name.endsWith("_rtt.csv"));
  const rows = file === undefined ? [] : textOf(join(dir, file)).split("\n").slice(1).filter(Boolean);
  return rows.map((row) => Number(row.split(";")[1]));
}

/** Places calls and waits for the last one. @throws when SIPp does not come to an end or leaves no statistics. */
export async function placeCalls(calls: Calls): Promise<CallsResult> {
  mkdirSync(calls.dir, { recursive: true });
  const dir = mkdtempSync(join(calls.dir, "calls-"));
  const numbers = join(dir, "numbers.csv");
  writeFileSync(numbers, `SEQUENTIAL\n${calls.to.map((uri) => `${uri};${CALLER}`).join("\n")}\n`);
  const deadlineMs = (calls.count / calls.rate) * 1_000 + calls.holdMs + CALLS_GRACE_MS;
  const files = { statistics: join(dir, "statistics.csv"), errors: join(dir, "errors.log") };
  const settings: Readonly<Record<string, string | number>> = {
    "-sf": withHeaders(callerScenario(calls.expect, dir), calls.headers ?? []),
    "-inf": numbers,
    "-i": LOOPBACK,
    "-p": calls.localPort,
    "-m": calls.count,
    "-r": calls.rate,
    "-d": calls.holdMs,
    "-timeout": Math.ceil(deadlineMs / 1_000),
    "-stf": files.statistics,
    "-fd": 1,
    "-error_file": files.errors,
    "-rtt_freq": 1,
  };
  const flags = ["-nostdin", "-timeout_error", "-trace_stat", "-trace_err", "-trace_rtt"];
  const words = [...Object.entries(settings).flat().map(String), ...flags, `${LOOPBACK}:${calls.proxyPort}`];
  const child = spawn("sipp", words, { cwd: dir, stdio: "ignore", env: { ...process.env, PATH: PEER_PATH } });
  const pid = await started(child);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  try {
    await within(exited, deadlineMs + STOP_GRACE_MS, "placing the calls");
  } finally {
    await stopper(pid)();
  }
  const errors = textOf(files.errors).slice(0, 2_000);
  const row = lastRow(textOf(files.statistics));
  const [ok, created] = [Number(row.get("SuccessfulCall(C)")), Number(row.get("TotalCallCreated"))];
  if (!row.has("SuccessfulCall(C)") || Number.isNaN(ok)) throw new Error(`SIPp left no statistics. ${errors}`);
  // A call that SIPp never came to place is one that did not succeed.
  return { ok, failed: Math.max(created, calls.count) - ok, timesMs: responseTimes(dir), errors };
}

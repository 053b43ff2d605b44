/** A Kamailio of the tests' own, run from examples/kamailio as its README says. */
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../../local/deadline.ts";
import { end, isAlive } from "../../../local/processes.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "..", "examples", "kamailio");
const LOOPBACK = "127.0.0.1";
const START_DEADLINE_MS = 15_000;
const STOP_GRACE_MS = 5_000;
const SHARED_MEMORY_MB = 64;

/** Debian puts daemons where an ordinary user's PATH does not look. */
export const PEER_PATH = `${process.env["PATH"] ?? ""}:/usr/sbin:/usr/bin`;

function runs(program: string, ...words: string[]): boolean {
  try {
    execFileSync(program, words, { stdio: "ignore", env: { ...process.env, PATH: PEER_PATH } });
    return true;
  } catch (error) {
    // sipp's version flag exits with a code of its own; only a program that is not there counts as missing.
    return (error as NodeJS.ErrnoException).code !== "ENOENT";
  }
}

/** Whether this machine has both Kamailio and SIPp. */
export const kamailioAvailable = (): boolean => runs("kamailio", "-v") && runs("sipp", "-v");

export type KamailioOptions = {
  /** Where Trunkline is asked, such as `http://127.0.0.1:8787`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly ports: { readonly sip: number };
  /** An existing or new folder for the log and whatever Kamailio writes. */
  readonly dir: string;
  /** SIP URI for standard calls without a plan; absent: they get 503. */
  readonly staticTrunk?: string;
  /** SIP URI for emergency calls without a plan. */
  readonly staticPsap?: string;
  /** The trunk that the proxy names in its questions. */
  readonly trunk?: string;
};

export type Kamailio = {
  readonly sipPort: number;
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

/** Whether something answers a SIP OPTIONS on the port. */
function answersOptions(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const finish = (answered: boolean) => {
      clearTimeout(timer);
      socket.close();
      resolve(answered);
    };
    const timer = setTimeout(() => finish(false), 250);
    socket.once("message", () => finish(true));
    socket.once("error", () => finish(false));
    socket.bind(0, LOOPBACK, () => {
      const own = `${LOOPBACK}:${socket.address().port}`;
      const lines = [
        `OPTIONS sip:${LOOPBACK}:${port} SIP/2.0`,
        `Via: SIP/2.0/UDP ${own};branch=z9hG4bK-ready-${Date.now()}`,
        `From: <sip:probe@${own}>;tag=probe`,
        `To: <sip:${LOOPBACK}:${port}>`,
        `Call-ID: ready-${Date.now()}@${own}`,
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 70",
        "Content-Length: 0",
      ];
      socket.send(`${lines.join("\r\n")}\r\n\r\n`, port, LOOPBACK);
    });
  });
}

/** Starts the example and waits until it answers. @throws when it does not start, with the end of its log. */
export async function startKamailio(options: KamailioOptions): Promise<Kamailio> {
  mkdirSync(options.dir, { recursive: true });
  const logFile = join(options.dir, "kamailio.log");
  const log = openSync(logFile, "w");
  const words = ["-T", "-m", String(SHARED_MEMORY_MB), "-Y", options.dir, "-P", join(options.dir, "kamailio.pid")];
  const child = spawn(join(EXAMPLE, "run.sh"), words, {
    stdio: ["ignore", log, log],
    env: {
      PATH: PEER_PATH,
      LISTEN: `udp:${LOOPBACK}:${options.ports.sip}`,
      TRUNKLINE_URL: options.baseUrl,
      TRUNKLINE_API_KEY: options.apiKey,
      TRUNKLINE_STATIC_TRUNK: options.staticTrunk ?? "",
      TRUNKLINE_STATIC_PSAP: options.staticPsap ?? "",
      TRUNKLINE_TRUNK: options.trunk ?? "",
    },
  });
  closeSync(log);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("spawn", () => resolve(child.pid ?? 0));
  });
  const stop = () => end(pid, [["SIGTERM", STOP_GRACE_MS] as const, ["SIGKILL", STOP_GRACE_MS] as const]);
  const ready = await until(async () => !isAlive(pid) || (await answersOptions(options.ports.sip)), START_DEADLINE_MS);
  if (!ready || !isAlive(pid)) {
    await stop();
    throw new Error(`Kamailio did not start:\n${readFileSync(logFile, "utf8").slice(-2_000)}`);
  }
  return { sipPort: options.ports.sip, log: () => readFileSync(logFile, "utf8"), stop };
}

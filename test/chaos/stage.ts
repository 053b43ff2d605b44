/** A started system of the fault build, with everything that a fault needs around it. */
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { LaneName } from "../../local/lane-messages.ts";
import { freePairOf } from "../../local/ports.ts";
import { ensureSecrets } from "../../local/secrets.ts";
import { removeState } from "../../local/state.ts";
import { type System, startSystem } from "../../local/system.ts";
import { authIssuers } from "../../local/tokens.ts";
import { API_LIMITS, SCRATCH, type Stage as Proof, operatorOf } from "../proofs/stage.ts";
import { type Cores, dividedCores, pin } from "./cores.ts";
import {
  CONTROL_PATH,
  CONTROL_TOKEN_HEADER,
  CONTROL_TOKEN_VARIABLE,
  type Control,
  type Injected,
  type Tally,
  NOTHING_INJECTED,
} from "./injected.ts";
import { type Hangable, type Issuer, startIssuer, startReceiver } from "./servers.ts";

const FIRST_PORT = 21_400;
const LAST_PORT = 21_440;
const TOKEN_BYTES = 24;
const CONTROL_DEADLINE_MS = 10_000;
const LANES: readonly LaneName[] = ["standard", "emergency"];

export const FAULTY_WORKER = join(import.meta.dirname, "worker", "faulty-worker.ts");
export const THROWING_WORKER = join(import.meta.dirname, "worker", "throwing-worker.ts");

/** What is wrong in which lane; what is not named is as it should be. */
export type Wrong = Partial<Omit<Injected, "objects">> & { readonly objects?: Partial<Injected["objects"]> };

export type ChaosStage = Proof & {
  readonly cores: Cores | null;
  readonly issuer: Issuer;
  readonly receiver: Hangable;
  /** A folder for what the processes write that place calls. */
  readonly scratch: string;
  /**
   * @param forget whether the lanes' isolates also lose what they have in memory, as new ones would not have it.
   * @returns what the fault build has done in those lanes until now, in words.
   */
  readonly inject: (wrong: Wrong, lanes?: readonly LaneName[], forget?: boolean) => Promise<readonly string[]>;
  /** Nothing is injected any more, in no lane. */
  readonly repair: () => Promise<readonly string[]>;
};

async function tell(system: System, lane: LaneName, token: string, control: Control): Promise<Tally> {
  const url = lane === "emergency" ? system.gateUrl : system.standardUrl;
  const answer = await fetch(`${url}${CONTROL_PATH}`, {
    method: "POST",
    headers: { [CONTROL_TOKEN_HEADER]: token, "content-type": "application/json" },
    body: JSON.stringify(control),
    signal: AbortSignal.timeout(CONTROL_DEADLINE_MS),
  });
  if (!answer.ok) throw new Error(`the fault build of the ${lane} lane answered ${answer.status}`);
  return (await answer.json()) as Tally;
}

/** @param port of the gate; the standard lane takes the next one. @param divided whether each lane gets a processor of its own. */
export async function setChaosStage({ port, divided = true }: { port?: number; divided?: boolean } = {}): Promise<ChaosStage> {
  const stateDir = mkdtempSync(join(SCRATCH, "trunkline-chaos-"));
  const cores = divided ? dividedCores() : null;
  if (cores !== null) pin(process.pid, cores.others);
  const secrets = await ensureSecrets(stateDir);
  const [issuer, receiver] = await Promise.all([startIssuer(), startReceiver()]);
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const AUTH_ISSUERS = JSON.stringify([...(JSON.parse(authIssuers(secrets)) as unknown[]), issuer.config]);
  const vars = { AUTH_ISSUERS, API_LIMITS, [CONTROL_TOKEN_VARIABLE]: token };
  const startedMs = Date.now();
  const stopServers = () => Promise.all([issuer.stop(), receiver.stop()]);
  try {
    const system = await startSystem({
      stateDir,
      port: port ?? (await freePairOf(FIRST_PORT, LAST_PORT)),
      notice: () => {},
      entry: FAULTY_WORKER,
      vars: { standard: vars, emergency: vars },
      ...(cores === null ? {} : { cores: { emergency: cores.emergency } }),
    });
    const inject: ChaosStage["inject"] = async (wrong, lanes = LANES, forget = false) => {
      const objects = { ...NOTHING_INJECTED.objects, ...wrong.objects };
      const control = { injected: { ...NOTHING_INJECTED, ...wrong, objects }, forget };
      const tallies = await Promise.all(lanes.map(async (lane) => [lane, await tell(system, lane, token, control)] as const));
      return tallies.flatMap(([lane, done]) => Object.entries(done).map(([what, times]) => `${lane} lane: ${times} ${what}`));
    };
    return {
      system,
      stateDir,
      lanes: operatorOf(stateDir, system),
      startedMs,
      cores,
      issuer,
      receiver,
      scratch: join(stateDir, "load"),
      inject,
      repair: () => inject({}),
      end: async () => {
        await system.stop();
        await stopServers();
        removeState(stateDir);
      },
    };
  } catch (error) {
    await stopServers();
    removeState(stateDir);
    throw error;
  }
}

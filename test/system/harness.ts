/** A started system of a test file's own, and the clients with which it is attacked. */
import { setTimeout as sleep } from "node:timers/promises";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaneName } from "../../local/lane-messages.ts";
import { freePairOf } from "../../local/ports.ts";
import { removeOutsideFolder } from "../../local/postgres-home.ts";
import { readSecrets, type Secrets } from "../../local/secrets.ts";
import { type System, type SystemOptions, startSystem } from "../../local/system.ts";
import { FIRST_PORT_VARIABLE } from "../projects.ts";
import { type Client, createClient } from "./client.ts";

const FIRST_PORT = Number(process.env[FIRST_PORT_VARIABLE] ?? 19_000);
const LAST_PORT = FIRST_PORT + 98;
/** The part of a key that proves anything: 32 bytes in base64url. */
const API_KEY_SECRET_CHARS = 43;

export type World = {
  readonly system: System;
  readonly stateDir: string;
  readonly secrets: Secrets;
  readonly port: Readonly<Record<LaneName, number>>;
  /** Clients with the key of the tenant `demo`. */
  readonly gate: Client;
  readonly standard: Client;
  /** What the lane has logged so far, line by line. */
  readonly logLines: (lane: LaneName) => readonly string[];
  /** Stops the system and starts it again on the same state and ports. */
  readonly restarted: () => Promise<World>;
  readonly end: () => Promise<void>;
};

/** Two free ports next to each other. */
export const freePair = (): Promise<number> => freePairOf(FIRST_PORT, LAST_PORT);

/** An empty state folder; `removeState` takes it away with what Postgres keeps elsewhere. */
export const newStateDir = (): string => mkdtempSync(join(tmpdir(), "trunkline-system-"));

export function removeState(stateDir: string): void {
  removeOutsideFolder(stateDir);
  rmSync(stateDir, { recursive: true, force: true });
}

/** A path that the part is needed for, with the answer of one that is there. */
const NEEDS: Partial<Record<Parameters<System["startLane"]>[0], string>> = {
  standard: "/v1/sessions/01a20000-0000-7000-8000-000000000000",
  postgres: "/v1/trunks?limit=1",
};
const NOTICED_DEADLINE_MS = 10_000;

/** What is started is noticed by those who found it away a moment ago, at their next probe ([RES-2]). */
function noticed(system: System): System {
  const startLane: System["startLane"] = async (lane) => {
    await system.startLane(lane);
    const path = NEEDS[lane];
    const untilMs = Date.now() + NOTICED_DEADLINE_MS;
    while (path !== undefined && Date.now() < untilMs) {
      const headers = { authorization: `Bearer ${system.apiKeys.demo}` };
      const status = await fetch(`${system.gateUrl}${path}`, { headers }).then(
        (answer) => answer.status,
        () => 503,
      );
      if (status !== 503) return;
      await sleep(50);
    }
  };
  return { ...system, startLane };
}

async function worldOf(stateDir: string, port: number, options: Partial<SystemOptions>): Promise<World> {
  const system = await startSystem({ stateDir, port, notice: () => {}, ...options });
  const secrets = readSecrets(stateDir);
  if (secrets === undefined) throw new Error("a started system has secrets");
  const confidential = [
    ...Object.values(secrets.apiKeys).map((key) => key.slice(-API_KEY_SECRET_CHARS)),
    ...Object.values(secrets.postgres),
    secrets.webhookSecret.replace("whsec_", ""),
    secrets.configKey,
    secrets.carrierSecret.replace("whsec_", ""),
    String(secrets.signing.privateKey["d"]),
  ];
  const authorization = `Bearer ${system.apiKeys.demo}`;
  return {
    system: noticed(system),
    stateDir,
    secrets,
    port: { emergency: port, standard: port + 1 },
    gate: createClient(system.gateUrl, { authorization }, confidential),
    standard: createClient(system.standardUrl, { authorization }, confidential),
    logLines: (lane) =>
      readFileSync(join(stateDir, "logs", `${lane}.jsonl`), "utf8")
        .split("\n")
        .filter((line) => line !== ""),
    restarted: async () => {
      await system.stop();
      return worldOf(stateDir, port, options);
    },
    end: async () => {
      await system.stop();
      removeState(stateDir);
    },
  };
}

export async function startWorld(options: Partial<SystemOptions> = {}): Promise<World> {
  return worldOf(newStateDir(), await freePair(), options);
}

export const ORDINARY_CALL = { from: "+15550100100", to: "+15551230001", channel: "api" } as const;
export const EMERGENCY_CALL = { from: "+15550100100", to: "112", channel: "api" } as const;

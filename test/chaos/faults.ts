/** The faults that docs/runbooks names: how each is brought about on a running system, and how it is repaired. */
import { TRUNK_HEADER } from "../../adapters/identity/signed-request.ts";
import type { LaneName } from "../../local/lane-messages.ts";
import { MAX_UNAUTHENTICATED_PER_SOURCE } from "../../workers/emergency-lane/unauthenticated.ts";
import { type Flooding, startFlooding } from "./load/processes.ts";
import { EMERGENCY_CALL, STANDARD_CALL } from "./calls.ts";
import { type ChaosStage, FAULTY_WORKER, THROWING_WORKER, type Wrong } from "./stage.ts";

export type Check = { readonly what: string; readonly holds: boolean };

export type Fault = {
  /** In a line. */
  readonly what: string;
  /** Before anything is measured. */
  readonly prepare?: (stage: ChaosStage) => Promise<void>;
  /** With what the callers authenticate; by default the key of the tenant `demo`. */
  readonly authorization?: (stage: ChaosStage) => Promise<string>;
  readonly begin: (stage: ChaosStage) => Promise<unknown>;
  /** What becomes worse when half of the time is over. */
  readonly worsen?: (stage: ChaosStage) => Promise<unknown>;
  /** @returns what there is to tell. */
  readonly repair: (stage: ChaosStage) => Promise<readonly string[] | void>;
  /** After the repair: what it has to show besides what every fault does. */
  readonly shows?: () => readonly Check[];
  /** How far clocks go wrong, either way. */
  readonly skewMs?: number;
  /** The emergency lane's own process goes and comes back: calls are placed again, as a PBX does, until it is there. */
  readonly isRestart?: true;
};

const SLOW_MS = 5_000;
const MINUTE_S = 60;
const AHEAD_MS = 90_000;
const BEHIND_MS = -45_000;
/** Measured for so long, offered so many times of it. */
const MEASURE_MS = 2_000;
const OVERLOAD = 10;
/** Emergency calls a second by somebody without credentials, from one address, who names a trunk of the configuration. */
const FLOOD_PER_S = 100;
const FLOODED_TRUNK = "demo/pbx-main";

/** A fault that the fault build does. @param again what it does in addition when isolates are replaced halfway. */
const injected = (
  what: string,
  wrong: Wrong,
  { lanes, forgets = false }: { lanes?: LaneName[]; forgets?: boolean } = {},
): Fault => ({
  what,
  begin: (stage) => stage.inject(wrong, lanes),
  ...(forgets ? { worsen: (stage: ChaosStage) => stage.inject(wrong, lanes, true) } : {}),
  repair: (stage) => stage.repair(),
});

const AWAY = { fails: true, delayMs: 0 };
const SLOW = { fails: false, delayMs: SLOW_MS };

async function makeEndpoint({ system, receiver }: ChaosStage): Promise<void> {
  const answer = await fetch(`${system.gateUrl}/v1/webhooks`, {
    method: "POST",
    headers: { authorization: `Bearer ${await system.token("admin")}`, "content-type": "application/json" },
    body: JSON.stringify({ url: `${receiver.url}/events`, eventTypes: [] }),
  });
  if (!answer.ok) throw new Error(`a webhook was answered ${answer.status} ${await answer.text()}`);
}

function saturated(): Fault {
  let flooding: ReturnType<typeof startFlooding> | undefined;
  let capacity = 0;
  const callOf = ({ system }: ChaosStage) => ({
    target: { url: system.standardUrl, headers: { authorization: `Bearer ${system.apiKeys.demo}` } },
    body: JSON.stringify(STANDARD_CALL),
  });
  return {
    what: `the standard lane is asked for ${OVERLOAD} times the calls that it can set up`,
    prepare: async (stage) => {
      flooding = startFlooding(stage.scratch);
      capacity = await flooding.measure(callOf(stage), MEASURE_MS);
    },
    begin: (stage) => flooding!.begin(callOf(stage), Math.ceil(capacity * OVERLOAD)),
    repair: async () => {
      const { due, sent, givenUp, statuses, seconds } = await flooding!.end();
      await flooding!.stop();
      const perSecond = (count: number) => `${Math.round(count / seconds)}/s`;
      return [
        `the standard lane alone set up ${Math.round(capacity)} calls a second; asked for ${perSecond(due)}, sent ${perSecond(sent)}, given up by the callers ${perSecond(givenUp)}`,
        `answers: ${JSON.stringify(statuses)}`,
      ];
    },
  };
}

function emergencyFlood(): Fault {
  let flooding: ReturnType<typeof startFlooding> | undefined;
  let seen: Awaited<ReturnType<Flooding["end"]>> | undefined;
  return {
    what: `somebody without credentials places ${FLOOD_PER_S} emergency calls a second`,
    begin: async ({ system, scratch }) => {
      flooding = startFlooding(scratch);
      const target = { url: system.gateUrl, headers: { [TRUNK_HEADER]: FLOODED_TRUNK } };
      await flooding.begin({ target, body: JSON.stringify(EMERGENCY_CALL) }, FLOOD_PER_S);
    },
    repair: async () => {
      seen = await flooding!.end();
      await flooding!.stop();
      return [`${seen.due} such calls, answers: ${JSON.stringify(seen.statuses)}`];
    },
    shows: () => {
      const { 201: served = 0, 401: refused = 0, ...others } = seen!.statuses;
      const most = Math.ceil(MAX_UNAUTHENTICATED_PER_SOURCE * (1 + seen!.seconds / MINUTE_S));
      return [
        {
          what: `of the flood at most ${most} calls are served, and the others refused: ${served} served, ${refused} refused, otherwise ${JSON.stringify(others)}`,
          holds: served > 0 && served <= most && refused > 0 && Object.keys(others).length === 0,
        },
      ];
    },
  };
}

const kill =
  (lane: LaneName) =>
  ({ system }: ChaosStage): Promise<void> =>
    system.kill(lane);
const back =
  (lane: LaneName) =>
  ({ system }: ChaosStage): Promise<void> =>
    system.startLane(lane);

export const FAULTS: Readonly<Record<string, Fault>> = {
  "postgres-down": {
    what: "Postgres is stopped",
    begin: ({ system }) => system.stopLane("postgres"),
    repair: ({ system }) => system.startLane("postgres"),
  },
  "postgres-slow": {
    what: `Postgres takes ${SLOW_MS} ms longer for everything`,
    begin: async ({ system }) => system.delayDatabase(SLOW_MS),
    repair: async ({ system }) => system.delayDatabase(0),
  },
  "r2-down": injected("R2 fails; halfway all isolates are new ones", { r2: AWAY }, { forgets: true }),
  "r2-slow": injected(`R2 takes ${SLOW_MS} ms longer; halfway all isolates are new ones`, { r2: SLOW }, { forgets: true }),
  "queue-lost": injected("queues lose every message", { messagesLost: 1 }),
  "do-evict": injected("three of ten questions to objects find or leave them thrown out of memory", {
    objects: { evicted: 0.3 },
  }),
  "do-overloaded": injected("every second question to an object is refused as overload", { objects: { overloaded: 0.5 } }),
  "webhook-hang": {
    what: "the tenant's receiver of webhooks takes requests and never answers",
    prepare: makeEndpoint,
    begin: async ({ receiver }) => receiver.hang(true),
    repair: async ({ receiver }) => {
      const before = receiver.answered();
      receiver.hang(false);
      return [`${before} deliveries were answered before`];
    },
  },
  "issuer-down": {
    what: "the issuer of the callers' tokens hangs; halfway all isolates are new ones",
    authorization: async ({ issuer }) => `Bearer ${await issuer.token("demo")}`,
    begin: async ({ issuer }) => issuer.hang(true),
    worsen: (stage) => stage.inject({}, undefined, true),
    repair: async ({ issuer }) => issuer.hang(false),
  },
  "clock-skew": {
    what: `the standard lane's clock is ${AHEAD_MS / 1_000} s ahead, the emergency lane's ${-BEHIND_MS / 1_000} s behind; halfway the other way round`,
    skewMs: AHEAD_MS,
    begin: async (stage) => {
      await stage.inject({ skewMs: AHEAD_MS }, ["standard"]);
      await stage.inject({ skewMs: BEHIND_MS }, ["emergency"]);
    },
    worsen: async (stage) => {
      await stage.inject({ skewMs: BEHIND_MS }, ["standard"]);
      await stage.inject({ skewMs: AHEAD_MS }, ["emergency"]);
    },
    repair: (stage) => stage.repair(),
  },
  "worker-kill": {
    what: "the standard lane is killed, and halfway again",
    begin: kill("standard"),
    worsen: kill("standard"),
    repair: back("standard"),
  },
  "emergency-kill": {
    what: "the emergency lane is killed, its only process here, and halfway again",
    isRestart: true,
    begin: kill("emergency"),
    worsen: kill("emergency"),
    repair: back("emergency"),
  },
  "standard-hang": injected("the standard lane takes requests and never answers", { hangs: true }, { lanes: ["standard"] }),
  "standard-broken": {
    what: "the standard lane is deployed so that it throws at its start",
    begin: async ({ system }) => {
      const outcome = await system.deploy("standard", THROWING_WORKER).then(
        () => "starts",
        () => "fails",
      );
      if (outcome === "starts") throw new Error("a Worker that throws at its start has started");
    },
    repair: ({ system }) => system.deploy("standard", FAULTY_WORKER),
  },
  "standard-saturated": saturated(),
  "snapshots-lost": {
    what: "R2, the cache and the object with the last good copy are away, and all isolates are new ones",
    begin: (stage) =>
      stage.inject({ r2: AWAY, cacheLost: true, objects: { bindings: ["SNAPSHOT_KEEPER"], overloaded: 1 } }, undefined, true),
    repair: (stage) => stage.repair(),
  },
  "capacity-away": injected("the objects that count capacity never answer", {
    objects: { bindings: ["CAPACITY"], hanging: 1 },
  }),
  "emergency-flood": emergencyFlood(),
};

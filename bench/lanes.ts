/** The lanes as the local system runs them, for a process that hosts one or both. */
import type { LaneName } from "../local/lane-messages.ts";
import { type DatabaseAccess, laneVariables, laneWorkerOptions, readLaneEnvironments } from "../local/lane-options.ts";
import type { Target } from "./load/client.ts";
import type { HostedWorker } from "./runtime/messages.ts";
import type { Workspace } from "./workspace.ts";

export const workerName = (lane: LaneName): string => `trunkline-${lane}`;

/** A port at which nobody listens. */
const NOBODY = 1;

export type LaneSpec = {
  readonly lane: LaneName;
  readonly bundle: string;
  /** Replace or add variables. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly compatibilityFlags?: readonly string[];
  /** Without, the Worker sees a database that is down. */
  readonly database?: DatabaseAccess;
  /** Where the loopback carrier listens; without, there is no account at a carrier. */
  readonly carrierPort?: number;
  /** The emergency lane's way to the standard lane: by a service binding in the same process, as at the edge. */
  readonly gate?: boolean;
  /** The same, where the standard lane is another process: the port that it listens on. */
  readonly standardPort?: number;
};

/** Counted like any other rates, and never reached: a bench of something else must not wait for them. */
const BOUNDLESS = { burst: 1_000_000, perS: 1_000_000 };
const WITHOUT_LIMITS = {
  API_LIMITS: JSON.stringify({ "api-read": BOUNDLESS, "api-write": BOUNDLESS, tenant: BOUNDLESS }),
};

export async function hostedLane(workspace: Workspace, spec: LaneSpec): Promise<HostedWorker> {
  const own = laneVariables(workspace.secrets, spec.database, spec.carrierPort);
  const variables = { ...own, ...WITHOUT_LIMITS, ...spec.vars };
  const options = await laneWorkerOptions(workspace.folder, spec.lane, variables, spec.standardPort ?? NOBODY);
  const known = (options["serviceBindings"] ?? {}) as Readonly<Record<string, unknown>>;
  return {
    name: workerName(spec.lane),
    bundle: spec.bundle,
    port: await workspace.port(),
    options: {
      ...options,
      compatibilityFlags: [
        ...((options["compatibilityFlags"] as string[] | undefined) ?? []),
        ...(spec.compatibilityFlags ?? []),
      ],
      ...(spec.gate === true ? { serviceBindings: { ...known, STANDARD: workerName("standard") } } : {}),
    },
    configured: true,
  };
}

/** A Worker of the bench's own, on the platform version of the lanes. */
export async function hostedWorker(
  workspace: Workspace,
  name: string,
  bundle: string,
  options: Readonly<Record<string, unknown>> = {},
): Promise<HostedWorker> {
  const { compatibilityDate } = (await readLaneEnvironments(workspace.folder))["standard-dev"] as Record<string, unknown>;
  return { name, bundle, port: await workspace.port(), options: { compatibilityDate, ...options }, configured: false };
}

export const urlOf = ({ port }: HostedWorker, path = ""): string => `http://127.0.0.1:${port}${path}`;

/** The demo tenant's key: authenticated like any other client. */
export const authenticated = (workspace: Workspace, worker: HostedWorker, path = ""): Target => ({
  url: urlOf(worker, path),
  headers: { "x-api-key": workspace.secrets.apiKeys.demo },
});

/** A call by the demo configuration: an exact rule with two destinations. No id of its own, so each request is its own call. */
export const CALL = JSON.stringify({ from: "+1 555 010 0100", to: "+1 (555) 123-0001", channel: "api" });

/** A call for help, as the same caller would make it. */
export const EMERGENCY_CALL = JSON.stringify({ from: "+1 555 010 0100", to: "112", channel: "api" });

/** A call that Trunkline places itself. */
export const OWN_CALL = JSON.stringify({
  from: "+1 555 010 0100",
  to: "+1 (555) 123-0001",
  channel: "api",
  trunk: "app-voice",
});

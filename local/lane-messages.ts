/** What the supervisor and a lane's process say to each other. */
import type { Published } from "./publish.ts";
import type { AccessByTenant } from "./seed.ts";

export type LaneName = "standard" | "emergency";

export type LaneConfig = {
  readonly lane: LaneName;
  readonly port: number;
  readonly bundle: string;
  /** What wrangler.toml says about the lane, in the shape of Miniflare 4, without the code. */
  readonly workerOptions: Readonly<Record<string, unknown>>;
  readonly persistence: string;
  readonly logFile: string;
};

export type ToLane =
  | { readonly type: "start"; readonly config: LaneConfig }
  | { readonly type: "publish"; readonly access: AccessByTenant }
  | { readonly type: "stop" };

export type FromLane =
  | { readonly type: "ready" }
  | { readonly type: "published"; readonly published: readonly Published[] }
  | { readonly type: "runtimeRestarted" }
  | { readonly type: "failed"; readonly message: string };

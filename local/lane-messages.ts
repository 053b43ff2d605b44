/** What the supervisor and the processes of the lanes and of the carrier say to each other. */
import type { LoopbackCarrierOptions } from "./loopback-carrier/server.ts";
import type { LentBucket } from "./lent-bucket.ts";
import type { Publication, Published } from "./publish.ts";

export type LaneName = "standard" | "emergency";

export type LaneConfig = {
  readonly lane: LaneName;
  readonly port: number;
  readonly bundle: string;
  /** What wrangler.toml says about the lane, in the shape of Miniflare 4, without the code. */
  readonly workerOptions: Readonly<Record<string, unknown>>;
  readonly persistence: string;
  readonly logFile: string;
  /** A bucket of this lane that another one may use. */
  readonly lends?: LentBucket;
};

export type ToLane =
  | { readonly type: "start"; readonly config: LaneConfig }
  | { readonly type: "publish"; readonly publications: readonly Publication[] }
  | { readonly type: "stop" };

export type ToCarrier = { readonly type: "start"; readonly config: LoopbackCarrierOptions } | { readonly type: "stop" };

/** The carrier says only whether it is ready. */
export type FromLane =
  | { readonly type: "ready" }
  | { readonly type: "published"; readonly published: readonly Published[] }
  | { readonly type: "runtimeRestarted" }
  | { readonly type: "failed"; readonly message: string };

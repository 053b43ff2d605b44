/** What the bench and a process that hosts Workers say to each other. */
import type { AccessByTenant } from "../../local/seed.ts";
import type { FillSpec, Filled } from "../replay/messages.ts";

export type HostedWorker = {
  readonly name: string;
  readonly bundle: string;
  readonly port: number;
  /** In the shape of Miniflare 4, without the code. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether the configurations are published into its bucket `CONFIG`. */
  readonly configured: boolean;
};

export type HostConfig = {
  readonly workers: readonly HostedWorker[];
  readonly access: AccessByTenant;
  readonly persistence: string;
  readonly logFile: string;
  /** Where the engine can be asked what it spends its time with; null: nowhere. */
  readonly inspectorPort: number | null;
};

export type StoredEvents = {
  /** Of everything, manifests too. */
  readonly bytes: number;
  readonly segments: number;
  readonly segmentBytes: number;
  /** As the manifests say. */
  readonly events: number;
};

export type ToHost =
  | { readonly type: "start"; readonly config: HostConfig }
  /** What a lane has in its bucket of events. */
  | { readonly type: "measureEvents"; readonly worker: string }
  /** Replaces what a lane has in its bucket of events. */
  | { readonly type: "fillEvents"; readonly worker: string; readonly spec: FillSpec }
  | { readonly type: "stop" };

export type FromHost =
  | { readonly type: "ready" }
  | { readonly type: "eventsMeasured"; readonly stored: StoredEvents }
  | Filled
  | { readonly type: "failed"; readonly message: string };

// Generated from wrangler.toml by `npm run types`. A binding that only one lane has is optional.
interface __BaseEnv_Env {
	EVENTS: R2Bucket;
	CONFIG: R2Bucket;
	ANALYTICS: AnalyticsEngineDataset;
	PROJECTION: Queue;
	LIMITER_QUESTIONS: RateLimit;
	LANE: string;
	REGION: string;
	JURISDICTION: string;
	LOG_EPOCH: string;
	LOG_SHARDS: string;
	FLUSH_AGE_MS: string;
	ANALYTICS_SINK: string;
	API_LIMITS: string;
	SHEDDING: string;
	PUBLIC_URL: string;
	AUTH_ISSUERS: string;
	STATIC_EMERGENCY: string;
	DATABASE_LOCAL_ENDPOINT: string;
	DATABASE_URL: string;
	CONFIG_KEY: string;
	CARRIER_ACCOUNTS: string;
	CALL_SESSION: DurableObjectNamespace<import("./workers/index").CallSession>;
	EVENT_LOG: DurableObjectNamespace<import("./workers/index").EventLog>;
	METRICS: DurableObjectNamespace<import("./workers/index").Metrics>;
	TOLL_LEDGER: DurableObjectNamespace<import("./workers/index").TollLedger>;
	LIMITER: DurableObjectNamespace<import("./workers/index").Limiter>;
	REPEATS: DurableObjectNamespace<import("./workers/index").Repeats>;
	AUDIT_TRAIL: DurableObjectNamespace<import("./workers/index").AuditTrail>;
	BREAKERS: DurableObjectNamespace<import("./workers/index").Breakers>;
	SNAPSHOT_KEEPER: DurableObjectNamespace<import("./workers/index").SnapshotKeeper>;
	STANDARD?: Fetcher;
	GATE_CONFIG?: R2Bucket;
	LIVE_FEED_SHARDS?: string;
	INTAKE_SHARDS?: string;
	LIVE_FEED?: DurableObjectNamespace<import("./workers/index").LiveFeed>;
	JOB?: DurableObjectNamespace<import("./workers/index").Job>;
	WEBHOOK_ENDPOINT?: DurableObjectNamespace<import("./workers/index").WebhookEndpoint>;
	CAPACITY?: DurableObjectNamespace<import("./workers/index").Capacity>;
	EMERGENCY_CALLERS?: DurableObjectNamespace<import("./workers/index").EmergencyCallers>;
}
declare namespace Cloudflare {
	interface GlobalProps {
		mainModule: typeof import("./workers/index");
		durableNamespaces: "CallSession" | "EventLog" | "Metrics" | "TollLedger" | "Limiter" | "Repeats" | "AuditTrail" | "Breakers" | "SnapshotKeeper";
	}
	interface Env extends __BaseEnv_Env {}
}
interface Env extends __BaseEnv_Env {}
declare module "*.txt" {
	const value: string;
	export default value;
}
declare module "*.html" {
	const value: string;
	export default value;
}
declare module "*.sql" {
	const value: string;
	export default value;
}
declare module "*.bin" {
	const value: ArrayBuffer;
	export default value;
}
declare module "*.wasm" {
	const value: WebAssembly.Module;
	export default value;
}
declare module "*.wasm?module" {
	const value: WebAssembly.Module;
	export default value;
}

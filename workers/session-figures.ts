/** Where figures over sessions come from. */
import type { Database } from "../adapters/postgres/client.ts";
import { createFiguresReader } from "../adapters/postgres/sessions/figures.ts";
import type { Guard } from "../adapters/platform/guard.ts";
import { ANALYTICS_DEADLINE_MS, ANALYTICS_ENGINE_API, analyticsFigures } from "../adapters/telemetry/analytics-query.ts";
import type { Environment } from "../contracts/environment.ts";
import type { ReadFigures } from "../domain/sessions/figures.ts";
import { projectedUpToMs } from "./feed.ts";

export type SessionFigures = {
  /** Throws `DatabaseUnavailable`. */
  readonly exact: ReadFigures;
  /** Throws `AnalyticsUnavailable`. Null: there is no account of Analytics Engine here. */
  readonly sampled: ReadFigures | null;
  /** Up to when sessions are known to be counted, Unix milliseconds; null: not known. Never rejects. */
  readonly countedUpToMs: () => Promise<number | null>;
};

export function createSessionFigures(
  env: Env,
  environment: Environment,
  database: Database,
  nowMs: () => number,
  guard: Guard,
): SessionFigures {
  const { ANALYTICS_ACCOUNT: account, ANALYTICS_TOKEN: token, ANALYTICS_DATASET: dataset } = environment;
  const isSampled = account !== "" && token !== "" && dataset !== "";
  const sampled = () => analyticsFigures({ account, token, dataset }, ANALYTICS_ENGINE_API, ANALYTICS_DEADLINE_MS, guard);
  return {
    exact: createFiguresReader(database),
    sampled: isSampled ? sampled() : null,
    countedUpToMs: () => projectedUpToMs(env, environment, nowMs),
  };
}

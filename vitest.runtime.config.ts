import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { PROJECTS, RUNTIME_PROJECT, RUNTIME_SECRETS } from "./test/projects.ts";

const project = PROJECTS.find((candidate) => candidate.name === RUNTIME_PROJECT)!;

/** There is no database here: consumers that came at once would only fail, again and again. Tests call them themselves. */
const SLOW_CONSUMERS = {
  "trunkline-standard-dev-projection": { maxBatchSize: 100, maxBatchTimeout: 60, maxRetries: 1 },
};

/** Tests inside workerd, with the bindings of the standard lane. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.toml", environment: "standard-dev" },
      miniflare: { bindings: RUNTIME_SECRETS, queueConsumers: SLOW_CONSUMERS },
    }),
  ],
  test: {
    name: project.name,
    include: [...project.include],
    testTimeout: project.testTimeoutMs,
    hookTimeout: project.testTimeoutMs,
  },
});

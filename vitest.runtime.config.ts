import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { PROJECTS, RUNTIME_PROJECT, RUNTIME_SECRETS } from "./test/projects.ts";

const project = PROJECTS.find((candidate) => candidate.name === RUNTIME_PROJECT)!;

/** Tests inside workerd, with the bindings of the standard lane. */
export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: "./wrangler.toml", environment: "standard-dev" },
      miniflare: { bindings: RUNTIME_SECRETS },
    }),
  ],
  test: {
    name: project.name,
    isolate: false,
    setupFiles: ["test/runtime/fixture/begin-anew.ts"],
    include: [...project.include],
    testTimeout: project.testTimeoutMs,
    hookTimeout: project.testTimeoutMs,
  },
});

import { defineConfig } from "vitest/config";
import { PROJECTS, RUNTIME_PROJECT, type Project } from "./test/projects.ts";

const inNode = (project: Project) => ({
  test: {
    name: project.name,
    environment: "node",
    include: [...project.include],
    fileParallelism: !project.serial,
    isolate: project.shared !== true,
    testTimeout: project.testTimeoutMs,
    hookTimeout: project.testTimeoutMs,
  },
});

/** Every project but `runtime` runs in Node; that one runs in workerd and has a configuration of its own. */
export default defineConfig({
  test: {
    projects: [...PROJECTS.filter((project) => project.name !== RUNTIME_PROJECT).map(inNode), "./vitest.runtime.config.ts"],
  },
});

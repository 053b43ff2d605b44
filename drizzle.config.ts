import { defineConfig } from "drizzle-kit";

export default defineConfig({
  dialect: "postgresql",
  schema: "./schema/index.ts",
  out: "./migrations",
  // Roles carry passwords and belong to the database server, not to a migration.
  entities: { roles: false },
});

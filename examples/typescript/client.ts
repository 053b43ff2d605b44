/** The client that all examples use. In a project of your own: `import { trunkline } from "@trunkline/client"`. */
import { type Trunkline, trunkline } from "../../clients/typescript/index.ts";

const { TRUNKLINE_URL: url = "http://127.0.0.1:8787", TRUNKLINE_TOKEN: token } = process.env;
if (token === undefined) {
  console.error("TRUNKLINE_TOKEN is missing: export TRUNKLINE_TOKEN=$(npm run --silent token -- --role admin)");
  process.exit(2);
}

export const client: Trunkline = trunkline({ url, token });

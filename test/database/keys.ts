/** What the tests of Postgres seal personal data with. */
import { createDataKeys } from "../../adapters/identity/data-keys.ts";

export const CONFIG_KEY = "Y29uZmlndXJhdGlvbiBrZXkgb2YgdGVzdHMgb25seSE=";
export const KEYS = createDataKeys({ CONFIG_KEY, DATA_KEYS: null });

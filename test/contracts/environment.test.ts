import { describe, expect, it } from "vitest";
import { parseEnvironment } from "../../contracts/environment.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const SOUND = {
  LANE: "standard",
  REGION: "local",
  JURISDICTION: "",
  LOG_EPOCH: "0",
  LOG_SHARDS: "4",
  FLUSH_AGE_MS: "5000",
  ANALYTICS_SINK: "log",
  STATIC_EMERGENCY: "",
  CONFIG_KEY: KEY,
};

function complaint(changes: Record<string, unknown>): string {
  try {
    parseEnvironment({ ...SOUND, ...changes });
    return "";
  } catch (error) {
    return String(error);
  }
}

describe("[IN-10] the Worker's settings", () => {
  it("are read with numbers as numbers and static emergency routes as what they are", () => {
    const routes = { tenant: "demo", destinations: [{ id: "psap", uri: "sip:{number}@10.0.0.9" }] };
    expect(parseEnvironment({ ...SOUND, STATIC_EMERGENCY: JSON.stringify(routes) })).toMatchObject({
      LOG_SHARDS: 4,
      FLUSH_AGE_MS: 5_000,
      STATIC_EMERGENCY: { tenant: "demo", numberForUrn: "112", destinations: [{ id: "psap", ringTimeoutMs: 20_000 }] },
    });
    expect(parseEnvironment(SOUND).STATIC_EMERGENCY).toBeNull();
  });

  it.each([
    ["LANE", "other"],
    ["REGION", "EU West"],
    ["JURISDICTION", "us"],
    ["LOG_EPOCH", "16"],
    ["LOG_SHARDS", "0"],
    ["LOG_SHARDS", "257"],
    ["LOG_SHARDS", "4.5"],
    ["LOG_SHARDS", "0x10"],
    ["LOG_SHARDS", ""],
    ["FLUSH_AGE_MS", "99"],
    ["ANALYTICS_SINK", "none"],
    ["STATIC_EMERGENCY", "{"],
    ["STATIC_EMERGENCY", '{"tenant":"demo","destinations":[]}'],
    ["STATIC_EMERGENCY", '{"tenant":"demo","destination":[]}'],
    ["CONFIG_KEY", "short"],
    ["CONFIG_KEY", undefined],
  ])("are refused with the name of the setting when %s is %j", (name, value) => {
    expect(complaint({ [name]: value })).toContain(name);
  });

  it("are all named when several are wrong", () => {
    const text = complaint({ LANE: "x", LOG_EPOCH: "x", CONFIG_KEY: "x" });
    for (const name of ["LANE", "LOG_EPOCH", "CONFIG_KEY"]) expect(text).toContain(name);
  });

  it.each(["hunter2-hunter2-hunter2-hunter2-hunter2-hunt", "hunter2", "hunter2!".repeat(30)])(
    "never show what a secret holds (%#)",
    (secret) => {
      const text = complaint({ CONFIG_KEY: secret, LOG_SHARDS: "many" });
      expect(text).toContain("LOG_SHARDS");
      expect(text).not.toContain("hunter2");
    },
  );
});

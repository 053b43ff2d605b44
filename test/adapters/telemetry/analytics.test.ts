import { describe, expect, it } from "vitest";
import { type AnalyticsPoint, engineAnalytics, logAnalytics } from "../../../adapters/telemetry/analytics.ts";
import type { LogFields } from "../../../adapters/telemetry/log.ts";

const POINT: AnalyticsPoint = { kind: "call_opened", tenant: "demo", labels: ["standard", "api", "route"], values: [12] };

describe("[OBS-8] analytics points", () => {
  it("go to the engine with the tenant as sampling key, each at once", () => {
    const written: unknown[] = [];
    const analytics = engineAnalytics({ writeDataPoint: (point) => void written.push(point) });
    analytics.write(POINT);
    analytics.flush();
    expect(written).toEqual([{ indexes: ["demo"], blobs: ["call_opened", "standard", "api", "route"], doubles: [12] }]);
  });

  it("gather in the local sink and go out as one line, each once", () => {
    const lines: LogFields[] = [];
    const analytics = logAnalytics((_, message, fields) => void lines.push({ message, ...fields }));
    analytics.write(POINT);
    analytics.write({ ...POINT, kind: "call_ended" });
    expect(lines).toEqual([]);
    analytics.flush();
    analytics.flush();
    expect(lines).toHaveLength(1);
    expect(lines[0]!["points"]).toMatchObject([{ kind: "call_opened", tenant: "demo" }, { kind: "call_ended" }]);
  });

  it("do not gather without bound when nobody flushes", () => {
    const sizes: number[] = [];
    const analytics = logAnalytics((_level, _message, fields) => void sizes.push((fields!["points"] as LogFields[]).length));
    for (let point = 0; point < 1_000; point++) analytics.write(POINT);
    expect(sizes).toEqual([200, 200, 200, 200, 200]);
  });
});

import { describe, expect, it } from "vitest";
import { OPERATIONS, TELEMETRY, keptFor, totalOf } from "../../../bench/cost/prices.ts";
import { AWAKE_PER_REQUEST_MS, type Measurement, postgresRequests, usageOf } from "../../../bench/cost/usage.ts";

const measurement: Measurement = {
  calls: 10,
  gate: { "POST /v1/calls, before the answer": { "Worker request": 10, "log line": 10, "analytics point": 10 } },
  standard: {
    "POST /v1/calls, before the answer": { "Worker request": 10, "log line": 20, "analytics point": 20 },
    "CallSession.open, before the answer": {
      "object request": 10,
      "row written": 20,
      "of these, alarms set": 10,
      "outgoing fetch": 10,
    },
    "EventLog.append, before the answer": { "object request": 10, "row written": 1 },
    "EventLog.alarm, before the answer": {
      "object request": 1,
      "R2 put (class A)": 2,
      "R2 get (class B)": 1,
      "R2 bytes put": 900,
      "queue operation": 1,
    },
    "queue projection, before the answer": {
      "Worker invocation": 1,
      "queue operation": 2,
      "R2 get (class B)": 3,
      "outgoing fetch": 5,
    },
    "cron, before the answer": { "Worker invocation": 1 },
  },
  activeMs: { CallSession: 20, EventLog: 1_000 },
  cpuMs: 50,
};

describe("usage of one call", () => {
  const usage = usageOf(measurement);

  it("bills a request at the front door once, though two Workers see it", () => {
    expect(usageOf({ ...measurement, standard: {} }).workerRequests).toBe(1);
  });

  it("counts what a queue or the cron begins like a request", () => {
    expect(usage.workerRequests).toBeCloseTo(1.2);
  });

  it("counts three operations for a message: written, read, deleted", () => {
    expect(usage.queueOperations).toBeCloseTo(0.3);
  });

  it("tells how often Postgres is asked, carriers not among it", () => {
    expect(postgresRequests(measurement)).toBeCloseTo(0.5);
  });

  it("counts rows, alarms among them, and R2 by class, bytes not among them", () => {
    expect(usage.rowsWritten).toBeCloseTo(2.1);
    expect(usage.r2ClassA).toBeCloseTo(0.2);
    expect(usage.r2ClassB).toBeCloseTo(0.4);
    expect(usage.objectRequests).toBeCloseTo(2.1);
  });

  it("allows sessions more time awake than they took here, and takes the log's as it was", () => {
    expect(usage.objectGbS).toBeCloseTo(((AWAKE_PER_REQUEST_MS + 100) / 1_000) * 0.125);
  });

  it("counts a log event per line and per invocation of either Worker and of an object", () => {
    expect(usage.logEvents).toBeCloseTo(3 + 2 + 0.2 + 2.1);
  });

  it("is priced per million calls", () => {
    const zero = Object.fromEntries([...OPERATIONS, ...TELEMETRY].map((item) => [item, 0])) as typeof usage;
    expect(totalOf({ ...zero, rowsWritten: 8, workerRequests: 5 }, OPERATIONS)).toBeCloseTo(9.5);
    expect(totalOf({ ...zero, queueOperations: 3 }, OPERATIONS)).toBeCloseTo(1.2);
    expect(totalOf({ ...zero, analyticsPoints: 4 }, OPERATIONS)).toBe(0);
    expect(totalOf({ ...zero, analyticsPoints: 4 }, TELEMETRY)).toBeCloseTo(1);
  });
});

describe("what is kept", () => {
  it("is priced by gigabytes and months", () => {
    // A million times 1 kB is 1 GB.
    expect(keptFor(1_000, 0.2, 0.5)).toBeCloseTo(0.1);
  });
});

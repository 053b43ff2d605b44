import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { BadAnswer, BadStatus, NoAnswer, failureOf, judgeStatus, orThrow } from "../../../adapters/platform/ask.ts";
import { type GuardFailure, createGuard, deadlineOnly } from "../../../adapters/platform/guard.ts";
import { retrying } from "../../../adapters/platform/retrying.ts";
import { asTenant, connect } from "../../../adapters/postgres/client.ts";
import { createMeter } from "../../../adapters/telemetry/meter.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import { place } from "./place.ts";

const TARGET = { kind: "issuer", name: "example.com" } as const;
const KEY = "issuer:example.com";
const LIMITS = { deadlineMs: 1_000, maxAtOnce: 2 };

function guarded() {
  const { isolate, clock } = place();
  const breakers = isolate();
  const meter = createMeter({});
  const guard = createGuard({ breakers, clock, meter });
  const outcomes = () =>
    Object.fromEntries(
      Object.entries(meter.take(0, true)?.counters ?? {}).map(([series, count]) => [
        /outcome="(\w+)"/.exec(series)?.[1],
        count,
      ]),
    );
  return { guard, breakers, clock, outcomes };
}

const fail = () => Promise.reject(new Error("broken"));
const never = () => new Promise<never>(() => {});

describe("[RES-1] asking somebody else", () => {
  it("gives what the work gives, or says why there is nothing, and counts it by kind and outcome", async () => {
    const { guard, outcomes } = guarded();
    expect(await guard(TARGET, LIMITS, async () => 7)).toEqual(ok(7));
    expect(await guard(TARGET, LIMITS, fail)).toMatchObject({ error: { tag: "failed", cause: { message: "broken" } } });
    let signalled: AbortSignal | null = null;
    const late = await guard(TARGET, { ...LIMITS, deadlineMs: 5 }, (signal) => {
      signalled = signal;
      return never();
    });
    expect(late).toEqual(err({ tag: "timeout" }));
    expect(signalled!.aborted).toBe(true);
    expect(outcomes()).toEqual({ ok: 1, failed: 1, timeout: 1 });
  });

  it("leaves what has answered alone: a stream goes on after the deadline", async () => {
    const { guard } = guarded();
    let signalled: AbortSignal | null = null;
    await guard(TARGET, { ...LIMITS, deadlineMs: 5 }, async (signal) => (signalled = signal));
    await new Promise((resolve) => setTimeout(resolve, 15));
    expect(signalled!.aborted).toBe(false);
  });

  it("lets so many ask at once, in each pool, and gives places back however the work ends", async () => {
    const { guard, outcomes } = guarded();
    const ends: (() => void)[] = [];
    const wait = () => new Promise<void>((resolve) => void ends.push(resolve));
    const waiting = [guard(TARGET, LIMITS, wait), guard(TARGET, LIMITS, wait)];
    expect(await guard(TARGET, LIMITS, wait)).toEqual(err({ tag: "full" }));
    expect(await guard(TARGET, { ...LIMITS, pool: "others" }, async () => 1)).toEqual(ok(1));
    expect(await guard({ ...TARGET, name: "example.org" }, LIMITS, async () => 1)).toEqual(ok(1));
    expect(await guard(TARGET, { ...LIMITS, insists: true }, async () => 1)).toEqual(ok(1));
    for (const end of ends) end();
    await Promise.all(waiting);
    for (let time = 0; time < 2; time++) await guard(TARGET, LIMITS, fail);
    expect(await guard(TARGET, LIMITS, async () => 1)).toEqual(ok(1));
    expect(outcomes()).toEqual({ full: 1, ok: 6, failed: 2 });
  });

  it("has a place again that dropped work never gave back", async () => {
    const { guard, clock } = guarded();
    void guard(TARGET, { deadlineMs: 60_000, maxAtOnce: 1 }, never);
    expect(await guard(TARGET, { ...LIMITS, maxAtOnce: 1 }, async () => 1)).toEqual(err({ tag: "full" }));
    clock.ms += 61_000;
    expect(await guard(TARGET, { ...LIMITS, maxAtOnce: 1 }, async () => 1)).toEqual(ok(1));
  });

  it("asks no more once it failed too often, until a pause is over, but for those who insist", async () => {
    const { guard, breakers, clock, outcomes } = guarded();
    for (let time = 0; time < 3; time++) await guard(TARGET, LIMITS, fail);
    let asked = 0;
    const work = async () => (asked += 1);
    expect(await guard(TARGET, LIMITS, work)).toEqual(err({ tag: "open" }));
    expect(asked).toBe(0);
    clock.ms += 5_500;
    expect(await guard(TARGET, LIMITS, work)).toEqual(ok(1));
    expect(breakers.state(KEY)).toBe("closed");
    for (let time = 0; time < 3; time++) await guard(TARGET, LIMITS, fail);
    expect(await guard(TARGET, { ...LIMITS, insists: true }, work)).toEqual(ok(2));
    expect(outcomes()).toEqual({ failed: 6, open: 1, ok: 2 });
  });

  it("does not take a refusal, or what may be the asker's own failure, for the target's", async () => {
    const { guard, breakers } = guarded();
    for (let time = 0; time < 5; time++) {
      await guard(TARGET, { ...LIMITS, judge: judgeStatus }, () => Promise.reject(new BadStatus(403)));
      await guard(TARGET, { ...LIMITS, judge: () => "unknown" }, fail);
    }
    expect(breakers.state(KEY)).toBe("closed");
    for (let time = 0; time < 3; time++)
      await guard(TARGET, { ...LIMITS, judge: judgeStatus }, () => Promise.reject(new BadStatus(503)));
    expect(breakers.state(KEY)).toBe("open");
  });
});

describe("[RES-1] what becomes of a failure", () => {
  it("is thrown as it was, for those who throw", () => {
    expect(orThrow(ok(1))).toBe(1);
    expect(() => orThrow(err({ tag: "failed", cause: new RangeError("own") }))).toThrow(RangeError);
    expect(() => orThrow(err<GuardFailure>({ tag: "open" }))).toThrow(NoAnswer);
  });

  it("tells whether asking again may help", () => {
    const failed = (cause: unknown): GuardFailure => ({ tag: "failed", cause });
    expect(failureOf(failed(new BadStatus(503)))).toEqual({ tag: "status", status: 503, retryAfterMs: null });
    expect(failureOf(failed(new Error("Network connection lost.")))).toEqual({ tag: "unanswered" });
    expect(failureOf({ tag: "timeout" })).toEqual({ tag: "late" });
    expect([{ tag: "open" } as const, { tag: "full" } as const, failed(new BadAnswer())].map(failureOf)).toEqual([
      null,
      null,
      null,
    ]);
  });

  it("is asked again about within the deadline, and only if that may help", async () => {
    const asks: number[] = [];
    const answers = (failures: number, failure: Parameters<typeof err>[0]) => async (leftMs: number) => {
      asks.push(leftMs);
      return asks.length > failures ? ok("there") : err({ error: "away", failure: failure as { tag: "unanswered" } | null });
    };
    const policy = { attempts: 3, firstMs: 2, maxMs: 2 };
    expect(await retrying(policy, 1_000, answers(2, { tag: "unanswered" }))).toEqual(ok("there"));
    expect(asks).toHaveLength(3);
    expect(await retrying(policy, 1_000, answers(9, { tag: "unanswered" }))).toEqual(err("away"));
    expect(asks).toHaveLength(6);
    expect(await retrying(policy, 1_000, answers(9, null))).toEqual(err("away"));
    expect(asks).toHaveLength(7);
  });

  it("without anything to protect, is a missed deadline or what was thrown", async () => {
    expect(await deadlineOnly(TARGET, { ...LIMITS, deadlineMs: 5 }, never)).toEqual(err({ tag: "timeout" }));
    expect(await deadlineOnly(TARGET, LIMITS, async () => 1)).toEqual(ok(1));
  });
});

describe("[RES-1] a database that is away", () => {
  it("is unavailable to its callers as ever, and soon is not asked any more", async () => {
    const { guard, breakers, outcomes } = guarded();
    const database = connect("postgresql://nobody:nothing@127.0.0.1/none", "http://127.0.0.1:1/sql", guard);
    const query = () => asTenant(database, "acme", [database.orm.execute(sql`select 1`)]);
    for (let time = 0; time < 6; time++) await expect(query()).rejects.toMatchObject({ name: "DatabaseUnavailable" });
    expect(breakers.state("database:postgres")).toBe("open");
    expect(outcomes()).toEqual({ failed: 5, open: 1 });
  });
});

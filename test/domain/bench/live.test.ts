import { describe, expect, it } from "vitest";
import { frameOf, markerIn, reportOf, sequenceIn } from "../../../bench/live/marked.ts";
import { FLOOR, type LiveFigures, SYSTEM, liveReport, ofFloor } from "../../../bench/live/report.ts";
import { windowOf } from "../../../bench/statistics.ts";

const fanOut = (perSecond: number, wrong = 0) => ({
  saturated: windowOf(Array<number>(perSecond).fill(5), 1, 100),
  paced: windowOf([1, 2, 3], 1),
  serverCores: 1,
  clientCores: 0.5,
  bytesPerFrame: 468,
  wrong,
});
const idle = (idleBytes: number, p99Ms: number, woken = 10) => ({
  openedBytes: idleBytes,
  idleBytes,
  pongs: 30,
  wokenByPing: 0,
  pingCpuMs: 0.01,
  wake: windowOf([p99Ms], 1),
  woken,
  wrong: 0,
});
const figures: LiveFigures = {
  machine: { cpu: "some", cores: 2, memoryGb: 24, node: "24", workerd: "1", storage: "/dev/shm", loadBefore: 0 },
  sockets: 10,
  idleSockets: 30,
  sample: 10,
  fanOut: [
    { name: SYSTEM, what: "", rounds: [fanOut(80), fanOut(30), fanOut(90)] },
    { name: FLOOR, what: "", rounds: [fanOut(100), fanOut(50), fanOut(100)] },
  ],
  idle: [
    { name: SYSTEM, what: "", rounds: [idle(2_000, 8)] },
    { name: FLOOR, what: "", rounds: [idle(1_500, 6)] },
  ],
};

describe("what live sockets are held against", () => {
  it("is the median of each round's ratio to the floor", () => {
    expect(ofFloor(figures.fanOut, SYSTEM, { of: ({ saturated }) => saturated.perSecond, better: "more" })).toBeCloseTo(0.8);
  });

  it("counts more memory and longer waits as less than the floor", () => {
    expect(ofFloor(figures.idle, SYSTEM, { of: ({ idleBytes }) => idleBytes, better: "less" })).toBeCloseTo(0.75);
  });

  it("is met by figures that are near enough to the floor's", () => {
    expect(liveReport(figures).missed).toEqual([]);
  });

  it("is missed by slow delivery, by memory and by late waking, each by its name", () => {
    const slow = { ...figures, fanOut: [{ name: SYSTEM, what: "", rounds: [fanOut(60)] }, figures.fanOut[1]!] };
    expect(liveReport(slow).missed).toEqual([expect.stringContaining("deliveries per second: 0.60")]);
    const heavy = { ...figures, idle: [{ name: SYSTEM, what: "", rounds: [idle(3_000, 60)] }, figures.idle[1]!] };
    expect(liveReport(heavy).missed).toEqual([
      expect.stringContaining("memory of an idle socket: 0.50"),
      expect.stringContaining("p99 delivery of an object that is woken: 0.10"),
    ]);
  });

  it("is missed by deliveries that are lost, whatever their speed", () => {
    const lossy = { ...figures, fanOut: [{ name: SYSTEM, what: "", rounds: [fanOut(100, 3)] }, figures.fanOut[1]!] };
    expect(liveReport(lossy).missed).toEqual([expect.stringContaining("3 deliveries")]);
  });

  it("is missed when the objects had not left memory, since nothing was woken then", () => {
    const awake = { ...figures, idle: [{ name: SYSTEM, what: "", rounds: [idle(1_500, 6, 4)] }, figures.idle[1]!] };
    expect(liveReport(awake).missed).toEqual([expect.stringContaining("only 4 of 10")]);
  });
});

describe("messages that say which write caused them", () => {
  it("are found again in a frame, with the sequence to acknowledge", () => {
    const frame = Buffer.from(frameOf(1_234));
    expect(markerIn(frame)).toBe(1_234);
    expect(sequenceIn(frame)).toBe(100);
  });

  it("have the same length whatever they say", () => {
    expect(frameOf(1).length).toBe(frameOf(999_999).length);
  });

  it("are none of ours without a marker", () => {
    expect(markerIn(Buffer.from('{"type":"snapshot","sequence":3}'))).toBeNull();
    expect(sequenceIn(Buffer.from('{"type":"snapshot","sequence":3}'))).toBeNull();
  });

  it("begin with a report that carries the marker as its id", () => {
    expect(JSON.parse(reportOf(7))).toMatchObject({ type: "ringing", id: "bench-000007" });
  });
});

import { describe, expect, it } from "vitest";
import type { Command } from "../../domain/call/commands.ts";
import { HOUR_MS, until } from "./fixture/clock.ts";
import { SessionUnderTest, tenantId, trunkId, typesOf } from "./fixture/session.ts";

const HANG_UP: Command = { kind: "hangUp", reason: null };
const NOTE: Command = { kind: "note", text: "the caller asked for Dr. Ames" };
const tag = (add: string[], remove: string[] = []): Command => ({ kind: "tag", add, remove });
const disposition = (word: string): Command => ({ kind: "setDisposition", disposition: word });

async function opened(): Promise<SessionUnderTest> {
  const session = new SessionUnderTest();
  await session.open();
  return session;
}

describe("commands to a call that its peer executes", () => {
  it("[CMD-3] what only the executor could do is refused for want of the capability, and nothing changes", async () => {
    const session = await opened();
    const before = await session.view();
    expect(await session.command(HANG_UP)).toEqual({ tag: "capability_missing", capability: "hang_up" });
    const redirect: Command = { kind: "redirect", to: { tag: "address", address: "+15551230009" } };
    expect(await session.command(redirect)).toEqual({ tag: "capability_missing", capability: "redirect" });
    expect(await session.view()).toEqual(before);
  });

  it("[CMD-2] after the end the state is the reason, before the capability", async () => {
    const session = await opened();
    await session.report("failed", { sipCode: 486 });
    expect(await session.command(HANG_UP)).toEqual({ tag: "illegal_state", state: "failed" });
  });

  it("[CMD-2] a disposition is set once somebody has answered, or when it is over, not before", async () => {
    const session = await opened();
    expect(await session.command(disposition("booked"))).toEqual({ tag: "illegal_state", state: "initiating" });
    await session.report("answered");
    expect(await session.command(disposition("booked"))).toMatchObject({ tag: "taken", repeated: false });
    await session.report("ended");
    expect(await session.command(disposition("booked-late"))).toMatchObject({ tag: "taken" });
    const { annotations, state } = await session.view();
    expect([annotations.disposition, state.disposition]).toEqual(["booked-late", "answered"]);
  });

  it("[CMD-4] each is an event with who gave it, and survives that the object is killed", async () => {
    const session = await opened();
    await session.command(NOTE);
    await session.command(tag(["vip", "cardiology"]));
    await session.kill();
    const { annotations, sequence } = await session.view();
    expect(annotations).toMatchObject({ tags: ["cardiology", "vip"], notes: [{ by: "operator-1", text: NOTE.text }] });
    const events = await session.ownEvents();
    expect(typesOf(events).slice(3)).toEqual(["session.noted", "session.tagged"]);
    expect(events.at(-1)!.data).toEqual({ by: "operator-1", tags: ["cardiology", "vip"] });
    expect(sequence).toBe(5);
  });

  it("[CMD-4] the same id again changes nothing and gets the same answer, also after an eviction", async () => {
    const session = await opened();
    const first = await session.command(NOTE, { id: "n-1" });
    await session.evict();
    const again = await session.command(NOTE, { id: "n-1" });
    expect(first).toMatchObject({ tag: "taken", repeated: false });
    expect(again).toMatchObject({ tag: "taken", repeated: true, view: { sequence: 4 } });
    expect((await session.view()).annotations.notes).toHaveLength(1);
  });

  it("[CMD-4] nobody who reports can use up the id of a command, or have it forgotten", async () => {
    const session = await opened();
    for (const reportId of ["n-1", "command:n-1"]) await session.report("ringing", { reportId, atMs: Date.now() });
    expect(await session.command(NOTE, { id: "n-1" })).toMatchObject({ tag: "taken", repeated: false });
    for (let index = 0; index < 300; index++) await session.report("ringing", { reportId: `r${index}`, atMs: index });
    expect(await session.command(NOTE, { id: "n-1" })).toMatchObject({ tag: "taken", repeated: true });
    expect((await session.view()).annotations.notes).toHaveLength(1);
  });

  it("[CMD-6] tags are a set, bounded as notes are", async () => {
    const session = await opened();
    await session.command(tag(Array.from({ length: 16 }, (_, index) => `t${index}`)));
    expect(await session.command(tag(["one-more"]))).toEqual({ tag: "too_many", of: "tags" });
    expect(await session.command(tag(["one-more"], ["t0"]))).toMatchObject({ tag: "taken" });
    for (let note = 0; note < 32; note++) expect((await session.command(NOTE)).tag).toBe("taken");
    expect(await session.command(NOTE)).toEqual({ tag: "too_many", of: "notes" });
  });

  it("[CMD-7] credentials of another trunk than the call's change nothing", async () => {
    const session = await opened();
    expect(await session.command(NOTE, { trunk: trunkId("pbx") })).toEqual({ tag: "other_trunk" });
    expect(await session.command(HANG_UP, { trunk: trunkId("pbx") })).toEqual({ tag: "other_trunk" });
    expect(await session.command(NOTE, { trunk: trunkId("main") })).toMatchObject({ tag: "taken" });
    expect((await session.view()).annotations.notes).toHaveLength(1);
  });

  it("[SESS-17] another tenant's command finds no session", async () => {
    const session = await opened();
    expect(await session.command(NOTE, { tenant: tenantId("other") })).toEqual({ tag: "unknown" });
  });

  it("[CMD-2] an archived session takes none, and shows the disposition that was set, without the notes", async () => {
    const session = await opened();
    await session.report("answered");
    await session.command(NOTE);
    await session.command(disposition("booked"));
    await session.report("ended");
    await until(async () => (await session.alarmAt())! > Date.now() + HOUR_MS, "the log's confirmation");
    await session.fireAlarm();
    expect(await session.command(NOTE)).toEqual({ tag: "archived" });
    expect((await session.view()).annotations).toEqual({ tags: [], notes: [], disposition: "booked" });
  });
});

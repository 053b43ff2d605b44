import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LiveFeed, liveFeed } from "../../clients/typescript/index.ts";
import { FakeServer } from "./fake-server.ts";

const change = (type: "opened" | "changed" | "ended", position: string) => ({ type, position, session: { id: "s" } });

let server: FakeServer;
let feed: LiveFeed;

beforeEach(async () => {
  server = new FakeServer();
  await server.start();
  feed = liveFeed({
    url: server.url,
    token: async () => "t",
    random: () => 0,
    filter: { status: "ongoing", trunk: ["berlin", "paris"] },
  });
});
afterEach(async () => {
  feed.close();
  await server.stop();
});

const next = async () => (await feed.next()).value;

describe("[LIVE-10] following a tenant", () => {
  it("[LIVE-10] asks with its filters, and gives hello and changes", async () => {
    const line = await server.line();
    expect(line.url.pathname + line.url.search).toBe("/v1/live?status=ongoing&trunk=berlin%2Cparis");
    line.say({ type: "hello", position: "p0" });
    line.say(change("opened", "p1"));
    expect(await next()).toEqual({ type: "hello", position: "p0" });
    expect(await next()).toEqual(change("opened", "p1"));
    expect(feed.position).toBe("p1");
  });

  it("[LIVE-10] goes on at its position, without another hello, and says when changes were missed", async () => {
    const first = await server.line();
    first.say({ type: "hello", position: "p0" });
    first.say(change("opened", "p1"));
    await next();
    await next();
    first.break();
    const second = await server.line();
    expect(second.url.searchParams.get("after")).toBe("p1");
    second.say({ type: "hello", position: "p9" });
    expect(feed.position).toBe("p1");
    second.say({ type: "reset", position: "p9" });
    expect(await next()).toEqual({ type: "reset", position: "p9" });
    second.say(change("changed", "p10"));
    expect(await next()).toEqual(change("changed", "p10"));
  });
});

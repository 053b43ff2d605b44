/**
 * The floor: what a Worker pays that makes a new Durable Object per request and stores in it the least that a call needs, a small
 * value and an alarm. No parsing, no authentication, no decision, no log.
 */
import { DurableObject } from "cloudflare:workers";

type FloorEnv = { readonly ITEM: DurableObjectNamespace<Item> };

const ALARM_AFTER_MS = 5 * 60_000;
const VALUE = "x".repeat(100);
/** About as long as the row of a session that has just been opened. */
const ROW = "x".repeat(2_500);

export class Item extends DurableObject<FloorEnv> {
  async store(): Promise<boolean> {
    this.ctx.storage.kv.put("item", VALUE);
    void this.ctx.storage.setAlarm(Date.now() + ALARM_AFTER_MS);
    return true;
  }

  /** As an object does that looks first whether it is there already, and has more to store. */
  async readAndStoreRow(): Promise<boolean> {
    if (this.ctx.storage.kv.get("item") !== undefined) return false;
    this.ctx.storage.kv.put("item", ROW);
    void this.ctx.storage.setAlarm(Date.now() + ALARM_AFTER_MS);
    return true;
  }

  async nothing(): Promise<boolean> {
    return true;
  }

  override async alarm(): Promise<void> {}
}

function use(item: DurableObjectStub<Item>, path: string): Promise<boolean> {
  if (path === "/empty") return item.nothing();
  return path === "/row" ? item.readAndStoreRow() : item.store();
}

export default {
  async fetch(request, env) {
    const item = env.ITEM.getByName(crypto.randomUUID());
    return Response.json({ done: await use(item, new URL(request.url).pathname) }, { status: 201 });
  },
} satisfies ExportedHandler<FloorEnv>;

/**
 * The floor of reading a session: a Worker that makes one call to one Durable Object and answers its JSON, of the same size and shape. No
 * authentication, no limits, no log. `/text/…` has the object answer text that was written before.
 */
import { DurableObject } from "cloudflare:workers";

type FloorEnv = { readonly ITEM: DurableObjectNamespace<Item>; readonly BODY: string };
type Plain = Readonly<Record<string, string>>;

export class Item extends DurableObject<FloorEnv> {
  readonly #value = JSON.parse(this.env.BODY) as Plain;

  async value(): Promise<Plain> {
    return this.#value;
  }

  async text(): Promise<string> {
    return this.env.BODY;
  }
}

const HEADERS = { "content-type": "application/json" };

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const item = env.ITEM.getByName(pathname.slice(pathname.lastIndexOf("/") + 1));
    return pathname.startsWith("/text/")
      ? new Response(await item.text(), { headers: HEADERS })
      : Response.json(await item.value());
  },
} satisfies ExportedHandler<FloorEnv>;

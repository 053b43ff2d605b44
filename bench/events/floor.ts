/**
 * The floor of taking events in: JSON in, one call to one Durable Object, one row for all the events that reach it in a turn of the
 * event loop, an id out. No authentication, no checks, no flush. Bodies may be an event or an array.
 */
import { DurableObject } from "cloudflare:workers";

type FloorEnv = { readonly LOG: DurableObjectNamespace<Log> };

export class Log extends DurableObject<FloorEnv> {
  #waiting: string[] = [];
  #commit: Promise<void> | null = null;
  #next = 0;

  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS head (first INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  }

  /** Answers when the lines are on disk. */
  async store(lines: readonly string[]): Promise<number> {
    const first = this.#next;
    this.#next += lines.length;
    this.#waiting.push(...lines);
    this.#commit ??= this.#nextTurn();
    await this.#commit;
    return first;
  }

  async #nextTurn(): Promise<void> {
    await scheduler.wait(0);
    this.#commit = null;
    const lines = this.#waiting;
    this.#waiting = [];
    this.ctx.storage.sql.exec("INSERT INTO head (first, body) VALUES (?, ?)", this.#next - lines.length, lines.join("\n"));
  }
}

export default {
  async fetch(request, env) {
    const body: unknown = await request.json();
    const events = Array.isArray(body) ? (body as readonly unknown[]) : [body];
    const first = await env.LOG.getByName("log").store(events.map((event) => JSON.stringify(event)));
    return Response.json({ items: events.map((_, index) => ({ id: first + index })) }, { status: 201 });
  },
} satisfies ExportedHandler<FloorEnv>;

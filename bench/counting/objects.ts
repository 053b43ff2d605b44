/** Classes of objects, counted as they are billed: what they are asked, what they write, and how long they are awake. */
import type { DurableObject } from "cloudflare:workers";
import { Active } from "./active.ts";
import { countState, countedEnv } from "./platform.ts";
import { at, count } from "./tally.ts";

type Constructor<T> = new (ctx: DurableObjectState, env: Env) => T;
type Method = (this: object, ...args: unknown[]) => Promise<unknown>;

/** What the platform calls when there is something to call: a request each, as an RPC is. Incoming messages are billed by twenties. */
const HANDLERS = ["fetch", "alarm"];
const MESSAGE_HANDLERS = ["webSocketMessage"];

const actives = new WeakMap<object, Active>();

/** @returns a class that does the same, and counts. */
export function counting<T extends DurableObject<Env>>(name: string, Real: Constructor<T>, rpc: readonly (keyof T & string)[]) {
  const Base: Constructor<DurableObject<Env>> = Real;
  class Counting extends Base {
    constructor(ctx: DurableObjectState, env: Env) {
      const active = new Active(name);
      countState(ctx, active);
      super(ctx, countedEnv(env));
      actives.set(this, active);
    }
  }
  const watch = (method: string, operation: string): void => {
    const real: unknown = Reflect.get(Real.prototype as object, method);
    if (typeof real !== "function") return;
    const entered: Method = function (...args) {
      const active = actives.get(this)!;
      const work = (): Promise<unknown> => {
        count(operation);
        return (real as Method).apply(this, args);
      };
      return active.during(at(`${name}.${method}`, active, work));
    };
    Object.defineProperty(Counting.prototype, method, { value: entered, configurable: true, writable: true });
  };
  for (const method of [...HANDLERS, ...rpc]) watch(method, "object request");
  for (const method of MESSAGE_HANDLERS) watch(method, "socket message");
  return Counting as unknown as Constructor<T>;
}

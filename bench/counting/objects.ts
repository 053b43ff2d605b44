/** Classes of objects, counted as they are billed: what they are asked, what they write, and how long they are awake. */
import type { DurableObject } from "cloudflare:workers";
import { Active } from "./active.ts";
import { countState, countedEnv } from "./platform.ts";
import { activeObject, at, count } from "./tally.ts";

type Constructor<T> = new (ctx: DurableObjectState, env: Env) => T;
type Method = (this: object, ...args: unknown[]) => Promise<unknown>;

/** Entries that are no requests: incoming messages are billed by twenties, the rest not at all. Any other method is a request, RPC or not. */
const SOCKET_HANDLERS: Readonly<Record<string, string>> = {
  webSocketMessage: "socket message",
  webSocketClose: "socket close",
  webSocketError: "socket error",
};

const methodsOf = (prototype: object): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => name !== "constructor" && typeof value === "function")
    .map(([name]) => name);

const actives = new WeakMap<object, Active>();

/** @returns a class that does the same, and counts. */
export function counting<T extends DurableObject<Env>>(name: string, Real: Constructor<T>): Constructor<T> {
  const Base: Constructor<DurableObject<Env>> = Real;
  class Counting extends Base {
    constructor(ctx: DurableObjectState, env: Env) {
      const active = new Active(name);
      countState(ctx, active);
      super(ctx, countedEnv(env));
      actives.set(this, active);
    }
  }
  for (const method of methodsOf(Real.prototype as object)) {
    const real = Reflect.get(Real.prototype as object, method) as Method;
    const entered: Method = function (...args) {
      const active = actives.get(this)!;
      // The object itself calls one of its methods: nobody has asked it.
      if (activeObject() === active) return real.apply(this, args);
      const work = (): Promise<unknown> => {
        count(SOCKET_HANDLERS[method] ?? "object request");
        return real.apply(this, args);
      };
      return active.during(at(`${name}.${method}`, active, work));
    };
    Object.defineProperty(Counting.prototype, method, { value: entered, configurable: true, writable: true });
  }
  return Counting as unknown as Constructor<T>;
}

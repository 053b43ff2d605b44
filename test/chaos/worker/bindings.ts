/** The Worker's bindings, broken as the harness says: buckets, objects and queues. What is not broken goes to the real one. */
import { type Call, type Members, member } from "./member.ts";
import { byChance, hang, injected, noteDone, pause } from "./state.ts";

class InjectedOutage extends Error {
  override readonly name = "InjectedOutage";
}

const BUCKET_OPERATIONS = new Set<string | symbol>(["get", "put", "head", "list", "delete", "createMultipartUpload"]);

function brokenBucket(bucket: object): object {
  return new Proxy(bucket, {
    get: (real, name) => {
      if (!BUCKET_OPERATIONS.has(name)) return member(real, name);
      return async (...given: readonly unknown[]) => {
        const { fails, delayMs } = injected().r2;
        if (delayMs > 0) {
          noteDone("bucket operations delayed");
          await pause(delayMs);
        }
        if (fails) noteDone("bucket operations refused");
        if (fails) throw new InjectedOutage("the bucket is away");
        return (member(real, name) as Call)(...given);
      };
    },
  });
}

/** As the platform marks it: https://developers.cloudflare.com/durable-objects/best-practices/error-handling/ */
function overloadedError(): Error {
  return Object.assign(new Error("Durable Object is overloaded. Too many requests queued."), {
    overloaded: true,
    retryable: true,
    remote: true,
  });
}

/** Called on the object by whoever asks it something; see `breakable`. */
export const EVICT = "evictForChaos";

function brokenStub(stub: object, binding: string): object {
  const evict = () => void Promise.resolve((member(stub, EVICT) as Call)()).catch(() => {});
  return new Proxy(stub, {
    get: (real, name) => {
      const { bindings, overloaded, evicted, hanging } = injected().objects;
      const isConcerned = overloaded + evicted + hanging > 0 && (bindings === null || bindings.includes(binding));
      if (typeof name === "symbol" || name === "then" || name === "id" || name === "name" || !isConcerned)
        return member(real, name);
      return async (...given: readonly unknown[]) => {
        if (byChance(hanging)) {
          noteDone("questions to objects never answered");
          await hang();
        }
        if (byChance(overloaded)) {
          noteDone("questions to objects refused");
          throw overloadedError();
        }
        const isLost = byChance(evicted);
        if (isLost) noteDone("objects thrown out of memory");
        const answer = (member(real, name) as Call)(...given);
        // Half of them while they are still at it.
        if (isLost && byChance(0.5)) evict();
        const settled = await answer;
        if (isLost) evict();
        return settled;
      };
    },
  });
}

const STUBS = new Set<string | symbol>(["get", "getByName"]);

function brokenNamespace(namespace: object, binding: string): object {
  return new Proxy(namespace, {
    get: (real, name) => {
      if (name === "jurisdiction")
        return (...given: readonly unknown[]) => brokenNamespace((member(real, name) as Call)(...given) as object, binding);
      if (!STUBS.has(name)) return member(real, name);
      return (...given: readonly unknown[]) => brokenStub((member(real, name) as Call)(...given) as object, binding);
    },
  });
}

function brokenQueue(queue: object): object {
  return new Proxy(queue, {
    get:
      (real, name) =>
      async (...given: readonly unknown[]) => {
        if (byChance(injected().messagesLost)) return noteDone("messages lost");
        await (member(real, name) as Call)(...given);
      },
  });
}

/** What kind a binding is, by what can be done with it. */
function broken(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return value;
  const has = (method: string) => typeof (value as Members)[method] === "function";
  if (has("idFromName")) return brokenNamespace(value, name);
  if (has("createMultipartUpload")) return brokenBucket(value);
  if (has("sendBatch")) return brokenQueue(value);
  return value;
}

let environments = new WeakMap<Env, Env>();

/** The same object for the same bindings, since whatever an isolate remembers hangs on it, until `forget`. */
export function brokenEnv(env: Env): Env {
  const known = environments.get(env);
  if (known !== undefined) return known;
  const made = new Map<string | symbol, unknown>();
  const fresh = new Proxy(env, {
    get: (real, name) => {
      if (typeof name === "symbol") return Reflect.get(real, name) as unknown;
      if (!made.has(name)) made.set(name, broken(Reflect.get(real, name), name));
      return made.get(name);
    },
  });
  environments.set(env, fresh);
  return fresh;
}

/** Whoever comes next finds an isolate that has just started. */
export function forget(): void {
  environments = new WeakMap();
}

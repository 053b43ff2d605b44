/** The platform's objects, counted as they are billed. */
import type { Active } from "./active.ts";
import { observed } from "./observed.ts";
import { activeObject, count } from "./tally.ts";

const sizeOf = (value: unknown): number => {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? value.byteLength : 0;
};

let holdMs = 0;

/** From now on every answer of R2 comes this much later: whoever waits for one shows it. */
export function holdR2(ms: number): void {
  holdMs = ms;
}

const held = async (result: unknown): Promise<unknown> => {
  if (holdMs > 0) await scheduler.wait(holdMs);
  return result;
};

function countedBucket(bucket: R2Bucket): R2Bucket {
  const counted = (operation: string) => (_: readonly unknown[], result: unknown) => {
    count(operation);
    return held(result);
  };
  const classA = (name: string) => counted(`R2 ${name} (class A)`);
  const classB = (name: string) => counted(`R2 ${name} (class B)`);
  return observed(bucket, {
    put: ([, value], result) => {
      count("R2 put (class A)");
      count("R2 bytes put", sizeOf(value));
      return held(result);
    },
    list: classA("list"),
    createMultipartUpload: classA("multipart"),
    get: classB("get"),
    head: classB("head"),
    delete: () => count("R2 delete (free)"),
  });
}

/** Writing, reading and deleting a message of up to 64 KB are billed as an operation each. */
const QUEUE_OPERATION = "queue operation";

const countedQueue = (queue: Queue): Queue =>
  observed(queue, {
    send: () => count(QUEUE_OPERATION),
    sendBatch: ([messages]) => count(QUEUE_OPERATION, [...(messages as Iterable<unknown>)].length),
  });

/** A batch as a consumer gets it: every message was read, and goes when it is acknowledged. */
export function countedBatch<T>(batch: MessageBatch<T>): MessageBatch<T> {
  count(QUEUE_OPERATION, batch.messages.length);
  const messages = batch.messages.map((message) => observed(message, { ack: () => count(QUEUE_OPERATION) }));
  return observed(batch, { ackAll: () => count(QUEUE_OPERATION, messages.length) }, { messages });
}

const countedEnvs = new WeakMap<Env, Env>();

/** The bindings with their counters; always the same object for the same bindings. */
export function countedEnv(env: Env): Env {
  const known = countedEnvs.get(env);
  if (known !== undefined) return known;
  const counted: Env = {
    ...env,
    CONFIG: countedBucket(env.CONFIG),
    EVENTS: countedBucket(env.EVENTS),
    PROJECTION: countedQueue(env.PROJECTION),
    ANALYTICS: observed(env.ANALYTICS, { writeDataPoint: () => count("analytics point") }),
  };
  countedEnvs.set(env, counted);
  return counted;
}

type Cursor = { readonly rowsRead: number; readonly rowsWritten: number };

/** Rows as the storage itself reports them; setting and deleting an alarm are billed as a row written each. */
function countedStorage(storage: DurableObjectStorage): DurableObjectStorage {
  const kv = observed(storage.kv, {
    put: () => count("row written"),
    delete: () => count("row written"),
    get: () => count("row read"),
  });
  const sql = observed(storage.sql, {
    exec: (_, cursor) => {
      const { rowsWritten } = cursor as Cursor;
      count("row written", rowsWritten);
      // Rows are read when the cursor is, which is in the same turn.
      queueMicrotask(() => count("row read", (cursor as Cursor).rowsRead));
    },
  });
  return observed(
    storage,
    {
      setAlarm: () => {
        count("row written");
        count("of these, alarms set");
      },
      deleteAlarm: () => count("row written"),
      getAlarm: () => count("row read"),
    },
    { kv, sql },
  );
}

/** Replaces what an object's own code sees of its state. */
export function countState(ctx: DurableObjectState, active: Active): void {
  const storage = countedStorage(ctx.storage);
  const waitUntil = ctx.waitUntil.bind(ctx);
  Object.defineProperties(ctx, {
    storage: { value: storage },
    waitUntil: { value: (work: Promise<unknown>) => waitUntil(active.during(Promise.resolve(work))) },
  });
}

/** Log lines, requests that leave the Worker, and timers that keep an object awake. */
export function countGlobals(): void {
  const { log } = console;
  console.log = (...args: unknown[]) => {
    count("log line");
    log(...args);
  };
  const { fetch, setTimeout, clearTimeout } = globalThis;
  globalThis.fetch = (...args: Parameters<typeof fetch>) => {
    count("outgoing fetch");
    return fetch(...args);
  };
  const pending = new Map<unknown, Active>();
  const settle = (timer: unknown) => {
    pending.get(timer)?.end();
    pending.delete(timer);
  };
  const countedSetTimeout = (callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const active = activeObject();
    const timer = setTimeout(() => {
      settle(timer);
      callback(...args);
    }, ms);
    if (active !== null) {
      active.begin();
      pending.set(timer, active);
    }
    return timer;
  };
  Object.assign(globalThis, {
    setTimeout: countedSetTimeout,
    clearTimeout: (timer: Parameters<typeof clearTimeout>[0]) => {
      settle(timer);
      clearTimeout(timer);
    },
  });
}

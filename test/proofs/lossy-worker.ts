/** The Worker as it is, but for the queue: of the messages that it is given, half are lost. */
import * as real from "../../workers/index.ts";

export * from "../../workers/index.ts";

const LOST = 0.5;

/** The same bindings, with a queue that takes everything and forgets half of it. */
function lossy(env: Env): Env {
  const queue = {
    send: async (...message: Parameters<Env["PROJECTION"]["send"]>) => {
      if (Math.random() >= LOST) await env.PROJECTION.send(...message);
    },
  };
  return new Proxy(env, { get: (of, name) => (name === "PROJECTION" ? queue : Reflect.get(of, name)) });
}

export class EventLog extends real.EventLog {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, lossy(env));
  }
}

export default {
  ...real.default,
  queue: (batch, env) => real.default.queue(batch, lossy(env)),
} satisfies ExportedHandler<Env>;

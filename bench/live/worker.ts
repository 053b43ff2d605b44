/** The Worker as it is, but for the count of the sessions that come into memory. */
import * as real from "../../workers/index.ts";
import { CONSTRUCTED_PATH, constructed, countConstructed } from "./constructed.ts";

export * from "../../workers/index.ts";

export class CallSession extends real.CallSession {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    countConstructed();
  }
}

export default {
  ...real.default,
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === CONSTRUCTED_PATH
      ? constructed()
      : real.default.fetch(request as Parameters<typeof real.default.fetch>[0], env, ctx),
} satisfies ExportedHandler<Env>;

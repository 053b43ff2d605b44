/** A session that tells no feed what has become of it. */
import { CallSession as RealCallSession } from "../../durable-objects/call-session/call-session.ts";
import { otherEnv } from "./other-env.ts";

const unfed = otherEnv(({ LIVE_FEED: _feed, ...env }) => env);

export class CallSession extends RealCallSession {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, unfed(env));
  }
}

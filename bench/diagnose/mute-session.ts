/** A session that believes its events are in the log without offering them. */
import { CallSession as RealCallSession } from "../../durable-objects/call-session/call-session.ts";
import type { AppendOutcome } from "../../durable-objects/event-log/event-log.ts";
import { otherEnv } from "./other-env.ts";

const nowhere = { append: async (): Promise<AppendOutcome> => "durable" };
const NOWHERE = { getByName: () => nowhere } as unknown as Env["EVENT_LOG"];
const mute = otherEnv((env) => ({ ...env, EVENT_LOG: NOWHERE }));

export class CallSession extends RealCallSession {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, mute(env));
  }
}

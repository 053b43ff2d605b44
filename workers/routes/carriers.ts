/** `/carriers/{account}/events`: what carriers say of legs that Trunkline places. The same on both lanes; each answers for its own. */
import { Hono } from "hono";
import { accountOf, parseCallback } from "../../adapters/carriers/accounts.ts";
import { type AuthProblem, authAnswer } from "../../adapters/identity/auth-problem.ts";
import { isSignedBy, isTimely, signedHeaders } from "../../adapters/identity/standard-webhooks.ts";
import { parseJsonObject } from "../../contracts/json.ts";
import type { LegCallback } from "../../domain/call/carrier.ts";
import { type Lane, laneOf } from "../../domain/shared/ids.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";

/** Null: the account has signed this. One that does not exist is refused like one that did not sign, in the same time. */
async function signatureProblem(c: AppContext, secrets: readonly string[]): Promise<AuthProblem | null> {
  const signed = signedHeaders(c.req.raw.headers);
  if (signed === null) return { tag: "missing_credentials" };
  if (!isTimely(signed, c.get("deps").clock.nowMs())) return { tag: "replayed_or_stale" };
  return (await isSignedBy(secrets, signed, c.get("body"))) ? null : { tag: "bad_signature" };
}

/** The callback, or the answer that refuses it. */
async function carrierCallback(
  c: AppContext,
): Promise<Result<{ readonly account: string; readonly callback: LegCallback }, Response>> {
  const { environment, meter } = c.get("deps");
  const account = accountOf(environment.CARRIER_ACCOUNTS, c.req.param("account") ?? "");
  const problem = await signatureProblem(c, account === null ? [] : [account.secret]);
  if (account === null || problem !== null) {
    const refusal: AuthProblem = problem ?? { tag: "bad_signature" };
    meter.count("trunkline_authentication_failures_total", { reason: refusal.tag });
    const { headers } = authAnswer(refusal);
    return err(answerProblem(c, { code: "unauthenticated", headers, detail: refusal.tag.replaceAll("_", " ") }));
  }
  const body = parseJsonObject(c.get("body"));
  if (!body.ok) return err(answerProblem(c, { code: "bad_json", detail: body.error.detail }));
  const callback = parseCallback(account.kind, body.value);
  if (!callback.ok) return err(answerProblem(c, { code: "invalid_fields", errors: callback.error }));
  c.set("sessionId", callback.value.session);
  return ok({ account: account.id, callback: callback.value });
}

/** The lane of the session that a callback is about, as it says itself, unproven; null: it says none that can be read. */
export function laneOfCallback(c: AppContext): Lane | null {
  const account = accountOf(c.get("deps").environment.CARRIER_ACCOUNTS, c.req.param("account") ?? "");
  const body = parseJsonObject(c.get("body"));
  if (account === null || !body.ok) return null;
  const callback = parseCallback(account.kind, body.value);
  return callback.ok ? laneOf(callback.value.session) : null;
}

export const carrierRoutes = () =>
  new Hono<AppEnv>().post("/:account/events", readBody, async (c) => {
    const said = await carrierCallback(c);
    if (!said.ok) return said.error;
    const { account, callback } = said.value;
    const { environment, sessions } = c.get("deps");
    const lane = laneOf(callback.session);
    if (lane !== environment.LANE)
      return answerProblem(c, { code: "wrong_lane", detail: `the session lives on the ${lane} lane` });
    const answer = await sessions.legCallback(callback.session, account, callback, c.get("trace").traceparent);
    if (!answer.ok) return answerProblem(c, { code: "unavailable", detail: "the session could not be reached" });
    if (answer.value.tag === "unknown") return answerProblem(c, { code: "not_found", detail: "there is no such leg" });
    return c.json({ id: callback.id });
  });

/** From a request for a live socket to the object that holds it. */
import type { TicketTarget } from "../adapters/identity/ticket.ts";
import { within } from "../adapters/platform/deadline.ts";
import { SUBPROTOCOL, TICKET_PARAMETER } from "../contracts/live.ts";
import type { Problem } from "../contracts/problem.ts";
import { type Result, err, ok } from "../domain/shared/result.ts";
import { refusalOf, upgradeRequest } from "../durable-objects/sockets/upgrade.ts";
import type { AppContext } from "./context.ts";
import { ConfigurationUnavailable } from "./deps.ts";
import { type LiveCredentials, liveCredentials, offeredProtocols } from "./live-credentials.ts";
import { answerGuess, guessIn } from "./middleware/personal-data.ts";
import { answerProblem } from "./problem.ts";

/** An object that has not upgraded by then is not going to. */
const UPGRADE_DEADLINE_MS = 5_000;

export type LiveTarget = {
  /** What a ticket has to be for. */
  readonly ticket: TicketTarget;
  /** Query parameters that the object understands; any other is refused. */
  readonly parameters: readonly string[];
  /** It understands those that begin so, too. */
  readonly prefix?: string;
  /** Hands the request to the object. May reject. */
  readonly connect: (request: Request, credentials: LiveCredentials) => Promise<Response>;
};

/** What is wrong with a request for a socket before anybody is asked who sends it. */
function malformed(c: AppContext, { parameters, prefix }: LiveTarget): Problem | null {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket")
    return { code: "upgrade_required", headers: { Upgrade: "websocket" } };
  const offered = offeredProtocols(c);
  if (offered.length > 0 && !offered.includes(SUBPROTOCOL))
    return { code: "bad_header", detail: `one of the subprotocols has to be ${SUBPROTOCOL}` };
  const isKnown = (name: string): boolean =>
    name === TICKET_PARAMETER || parameters.includes(name) || (prefix !== undefined && name.startsWith(prefix));
  const unknown = Object.keys(c.req.query()).find((name) => !isKnown(name));
  return unknown === undefined ? null : { code: "bad_query", detail: "there is a query parameter that is not known here" };
}

async function credentialsOf(c: AppContext, target: LiveTarget): Promise<Result<LiveCredentials, Response>> {
  try {
    return await liveCredentials(c, target.ticket);
  } catch (error) {
    if (!(error instanceof ConfigurationUnavailable)) throw error;
    return err(answerProblem(c, { code: "unavailable", detail: "credentials cannot be checked now" }));
  }
}

async function connect(target: LiveTarget, request: Request, credentials: LiveCredentials): Promise<Result<Response, Problem>> {
  const away: Problem = { code: "unavailable", detail: "what the socket is for could not be reached" };
  try {
    const answer = await within(target.connect(request, credentials), UPGRADE_DEADLINE_MS);
    if (!answer.done) return err(away);
    const refused = await refusalOf(answer.value);
    return refused === null ? ok(answer.value) : err(refused);
  } catch {
    return err(away);
  }
}

/** Answers `GET …/live`: 101, or a problem before anything is upgraded. */
export async function answerUpgrade(c: AppContext, target: LiveTarget): Promise<Response> {
  const wrong = malformed(c, target);
  if (wrong !== null) return answerProblem(c, wrong);
  const credentials = await credentialsOf(c, target);
  if (!credentials.ok) return credentials.error;
  const { [TICKET_PARAMETER]: _ticket, ...query } = c.req.queries();
  const guess = guessIn(query);
  if (guess !== null && !credentials.value.holder.permissions.includes("pii:read")) return answerGuess(c, guess);
  const offered = offeredProtocols(c).includes(SUBPROTOCOL) ? SUBPROTOCOL : null;
  const answer = await connect(target, upgradeRequest({ ...credentials.value, query }, offered), credentials.value);
  if (!answer.ok) return answerProblem(c, answer.error);
  // A response of our own: the headers of a fetched one cannot be set, and every answer gets the request's id.
  const { status, headers, webSocket } = answer.value;
  return new Response(null, { status, headers, webSocket });
}

/** `/v1/invitations`: asking people into the directory. Who has the token of one joins, once, under the subject of their own tokens. */
import { Hono } from "hono";
import { hashApiKeySecret } from "../../adapters/identity/api-key-check.ts";
import { constantTimeEqual, digestFromHex } from "../../adapters/identity/bytes.ts";
import { PEOPLE_FILTERS, invitationJson, parseAcceptance, parseNewInvitation, userJson } from "../../contracts/people.ts";
import type { Problem } from "../../contracts/problem.ts";
import { API_KEY_RANDOM_BYTES } from "../../domain/identity/api-key.ts";
import type { AcceptProblem } from "../../domain/identity/people-store.ts";
import { type InvitationParts, mintInvitation, parseInvitationToken } from "../../domain/identity/invitation.ts";
import type { AppContext, AppEnv } from "../context.ts";
import { handOutProblem } from "../hand-out.ts";
import { audited } from "../middleware/audited.ts";
import { requiresIdentity } from "../middleware/authenticate.ts";
import { idempotent } from "../middleware/idempotent.ts";
import { readBody } from "../middleware/read-body.ts";
import { answerProblem } from "../problem.ts";
import {
  allows,
  answerPage,
  answerResource,
  idFrom,
  invalidFields,
  jsonBody,
  notFound,
  pageRequest,
  readEntityBody,
  writeProblem,
} from "./config/answers.ts";
import { putInForce } from "./config/put-in-force.ts";

const MS_PER_S = 1_000;

/** Of a token that is wrong, and of one that was never given: which of them is not told. */
const NO_INVITATION: Problem = { code: "not_found", detail: "there is no such invitation" };
const GONE: Problem = { code: "conflict", detail: "the invitation has expired, was taken back or has been accepted" };
const KNOWN: Problem = { code: "conflict", detail: "this subject is in the directory already" };
const FULL: Problem = { code: "conflict", detail: "the directory has as many users as it may have" };
const ACCEPT_PROBLEMS: Readonly<Record<AcceptProblem["tag"], Problem>> = { gone: GONE, known: KNOWN, full: FULL };
const NO_PERSON: Problem = { code: "forbidden", detail: "a person joins, by a token of an issuer: keys and trunks do not" };

/** Compared with when there is no invitation, so that an unknown one takes as long as a wrong secret. */
const NO_DIGEST = new Uint8Array(32);

const tenantOf = (c: AppContext) => c.get("principal").tenant;

async function create(c: AppContext): Promise<Response> {
  const { people, clock, randomness } = c.get("deps");
  const { tenant, subject } = c.get("principal");
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const input = parseNewInvitation(body.value);
  if (!input.ok) return answerProblem(c, invalidFields(input.error));
  const { expiresInS, ...rest } = input.value;
  const beyond = await handOutProblem(c, rest.roles);
  if (beyond !== null) return answerProblem(c, beyond);
  const nowMs = clock.nowMs();
  const { id, secret, text } = mintInvitation(tenant, randomness.bytes(API_KEY_RANDOM_BYTES));
  const times = { expiresAtMs: nowMs + expiresInS * MS_PER_S };
  const tokenHash = await hashApiKeySecret(secret);
  const made = await people.createInvitation(tenant, { ...rest, ...times, id, createdBy: subject, tokenHash });
  if (!made.ok) return answerProblem(c, writeProblem(made.error, "tenant"));
  // Shown this once: only its hash is kept.
  c.header("Cache-Control", "no-store");
  c.header("Location", `/v1/invitations/${id}`);
  return c.json({ ...invitationJson(made.value, nowMs), token: text }, 201);
}

async function isRight(c: AppContext, { tenant, id, secret }: InvitationParts): Promise<boolean> {
  if (tenant !== tenantOf(c)) return false;
  const [known, given] = [await c.get("deps").people.invitationHash(tenant, id), digestFromHex(await hashApiKeySecret(secret))];
  const matches = constantTimeEqual(given ?? NO_DIGEST, (known === null ? null : digestFromHex(known)) ?? NO_DIGEST);
  return known !== null && matches;
}

async function accept(c: AppContext): Promise<Response> {
  const { people, clock } = c.get("deps");
  const { tenant, subject, issuer = null, via } = c.get("principal");
  if (via !== "jwt") return answerProblem(c, NO_PERSON);
  const body = jsonBody(c);
  if (!body.ok) return answerProblem(c, body.error);
  const input = parseAcceptance(body.value);
  if (!input.ok) return answerProblem(c, invalidFields(input.error));
  const token = parseInvitationToken(input.value.token);
  if (!token.ok || !(await isRight(c, token.value))) return answerProblem(c, NO_INVITATION);
  const joined = await people.acceptInvitation(tenant, token.value.id, { subject, issuer }, clock.nowMs());
  if (!joined.ok) return answerProblem(c, ACCEPT_PROBLEMS[joined.error.tag]);
  const { entity, revision } = joined.value;
  c.header("Location", `/v1/users/${encodeURIComponent(entity.id)}`);
  const unpublished = await putInForce(
    c,
    "you have joined, and it could not be put in force: it is with the next change of the tenant's access",
  );
  return unpublished ?? answerResource(c, revision, userJson(entity), 201);
}

async function revoke(c: AppContext): Promise<Response> {
  const { people, clock } = c.get("deps");
  const id = idFrom(c);
  if (id === null) return answerProblem(c, notFound("invitation"));
  const revoked = await people.revokeInvitation(tenantOf(c), id, clock.nowMs());
  if (revoked.ok) return answerResource(c, revoked.value.revision, invitationJson(revoked.value, clock.nowMs()));
  return answerProblem(c, writeProblem(revoked.error, "invitation"));
}

export const invitationRoutes = () =>
  new Hono<AppEnv>()
    .get("/", ...allows("access:manage"), audited("invitations.list", { reads: true }), async (c) => {
      const request = pageRequest(c, "invitations", PEOPLE_FILTERS.invitations);
      if (!request.ok) return answerProblem(c, request.error);
      const nowMs = c.get("deps").clock.nowMs();
      const page = await c.get("deps").people.listInvitations(tenantOf(c), request.value, nowMs);
      return answerPage(c, "invitations", request.value, page, (invitation) => invitationJson(invitation, nowMs));
    })
    .post("/", ...allows("access:manage"), readEntityBody, idempotent, audited("invitations.create"), create)
    .post("/accept", readBody, requiresIdentity, idempotent, audited("invitations.accept"), accept)
    .get("/:id", ...allows("access:manage"), async (c) => {
      const id = idFrom(c);
      const stored = id === null ? null : await c.get("deps").people.getInvitation(tenantOf(c), id);
      if (stored === null) return answerProblem(c, notFound("invitation"));
      return answerResource(c, stored.revision, invitationJson(stored, c.get("deps").clock.nowMs()));
    })
    .delete("/:id", ...allows("access:manage"), audited("invitations.revoke"), revoke);

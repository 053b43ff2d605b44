/** What each error code means and what to do about it: the pages that the `type` of a problem leads to. */
import type { FieldError } from "./issues.ts";
import { PROBLEMS, type ProblemCode, problemJson } from "./problem.ts";

type Page = {
  readonly meaning: string;
  readonly remedy: string;
  /** Of the example. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
};

export const PROBLEM_PAGES: Readonly<Record<ProblemCode, Page>> = {
  bad_json: {
    meaning: "The body is not UTF-8, not JSON, not an object, nests too deep, or broke off before its end.",
    remedy: "Send a complete JSON object in UTF-8. The same request again fails again.",
    detail: "the body is not JSON",
  },
  bad_header: {
    meaning:
      "A header cannot be read: a malformed Idempotency-Key, If-Match or If-None-Match, or subprotocols without trunkline.v1.",
    remedy: "Send entity tags in quotes as they were answered, and keys of 1 to 255 printable characters without spaces.",
    detail: 'If-Match is "*" or entity tags in quotes',
  },
  bad_query: {
    meaning: "A query parameter is unknown here, has a value that it cannot have, or a filter has a mistake.",
    remedy: "Look at errors: the pointer is a question mark and the parameter's name. In a query a plus sign is %2B.",
    errors: [{ pointer: "?limit", code: "not_allowed", detail: "is no whole number that a page may have" }],
  },
  bad_cursor: {
    meaning: "The cursor was cut or changed, or it belongs to another list or to other filters.",
    remedy: "Send the nextCursor of the page before as it is, with the same filters and order; or begin again without one.",
  },
  unauthenticated: {
    meaning:
      "There are no credentials, or they do not hold: expired, of another issuer, not signed as they should be, revoked.",
    remedy:
      "detail says which. Get a new token, or ask an administrator for another key; when credentials fail, no others that came along are tried.",
    detail: "expired",
  },
  signature_required: {
    meaning: "The tenant's policy asks for a signed request here, and this one was proven in another way.",
    remedy: "Sign the request by RFC 9421 (ed25519 or hmac-sha256), with Content-Digest where there is a body.",
  },
  address_not_allowed: {
    meaning: "The key is good, and was used from an address outside the networks that it is bound to.",
    remedy: "Ask from one of its networks, or have an administrator change the key's allowedNetworks.",
  },
  forbidden: {
    meaning:
      "It is known who asks, and they may not: no role grants the permission, the scope of the token or key leaves it out, the user is disabled, or the credentials belong to one trunk.",
    remedy:
      "detail names the permission. For a scope, ask for a token with it; for a role, ask an administrator of the tenant.",
    detail: "no role of this identity grants config:write",
  },
  origin_not_allowed: {
    meaning: "A page in a browser asked, and the tenant does not let pages of its origin ask. Nothing was done.",
    remedy: "Have an administrator add the origin to the tenant's policy, or ask from a server.",
  },
  not_found: {
    meaning: "There is no such path, or no such thing for this tenant. What belongs to another tenant is not found either.",
    remedy: "Check the id and the tenant of the credentials. What was deleted stays deleted.",
    detail: "there is no such session",
  },
  conflict: {
    meaning:
      "The request contradicts what is there: the id exists already, something still uses it, somebody else was quicker, or there is as much as there may be.",
    remedy: "Read what is there and decide anew; detail says what stands in the way.",
    detail: 'there is a trunk "pbx-main" already',
  },
  request_in_flight: {
    meaning: "A request with this idempotency key has not been answered yet.",
    remedy: "Wait for Retry-After and send the same request again: it gets the first one's answer.",
  },
  illegal_state: {
    meaning: "The call's state does not allow it: an ended call cannot be hung up.",
    remedy: "state in the answer says where the call is. Read the session again.",
    detail: "the session is completed",
  },
  capability_missing: {
    meaning: "Whoever carries out the call cannot do this: a PBX that executes the plan itself is not told to redirect.",
    remedy: "Have the peer do it, or let Trunkline place calls on this trunk.",
    detail: "whoever executes the call cannot redirect",
  },
  precondition_failed: {
    meaning:
      "What is there is not what If-Match or If-None-Match expects: it was changed, made or removed meanwhile. Nothing was changed.",
    remedy: "Read it again, look at what somebody else did, and send the change with the new ETag.",
    detail: "it has been changed, made or removed meanwhile; read it again",
  },
  body_too_slow: {
    meaning: "The body had not arrived within the time that a body of its kind has.",
    remedy: "Look at the network in between, and send it again.",
  },
  body_too_large: {
    meaning: "The body is longer than what is taken here, or has more rows.",
    remedy: "detail says how much is taken. Send less at a time.",
    detail: "at most 65536 bytes are taken",
  },
  unsupported_media_type: {
    meaning: "The body says to be of a type, encoding or character set that is not taken here.",
    remedy: "Send it with the Content-Type that detail or Accept-Post names.",
    detail: "this takes application/json",
  },
  wrong_lane: {
    meaning: "The session, or the events asked for, live on the other lane, and this Worker was asked directly.",
    remedy: "Ask by the front door, which knows where everything lives.",
    detail: "the session lives on the emergency lane",
  },
  invalid_fields: {
    meaning: "Members of the body are missing, of the wrong type, or have values that they cannot have.",
    remedy: "errors has each of them, with a JSON pointer to its place. Nothing was changed.",
    errors: [{ pointer: "/channel", code: "not_allowed", detail: "must be one of mobile, pbx, api" }],
  },
  configuration_invalid: {
    meaning:
      "The draft has mistakes across its entities, such as a rule that names a destination which is not there. What was in force still is.",
    remedy: "errors points to the entities. Correct the draft and publish again; dryRun checks without publishing.",
    errors: [
      {
        pointer: "/routing-rules/branch/action/destinations/1/id",
        code: "dangling_reference",
        detail: 'there is no destination "nowhere"',
      },
    ],
  },
  upload_invalid: {
    meaning: "Rows of an upload are malformed or stand twice. All rows take effect or none: nothing was changed.",
    remedy: "errors has the first hundred mistakes with their line and column. Correct the file and send it again.",
    errors: [{ pointer: "/5/prefix", code: "missing", detail: "is required" }],
  },
  upgrade_required: {
    meaning: "This address is a WebSocket, and the request did not ask for an upgrade.",
    remedy: "Open it with a WebSocket client and the subprotocol trunkline.v1.",
  },
  idempotency_key_reused: {
    meaning: "The idempotency key came before, with another request.",
    remedy: "Use a key for one request alone; a repetition has to be the same, to the byte.",
    detail: "another request has used this Idempotency-Key",
  },
  too_many_requests: {
    meaning:
      "The client, or its tenant as a whole, has used up its rate. Calls, reports and commands are never refused for it.",
    remedy: "Wait for Retry-After. RateLimit says what is left and RateLimit-Policy what there is.",
    detail: "more requests than api-read allows",
  },
  internal: {
    meaning: "Something went wrong here that should not have.",
    remedy:
      "Tell whoever runs the deployment the requestId: the log has it. Repeat with an Idempotency-Key where something is made.",
  },
  overloaded: {
    meaning:
      "There is more to do than can be done, and this kind of request gives way: analytics and exports first, then lists and configuration, then new calls of low, normal and high priority. Emergencies, reports, commands and live sockets do not. Nothing was begun.",
    remedy: "Try again after Retry-After, with growing pauses. Place a call that cannot wait elsewhere.",
  },
  unavailable: {
    meaning: "A part that is needed is away or did not answer in time. What was acknowledged before is safe.",
    remedy: "Try again after Retry-After, with growing pauses.",
    detail: "the session could not be reached",
  },
};

const SPELLED = new Map(
  (Object.keys(PROBLEMS) as ProblemCode[]).flatMap((code) =>
    [code, code.replaceAll("_", "-")].map((text) => [text, code] as const),
  ),
);

/** The code that a path names, with dashes or underscores; null: there is none. */
export const problemCodeOf = (text: string): ProblemCode | null => SPELLED.get(text) ?? null;

/** What `GET /problems/{code}` answers as JSON. */
export function problemPageJson(code: ProblemCode): Readonly<Record<string, unknown>> & { readonly example: unknown } {
  const { meaning, remedy, detail, errors } = PROBLEM_PAGES[code];
  const shown = { code, ...(detail === undefined ? {} : { detail }), ...(errors === undefined ? {} : { errors }) };
  const example = problemJson(shown, { path: "/v1/sessions", requestId: "4bf92f3577b34da6" });
  return { code, ...PROBLEMS[code], meaning, remedy, example };
}

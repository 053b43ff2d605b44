/** Routes that write and have no entry in the audit trail, and why. Everything else has one; a test holds the routes against this. */
const CALLS = "calls and what is reported of them are in the event store, which is their record";
const EVENTS = "what is stored is its own record";
const ASKS = "changes nothing: what it asks for does not fit into a query";
const OPERATOR = "is whoever runs the deployment, and changes no tenant's data; the deployment's log has it";
const LANES = "is the other lane";
const ITSELF = "notes itself what it does: the tenant is in the body";
const MINTED = "what is minted is used once, and what it is used for is noted";

export const UNAUDITED: Readonly<Record<string, string>> = {
  "POST /v1/calls": CALLS,
  "POST /v1/sessions/:id/events": CALLS,
  "POST /pbx/kamailio/route": CALLS,
  "POST /pbx/kamailio/events": CALLS,
  "POST /carriers/:account/events": CALLS,
  "POST /v1/events": EVENTS,
  "POST /v1/live/tickets": MINTED,
  "POST /v1/routing/explain": ASKS,
  "POST /v1/routing/replay": ASKS,
  "POST /internal/tenants": ITSELF,
  "POST /internal/live-feed": LANES,
  "POST /internal/early-reports": LANES,
  "POST /internal/webhooks": LANES,
  "POST /internal/emergency-callers": LANES,
  "POST /internal/capacity": LANES,
  "POST /internal/verify/flush": OPERATOR,
  "POST /internal/verify/sessions": OPERATOR,
  "POST /internal/projection/replay": OPERATOR,
  "POST /internal/events/compact": OPERATOR,
  "POST /internal/events/rebuild-index": OPERATOR,
  "POST /internal/data-keys/rotate": OPERATOR,
};

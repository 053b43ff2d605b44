/** Which members of answers and events are personal, and how. What is in none of these sets is shown in a record and hidden in event data. */

/** Numbers and addresses: their first digits are shown. */
export const NUMBER_MEMBERS: ReadonlySet<string> = new Set([
  "from",
  "to",
  "caller",
  "callee",
  "callerId",
  "calleeId",
  "callerid",
  "calleeid",
  "number",
  "numbers",
  "uri",
  "tel",
  "sip",
  "phone",
  "contact",
  "called",
  "calling",
  "dialled",
  "rewrittenTo",
  "show",
  "ani",
  "dnis",
  "blockedCallers",
]);

/** Texts and things of a person, hidden as a whole. */
export const HIDDEN_MEMBERS: ReadonlySet<string> = new Set([
  "displayName",
  "callerName",
  "calleeName",
  "firstName",
  "lastName",
  "email",
  "mailto",
  "birthDate",
  "location",
  "gmlpos",
  "text",
  "note",
  "transcript",
  "utterance",
  "digits",
  "data_base64",
]);

/** Names of members say what a tenant keeps, or are fixed; their values are hidden. A vCon without the shape of its address would be none. */
export const VALUES_HIDDEN: ReadonlySet<string> = new Set(["metadata", "initialMetadata", "amendedMetadata", "civicaddress"]);

/** Never looked into: they cannot be personal, and would be broken. */
export const KEPT_MEMBERS: ReadonlySet<string> = new Set([
  "id",
  "uuid",
  "type",
  "time",
  "recordedtime",
  "sequence",
  "lastSequence",
  "specversion",
  "datacontenttype",
  "traceparent",
  "nextCursor",
  "ticket",
  "sessionId",
  "callId",
  "asOf",
  "hash",
]);

/** Attributes of a CloudEvent that are shown; what a sender has added is not. Some may have numbers in them, which are masked. */
export const EVENT_ATTRIBUTES: ReadonlySet<string> = new Set([
  "source",
  "subject",
  "dataschema",
  "tracestate",
  "direction",
  "status",
  "originid",
  "lane",
  "tenant",
  "partitionkey",
]);

/** Members of event data that are ids, which may be digits. */
export const DATA_IDS: ReadonlySet<string> = new Set(["callId", "ruleId", "snapshotVersion", "legId"]);

/** Members of event data that are shown: what a call technically came to. */
export const DATA_MEMBERS: ReadonlySet<string> = new Set([
  "type",
  "applied",
  "sipCode",
  "q850",
  "routeIndex",
  "leg",
  "legs",
  "attempt",
  "index",
  "executor",
  "carrier",
  "action",
  "lane",
  "channel",
  "priority",
  "trunk",
  "direction",
  "decidedBy",
  "candidates",
  "destination",
  "destinations",
  "disposition",
  "status",
  "state",
  "phase",
  "outcome",
  "cause",
  "code",
  "tags",
  "by",
  "queue",
  "silence",
  "recorded",
  "service",
]);
/** Durations and counts. */
export const DATA_MEASURE = /(?:Ms|Count)$/;

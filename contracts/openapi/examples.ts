/** Examples of the event store's operations: one call from its start to its record. */

export const CALL_ID = "call-8831";
export const EVENT_ID = "01a1feb8-7245-7abe-8171-714e8257f07c";
const STORED_AT = "2026-11-21T15:27:02.309Z";
const HAPPENED_AT = "2026-11-21T15:27:02.100Z";
export const CURSOR = "OWYzYTIxNDhlMDI3YjZkNTAxYTFmZWI4LTcyNDU";

export const PLAIN_EVENT = {
  type: "call.answered",
  callId: CALL_ID,
  at: HAPPENED_AT,
  from: "+15550100100",
  to: "+15551230001",
  direction: "inbound",
  status: "active",
  data: { sipCode: 200, agent: "a-17" },
};

export const CLOUD_EVENT = {
  specversion: "1.0",
  id: "b1f6-0042",
  source: "/pbx/berlin",
  type: "call.answered",
  subject: CALL_ID,
  time: HAPPENED_AT,
  caller: "+15550100100",
  callee: "+15551230001",
  direction: "inbound",
  status: "active",
  datacontenttype: "application/json",
  data: { sipCode: 200, agent: "a-17" },
};

export const STORED_EVENT = {
  ...CLOUD_EVENT,
  id: EVENT_ID,
  recordedtime: STORED_AT,
  tenant: "demo",
  originid: "b1f6-0042",
};

export const ACCEPTED = { id: EVENT_ID, items: [{ id: EVENT_ID }] };
export const PARTLY_ACCEPTED = {
  items: [
    { status: 201, id: EVENT_ID, duplicate: true },
    {
      status: 422,
      problem: {
        type: "/problems/invalid-fields",
        title: "Fields are missing or malformed",
        status: 422,
        instance: "/v1/events",
        code: "invalid_fields",
        requestId: "4bf92f3577b34da6",
        errors: [{ pointer: "/1/callId", code: "missing", detail: "is required" }],
      },
    },
  ],
};

export const RECORD = {
  callId: CALL_ID,
  sessionId: null,
  direction: "inbound",
  caller: "+15550100100",
  callee: "+15551230001",
  trunk: "pbx-main",
  startedAt: "2026-11-21T15:26:58.000Z",
  ringingAt: "2026-11-21T15:26:58.900Z",
  answeredAt: HAPPENED_AT,
  endedAt: "2026-11-21T15:29:41.100Z",
  durationMs: 163_100,
  talkMs: 159_000,
  disposition: "ended",
  sipCode: 200,
  status: "completed",
  events: 4,
};

export const TIMELINE = {
  callId: CALL_ID,
  sessionId: null,
  startedAt: "2026-11-21T15:26:58.000Z",
  lastAt: "2026-11-21T15:29:41.100Z",
  durationMs: 163_100,
  record: RECORD,
  phases: [{ name: "talk", startedAt: HAPPENED_AT, endedAt: "2026-11-21T15:29:41.100Z", durationMs: 159_000 }],
  events: [{ sinceStartMs: 4_100, gapMs: 3_200, event: STORED_EVENT }],
};

export const STATS = {
  from: "2026-11-21T15:00:00.000Z",
  to: "2026-11-21T16:00:00.000Z",
  bucket: "1h",
  by: "type",
  total: 412,
  items: [{ start: "2026-11-21T15:00:00.000Z", total: 412, counts: { "call.answered": 180, "call.ended": 232 } }],
};

export const HOLD = {
  id: "01a1feb8-7245-7abe-8171-714e8257f07d",
  scope: { callId: CALL_ID },
  from: null,
  to: null,
  reason: "Case 2026-118",
  createdAt: STORED_AT,
  createdBy: "alice",
  liftedAt: null,
  liftedBy: null,
};

export const ERASURE = {
  id: "01a1feb8-7245-7abe-8171-714e8257f07e",
  state: "accepted",
  numberHash: "5c660ac7b34d33555c660ac7b34d33555c660ac7b34d33555c660ac7b34d3355",
  reason: "Request of the person concerned",
  acceptedAt: STORED_AT,
  acceptedBy: "alice",
  coversUntil: STORED_AT,
  finishedAt: null,
  segmentsRewritten: 0,
  eventsErased: 0,
  rowsErased: 0,
};

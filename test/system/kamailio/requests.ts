/** What Kamailio asks and reports, as its configuration words it. */
let calls = 0;

/** A day back: late, and not so late that its time would be taken for a mistake. */
export const BEGAN_MS = Date.now() - 24 * 3_600_000;

export const ROUTE = "/pbx/kamailio/route";
export const EVENTS = "/pbx/kamailio/events";
export const newCallId = (): string => `call-${++calls}@pbx.example`;
export const question = (callId: string, dialled: string) => ({
  callId,
  from: "sip:+493012345@pbx.example",
  to: `sip:${dialled}@pbx.example`,
  ruri: `sip:${dialled}@pbx.example`,
  srcIp: "127.0.0.1",
});

export type Report = {
  readonly id: string;
  readonly type: string;
  readonly ts: number;
  readonly sipCode?: number;
  readonly routeIndex?: number;
  readonly contact?: string;
};
export const REPORTS: readonly Report[] = [
  { id: "r1", type: "call.started", ts: BEGAN_MS },
  { id: "r2", type: "call.failover", ts: BEGAN_MS + 1_000, sipCode: 503, routeIndex: 0 },
  { id: "r3", type: "call.ringing", ts: BEGAN_MS + 2_000, sipCode: 180, routeIndex: 1 },
  { id: "r4", type: "call.answered", ts: BEGAN_MS + 3_000, contact: "sip:b@127.0.0.1:5072" },
  { id: "r5", type: "call.ended", ts: BEGAN_MS + 9_000 },
];

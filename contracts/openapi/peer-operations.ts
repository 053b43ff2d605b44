/** What PBXs and carriers say in their own dialects. Their parsers are adapters; tests hold these schemas against them. */
import { z } from "zod";
import { MAX_EXTERNAL_ID } from "../calls.ts";
import { instantSchema, reportFields } from "../reports.ts";
import { SESSION_ID, lane, phase } from "./call-operations.ts";
import type { Operation } from "./operation.ts";
import { BODY_PROBLEMS, header, inPath, json } from "./parts.ts";

/** Characters. */
const MAX_SOURCE = 64;
const MAX_TRUNK = 32;

const callId = z
  .string()
  .min(1)
  .max(MAX_EXTERNAL_ID)
  .regex(/^[\x21-\x7e]+$/)
  .describe("The SIP Call-ID.");

/** Left out where it cannot be read: it costs nobody a call. */
const leniently = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

export const kamailioRoute = z
  .object({
    callId,
    from: z.string().describe("The From URI."),
    ruri: z.string().describe("The Request-URI: where the call goes."),
    to: z.string().optional().describe("The To URI; for show."),
    srcIp: z.string().max(MAX_SOURCE).optional().describe("By which the trunk is recognised where `trunk` is not there."),
    trunk: z.string().max(MAX_TRUNK).optional(),
    trail: z.string().optional().describe("What `X-Trunkline-Trail` said."),
    location: leniently(z.string()).describe("PIDF-LO that came by value in the INVITE's body (RFC 6442), as text."),
    geolocation: leniently(z.string()).describe("URI of the header `Geolocation`."),
    callback: leniently(z.boolean()).describe("True with `Priority: psap-callback` (RFC 7090)."),
    privacy: leniently(z.string()).describe("What the header `Privacy` said."),
    assertedIdentity: leniently(z.string()).describe("URI of `P-Asserted-Identity`: who calls for help, where From hides it."),
  })
  .describe("A proxy asks where a call goes.");

const route = z.object({
  uri: z.string(),
  dst_uri: z.string().describe("Host, port and transport alone."),
  headers: z.object({ from: z.object({ display: z.string(), uri: z.string() }).optional(), extra: z.string() }),
  fr_timer: z.int(),
  fr_inv_timer: z.int(),
});
const rejection = z.object({ code: z.int(), reason: z.string() });

const rtjson = z
  .object({
    version: z.literal("1.0"),
    routing: z.literal("serial").optional(),
    routes: z.array(route),
    reject: rejection.optional().describe("The call is refused; there are no routes."),
    session: z.uuid(),
    lane,
    groups: z
      .string()
      .optional()
      .describe("The number of each route's group, with semicolons between: those of a group ring together."),
    emergency: z
      .object({ service: z.string(), isTest: z.boolean(), dialled: z.string().optional() })
      .optional()
      .describe("There where somebody calls for help."),
    rerouteCodes: z.string().optional().describe("One set per route, with semicolons between: after which the next is tried."),
    otherwise: rejection.optional(),
    maxDurationS: z.int().optional(),
  })
  .describe("An rtjson document, with members of ours.");

export const kamailioEvent = z
  .object({
    ...reportFields,
    callId,
    ts: instantSchema.nullish().describe("Unix seconds or milliseconds, or RFC 3339."),
    lane: lane.nullish().describe("What the answer to the route request said."),
  })
  .describe("A proxy reports what became of a call.");

const reported = z.object({ applied: z.boolean().describe("False: it changed nothing."), session: z.uuid(), state: phase });

const PEER = { method: "post", tag: "Peers" } as const;

const askRoute: Operation = {
  ...PEER,
  id: "routeKamailioCall",
  path: "/pbx/kamailio/route",
  summary: "Kamailio asks where a call goes",
  description: "Asked again for the same Call-ID it answers the same session and plan.",
  permission: "calls:create",
  parameters: [],
  body: [
    json(kamailioRoute, {
      callId: "doc-3@10.0.0.1",
      from: "sip:1234@10.0.0.1",
      ruri: "sip:0112@127.0.0.1:5060",
      srcIp: "192.0.2.10",
      trunk: "pbx-main",
      geolocation: "https://lis.example/held/4f1c",
    }),
  ],
  answers: [
    {
      status: 200,
      description: "Where it goes, or that it is refused.",
      content: [
        json(rtjson, {
          version: "1.0",
          routing: "serial",
          routes: [
            {
              uri: "sip:112@192.0.2.30:5073",
              dst_uri: "sip:192.0.2.30:5073",
              headers: {
                extra: `X-Trunkline-Session: ${SESSION_ID}\r\nResource-Priority: esnet.1\r\nGeolocation: <https://lis.example/held/4f1c>\r\nGeolocation-Routing: yes\r\nP-Asserted-Identity: <tel:+4930123456>\r\n`,
              },
              fr_timer: 2_000,
              fr_inv_timer: 20_000,
            },
          ],
          session: SESSION_ID,
          lane: "emergency",
          emergency: { service: "urn:service:sos", isTest: false, dialled: "112" },
          rerouteCodes: "403|404|408|477|478|480|486|488|500|502|503|504|600|603",
        }),
      ],
    },
  ],
  problems: BODY_PROBLEMS,
};

const report: Operation = {
  ...PEER,
  id: "reportKamailioCall",
  path: "/pbx/kamailio/events",
  summary: "Kamailio reports what became of a call",
  description: "In any order, repeated or not, also before the call was announced: the end is the same.",
  permission: "sessions:report",
  parameters: [],
  body: [json(kamailioEvent, { id: "e0", type: "started", callId: "doc-1@10.0.0.1", ts: 1_795_263_000, lane: "standard" })],
  answers: [
    {
      status: 200,
      description: "It is on disk.",
      content: [json(reported, { applied: true, session: SESSION_ID, state: "initiating" })],
      headers: { "Trunkline-Early": "`true`: nobody has set up this call yet; the report is kept for it." },
    },
  ],
  problems: BODY_PROBLEMS,
};

/** Of an account of the kind `loopback`. */
export const loopbackCallback = z
  .object({
    id: z.string().min(1).max(512).describe("By which a repetition is known."),
    type: z.enum(["ringing", "answered", "failed", "ended", "callerHungUp"]),
    leg: z.string().regex(/^[0-9a-f-]{36}\.\d{1,4}$/),
    at: instantSchema,
    answeredAt: instantSchema.nullish(),
    sipCode: z.int().min(100).max(699).nullish(),
    q850: z.int().min(1).max(127).nullish(),
  })
  .describe("A carrier's word on a leg that Trunkline placed, in the dialect of the account's kind.");

const taken = z.object({ id: z.string() });

const callback: Operation = {
  ...PEER,
  id: "reportCarrierLeg",
  path: "/carriers/{account}/events",
  summary: "A carrier reports on a leg",
  description: "Signed with the secret of the account. In any order, repeated or not.",
  permission: null,
  proofs: ["standardWebhook"],
  parameters: [
    inPath("account", "The carrier account.", "loopback"),
    header("webhook-id", "The message's id.", "msg_1"),
    header("webhook-timestamp", "Unix seconds, at most 300 s from now.", "1795263040"),
  ],
  body: [json(loopbackCallback, { id: "cb-17", type: "answered", leg: `${SESSION_ID}.0`, at: "2026-11-21T18:30:47.986Z" })],
  answers: [{ status: 200, description: "It is on disk.", content: [json(taken, { id: "cb-17" })] }],
  problems: [...BODY_PROBLEMS, "not_found", "wrong_lane"],
};

export const PEER_OPERATIONS: readonly Operation[] = [askRoute, report, callback];
export const PEER_SCHEMAS = {
  KamailioRouteRequest: kamailioRoute,
  KamailioRoute: rtjson,
  KamailioReport: kamailioEvent as z.ZodType,
  KamailioReportTaken: reported,
  CarrierCallback: loopbackCallback as z.ZodType,
  CarrierCallbackTaken: taken,
};

/** A tenant with something of every kind, made over the API: what other operations can then be asked about. */
import { type Answer, type Asked, type Asker, operationOf, quoted } from "./ask.ts";

const DAY_MS = 86_400_000;

/** What only its tenant may read; ids say the tag alone. */
export const hiddenOf = (tag: string): string => `hidden of ${tag}`;

type Step = {
  readonly id: string;
  readonly asked?: Asked;
  /** Where what was made is found. */
  readonly place?: string;
  /** Of the answer; by default its `id`. */
  readonly idOf?: (answer: Answer) => unknown;
};

/** Of the configuration: made under ids that begin with the tag, in an order in which nothing refers to what comes later. */
function configuration(tag: string): readonly Step[] {
  const entity = (id: string, place: string, body: Record<string, unknown>): Step => ({ id, place, asked: { body } });
  const digits = [...tag].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 10_000_000, 7);
  const number = `+1555${String(digits).padStart(7, "0")}`;
  return [
    entity("createRateTable", "/v1/rate-tables", { id: `${tag}-rates`, name: hiddenOf(tag), currency: "EUR" }),
    { id: "replaceRates", asked: { body: "prefix,perMinute\r\n43,0.021\r\n" } },
    entity("createCalendar", "/v1/calendars", { id: `${tag}-hours`, name: hiddenOf(tag), timeZone: "Europe/Berlin" }),
    entity("createNumberList", "/v1/number-lists", { id: `${tag}-list`, name: hiddenOf(tag) }),
    { id: "replaceNumberListEntries", asked: { body: "number\r\n+15550100100\r\n" } },
    entity("createTrunk", "/v1/trunks", { id: `${tag}-trunk`, dialProfile: { country: "DE", areaCode: "30" } }),
    entity("createDestination", "/v1/destinations", {
      id: `${tag}-gateway`,
      target: { type: "sip", uri: "sip:{number}@192.0.2.20" },
    }),
    entity("createRoutingRule", "/v1/routing-rules", {
      id: `${tag}-rule`,
      when: { callee: { prefix: [number] } },
      action: { type: "route", destinations: [`${tag}-gateway`] },
    }),
    entity("createEmergencyRoute", "/v1/emergency-routes", {
      id: `${tag}-psap`,
      trunk: `${tag}-trunk`,
      destinations: [`${tag}-gateway`],
    }),
    entity("createDecisionService", "/v1/decision-services", {
      id: `${tag}-crm`,
      name: hiddenOf(tag),
      url: "https://crm.example.org/decide",
    }),
    entity("createProfile", "/v1/profiles", { id: number, name: hiddenOf(tag) }),
  ];
}

function access(tag: string): readonly Step[] {
  return [
    {
      id: "putRole",
      place: "/v1/roles",
      asked: { path: `/v1/roles/${tag}-role`, body: { permissions: ["sessions:read"] } },
    },
    { id: "createApiKey", place: "/v1/api-keys", asked: { body: { name: hiddenOf(tag), roles: ["viewer"] } } },
    {
      id: "putIssuer",
      place: "/v1/issuers",
      asked: {
        path: `/v1/issuers/${tag}-idp`,
        body: { ...(operationOf("putIssuer").body![0]!.example as object), issuer: `https://${tag}.example` },
      },
    },
    {
      id: "putUser",
      place: "/v1/users",
      asked: { path: `/v1/users/${tag}-user`, body: { name: hiddenOf(tag), email: `${tag}@example.org`, roles: ["viewer"] } },
    },
    {
      id: "createInvitation",
      place: "/v1/invitations",
      asked: { body: { email: `new-${tag}@example.org`, name: hiddenOf(tag), roles: ["viewer"] } },
    },
    {
      id: "createWebhook",
      place: "/v1/webhooks",
      asked: { body: { url: "https://hooks.example.com/trunkline", eventTypes: ["dev.trunkline.call.*"] } },
    },
    { id: "createTrunkSecret", place: "/v1/trunks/{id}/secrets", asked: { body: {} } },
  ];
}

function calls(tag: string): readonly Step[] {
  const now = Date.now();
  const call = { from: "+15550100100", to: "+15551230001", channel: "api" };
  return [
    {
      id: "createCall",
      place: "/v1/sessions",
      asked: { body: { ...call, callId: `${tag}-call`, metadata: { of: hiddenOf(tag) } } },
    },
    {
      id: "recordSession",
      place: "recorded",
      asked: {
        body: {
          callerId: "+15550100100",
          calleeId: "+15551230001",
          startedAt: new Date(now - 60_000).toISOString(),
          callId: `${tag}-recorded`,
          initialMetadata: { of: hiddenOf(tag) },
        },
      },
    },
    {
      id: "appendEvents",
      place: "/v1/events",
      asked: {
        body: {
          specversion: "1.0",
          id: `${tag}-1`,
          source: "/pbx/proof",
          type: "call.answered",
          subject: `${tag}-stored`,
          time: new Date(now).toISOString(),
          caller: "+15550100100",
          data: { of: hiddenOf(tag) },
        },
      },
    },
    {
      id: "placeEventHold",
      place: "/v1/events/holds",
      asked: { body: { scope: { callId: `${tag}-stored` }, reason: hiddenOf(tag) } },
    },
    {
      id: "eraseNumber",
      place: "/v1/events/erasures",
      asked: { body: { number: "+15557654321", reason: hiddenOf(tag) } },
    },
    {
      id: "replayWebhook",
      place: "/v1/webhooks/{id}/replays",
      asked: { query: { from: new Date(now - DAY_MS).toISOString(), to: new Date(now).toISOString() } },
    },
    { id: "testWebhook" },
    {
      id: "listDeliveries",
      place: "/v1/webhooks/{id}/deliveries",
      idOf: ({ json }) => (json?.["items"] as readonly { id: unknown }[] | undefined)?.[0]?.id,
    },
  ];
}

/**
 * Makes something of every kind and notes where it is in the asker's places.
 * @param tag lower-case letters and digits; in all that can carry it.
 * @param told hears of every answer.
 * @returns what was not made, a text for each; nothing when everything was.
 */
export async function furnish(
  { ask, places }: Asker,
  tag: string,
  told: (operationId: string, answer: Answer) => void = () => {},
): Promise<readonly string[]> {
  const missing: string[] = [];
  places.set("/v1/calls", `${tag}-stored`);
  places.set("/carriers", "loopback");
  for (const { id, asked, place, idOf = ({ json }: Answer) => json?.["id"] } of [
    ...configuration(tag),
    ...access(tag),
    ...calls(tag),
  ]) {
    const answer = await ask(operationOf(id), asked);
    told(id, answer);
    const made = idOf(answer);
    if (answer.status >= 300) missing.push(`${id}: ${quoted(answer)}`);
    else if (place !== undefined && (typeof made === "string" || typeof made === "number")) places.set(place, String(made));
    else if (place !== undefined) missing.push(`${id}: made nothing that has an id: ${quoted(answer)}`);
  }
  return missing;
}

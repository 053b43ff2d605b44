/** Bodies in peers' dialects are described apart from their parsers: one takes what the other does. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { parseCallback } from "../../../adapters/carriers/accounts.ts";
import { parseKamailioEvent, parseRouteRequest } from "../../../adapters/carriers/kamailio/wire.ts";
import { API } from "../../../contracts/openapi/api.ts";
import { kamailioEvent, kamailioRoute, loopbackCallback } from "../../../contracts/openapi/peer-operations.ts";

type Body = Record<string, unknown>;
type Peer = { readonly id: string; readonly schema: z.ZodType; readonly parse: (body: Body) => { readonly ok: boolean } };

const NOW_MS = Date.parse("2026-11-21T18:31:00Z");
const PEERS: readonly Peer[] = [
  { id: "routeKamailioCall", schema: kamailioRoute, parse: parseRouteRequest },
  { id: "reportKamailioCall", schema: kamailioEvent, parse: (body) => parseKamailioEvent(body, NOW_MS) },
  { id: "reportCarrierLeg", schema: loopbackCallback, parse: (body) => parseCallback("loopback", body) },
];

const exampleOf = (id: string): Body => API.operations.find((operation) => operation.id === id)!.body![0]!.example as Body;

const NAMES = [
  "callId",
  "from",
  "ruri",
  "to",
  "srcIp",
  "trunk",
  "trail",
  "location",
  "geolocation",
  "callback",
  "privacy",
  "type",
  "ts",
  "lane",
  "id",
  "sipCode",
  "q850",
  "at",
  "leg",
];
const VALUES: readonly unknown[] = [
  undefined,
  null,
  "",
  "x",
  "a b",
  "x".repeat(65),
  "x".repeat(600),
  0,
  -1,
  200,
  1e17,
  "200",
  "2026-11-21T18:30:47Z",
  "call.ended",
  "ringing",
  "emergency",
  {},
  [],
];

describe("[API-1] bodies of peers", () => {
  it.each(PEERS)("[API-1] the example of $id is taken", ({ id, parse }) => {
    expect(parse(exampleOf(id))).toMatchObject({ ok: true });
  });

  it.each(PEERS)("[API-1] $id takes what its schema says, and nothing else", ({ id, schema, parse }) => {
    const changes = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUES)), { maxLength: 3 });
    fc.assert(
      fc.property(changes, (changed) => {
        const body: Body = { ...exampleOf(id) };
        for (const [name, value] of changed) {
          if (value === undefined) delete body[name];
          else body[name] = value;
        }
        expect(parse(body).ok).toBe(schema.safeParse(body).success);
      }),
      { numRuns: 500 },
    );
  });
});

/** Which requests give way to which under overload: one table, of which the first row that fits counts. */
import type { RequestKind } from "../domain/limits/shedding.ts";

type Row = { readonly methods: string; readonly path: RegExp; readonly kind: RequestKind | null };

/** Null: neither shed nor counted, because it costs nothing or waits for long. */
const ROWS: readonly Row[] = [
  { methods: "POST", path: /^\/v1\/calls$|^\/pbx\/kamailio\/route$/, kind: "calls" },
  { methods: "*", path: /^\/(?:v1|pbx|carriers)\/(?:live(?:\/|$)|sessions\/[^/]+\/live$)/, kind: null },
  { methods: "GET", path: /^\/v1\/events\/tail$/, kind: null },
  // What carriers and peers report, and what a call that is under way is told and asked.
  { methods: "*", path: /^\/(?:pbx|carriers)\//, kind: "kept" },
  { methods: "POST", path: /^\/v1\/(?:events|sessions|sessions\/[^/]+\/(?:events|commands|end))$/, kind: "kept" },
  { methods: "GET PATCH", path: /^\/v1\/sessions\/[^/]+$/, kind: "kept" },
  { methods: "*", path: /^\/v1\/emergency\//, kind: "kept" },
  // What may end an overload, or a break-in: another configuration, other limits, a key that is good no longer.
  { methods: "POST", path: /^\/v1\/config\/(?:publish|rollback)$|^\/v1\/api-keys\/[^/]+\/revoke$/, kind: "kept" },
  { methods: "PATCH", path: /^\/v1\/tenants\/[^/]+$/, kind: "kept" },
  { methods: "DELETE", path: /^\/v1\/(?:trunks\/[^/]+\/secrets\/|users\/|issuers\/)[^/]+$/, kind: "kept" },
  { methods: "*", path: /^\/v1\/(?:analytics\/|cdrs$)|^\/v1\/(?:audit|events)\/(?:export|stats)$/, kind: "analytics" },
  { methods: "*", path: /^\/v1\/routing\/replay$|^\/v1\/webhooks\/[^/]+\/replays?(?:\/|$)/, kind: "analytics" },
  { methods: "GET", path: /^\/v1\/sessions\/[^/]+\/(?:replay|vcon)$/, kind: "analytics" },
  { methods: "*", path: /^\/v1\//, kind: "lists" },
];

/** @param path without a query, in plain form. @returns null for health, documentation, sockets and what is for nobody outside. */
export function requestKind(method: string, path: string): RequestKind | null {
  const asked = method === "HEAD" ? "GET" : method;
  return ROWS.find(({ methods, path: form }) => (methods === "*" || methods.includes(asked)) && form.test(path))?.kind ?? null;
}

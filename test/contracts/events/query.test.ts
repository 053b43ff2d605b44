import { describe, expect, it } from "vitest";
import { MAX_QUERY_VALUES, eventCursorAt, parseEventFilter, parseEventPage } from "../../../contracts/events/query.ts";
import type { EventId, TenantId } from "../../../domain/shared/ids.ts";

const ACME = "acme" as TenantId;
const page = (query: string, tenant = ACME) => parseEventPage(new URLSearchParams(query), tenant);
const filter = (query: string) => parseEventFilter(new URLSearchParams(query), []);
const PLACE = "0198f6a1-0000-0000-0000-000000000000" as EventId;

describe("[QRY-2] filters of events", () => {
  it("are times, patterns, alternatives and paths below data", () => {
    const query = [
      "from=2026-06-01T00:00:00Z&to=2026-06-02T00:00:00.5Z",
      "type=call.*,sms.sent&caller=%2B49*&callId=a,b&status=ok",
      "data.sip.code=486,503",
    ].join("&");
    expect(filter(query)).toMatchObject({
      ok: true,
      value: {
        filter: {
          fromMs: Date.UTC(2026, 5, 1),
          toMs: Date.UTC(2026, 5, 2) + 500,
          type: [
            { tag: "prefix", value: "call." },
            { tag: "exact", value: "sms.sent" },
          ],
          caller: [{ tag: "prefix", value: "+49" }],
          callId: ["a", "b"],
          status: ["ok"],
          data: [{ path: ["sip", "code"], values: ["486", "503"] }],
        },
      },
    });
  });

  it("take a plus sign that came as a space for one, where numbers and offsets have it", () => {
    const parsed = filter("caller=+4930,+4940*&from=2026-06-01T02:00:00+02:00");
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        filter: {
          fromMs: Date.UTC(2026, 5, 1),
          caller: [
            { tag: "exact", value: "+4930" },
            { tag: "prefix", value: "+4940" },
          ],
        },
      },
    });
  });

  it.each([
    ["colour=red", "?colour", "unknown_filter"],
    ["from=yesterday", "?from", "bad_format"],
    ["from=2026-06-01T00:00:00Z&from=2026-06-02T00:00:00Z", "?from", "not_allowed"],
    ["type=", "?type", "not_allowed"],
    [`callId=${Array.from({ length: MAX_QUERY_VALUES + 1 }, (_, index) => index).join(",")}`, "?callId", "not_allowed"],
    ["data.=1", "?data.", "not_allowed"],
    ["data.a..b=1", "?data.a..b", "not_allowed"],
    ["filter=status%20%3D", "?filter", "bad_expression"],
    ["status=%00", "?status", "not_allowed"],
  ])("say what is wrong with %s", (query, pointer, code) => {
    expect(filter(query)).toMatchObject({ ok: false, error: [{ pointer, code }] });
  });
});

describe("[QRY-4] pages of events", () => {
  it.each([["limit=0"], ["limit=501"], ["order=time"], ["order=id&order=-id"], ["lane=fast"]])("refuse %s", (query) => {
    expect(page(query)).toMatchObject({ ok: false, error: { code: "bad_query" } });
  });

  it("go on where a cursor says, with the same filters, order and tenant only", () => {
    const asked = page("type=x&order=id&limit=7");
    const cursor = asked.ok ? eventCursorAt(asked.value.identity, PLACE) : "";
    expect(page(`limit=9&order=id&type=x&cursor=${cursor}`)).toMatchObject({
      ok: true,
      value: { query: { tenant: ACME, order: "oldest_first", limit: 9, after: PLACE } },
    });
    const refused = { ok: false, error: { code: "bad_cursor" } };
    expect(page(`type=y&order=id&cursor=${cursor}`)).toEqual(refused);
    expect(page(`type=x&cursor=${cursor}`)).toEqual(refused);
    expect(page(`type=x&order=id&cursor=${cursor}`, "other" as TenantId)).toEqual(refused);
    expect(page(`type=x&order=id&lane=emergency&cursor=${cursor}`)).toEqual(refused);
    expect(page("cursor=nonsense")).toEqual(refused);
  });
});

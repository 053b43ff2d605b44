import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseSessionFilter } from "../../contracts/session-filters.ts";
import {
  MAX_PAGE_WITH_EVENTS,
  SESSION_MEMBERS,
  SESSION_SORTS,
  cursorAt,
  includedEventsJson,
  parseSessionPage,
  sessionSummaryJson,
} from "../../contracts/session-list.ts";
import { metadataMatches } from "../../domain/sessions/metadata-match.ts";
import { ended, sessionId, summary } from "../domain/sessions/sessions.ts";

const asked = (query: string) => parseSessionPage(new URLSearchParams(query));
const filterIn = (query: string) => {
  const filter = parseSessionFilter(new URLSearchParams(query));
  return filter.ok ? filter.value : filter.error.map(({ pointer }) => pointer);
};

describe("[REC-6] filters of sessions", () => {
  it.each<[string, object]>([
    ["status=failed,ongoing&state=ringing", { status: ["failed", "ongoing"], state: ["ringing"] }],
    [
      "lane=emergency&direction=outbound&channel=pbx&recorded=true",
      { lane: ["emergency"], direction: ["outbound"], channel: ["pbx"], recorded: true },
    ],
    ["recorded=false", { recorded: false }],
    [
      "trunk=a&destination=b&ruleId=c&disposition=d&tag=e",
      { trunk: ["a"], destination: ["b"], ruleId: ["c"], disposition: ["d"], tag: ["e"] },
    ],
    [
      "caller=%2B4930*,112",
      {
        caller: [
          { tag: "prefix", value: "+4930" },
          { tag: "exact", value: "112" },
        ],
      },
    ],
    ["callee=sip:a*b@x", { callee: [{ tag: "exact", value: "sip:a*b@x" }] }],
    ["q=%2B49 (30) 1-2.3", { part: ["4930123"] }],
    ["q=+49301", { part: ["49301"] }],
    ["minDurationMs=0", { minDurationMs: 0 }],
    ["metadata.order.id=17,x", { metadata: [{ path: ["order", "id"], values: ["17", "x"] }] }],
    [
      "metadata.a=1&metadata.b=2&metadata.a=3",
      {
        metadata: [
          { path: ["a"], values: ["1", "3"] },
          { path: ["b"], values: ["2"] },
        ],
      },
    ],
    ["from=2026-03-01T12:00:00Z&to=2026-03-01T13:00:00%2B01:00", { fromMs: 1_772_366_400_000, toMs: 1_772_366_400_000 }],
  ])("%s", (query, filter) => {
    expect(filterIn(query)).toEqual(filter);
  });

  it.each([
    ["caller=*", "?caller"],
    ["state=asleep", "?state"],
    ["direction=up", "?direction"],
    ["recorded=maybe", "?recorded"],
    ["recorded=true,false", "?recorded"],
    ["q=12", "?q"],
    ["q=alice", "?q"],
    ["q=1234567890123456", "?q"],
    ["minDurationMs=-1", "?minDurationMs"],
    ["minDurationMs=1,2", "?minDurationMs"],
    ["metadata.=1", "?metadata."],
    ["metadata.a..b=1", "?metadata.a..b"],
    ["metadata.a=", "?metadata.a"],
    [`metadata.${"a.".repeat(8)}a=1`, `?metadata.${"a.".repeat(8)}a`],
    ["metadata.a=1&metadata.b=1&metadata.c=1&metadata.d=1&metadata.e=1", "?metadata.e"],
    ["tag=%00", "?tag"],
    ["colour=red", "?colour"],
    ["sort=startedAt", "?sort"],
  ])("%s is refused by its name", (query, pointer) => {
    expect(filterIn(query)).toEqual([pointer]);
  });

  it("find in metadata what is written so: text, number or boolean, through objects, and not by what every object inherits", () => {
    const finds = (path: string, value: string, metadata: Record<string, unknown>) =>
      metadataMatches({ path: path.split("."), values: [value] }, metadata);
    expect([finds("a", "17", { a: 17 }), finds("a", "17", { a: "17" }), finds("a", "1.70e1", { a: 17 })]).toEqual([
      true,
      true,
      true,
    ]);
    expect([finds("a", "true", { a: true }), finds("a", "true", { a: "true" }), finds("a.b", "x", { a: { b: "x" } })]).toEqual([
      true,
      true,
      true,
    ]);
    expect([
      finds("a", "017", { a: 17 }),
      finds("a", "null", { a: null }),
      finds("a", "1", { a: [1] }),
      finds("a.0", "1", { a: [1] }),
    ]).toEqual([false, false, false, false]);
    expect(finds("constructor.name", "Object", {})).toBe(false);
  });
});

describe("[REC-6] a page of sessions", () => {
  it("is sorted by what never changes of the sessions that are asked for", () => {
    expect(asked("")).toMatchObject({ value: { query: { order: { key: "openedMs", descending: true } } } });
    for (const sort of ["endedAt", "-endedAt", "durationMs", "-durationMs"]) {
      for (const query of ["", "status=ongoing,failed", "state=ending,failed", "minDurationMs=1"])
        expect(asked(`sort=${sort}&${query}`)).toMatchObject({ error: { code: "bad_query", errors: [{ pointer: "?sort" }] } });
      for (const query of ["status=failed", "status=completed,failed", "state=completed,escalated,failed"])
        expect(asked(`sort=${sort}&${query}`)).toMatchObject({ ok: true });
    }
    expect(asked("sort=lane")).toMatchObject({ error: { errors: [{ pointer: "?sort" }] } });
    expect(asked("sort=startedAt,-startedAt")).toMatchObject({ error: { errors: [{ pointer: "?sort" }] } });
  });

  it("goes on where a cursor says, which belongs to filters and order, and not to what is shown", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SESSION_SORTS), fc.integer({ min: 0, max: 99 }), (sort, number) => {
        const query = `status=failed&tag=a,b&metadata.x=1&sort=${sort}`;
        const first = asked(query);
        if (!first.ok) throw new Error("the page is refused");
        const { order } = first.value.query;
        const cursor = cursorAt(first.value.identity, order, ended(number));
        const place = { [order.key]: ended(number)[order.key], id: sessionId(number) };
        expect(asked(`${query}&fields=id&include=events&limit=3&cursor=${cursor}`)).toMatchObject({
          value: { query: { after: place } },
        });
        const others = [
          `status=completed&tag=a,b&metadata.x=1&sort=${sort}`,
          `${query}&q=123`,
          `status=failed&tag=a,b&metadata.x=2&sort=${sort}`,
        ];
        for (const other of others)
          expect(asked(`${other}&cursor=${cursor}`)).toEqual({ ok: false, error: { code: "bad_cursor" } });
        const turned = sort.startsWith("-") ? sort.slice(1) : `-${sort}`;
        expect(asked(`status=failed&tag=a,b&metadata.x=1&sort=${turned}&cursor=${cursor}`)).toMatchObject({ ok: false });
      }),
    );
  });

  it("shows what was asked for, and always the id", () => {
    expect(Object.keys(sessionSummaryJson(summary(1)))).toEqual(SESSION_MEMBERS);
    expect(sessionSummaryJson(ended(1), ["durationMs", "direction"])).toEqual({
      id: sessionId(1),
      direction: "inbound",
      durationMs: 1,
    });
    expect(asked("fields=durationMs,secret")).toMatchObject({ error: { errors: [{ pointer: "?fields" }] } });
  });

  it("has events when they are asked for, and says whether they are all of them", () => {
    expect(asked("include=events")).toMatchObject({ value: { withEvents: true } });
    expect(asked("include=notes")).toMatchObject({ ok: false });
    expect(asked(`include=events&limit=${MAX_PAGE_WITH_EVENTS + 1}`)).toMatchObject({
      error: { errors: [{ pointer: "?limit" }] },
    });
    expect(includedEventsJson(summary(1, { sequence: 2 }), [1, 2])).toEqual({ events: [1, 2], eventsComplete: true });
    expect(includedEventsJson(summary(1, { sequence: 3 }), [1, 2])).toMatchObject({ eventsComplete: false });
  });
});

/** The reference and the explanations of error codes, as pages. */
import { describe, expect, it } from "vitest";
import { API, apiDocument } from "../../contracts/openapi/api.ts";
import { PROBLEM_PAGES, problemCodeOf, problemPageJson } from "../../contracts/problem-pages.ts";
import { PROBLEMS, type ProblemCode, problemType } from "../../contracts/problem.ts";
import { PAGE_POLICY, STYLESHEET_PATH, escaped, prose } from "../../workers/pages/html.ts";
import { problemPage } from "../../workers/pages/problem-page.ts";
import { type ApiDocument, referencePage } from "../../workers/pages/reference.ts";

const page = referencePage(apiDocument() as unknown as ApiDocument);
const codes = Object.keys(PROBLEMS) as ProblemCode[];
const all = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map(([, found]) => found!);

describe("[API-2] the reference", () => {
  it("[API-2] has every operation with its permission, and every schema", () => {
    const ids = new Set(all(page, / id="([^"]+)"/g));
    expect(API.operations.filter(({ id }) => !ids.has(id)).map(({ id }) => id)).toEqual([]);
    expect(Object.keys(API.schemas).filter((name) => !ids.has(`schema-${name}`))).toEqual([]);
    const scopes = API.operations.flatMap(({ permission }) => (permission === null ? [] : [permission]));
    expect(scopes.every((scope) => page.includes(`Permission <code>${scope}</code>`))).toBe(true);
  });

  it("[API-2] leads only to what is there, and to no other host", () => {
    const ids = new Set(all(page, / id="([^"]+)"/g));
    const links = all(page, /(?:href|src)="([^"]+)"/g);
    const anchors = links.filter((link) => link.startsWith("#")).map((link) => link.slice(1));
    expect(anchors.length).toBeGreaterThan(100);
    expect(anchors.filter((anchor) => !ids.has(anchor))).toEqual([]);
    const others = new Set(links.filter((link) => !link.startsWith("#") && !link.startsWith("/problems/")));
    expect([...others].sort()).toEqual([STYLESHEET_PATH, "/openapi.json"]);
  });

  it("[API-2] runs nothing, and its policy lets nothing run", () => {
    expect(page).not.toMatch(/<script|<style| style=| on\w+="|javascript:/i);
    expect(PAGE_POLICY).toContain("default-src 'none'");
    expect(PAGE_POLICY).not.toContain("unsafe");
  });

  it("[API-2] shows what descriptions say as text", () => {
    expect(escaped(`<b title="x">&'</b>`)).toBe("&lt;b title=&quot;x&quot;&gt;&amp;&#39;&lt;/b&gt;");
    expect(prose("a `<b>` c")).toBe("a <code>&lt;b&gt;</code> c");
  });
});

describe("[API-2] error codes", () => {
  it.each(codes)("[API-2] %s has a page, where its type leads", (code) => {
    const [, , named] = problemType(code).split("/");
    expect(problemCodeOf(named!)).toBe(code);
    expect(problemCodeOf(code)).toBe(code);
    const { meaning, remedy } = PROBLEM_PAGES[code];
    const html = problemPage(code);
    for (const text of [meaning, remedy, PROBLEMS[code].title]) expect(html).toContain(escaped(text));
    expect(problemPageJson(code)).toMatchObject({
      code,
      status: PROBLEMS[code].status,
      example: { code, type: problemType(code) },
    });
  });

  it("[API-2] any other has none", () => {
    expect(["", "no-such-code", "constructor", "__proto__"].map(problemCodeOf)).toEqual([null, null, null, null]);
  });
});

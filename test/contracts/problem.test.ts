import { describe, expect, it } from "vitest";
import { PROBLEMS, type ProblemCode, problemJson } from "../../contracts/problem.ts";

const REQUEST = { path: "/v1/calls", requestId: "r-1" };

describe("[IN-11] an error on the wire", () => {
  it.each(Object.keys(PROBLEMS) as ProblemCode[])("%s is a problem document by RFC 9457 with an error's status", (code) => {
    const document = problemJson({ code }, REQUEST);
    expect(document).toEqual({
      type: `/problems/${code.replaceAll("_", "-")}`,
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
      instance: "/v1/calls",
      code,
      requestId: "r-1",
    });
    expect(document["status"]).toBeGreaterThanOrEqual(400);
  });

  it("has detail and field errors where there are any, and nothing of the headers", () => {
    const errors = [{ pointer: "/to", code: "missing", detail: "is required" }];
    const problem = { code: "invalid_fields", detail: "Two fields", errors, headers: { "retry-after": "5" } } as const;
    const document = problemJson(problem, REQUEST);
    expect(document).toMatchObject({ status: 422, detail: "Two fields", errors });
    expect(document).not.toHaveProperty("headers");
    expect(problemJson({ code: "invalid_fields", errors: [] }, REQUEST)).not.toHaveProperty("errors");
    expect(problemJson({ code: "unavailable", status: 504 }, REQUEST)["status"]).toBe(504);
  });
});

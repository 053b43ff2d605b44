import { describe, expect, it } from "vitest";
import { fileLinks, lockedAddresses } from "../../local/check/repository.ts";
import { readAudit } from "../../local/check/vulnerabilities.ts";
import { joinEnvironments } from "../../local/generate-types.ts";

describe("the link check", () => {
  it("finds links to files, in text and in references, and leaves addresses, anchors and code alone", () => {
    const markdown = [
      '[spec](docs/spec.md#calls), ![picture](<docs/a%20b.svg>) and [titled](other.md "why")',
      "[site](https://example.com) [mail](mailto:a@example.com) [here](#top) `[code](no.md)`",
      "```\n[fenced](no.md)\n```",
      "[ref]: ./ref.md",
    ].join("\n");
    expect(fileLinks(markdown)).toEqual(["docs/spec.md", "docs/a b.svg", "other.md", "./ref.md"]);
  });
});

describe("the lock file check", () => {
  const lock = (resolved?: string) => JSON.stringify({ packages: { "node_modules/a": { version: "1.0.0", resolved } } });

  it("refuses packages that are tied to an address", () => {
    expect(lockedAddresses(lock())).toEqual([]);
    expect(lockedAddresses(lock("https://registry.example/a.tgz"))).toHaveLength(1);
    expect(lockedAddresses(lock("git+ssh://git@example.com/a.git"))).toHaveLength(1);
  });
});

describe("the check for vulnerabilities", () => {
  it("fails on what the registry knows, and says when it tells nothing", () => {
    const known = { vulnerabilities: { left: { severity: "high", via: [] } }, metadata: {} };
    expect(readAudit(`npm warn something\n${JSON.stringify(known)}`)).toMatchObject({ ok: false });
    expect(readAudit(JSON.stringify({ vulnerabilities: {} }))).toMatchObject({ ok: true });
    expect(readAudit("{}").summary).toContain("skipped");
    expect(readAudit(JSON.stringify({ error: { code: "ENOAUDIT" } })).summary).toContain("skipped");
  });
});

describe("the binding types of both lanes", () => {
  const lane = (...members: string[]) => ["interface A {", ...members.map((member) => `\t${member};`), "}"].join("\n");

  it("are certain where both lanes have them and optional where one does", () => {
    expect(joinEnvironments(lane("LANE: string", "STANDARD: Fetcher"), lane("LANE: string", "QUEUE: Queue"))).toBe(
      lane("LANE: string", "STANDARD?: Fetcher", "QUEUE?: Queue"),
    );
  });

  it("may not contradict each other", () => {
    expect(() => joinEnvironments(lane("LOG: string"), lane("LOG: R2Bucket"))).toThrow("LOG");
  });
});

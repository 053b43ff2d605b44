import { describe, expect, it } from "vitest";
import { MAX_ATTEMPTS, MAX_RETRY_AFTER_MS, parseRetryAfter, retryDelayMs } from "../../../domain/webhooks/schedule.ts";
import { signingSecrets, takesType } from "../../../domain/webhooks/target.ts";
import { webhookUrlProblem } from "../../../domain/webhooks/url.ts";
import { verdictOf } from "../../../domain/webhooks/verdict.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

describe("the schedule", () => {
  it("[HOOK-3] is the published one, and ends after ten attempts", () => {
    const pauses = Array.from({ length: MAX_ATTEMPTS }, (_, index) => retryDelayMs(index + 1, 0));
    const published = [5, 300, 1_800, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];
    expect(pauses).toEqual([...published.map((seconds) => seconds * SECOND_MS), null]);
  });

  it("[HOOK-3] adds up to a tenth and takes nothing away", () => {
    expect(retryDelayMs(1, 1)).toBe(5_500);
    expect(retryDelayMs(9, 0.5)).toBe(24 * HOUR_MS * 1.05);
  });

  it("[HOOK-3] waits for as long as the endpoint asks, within a bound, and never shorter than the schedule", () => {
    expect(retryDelayMs(1, 0, 60 * SECOND_MS)).toBe(60 * SECOND_MS);
    expect(retryDelayMs(3, 0, 60 * SECOND_MS)).toBe(1_800 * SECOND_MS);
    expect(retryDelayMs(1, 0, 1_000 * HOUR_MS)).toBe(MAX_RETRY_AFTER_MS);
  });

  it.each([
    ["120", 120_000],
    ["0", 0],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["-5", null],
    ["soon", null],
    ["2026-01-01", null],
    [null, null],
  ])("reads Retry-After %j", (header, expected) => {
    expect(parseRetryAfter(header, Date.UTC(2026, 0, 1))).toBe(expected);
  });
});

describe("an answer", () => {
  it.each([
    [200, "delivered"],
    [204, "delivered"],
    [299, "delivered"],
    [301, "failed"],
    [307, "failed"],
    [400, "failed"],
    [404, "failed"],
    [410, "gone"],
    [500, "failed"],
  ])("[HOOK-3] of %i is %s", (status, verdict) => {
    expect(verdictOf({ tag: "answered", status, retryAfterMs: null }).tag).toBe(verdict);
  });

  it("[HOOK-3] may say when to come back, where its status allows that", () => {
    const asks = (status: number) => verdictOf({ tag: "answered", status, retryAfterMs: 7 });
    expect([429, 503, 500].map(asks)).toMatchObject([{ retryAfterMs: 7 }, { retryAfterMs: 7 }, { retryAfterMs: null }]);
  });
});

describe("a target", () => {
  it.each([
    [[], "anything", true],
    [["*"], "anything", true],
    [["dev.trunkline.call.*"], "dev.trunkline.call.answered.v1", true],
    [["dev.trunkline.call.*"], "dev.trunkline.session.opened.v1", false],
    [["dev.trunkline.call"], "dev.trunkline.call.answered.v1", false],
    [["a", "b"], "b", true],
  ])("[HOOK-1] that names %j takes %s: %s", (eventTypes, type, expected) => {
    expect(takesType({ eventTypes }, type)).toBe(expected);
  });

  it("[HOOK-1] signs with both secrets until a rotation is over", () => {
    const target = {
      id: "a",
      url: "",
      eventTypes: [],
      sealedSecrets: ["new", "old"],
      rotatedUntilMs: 100,
      personalData: true,
      revision: 1,
    };
    expect(signingSecrets(target, 99)).toEqual(["new", "old"]);
    expect(signingSecrets(target, 100)).toEqual(["new"]);
  });
});

describe("[HOOK-7] where deliveries may go", () => {
  it.each([
    ["https://hooks.example.com/in", null],
    ["https://hooks.example.com:8443/in", null],
    ["https://93.184.216.34/", null],
    ["https://[2606:2800:220:1::1]/", null],
    ["http://hooks.example.com/", "not_https"],
    ["ftp://hooks.example.com/", "not_https"],
    ["https://user:secret@hooks.example.com/", "credentials"],
    ["https://hooks.example.com:22/", "port"],
    ["https://hooks.example.com:25/", "port"],
    ["hooks.example.com", "not_a_url"],
    ["https://127.0.0.1/", "not_public"],
    ["https://2130706433/", "not_public"],
    ["https://0x7f000001/", "not_public"],
    ["https://0177.0.0.1/", "not_public"],
    ["https://127.1/", "not_public"],
    ["https://０x7f.1/", "not_public"],
    ["https://0/", "not_public"],
    ["https://10.0.0.1/", "not_public"],
    ["https://169.254.169.254/latest/meta-data", "not_public"],
    ["https://192.168.1.1/", "not_public"],
    ["https://100.64.0.1/", "not_public"],
    ["https://224.0.0.1/", "not_public"],
    ["https://255.255.255.255/", "not_public"],
    ["https://[::]/", "not_public"],
    ["https://[::1]/", "not_public"],
    ["https://[::ffff:10.0.0.1]/", "not_public"],
    ["https://[::ffff:a00:1]/", "not_public"],
    ["https://[64:ff9b::10.0.0.1]/", "not_public"],
    ["https://[2002:a00:1::]/", "not_public"],
    ["https://[fc00::1]/", "not_public"],
    ["https://[fe80::1]/", "not_public"],
    ["https://[ff02::1]/", "not_public"],
    ["https://[2001:db8::1]/", "not_public"],
    ["https://localhost/", "not_public"],
    ["https://LOCALHOST./", "not_public"],
    ["https://a.localhost/", "not_public"],
    ["https://printer.local/", "not_public"],
    ["https://metadata.google.internal/", "not_public"],
    ["https://intranet/", "not_public"],
  ])("%s: %s", (url, expected) => {
    expect(webhookUrlProblem(url, false)).toBe(expected);
  });

  it("takes this machine in development alone", () => {
    expect(webhookUrlProblem("http://127.0.0.1:9000/", true)).toBeNull();
    expect(webhookUrlProblem("http://10.0.0.1:9000/", true)).toBe("not_https");
  });
});

import { BlockList, isIP, isIPv4 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isInNetwork, parseIpAddress, parseIpNetwork } from "../../../domain/shared/ip-address.ts";
import { isPublicHost, outsideUrlProblem } from "../../../domain/shared/public-address.ts";

const isIn = (address: string, network: string) => isInNetwork(parseIpAddress(address)!, parseIpNetwork(network)!);

/** Node's own reading. */
function isInByNode(address: string, base: string, prefix: number): boolean {
  const list = new BlockList();
  list.addSubnet(base, prefix, isIPv4(base) ? "ipv4" : "ipv6");
  return list.check(address, isIPv4(address) ? "ipv4" : "ipv6");
}

describe("[KEY-2] addresses and networks", () => {
  it("[KEY-2] are what Node takes for addresses", () => {
    const pieces = fc.constantFrom("0", "1", "10", "255", "256", "01", "::", ":", ".", "fe80", "ffff", "g", "12345", "1.2.3.4");
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(pieces, { maxLength: 9 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (address) => {
        expect(parseIpAddress(address) !== null).toBe(isIP(address) !== 0);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["1.2.3.4::", "::1.2.3.4:1", "1.2.3.4:1::", "1.2.3.4::5.6.7.8"])(
    "[KEY-2] end in dotted decimals if at all: %s",
    (text) => {
      expect([parseIpAddress(text), isIP(text)]).toEqual([null, 0]);
    },
  );

  it("[KEY-2] hold the addresses that Node finds in them", () => {
    const cases = fc.oneof(
      fc.record({ address: fc.ipV4(), other: fc.ipV4(), prefix: fc.integer({ min: 0, max: 32 }), bits: fc.constant(32n) }),
      fc.record({ address: fc.ipV6(), other: fc.ipV6(), prefix: fc.integer({ min: 0, max: 128 }), bits: fc.constant(128n) }),
    );
    fc.assert(
      fc.property(cases, ({ address, other, prefix, bits }) => {
        const host = bits - BigInt(prefix);
        const base = (parseIpAddress(address)! >> host) << host;
        const network = { address: base, mask: (((1n << 128n) - 1n) >> host) << host };
        for (const one of [address, other])
          expect(isInNetwork(parseIpAddress(one)!, network)).toBe(isInByNode(one, address, prefix));
      }),
      { numRuns: 300 },
    );
  });

  it("[KEY-2] take IPv4 in IPv6 for the IPv4 address that it is", () => {
    expect(isIn("::ffff:192.0.2.7", "192.0.2.0/24")).toBe(true);
    expect(isIn("::ffff:c000:207", "192.0.2.0/24")).toBe(true);
    expect(isIn("192.0.2.7", "::ffff:192.0.2.0/120")).toBe(true);
    expect(isIn("192.0.3.7", "::ffff:192.0.2.0/120")).toBe(false);
    expect(isIn("::192.0.2.7", "192.0.2.0/24")).toBe(false);
    expect(isIn("203.0.113.9", "0.0.0.0/0")).toBe(true);
    expect(isIn("2001:db8::1", "0.0.0.0/0")).toBe(false);
    expect(isIn("2001:db8:5::1", "2001:db8::/32")).toBe(true);
  });

  it.each([
    "10.0.0.1/8",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "2001:db8::1/64",
    "::/129",
    "fe80::1%eth0",
    "",
  ])("[KEY-2] %j is no network", (text) => {
    expect(parseIpNetwork(text)).toBe(null);
  });
});

describe("[KEY-3] where requests for a tenant may go", () => {
  it.each([
    "https://login.example/jwks",
    "https://8.8.8.8/",
    "https://[2606:4700::1111]/",
    "https://localhost.example/",
    "https://internal.example:8443/",
  ])("[KEY-3] to %s", (url) => {
    expect(outsideUrlProblem(url, false)).toBe(null);
  });

  it.each([
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://10.1.2.3/",
    "https://172.31.255.255/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[2002:a00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00::1]/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://db.internal/",
    "https://printer.local/",
    "https://intranet/",
  ])("[KEY-3] not to %s", (url) => {
    expect(outsideUrlProblem(url, false)).toBe("not_public");
  });

  it("[KEY-3] not without TLS, not with a password in it, and to this machine in development alone", () => {
    expect(outsideUrlProblem("http://login.example/", true)).toBe("not_https");
    expect(outsideUrlProblem("ftp://127.0.0.1/", true)).toBe("not_https");
    expect(outsideUrlProblem("https://a:b@login.example/", false)).toBe("credentials");
    expect(outsideUrlProblem("login.example", false)).toBe("not_a_url");
    expect(outsideUrlProblem("http://127.0.0.1:8080/jwks", true)).toBe(null);
    expect(outsideUrlProblem("http://127.0.0.1:8080/jwks", false)).toBe("not_https");
    expect(outsideUrlProblem("http://10.0.0.1/", true)).toBe("not_https");
  });

  it("[KEY-3] to no address that Node holds to be private, however it is written", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(octet, octet, octet, (a, b, c) => {
        for (const host of [`10.${a}.${b}.${c}`, `127.${a}.${b}.${c}`, `192.168.${a}.${b}`, `169.254.${a}.${b}`]) {
          expect(isPublicHost(new URL(`https://${host}/`).hostname)).toBe(false);
          expect(isPublicHost(new URL(`https://[::ffff:${host}]/`).hostname)).toBe(false);
          expect(isPublicHost(new URL(`https://[::ffff:0:${host}]/`).hostname)).toBe(false);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("[KEY-3] are no names with empty parts, and ports of other services are not asked", () => {
    for (const host of ["example.local..", "10..1", ".example.org", "example..org"]) expect(isPublicHost(host)).toBe(false);
    expect(isPublicHost("login.example.org.")).toBe(true);
    expect(outsideUrlProblem("https://login.example.org:25/jwks", false)).toBe("port");
    expect(outsideUrlProblem("https://login.example.org:8443/jwks", false)).toBeNull();
  });
});

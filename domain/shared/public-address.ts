/**
 * Where requests that a tenant asks for may go: nowhere that is private to somebody. Only what can be seen from the text of a URL is
 * judged here: a name that leads to a private address is not, since a Worker cannot look names up before it asks.
 */
import { type IpAddress, isInNetwork, parseIpAddress, parseIpNetwork } from "./ip-address.ts";

/** IANA's registries of special-purpose addresses (RFC 6890), as far as they are not reachable from everywhere. */
const SPECIAL = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "::/96",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
].map((text) => parseIpNetwork(text)!);

/**
 * IPv6 that carries an IPv4 address to go to: NAT64 (RFC 6052) and IPv4-translated ones (RFC 2765 §2.1), in their last 32 bits, and 6to4
 * (RFC 3056), in bits 16 to 47.
 */
const IN_LAST_BITS = ["64:ff9b::/96", "::ffff:0:0:0/96"].map((text) => parseIpNetwork(text)!);
const SIX_TO_FOUR = parseIpNetwork("2002::/16")!;
const MAPPED = parseIpAddress("0.0.0.0")!;

function carried(address: IpAddress): IpAddress {
  if (IN_LAST_BITS.some((network) => isInNetwork(address, network))) return MAPPED | (address & 0xffff_ffffn);
  if (isInNetwork(address, SIX_TO_FOUR)) return MAPPED | ((address >> 80n) & 0xffff_ffffn);
  return address;
}

/** Names that never leave a machine or a site (RFC 6761, RFC 6762, RFC 8375, ICANN's `internal`), and what clouds call their metadata. */
const LOCAL_NAME = /(?:^|\.)(?:localhost|localdomain|local|internal|intranet|lan|corp|home|home\.arpa)$/;

/**
 * Whether requests may go to the host: no address of a private, link-local or otherwise special network, and no name that is local.
 * @param hostname as `URL` gives it: numbers in other bases are dotted decimals there, IPv6 is in brackets.
 */
export function isPublicHost(hostname: string): boolean {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  const address = parseIpAddress(name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name);
  if (address !== null) return !SPECIAL.some((network) => isInNetwork(carried(address), network));
  // A name without a dot is looked up within a site.
  return /^[^[\]:.]+(?:\.[^[\]:.]+)+$/.test(name) && !LOCAL_NAME.test(name);
}

const LOOPBACK_HOSTS = ["127.0.0.1", "localhost", "[::1]"];

/** Below these stand mail, shells and the like: what is asked of them by mistake or on purpose must not come from us. */
const FIRST_FREE_PORT = 1_024;

export type OutsideUrlProblem = "not_a_url" | "not_https" | "credentials" | "not_public" | "port";

/**
 * Why requests must not go to the URL; null when they may: `https`, without credentials, to a public host, at its own port or a free one.
 * @param loopback whether `http` and `https` to this machine are taken too, as in development.
 */
export function outsideUrlProblem(text: string, loopback: boolean): OutsideUrlProblem | null {
  const url = URL.parse(text);
  if (url === null) return "not_a_url";
  if (url.username !== "" || url.password !== "") return "credentials";
  const isLoopback = loopback && LOOPBACK_HOSTS.includes(url.hostname);
  if (url.protocol !== "https:" && !(isLoopback && url.protocol === "http:")) return "not_https";
  if (!isLoopback && !isPublicHost(url.hostname)) return "not_public";
  // Empty: the port that belongs to the protocol.
  return url.port === "" || Number(url.port) >= FIRST_FREE_PORT ? null : "port";
}

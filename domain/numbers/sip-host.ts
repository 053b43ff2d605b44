/** The host of a SIP URI: a host name, an IPv4 address or an IPv6 reference (RFC 3261 §25.1, RFC 4291 §2.2). */

const MAX_HOST_LENGTH = 253;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const TOP_LABEL = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const OCTET = /^(?:0|[1-9][0-9]{0,2})$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/;
const IPV6_GROUPS = 8;

/** @returns the host in lower case, without a final dot; null when it is none. */
export function parseHost(raw: string): string | null {
  const host = raw.toLowerCase();
  if (host.startsWith("[")) return host.endsWith("]") && isIpv6(host.slice(1, -1)) ? host : null;
  const name = host.endsWith(".") ? host.slice(0, -1) : host;
  return isHostName(name) || isIpv4(host) ? name : null;
}

function isHostName(name: string): boolean {
  const labels = name.split(".");
  return name.length <= MAX_HOST_LENGTH && labels.every((label) => LABEL.test(label)) && TOP_LABEL.test(labels.at(-1) ?? "");
}

function isIpv4(text: string): boolean {
  const octets = text.split(".");
  return octets.length === 4 && octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255);
}

function isIpv6(text: string): boolean {
  const halves = text.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map(countGroups);
  if (groups.includes(-1)) return false;
  // Only the end of the whole address may be written as IPv4.
  if (halves.length === 2 && halves[0]!.includes(".")) return false;
  const total = groups.reduce((sum, count) => sum + count, 0);
  return halves.length === 2 ? total < IPV6_GROUPS : total === IPV6_GROUPS;
}

/** How many 16-bit groups the colon-separated text stands for, an IPv4 tail counting as two; -1 when it is malformed. */
function countGroups(text: string): number {
  if (text === "") return 0;
  const groups = text.split(":");
  const last = groups.at(-1)!;
  const tail = last.includes(".");
  if (tail && !isIpv4(last)) return -1;
  const hex = tail ? groups.slice(0, -1) : groups;
  return hex.every((group) => HEX_GROUP.test(group)) ? hex.length + (tail ? 2 : 0) : -1;
}

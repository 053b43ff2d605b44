/** IP addresses and networks in text: IPv4 in dotted decimals (RFC 791), IPv6 (RFC 4291 §2.2), networks as CIDR (RFC 4632, RFC 4291 §2.3). */

/** 128 bits: IPv6 as it is, IPv4 as IPv4-mapped IPv6 (`::ffff:0:0/96`, RFC 4291 §2.5.5.2), so that both spellings of an address are one. */
export type IpAddress = bigint;

export type IpNetwork = { readonly address: IpAddress; readonly mask: bigint };

const BITS = 128;
const IPV4_BITS = 32;
const ALL = (1n << 128n) - 1n;
const MAPPED = 0xffffn << 32n;

/** No leading zeros: some read them as octal. */
const OCTET = /^(?:0|[1-9]\d{0,2})$/;
const GROUP = /^[0-9a-f]{1,4}$/i;
const GROUPS = 8;
/** Longest text of an address: an IPv6 one that ends in dotted decimals. */
const MAX_CHARACTERS = 45;

function parseIpv4(text: string): bigint | null {
  const octets = text.split(".", 5);
  if (octets.length !== 4 || !octets.every((octet) => OCTET.test(octet) && Number(octet) <= 255)) return null;
  return octets.reduce((address, octet) => (address << 8n) | BigInt(octet), 0n);
}

/** The groups of one side of a `::`. @param isEnd whether nothing follows: dotted decimals at the end of an address are two groups. */
function groupsOf(text: string, isEnd: boolean): readonly bigint[] | null {
  if (text === "") return [];
  const words = text.split(":", GROUPS + 1);
  const groups: bigint[] = [];
  for (const [index, word] of words.entries()) {
    if (GROUP.test(word)) {
      groups.push(BigInt(`0x${word}`));
      continue;
    }
    const ipv4 = isEnd && index === words.length - 1 ? parseIpv4(word) : null;
    if (ipv4 === null) return null;
    groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
  }
  return groups;
}

function parseIpv6(text: string): bigint | null {
  const sides = text.split("::", 3);
  if (sides.length > 2) return null;
  const head = groupsOf(sides[0]!, sides.length === 1);
  const tail = sides.length === 2 ? groupsOf(sides[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = GROUPS - head.length - tail.length;
  if (sides.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => 0n), ...tail];
  return groups.reduce((address, group) => (address << 16n) | group, 0n);
}

/** Null for what is no address. Zones (`%eth0`, RFC 4007) mean something on one machine alone and are none. */
export function parseIpAddress(text: string): IpAddress | null {
  if (text.length > MAX_CHARACTERS) return null;
  if (text.includes(":")) return parseIpv6(text);
  const ipv4 = parseIpv4(text);
  return ipv4 === null ? null : MAPPED | ipv4;
}

const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/**
 * `address/prefix`; an address alone is the network of itself. Null for what is none, also when bits behind the prefix are set: whoever
 * wrote it meant another network than it says.
 */
export function parseIpNetwork(text: string): IpNetwork | null {
  const [base = "", prefix, ...rest] = text.split("/", 3);
  const address = parseIpAddress(base);
  if (address === null || rest.length > 0) return null;
  const isIpv4 = !base.includes(":");
  const most = isIpv4 ? IPV4_BITS : BITS;
  if (prefix !== undefined && (!PREFIX.test(prefix) || Number(prefix) > most)) return null;
  const hostBits = BigInt(most - Number(prefix ?? most));
  const mask = (ALL >> hostBits) << hostBits;
  return (address & ~mask & ALL) === 0n ? { address, mask } : null;
}

export function isInNetwork(address: IpAddress, network: IpNetwork): boolean {
  return (address & network.mask) === network.address;
}

/** SIP and SIPS URIs (RFC 3261 §19.1, §25.1). Every check is one pass over a text of bounded length. */
import { parseHost } from "./sip-host.ts";

export type SipUri = {
  /** Canonical: scheme, host and `user` parameter in lower case, escapes that need not be decoded, the others in upper case. */
  readonly uri: string;
  /** Canonical, still escaped, without password; null when there is no user part. */
  readonly user: string | null;
  /** Lower case, without port; IPv6 in brackets. */
  readonly host: string;
  /** `;user=phone`: the user part is a telephone-subscriber (RFC 3966). */
  readonly isPhone: boolean;
};

const SCHEME = /^sips?:/i;

const USER = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/%]+$/;
const PASSWORD = /^[A-Za-z0-9\-_.!~*'()&=+$,%]*$/;
const PARAM = /^[A-Za-z0-9\-_.!~*'()[\]/:&+$%]+$/;
const HEADER = /^[A-Za-z0-9\-_.!~*'()[\]/?:+$%]*$/;
const UNRESERVED = /^[A-Za-z0-9\-_.!~*'()]$/;
const PORT = /^[0-9]{1,5}$/;
const MAX_PORT = 65_535;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const BROKEN_ESCAPE = /%(?![0-9A-Fa-f]{2})/;

export function isSipUri(text: string): boolean {
  return SCHEME.test(text);
}

/** Decodes %HH of ASCII; other escapes stay. For reading digits, not for building URIs. */
export function decodeEscapes(text: string): string {
  return text.replace(ESCAPE, (escape, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code < 0x80 ? String.fromCharCode(code) : escape;
  });
}

/** @param text begins with sip: or sips:. @returns null when the syntax is wrong. */
export function parseSipUri(text: string): SipUri | null {
  if (BROKEN_ESCAPE.test(text)) return null;
  const colon = text.indexOf(":");
  const at = text.indexOf("@");
  const userinfo = at < 0 ? null : parseUserinfo(text.slice(colon + 1, at));
  if (at >= 0 && userinfo === null) return null;

  const tail = text.slice((at < 0 ? colon : at) + 1);
  const question = tail.indexOf("?");
  const [hostport = "", ...params] = (question < 0 ? tail : tail.slice(0, question)).split(";");
  const hostAndPort = splitPort(hostport);
  if (hostAndPort === null) return null;
  const parameters = parseParameters(params);
  const headers = question < 0 ? "" : parseHeaders(tail.slice(question + 1));
  if (parameters === null || headers === null) return null;

  const scheme = text.slice(0, colon).toLowerCase();
  const authority = (userinfo === null ? "" : `${userinfo.text}@`) + hostAndPort.host + hostAndPort.port;
  return {
    uri: `${scheme}:${authority}${parameters.text}${headers}`,
    user: userinfo?.user ?? null,
    host: hostAndPort.host,
    isPhone: parameters.isPhone,
  };
}

/** Escaped unreserved characters equal the characters themselves (RFC 3261 §19.1.4), and so must their routing keys. */
function canonicalEscapes(text: string): string {
  return text.replace(ESCAPE, (escape, hex: string) => {
    const char = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(char) ? char : escape.toUpperCase();
  });
}

function parseUserinfo(text: string): { readonly text: string; readonly user: string } | null {
  const colon = text.indexOf(":");
  const user = colon < 0 ? text : text.slice(0, colon);
  if (!USER.test(user) || (colon >= 0 && !PASSWORD.test(text.slice(colon + 1)))) return null;
  const canonical = canonicalEscapes(user);
  return { text: colon < 0 ? canonical : canonical + text.slice(colon), user: canonical };
}

/** `port` with its colon, or empty. */
function splitPort(hostport: string): { readonly host: string; readonly port: string } | null {
  const colon = hostport.indexOf(":", Math.max(0, hostport.indexOf("]")));
  const host = parseHost(colon < 0 ? hostport : hostport.slice(0, colon));
  if (host === null || colon < 0) return host === null ? null : { host, port: "" };
  const port = hostport.slice(colon + 1);
  const number = Number(port);
  return PORT.test(port) && number > 0 && number <= MAX_PORT ? { host, port: `:${number}` } : null;
}

function parseParameters(params: readonly string[]): { readonly text: string; readonly isPhone: boolean } | null {
  const seen = new Set<string>();
  let text = "";
  let isPhone = false;
  for (const param of params) {
    const equals = param.indexOf("=");
    const name = (equals < 0 ? param : param.slice(0, equals)).toLowerCase();
    const value = equals < 0 ? null : param.slice(equals + 1);
    if (!PARAM.test(name) || (value !== null && !PARAM.test(value)) || seen.has(name)) return null;
    seen.add(name);
    isPhone ||= name === "user" && value?.toLowerCase() === "phone";
    text += value === null ? `;${param}` : `;${param.slice(0, equals)}=${name === "user" ? value.toLowerCase() : value}`;
  }
  return { text, isPhone };
}

function parseHeaders(text: string): string | null {
  const valid = text.split("&").every((header) => {
    const equals = header.indexOf("=");
    return equals > 0 && HEADER.test(header.slice(0, equals)) && HEADER.test(header.slice(equals + 1));
  });
  return valid ? `?${text}` : null;
}

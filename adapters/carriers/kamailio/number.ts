/** Numbers as they stand in a proxy's URIs. */

/** A user part that is a dialled number, with or without number portability parameters (RFC 4694): a proxy writes `sip:+15551230001@host` without `user=phone` more often than with it. */
const NUMERIC_USER = /^sips?:(\+?[(\d][\d().-]{1,31})(?:[;:][^@]*)?@/i;

/**
 * The text to parse as an address: the number in a SIP URI whose user is one, otherwise the URI as it stands.
 * Emergency classification reads the same text.
 */
export function numberOfUri(uri: string): string {
  return NUMERIC_USER.exec(uri)?.[1] ?? uri;
}

/**
 * How numbers are dialled on a trunk or PBX. One profile per trunk; it turns what a person or a PBX writes into E.164.
 *
 * `areaCode` is without the national prefix ("30" for Berlin). `outsidePrefix` means that the digits of a callee are those a PBX user
 * dials: they are read without it first. Digits as long as an extension are an extension even if they begin with it.
 */
export type DialProfile = {
  /** ISO 3166-1 alpha-2, upper case. */
  readonly country: string;
  readonly areaCode?: string;
  /** For example ["00"]; by default those of the country. */
  readonly internationalPrefixes?: readonly string[];
  /** By default that of the country. */
  readonly nationalPrefix?: string;
  /** Digits that a PBX user dials to get a line, e.g. "9" or "0". At most `MAX_OUTSIDE_PREFIX_DIGITS` long. */
  readonly outsidePrefix?: string;
  readonly extensionLength?: { readonly min: number; readonly max: number };
  /** Emergency numbers that are extensions here, and are dialled behind the outside prefix when they are meant: "112" on a PBX that has a desk 112. */
  readonly extensions?: readonly string[];
};

/** Longer ones are ignored, so that an emergency number behind an outside prefix stays within a length that a front door can test cheaply. */
export const MAX_OUTSIDE_PREFIX_DIGITS = 5;

const DIGITS = /^[0-9]+$/;

/** The digits without the profile's outside prefix; null when there is none in the profile or in front of the digits. */
export function withoutOutsidePrefix(digits: string, profile: DialProfile | undefined): string | null {
  const prefix = profile?.outsidePrefix;
  if (prefix === undefined || prefix.length > MAX_OUTSIDE_PREFIX_DIGITS || !DIGITS.test(prefix)) return null;
  return digits.length > prefix.length && digits.startsWith(prefix) ? digits.slice(prefix.length) : null;
}

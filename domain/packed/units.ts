/**
 * Text as units of one byte: every UTF-16 code unit by itself as one to three bytes (CESU-8). Unlike UTF-8 this keeps both what comes
 * before what and what begins with what as they are for JavaScript strings. Text in ASCII, as nearly all keys are, is its own units.
 */
const ASCII_END = 0x80;
const TWO_BYTES_END = 0x800;
const CONTINUATION = 0x80;
const LOW_SIX = 0x3f;
const LEAD_OF_TWO = 0xc0;
const LEAD_OF_THREE = 0xe0;

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= ASCII_END) return false;
  return true;
}

/** A string whose characters are the bytes, 0 to 255. */
export function toUnits(text: string): string {
  if (isAscii(text)) return text;
  let units = "";
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < ASCII_END) units += String.fromCharCode(code);
    else if (code < TWO_BYTES_END) units += String.fromCharCode(LEAD_OF_TWO | (code >> 6), CONTINUATION | (code & LOW_SIX));
    else
      units += String.fromCharCode(
        LEAD_OF_THREE | (code >> 12),
        CONTINUATION | ((code >> 6) & LOW_SIX),
        CONTINUATION | (code & LOW_SIX),
      );
  }
  return units;
}

/** The reverse of `toUnits`. Bytes that it would not have made give some text, and never an error. */
export function fromUnits(units: string): string {
  if (isAscii(units)) return units;
  let text = "";
  for (let at = 0; at < units.length; at++) {
    const lead = units.charCodeAt(at);
    if (lead < LEAD_OF_TWO) text += String.fromCharCode(lead);
    else if (lead < LEAD_OF_THREE) text += String.fromCharCode(((lead & 0x1f) << 6) | (units.charCodeAt(++at) & LOW_SIX));
    else {
      const middle = units.charCodeAt(++at) & LOW_SIX;
      text += String.fromCharCode(((lead & 0x0f) << 12) | (middle << 6) | (units.charCodeAt(++at) & LOW_SIX));
    }
  }
  return text;
}

const STEP = 8;

/** Bytes as units. Eight at a time: that is quicker than any decoder for texts as short as ids. */
export function unitsAt(bytes: Uint8Array, start: number, end: number): string {
  let units = "";
  let at = start;
  for (; at + STEP <= end; at += STEP)
    units += String.fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    );
  for (; at < end; at++) units += String.fromCharCode(bytes[at]!);
  return units;
}

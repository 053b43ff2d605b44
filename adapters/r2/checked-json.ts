/** JSON objects that begin with the checksum of what follows in them. */
import { crc32 } from "../../domain/packed/crc32.ts";

const CRC_DIGITS = 8;
const BEGIN = '{"crc32":"';
/** Behind the checksum, its quotation mark and the comma. */
const CHECKED_FROM = BEGIN.length + CRC_DIGITS + 2;

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

/** @param value an object that is not empty. */
export function packChecked(value: object): Uint8Array {
  const bytes = toUtf8.encode(`${BEGIN}${"0".repeat(CRC_DIGITS)}",${JSON.stringify(value).slice(1)}`);
  const crc = crc32(bytes, CHECKED_FROM).toString(16).padStart(CRC_DIGITS, "0");
  bytes.set(toUtf8.encode(crc), BEGIN.length);
  return bytes;
}

/** `isWhole` null: it has no checksum. @throws SyntaxError when it is no JSON, TypeError when it is no object. */
export function openChecked<T extends object>(bytes: Uint8Array): { readonly value: T; readonly isWhole: boolean | null } {
  const { crc32: crc, ...value } = JSON.parse(utf8.decode(bytes)) as T & { readonly crc32?: string };
  const isWhole = crc === undefined ? null : Number.parseInt(crc, 16) === crc32(bytes, CHECKED_FROM);
  return { value: value as unknown as T, isWhole };
}

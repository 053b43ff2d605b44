/** A manifest as it lies in R2: JSON that begins with the checksum of what follows. */
import { crc32 } from "../../domain/packed/crc32.ts";
import { type Manifest, readManifest } from "../../domain/events/segment.ts";
import { type Result, err, ok } from "../../domain/shared/result.ts";

const CRC_DIGITS = 8;
const BEGIN = '{"crc32":"';
/** Behind the checksum, its quotation mark and the comma. */
const CHECKED_FROM = BEGIN.length + CRC_DIGITS + 2;

const utf8 = new TextDecoder();
const toUtf8 = new TextEncoder();

export function packManifest(manifest: Manifest): Uint8Array {
  const bytes = toUtf8.encode(`${BEGIN}${"0".repeat(CRC_DIGITS)}",${JSON.stringify(manifest).slice(1)}`);
  const crc = crc32(bytes, CHECKED_FROM).toString(16).padStart(CRC_DIGITS, "0");
  bytes.set(toUtf8.encode(crc), BEGIN.length);
  return bytes;
}

/** One of format 1 has no checksum: of it, being JSON is all that can be asked. */
export function openManifest(bytes: Uint8Array): Result<Manifest, "damaged"> {
  try {
    const stored = JSON.parse(utf8.decode(bytes)) as Parameters<typeof readManifest>[0] & { readonly crc32?: string };
    const { crc32: crc, ...manifest } = stored;
    const isWhole = crc === undefined ? stored.format === 1 : Number.parseInt(crc, 16) === crc32(bytes, CHECKED_FROM);
    const isKnown = (manifest.format === 1 || manifest.format === 2) && Array.isArray(manifest.segments);
    return isWhole && isKnown ? ok(readManifest(manifest)) : err("damaged");
  } catch {
    return err("damaged");
  }
}

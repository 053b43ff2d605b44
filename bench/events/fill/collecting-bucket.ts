/** As much of a bucket as writing merged segments takes: keeps what is put, for another thread to store. */
import type { WriteBucket } from "../../../adapters/r2/events/object-upload.ts";
import { concatenate } from "../../../adapters/platform/bytes.ts";
import type { MadeObject } from "./messages.ts";

export class CollectingBucket {
  readonly objects: MadeObject[] = [];

  async put(key: string, bytes: Uint8Array): Promise<object> {
    // What is given may be a part of a buffer that its owner goes on using.
    this.objects.push({ key, bytes: bytes.slice() });
    return {};
  }

  async head(): Promise<null> {
    return null;
  }

  async createMultipartUpload(key: string): Promise<object> {
    const parts: Uint8Array[] = [];
    return {
      uploadPart: async (partNumber: number, bytes: Uint8Array) => {
        parts.push(bytes.slice());
        return { partNumber, etag: String(partNumber) };
      },
      complete: async () => {
        const length = parts.reduce((sum, part) => sum + part.length, 0);
        this.objects.push({ key, bytes: concatenate(parts, length) });
        return {};
      },
      abort: async () => {},
    };
  }

  asBucket(): WriteBucket {
    return this as unknown as WriteBucket;
  }
}

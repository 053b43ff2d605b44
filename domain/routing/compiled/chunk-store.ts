/** The chunks of a version that are in memory: taken in only when they are what the core says, used by name, and evicted by name. */
import { type Container, type ContainerProblem, openContainer } from "../../packed/container.ts";
import { crc32 } from "../../packed/crc32.ts";
import { type Result, err, ok } from "../../shared/result.ts";
import type { ChunkInfo } from "../snapshot.ts";

/** `unknown`: the version has no such chunk. `mismatch`: sound in itself, but not the chunk of this name. */
export type ChunkProblem = ContainerProblem | "unknown" | "mismatch";

export type HeldChunk = { readonly name: string; readonly bytes: number; readonly container: Container; lastUsedMs: number };

const NONE: readonly string[] = [];

export class ChunkStore {
  /** Of all chunks held. */
  bytes = 0;
  /** The time of the latest decision: when chunks were last used. */
  nowMs = 0;
  readonly #infos: ReadonlyMap<string, ChunkInfo>;
  readonly #held = new Map<string, HeldChunk>();
  readonly #missing = new Set<string>();

  constructor(infos: readonly ChunkInfo[]) {
    this.#infos = new Map(infos.map((info) => [info.name, info]));
  }

  /** Checks everything before anything is changed. */
  supply(name: string, bytes: Uint8Array): Result<HeldChunk, ChunkProblem> {
    const info = this.#infos.get(name);
    if (info === undefined) return err("unknown");
    if (bytes.length < info.bytes) return err("truncated");
    const opened = openContainer(bytes);
    if (!opened.ok) return opened;
    if (bytes.length !== info.bytes || crc32(bytes) !== info.crc32) return err("mismatch");
    this.evict(name);
    const held = { name, bytes: bytes.length, container: opened.value, lastUsedMs: this.nowMs };
    this.#held.set(name, held);
    this.bytes += bytes.length;
    return ok(held);
  }

  evict(name: string): void {
    const held = this.#held.get(name);
    if (held === undefined) return;
    this.#held.delete(name);
    this.bytes -= held.bytes;
  }

  note(name: string): void {
    this.#missing.add(name);
  }

  takeMissing(): readonly string[] {
    if (this.#missing.size === 0) return NONE;
    const names = [...this.#missing];
    this.#missing.clear();
    return names;
  }

  held(): Iterable<HeldChunk> {
    return this.#held.values();
  }
}

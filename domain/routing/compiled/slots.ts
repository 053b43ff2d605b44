/** Places for what is read from chunks: asked by number on the hot path, filled and emptied by name. */
import type { Container } from "../../packed/container.ts";
import type { ChunkStore, HeldChunk } from "./chunk-store.ts";

/** A chunk and what was made of it. */
class Slot<Opened> {
  readonly name: string;
  opened: Opened | null = null;
  held: HeldChunk | null = null;

  constructor(name: string) {
    this.name = name;
  }
}

export class Slots<Opened> {
  readonly #slots: readonly Slot<Opened>[];
  readonly #chunks: ChunkStore;
  readonly #open: (container: Container, slot: number) => Opened;

  /** @param names a chunk may stand there several times. @param open makes of a chunk what its slot needs. */
  constructor(names: readonly string[], chunks: ChunkStore, open: (container: Container, slot: number) => Opened) {
    this.#slots = names.map((name) => new Slot(name));
    this.#chunks = chunks;
    this.#open = open;
  }

  /** Null when the chunk is not in memory, which is noted. */
  get(number: number): Opened | null {
    const slot = this.#slots[number]!;
    if (slot.opened === null || slot.held === null) {
      this.#chunks.note(slot.name);
      return null;
    }
    slot.held.lastUsedMs = this.#chunks.nowMs;
    return slot.opened;
  }

  /** Marks all that are in memory as used. */
  touch(): void {
    for (const { held } of this.#slots) if (held !== null) held.lastUsedMs = this.#chunks.nowMs;
  }

  fill(held: HeldChunk): void {
    this.#slots.forEach((slot, number) => {
      if (slot.name !== held.name) return;
      slot.opened = this.#open(held.container, number);
      slot.held = held;
    });
  }

  /** @returns what was there. */
  empty(name: string): readonly Opened[] {
    const were: Opened[] = [];
    for (const slot of this.#slots) {
      if (slot.name !== name) continue;
      if (slot.opened !== null) were.push(slot.opened);
      slot.opened = null;
      slot.held = null;
    }
    return were;
  }

  opened(): readonly Opened[] {
    return this.#slots.flatMap(({ opened }) => (opened === null ? [] : [opened]));
  }
}

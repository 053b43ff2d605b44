/**
 * A catalogue as bytes: a container (`domain/packed/container.ts`) with the section `meta` in JSON, `inputs`, and per segment, by its
 * place, `s<n>.blocks`, `s<n>.stats` and `s<n>.terms`. A day of 166,000 events takes some 30 KiB.
 */
import { type ContainerProblem, type Section, openContainer, packContainer } from "../../packed/container.ts";
import { type Result, err, ok } from "../../shared/result.ts";
import { openBlockTable, packBlockTable } from "./block-table.ts";
import { packTexts, unpackTexts } from "./bytes.ts";
import type { DayCatalogue, MergedSegment, StatRow } from "./catalogue.ts";
import { packStats, unpackStats } from "./stats.ts";
import { type TermDirectory, openDirectory, packDirectory } from "./terms.ts";

const FORMAT = 1;

type SegmentMeta = Omit<MergedSegment, "blocks" | "stats" | "terms"> & {
  readonly blocks: number;
  /** Key of the term index. */
  readonly terms: string | null;
};

type Meta = {
  readonly format: typeof FORMAT;
  readonly tenant: string;
  readonly day: string;
  readonly segments: readonly SegmentMeta[];
};

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** Fields one by one: what a caller has beside them must not get into the bytes, nor their order. */
function metaOf({ key, level, storage, bytes, count, minId, maxId, minAtMs, maxAtMs, ...rest }: MergedSegment): SegmentMeta {
  const { types, directions, statuses, sources } = rest.dictionaries;
  const dictionaries = { types, directions, statuses, sources };
  const terms = rest.terms?.key ?? null;
  return { key, level, storage, bytes, count, minId, maxId, minAtMs, maxAtMs, dictionaries, blocks: rest.blocks.length, terms };
}

function sectionsOf(segment: MergedSegment, place: number): Section[] {
  return [
    { name: `s${place}.blocks`, data: packBlockTable(segment.blocks) },
    { name: `s${place}.stats`, data: packStats(segment.stats) },
    { name: `s${place}.terms`, data: segment.terms === null ? new Uint8Array() : packDirectory(segment.terms.directory) },
  ];
}

/** The same catalogue gives the same bytes. */
export function packCatalogue({ tenant, day, inputs, segments }: DayCatalogue): Uint8Array {
  const meta: Meta = { format: FORMAT, tenant, day, segments: segments.map(metaOf) };
  return packContainer([
    { name: "meta", data: utf8.encode(JSON.stringify(meta)) },
    { name: "inputs", data: packTexts(inputs) },
    ...segments.flatMap(sectionsOf),
  ]);
}

/** Counts and directories are unpacked when they are looked at: most readers look at one of them at most. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => (made ??= { value: make() }).value;
}

function parseMeta(bytes: Uint8Array): Meta | null {
  try {
    return JSON.parse(fromUtf8.decode(bytes)) as Meta | null;
  } catch {
    return null;
  }
}

/** Never throws. What its sections are is certain from the container's checksum on; lazily unpacked ones that are not read as empty. */
export function openCatalogue(bytes: Uint8Array): Result<DayCatalogue, ContainerProblem> {
  const container = openContainer(bytes);
  if (!container.ok) return container;
  const meta = parseMeta(container.value.bytes("meta"));
  if (meta === null) return err("corrupt");
  if (meta.format !== FORMAT) return err("unknown_format");
  const inputs = unpackTexts(container.value.bytes("inputs"));
  const segments: MergedSegment[] = [];
  for (const [place, { terms, blocks: length, ...rest }] of meta.segments.entries()) {
    const blocks = openBlockTable(container.value.bytes(`s${place}.blocks`), length);
    if (blocks === null) return err("corrupt");
    const stats = once((): readonly StatRow[] => unpackStats(container.value.bytes(`s${place}.stats`)) ?? []);
    const directory = once((): TermDirectory => openDirectory(container.value.bytes(`s${place}.terms`)) ?? { pages: [] });
    segments.push({
      ...rest,
      blocks,
      get stats() {
        return stats();
      },
      terms:
        terms === null
          ? null
          : {
              key: terms,
              get directory() {
                return directory();
              },
            },
    });
  }
  return inputs === null ? err("corrupt") : ok({ tenant: meta.tenant, day: meta.day, inputs, segments });
}

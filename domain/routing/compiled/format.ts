/** How a compiled configuration is laid out: what the core's `index` says, and the names of chunks and sections. */

import type { RuleIndexName, TagKind } from "./access-path.ts";

/**
 * Where the keys of an index are: chunk `chunks[i]` has those from `starts[i]` (units, inclusive) to `starts[i + 1]` (exclusive); the first
 * start is empty. A prefix that reaches into a later chunk stands elsewhere: see `partition`.
 */
export type Directory = { readonly starts: readonly string[]; readonly chunks: readonly string[] };

export type CoreIndex = {
  /** Indexes of rules. What is not in the chunks of a directory is in the root; an empty directory: all of it. */
  readonly rules: Readonly<Record<RuleIndexName, Directory>>;
  /** Whether there are rules at all, hence a root. */
  readonly hasRoot: boolean;
  /** By what rules without numbers are found: kinds of tags, metadata fields. */
  readonly tagKinds: readonly TagKind[];
  readonly metadataKeys: readonly string[];
  /** Definitions that rules of several chunks share: `chunks[i]` has those from `starts[i]`. */
  readonly definitions: { readonly starts: readonly number[]; readonly chunks: readonly string[] };
  /** By id of the table or list. The sections of a part are named by the part's number within its chunk. */
  readonly rates: TableDirectory;
  readonly lists: TableDirectory;
  readonly profiles: Directory;
};

export const RULE_INDEXES = ["callee", "caller", "tags"] as const satisfies readonly RuleIndexName[];

export type TableDirectory = Readonly<Record<string, { readonly parts: readonly number[] } & Directory>>;

export const ROOT_CHUNK = "root";
/** Names of chunks: the store's prefix and a number. */
export const chunkName = (kind: string, number: number): string => `${kind}-${String(number).padStart(5, "0")}`;

/**
 * An entry of a rule is five words side by side, so that judging it is one place in memory: its definition with the trunk above, its
 * precedence (the best that it can have), its place in the order of ids, where its id begins (it ends where the next one begins), and what
 * `plainConditions` says.
 */
export const ENTRY_WORDS = 5;
export const ENTRY_PRECEDENCE = 1;
export const ENTRY_PLACE = 2;
export const ENTRY_ID = 3;
export const ENTRY_CONDITIONS = 4;
export const ENTRY_TRUNK_SHIFT = 22;
export const MAX_ENTRY_TRUNK = 2 ** (32 - ENTRY_TRUNK_SHIFT) - 1;
/** Nothing else is to be asked: the rule matches every call that the index leads to it and that has the entry's trunk and conditions. */
export const BARE_DEFINITION = 1 << 21;
/** The definition is a shared one; without this it is one of the same part. */
export const SHARED_DEFINITION = 1 << 20;
export const DEFINITION_MASK = SHARED_DEFINITION - 1;
/** In place of a trunk: any, or several. Trunks count from 1 in the order of the core, up to `MAX_ENTRY_TRUNK`. */
export const ANY_TRUNK = 0;

/** Chunks are cut before they get longer; a single key with very many rules may make one longer all the same. */
export const CHUNK_BYTES = 384 * 1024;

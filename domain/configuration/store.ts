/** The port to where drafts are kept. Implemented on Postgres (adapters/postgres/configuration); every call concerns one tenant. */
import type { Result } from "../shared/result.ts";
import type { TenantId } from "../shared/ids.ts";
import type { ConfigurationItem, EntityKind, EntityOf } from "./model.ts";

/** Kinds that are kept one by one under an id of their own; the others are tables of rows under one of these. */
export type ResourceKind = Exclude<EntityKind, "settings" | "rates" | "number-list-entries">;

export type Stored<Entity> = {
  readonly entity: Entity;
  /** Grows with every change; the ETag. */
  readonly revision: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
};

/** Equality with a column that the kind offers for filtering (see FILTERS in contracts); several values: one of them. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export type PageRequest = { readonly filters: Filters; readonly afterKey: string | null; readonly limit: number };
/** `nextKey` is the key of the last item when there are more. */
export type Page<Item> = { readonly items: readonly Item[]; readonly nextKey: string | null };

/** What the writer believes to be there: nothing, a certain revision, or anything. */
export type Expected =
  | { readonly tag: "absent" }
  | { readonly tag: "revision"; readonly revision: number }
  | { readonly tag: "any" };

export type WriteProblem =
  /** It exists and should not, or exists in another revision. */
  | { readonly tag: "precondition_failed" }
  | { readonly tag: "not_found" }
  /** Other entities refer to it; `by` names some of them as "kind/id". */
  | { readonly tag: "in_use"; readonly by: readonly string[] }
  /** It names something that is not there (any more). */
  | { readonly tag: "unknown"; readonly kind: "role" | "profile"; readonly name: string }
  /** There are as many as there may be. */
  | { readonly tag: "full"; readonly most: number };

/** What an upload replaces as a whole. */
export type UploadTarget =
  | { readonly kind: "rates"; readonly table: string }
  | { readonly kind: "number-list-entries"; readonly list: string }
  | { readonly kind: "routing-rules"; readonly group: string }
  /** The whole draft. */
  | { readonly kind: "draft" };

/** Rows are staged in parts and take effect together, or never. Staged rows of an upload that was given up are removed later. */
export type Upload = {
  readonly stage: (items: readonly ConfigurationItem[]) => Promise<void>;
  /** Replaces the target. `duplicate`: two rows with the same key, which is named. */
  readonly commit: () => Promise<
    Result<
      { readonly rows: number; readonly revision: number },
      { readonly tag: "duplicate"; readonly key: string } | WriteProblem
    >
  >;
  readonly abort: () => Promise<void>;
};

export type ConfigurationStore = {
  readonly list: <Kind extends ResourceKind>(
    tenant: TenantId,
    kind: Kind,
    page: PageRequest,
  ) => Promise<Page<Stored<EntityOf[Kind]>>>;
  /** Rows of a table, ordered by their key within the table. */
  readonly listRows: <Kind extends "rates" | "number-list-entries">(
    tenant: TenantId,
    kind: Kind,
    table: string,
    page: Omit<PageRequest, "filters"> & { readonly prefix: string | null },
  ) => Promise<Page<EntityOf[Kind]>>;
  readonly get: <Kind extends ResourceKind | "settings">(
    tenant: TenantId,
    kind: Kind,
    id: string,
  ) => Promise<Stored<EntityOf[Kind]> | null>;
  readonly put: <Kind extends ResourceKind | "settings">(
    tenant: TenantId,
    kind: Kind,
    entity: EntityOf[Kind],
    expected: Expected,
  ) => Promise<Result<{ readonly stored: Stored<EntityOf[Kind]>; readonly created: boolean }, WriteProblem>>;
  readonly remove: (
    tenant: TenantId,
    kind: ResourceKind,
    id: string,
    expected: Expected,
  ) => Promise<Result<null, WriteProblem>>;
  readonly upload: (tenant: TenantId, target: UploadTarget, expected: Expected) => Promise<Upload>;
  /** Grows with every change to anything of the tenant's draft. */
  readonly draftRevision: (tenant: TenantId) => Promise<number>;
  /**
   * The draft in the order of `ENTITY_KINDS`, within a kind by key, in parts of some thousand items.
   * @throws DraftChanged when it is edited meanwhile.
   */
  readonly readDraft: (tenant: TenantId) => AsyncIterable<readonly ConfigurationItem[]>;
};

export class DraftChanged extends Error {
  override readonly name = "DraftChanged";
}

export type VersionRecord = {
  readonly version: string;
  readonly draftRevision: number;
  readonly publishedAtMs: number;
  readonly publishedBy: string;
  readonly note: string | null;
  /** Entities of each kind. */
  readonly counts: Readonly<Partial<Record<EntityKind, number>>>;
  /** Compared with what was in force before. */
  readonly changes: { readonly added: number; readonly removed: number; readonly changed: number };
};

/** The record of versions. What is in force is said by the pointer in R2, not here. */
export type VersionStore = {
  readonly add: (tenant: TenantId, record: VersionRecord) => Promise<void>;
  readonly get: (tenant: TenantId, version: string) => Promise<VersionRecord | null>;
  /** Newest first. @param beforeVersion only older ones. */
  readonly list: (tenant: TenantId, beforeVersion: string | null, limit: number) => Promise<Page<VersionRecord>>;
};

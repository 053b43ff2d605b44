/**
 * Uploads: rows are staged in chunks and take effect in one transaction. Until that is committed readers see what was there before;
 * afterwards they see what was uploaded.
 */
import { type SQL, eq, sql } from "drizzle-orm";
import type { PgRaw } from "drizzle-orm/pg-core/query-builders/raw";
import { type ConfigurationItem, ENTITY_KINDS, type EntityKind, entityKey } from "../../../domain/configuration/model.ts";
import type { Expected, Upload, UploadTarget } from "../../../domain/configuration/store.ts";
import type { TenantId } from "../../../domain/shared/ids.ts";
import { err, ok } from "../../../domain/shared/result.ts";
import { routingRules } from "../../../schema/index.ts";
import { type Database, asTenant } from "../client.ts";
import { FOREIGN_KEY_VIOLATION, sqlState } from "../unavailable.ts";
import type { KindTable } from "./kind-table.ts";
import { KINDS } from "./kinds.ts";
import { deleteUnstaged, expectMany, lockDraft, writeStaged } from "./statements.ts";
import { guardDuplicates, guardExpected, guardStaged, refusalIn, revisionOf } from "./upload-guards.ts";

/** A chunk goes when it has as many rows, or as many characters; Neon takes a request of some megabytes. */
const CHUNK_ROWS = 5_000;
const CHUNK_CHARACTERS = 2 << 20;
/** An upload into which nothing came for so long was given up. */
const ABANDONED_AFTER = "1 hour";

/** The upload was given up, here or by the clock, or rows of it are missing: nothing took effect. */
export class UploadLost extends Error {
  override readonly name = "UploadLost";
}

/** A kind whose rows the upload replaces, and which of them. */
type Replaced = { readonly kind: KindTable<EntityKind>; readonly scope: SQL | undefined };

const tableOf = (kind: EntityKind): KindTable<EntityKind> => KINDS[kind] as KindTable<EntityKind>;

function replacedBy(target: UploadTarget): readonly Replaced[] {
  switch (target.kind) {
    case "rates":
      return [{ kind: tableOf("rates"), scope: eq(KINDS.rates.key["rateTable"]!, target.table) }];
    case "number-list-entries":
      return [{ kind: tableOf(target.kind), scope: eq(KINDS[target.kind].key["list"]!, target.list) }];
    case "routing-rules":
      return [{ kind: tableOf(target.kind), scope: eq(routingRules.group, target.group) }];
    case "draft":
      return ENTITY_KINDS.map((kind) => ({ kind: tableOf(kind), scope: undefined }));
  }
}

function isOf(target: UploadTarget, item: ConfigurationItem): boolean {
  switch (target.kind) {
    case "rates":
      return item.kind === "rates" && item.entity.table === target.table;
    case "number-list-entries":
      return item.kind === "number-list-entries" && item.entity.list === target.list;
    case "routing-rules":
      return item.kind === "routing-rules" && item.entity.group === target.group;
    case "draft":
      return true;
  }
}

/** As `stagedRows` has it; the keys are short because they are sent with every row. */
const stagedJson = (item: ConfigurationItem): string =>
  JSON.stringify({ k: item.kind, i: entityKey(item), r: tableOf(item.kind).toJson(item.entity) });

/** See `Upload`. */
export async function startUpload(
  database: Database,
  tenant: TenantId,
  target: UploadTarget,
  expected: Expected,
): Promise<Upload> {
  const { orm } = database;
  const id = crypto.randomUUID();
  const ofUpload = sql`tenant_id = ${tenant} and upload_id = ${id}::uuid`;
  const forget = (): [PgRaw<unknown>, PgRaw<unknown>] => [
    orm.execute(sql`delete from staged_rows where ${ofUpload}`),
    orm.execute(sql`delete from uploads where tenant_id = ${tenant} and id = ${id}::uuid`),
  ];
  let state: "open" | "over" = "open";
  let chunk: string[] = [];
  let characters = 0;
  let rows = 0;
  let underWay: Promise<void> = Promise.resolve();

  const abandoned = sql`tenant_id = ${tenant} and touched_at < now() - ${ABANDONED_AFTER}::interval`;
  // By itself, and impatient: a database that does not answer is told to the sender before the body has come.
  await asTenant(database, tenant, [orm.execute(sql`insert into uploads (tenant_id, id) values (${tenant}, ${id}::uuid)`)]);
  await asTenant(
    database,
    tenant,
    [
      orm.execute(
        sql`delete from staged_rows where tenant_id = ${tenant} and upload_id in (select id from uploads where ${abandoned})`,
      ),
      orm.execute(sql`delete from uploads where ${abandoned}`),
    ],
    "long",
  );

  /** One chunk is on its way while the next one is filled. @throws what has become of the one before. */
  async function send(): Promise<void> {
    await underWay;
    if (chunk.length === 0) return;
    const json = `[${chunk.join(",")}]`;
    const sent = chunk.length;
    chunk = [];
    characters = 0;
    underWay = write(json, sent);
    // Whoever sends the next one, or commits, is told.
    underWay.catch(() => {});
  }

  async function write(json: string, sent: number): Promise<void> {
    const [inserted] = await asTenant(database, tenant, [
      orm.execute(sql`
        with upload as (update uploads set touched_at = now() where tenant_id = ${tenant} and id = ${id}::uuid returning id)
        insert into staged_rows (tenant_id, upload_id, kind, key, row)
        select ${tenant}::text, upload.id, row.k, row.i, row.r
        from upload cross join jsonb_to_recordset(${json}::jsonb) as row (k text, i text, r jsonb)`),
    ]);
    if (inserted.rowCount !== sent) throw new UploadLost();
    rows += sent;
  }

  async function abort(): Promise<void> {
    state = "over";
    chunk = [];
    // What arrives after the removal would stay.
    await underWay.catch(() => {});
    await asTenant(database, tenant, forget(), "long");
  }

  return {
    stage: async (items) => {
      if (state === "over") throw new UploadLost();
      for (const item of items) {
        if (!isOf(target, item)) throw new RangeError(`a row of another target: ${item.kind} ${entityKey(item)}`);
        const json = stagedJson(item);
        chunk.push(json);
        characters += json.length;
        if (chunk.length >= CHUNK_ROWS || characters >= CHUNK_CHARACTERS) await send();
      }
    },

    commit: async () => {
      if (state === "over") throw new UploadLost();
      await send();
      await underWay;
      state = "over";
      const replaced = replacedBy(target);
      try {
        const outcomes = await asTenant(
          database,
          tenant,
          [
            orm.execute(lockDraft(tenant)),
            orm.execute(expectMany),
            orm.execute(guardExpected(tenant, target, expected)),
            orm.execute(guardStaged(tenant, id, rows)),
            orm.execute(guardDuplicates(tenant, id, target)),
            ...replaced.map(({ kind, scope }) => orm.execute(deleteUnstaged(kind, tenant, id, scope))),
            ...replaced.map(({ kind }) => orm.execute(writeStaged(kind, tenant, id))),
            ...forget(),
            orm.execute<{ revision: number }>(revisionOf(tenant, target)),
          ],
          "long",
        );
        const last = outcomes.at(-1) as { readonly rows: readonly { readonly revision: number }[] };
        return ok({ rows, revision: last.rows[0]!.revision });
      } catch (error) {
        const refusal = sqlState(error) === FOREIGN_KEY_VIOLATION ? ({ tag: "not_found" } as const) : refusalIn(error);
        if (refusal === null) throw error;
        await abort();
        if (refusal.tag === "lost") throw new UploadLost();
        return err(refusal);
      }
    },

    abort,
  };
}

/** Each table with encrypted values: how its rows are read, renewed and written back if nobody has changed them meanwhile. */
import { type SQL, sql } from "drizzle-orm";
import { SEALED_MEMBERS } from "../../../domain/privacy/personal-members.ts";
import type { RotationPart } from "../../../domain/privacy/rotation.ts";
import type { TenantId, TrunkId } from "../../../domain/shared/ids.ts";
import type { DataKeys } from "../../identity/data-keys.ts";
import { trunkSealContext } from "../../identity/sealing.ts";
import { webhookSealContext } from "../../identity/webhook-keys.ts";
import { type PersonalColumn, emailIndexOf, personalContext } from "../access/personal.ts";
import { isCurrentlySealed, openEventData, sealEventData, staysSealed } from "../sessions/personal-data.ts";
import { type Renewal, renewText, together } from "./renewal.ts";

export type Row = Readonly<Record<string, unknown>>;

export type Part = {
  /** Which of the settings of row-level security its policy goes by. */
  readonly owners: "tenant" | "tenants";
  /** Rows of one batch. */
  readonly limit: number;
  /** Rows in the order of `key`, which is among their columns; `wanted` says whether there is anything to look at. */
  readonly read: (tenant: TenantId, after: string | null, limit: number) => SQL;
  readonly renew: (keys: DataKeys, tenant: TenantId, row: Row) => Promise<Renewal<object>>;
  /** @param rows as JSON: what `renew` made, with `key` and the columns of `read`. Returns one row for each that was written. */
  readonly write: (tenant: TenantId, rows: string) => SQL;
};

const PEOPLE_ROWS = 500;
const SECRET_ROWS = 100;
const EVENT_ROWS = 1_000;
/** Before every id. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

const textOf = (row: Row, column: string): string => String(row[column]);

/** The columns of a person; @param table of the two that have them. */
async function renewPerson(
  keys: DataKeys,
  tenant: TenantId,
  table: "users" | "invitations",
  row: Row,
): Promise<Renewal<object>> {
  const id = textOf(row, "key");
  const email = row["email"] as string | null;
  const of = (column: string) => personalContext({ column: `${table}.${column}` as PersonalColumn, tenant, id });
  const renewals = [
    email === null ? ({ tag: "current" } as const) : await renewText(keys, email, of("email")),
    await renewText(keys, textOf(row, "name"), of("name")),
  ];
  return together(renewals, ([newEmail, newName]) => ({ email: newEmail ?? email, name: newName ?? row["name"] }));
}

/** With the hash by which the address is found: it changes with the index key. */
async function renewUser(keys: DataKeys, tenant: TenantId, row: Row): Promise<Renewal<object>> {
  const renewal = await renewPerson(keys, tenant, "users", row);
  if (renewal.tag === "unreadable") return renewal;
  const { email, name } = { ...row, ...(renewal.tag === "stale" ? renewal.value : {}) } as Row;
  const plain =
    email === null
      ? null
      : await keys.open(String(email), personalContext({ column: "users.email", tenant, id: textOf(row, "key") }));
  const emailIndex = plain?.ok ? await emailIndexOf(keys, tenant, plain.value) : null;
  if (renewal.tag === "current" && emailIndex === row["email_index"]) return renewal;
  return { tag: "stale", value: { email, name, email_index: emailIndex } };
}

const recordset = (rows: string, columns: string): SQL =>
  sql`jsonb_to_recordset(${rows}::jsonb) as fresh (${sql.raw(columns)})`;

export const PARTS: Readonly<Record<RotationPart, Part>> = {
  users: {
    owners: "tenant",
    limit: PEOPLE_ROWS,
    read: (tenant, after, limit) => sql`
      select id as key, revision, email, email_index, name from users
      where tenant_id = ${tenant} and id > ${after ?? ""} order by id limit ${limit}`,
    renew: renewUser,
    write: (tenant, rows) => sql`
      update users set email = fresh.email, email_index = fresh.email_index, name = fresh.name
      from ${recordset(rows, "key text, revision bigint, email text, email_index text, name text")}
      where users.tenant_id = ${tenant} and users.id = fresh.key and users.revision = fresh.revision returning users.id`,
  },
  invitations: {
    owners: "tenant",
    limit: PEOPLE_ROWS,
    read: (tenant, after, limit) => sql`
      select id as key, revision, email, name from invitations
      where tenant_id = ${tenant} and id > ${after ?? ""} order by id limit ${limit}`,
    renew: (keys, tenant, row) => renewPerson(keys, tenant, "invitations", row),
    write: (tenant, rows) => sql`
      update invitations set email = fresh.email, name = fresh.name
      from ${recordset(rows, "key text, revision bigint, email text, name text")}
      where invitations.tenant_id = ${tenant} and invitations.id = fresh.key and invitations.revision = fresh.revision
      returning invitations.id`,
  },
  trunk_secrets: {
    owners: "tenant",
    limit: SECRET_ROWS,
    read: (tenant, after, limit) => sql`
      select trunk || ' ' || id as key, trunk, id, revision, sealed from trunk_secrets
      where tenant_id = ${tenant} and (trunk || ' ' || id) collate "C" > ${after ?? ""} order by (trunk || ' ' || id) collate "C" limit ${limit}`,
    renew: async (keys, tenant, row) => {
      const renewal = await renewText(keys, textOf(row, "sealed"), trunkSealContext(tenant, textOf(row, "trunk") as TrunkId));
      return together([renewal], ([sealed]) => ({ sealed }));
    },
    write: (tenant, rows) => sql`
      update trunk_secrets as secret set sealed = fresh.sealed
      from ${recordset(rows, "trunk text, id text, revision bigint, sealed text")}
      where secret.tenant_id = ${tenant} and secret.trunk = fresh.trunk and secret.id = fresh.id and secret.revision = fresh.revision
      returning secret.id`,
  },
  webhook_endpoints: {
    owners: "tenant",
    limit: SECRET_ROWS,
    read: (tenant, after, limit) => sql`
      select id as key, revision, to_jsonb(sealed_secrets) as sealed from webhook_endpoints
      where tenant_id = ${tenant} and id > ${after ?? ""} order by id limit ${limit}`,
    renew: async (keys, tenant, row) => {
      const known = row["sealed"] as readonly string[];
      const context = webhookSealContext(tenant, textOf(row, "key"));
      const renewals = await Promise.all(known.map((sealed) => renewText(keys, sealed, context)));
      return together(renewals, (changed) => ({ sealed: known.map((sealed, index) => changed[index] ?? sealed) }));
    },
    write: (tenant, rows) => sql`
      update webhook_endpoints as endpoint set sealed_secrets = fresh.sealed
      from ${recordset(rows, "key text, revision bigint, sealed text[]")}
      where endpoint.tenant_id = ${tenant} and endpoint.id = fresh.key and endpoint.revision = fresh.revision returning endpoint.id`,
  },
  session_events: {
    owners: "tenants",
    limit: EVENT_ROWS,
    // Every row, so that the batch ends where it was looked; the data of those alone that may have something to encrypt.
    read: (tenant, after, limit) => sql`
      select id::text as key, case when metadata::text ~ ${PERSONAL_DATA} then metadata end as metadata from session_events
      where tenant_id = ${tenant} and id > ${after ?? FIRST_ID}::uuid order by id limit ${limit}`,
    renew: async (keys, tenant, row) => {
      const data = row["metadata"] as Readonly<Record<string, unknown>> | null;
      if (data === null || isCurrentlySealed(keys, data)) return { tag: "current" };
      const event = { tenant, id: textOf(row, "key") };
      const opened = await openEventData(keys, event, data);
      if (staysSealed(opened)) return { tag: "unreadable" };
      return { tag: "stale", value: { fresh_data: await sealEventData(keys, event, opened) } };
    },
    write: (tenant, rows) => sql`
      update session_events as event set metadata = fresh.fresh_data
      from ${recordset(rows, "key uuid, metadata jsonb, fresh_data jsonb")}
      where event.tenant_id = ${tenant} and event.id = fresh.key and event.metadata = fresh.metadata returning event.id`,
  },
};

/** As Postgres writes JSON: finds data that has a personal member, at any depth. */
const PERSONAL_DATA = `"(${[...SEALED_MEMBERS].join("|")})": [^n]`;

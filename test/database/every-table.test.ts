/** What has to hold for each table, also for those that nobody has thought of yet: the list comes from the database. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyMigrations } from "../../local/migrate.ts";
import { startTestDatabase, type TestDatabase, withClient } from "./fixture.ts";

const UPLOAD = "00000000-0000-4000-8000-000000000001";

/** A row of each table, without its tenant. A table that is missing here fails. Order: nothing refers to what comes later. */
const ROWS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tenants: { name: "'a name'" },
  revision_heads: { part: "'draft'", revision: "1" },
  api_keys: { id: "'key'", name: "'a name'", secret_hash: "'00'", roles: "'{viewer}'" },
  trunk_secrets: { trunk: "'main'", id: "'1'", sealed: "'sealed'" },
  users: { id: "'subject'", name: "'a name'", roles: "'{viewer}'" },
  settings: { default_trunk: "'main'" },
  rate_tables: { id: "'retail'", name: "'a name'", currency: "'EUR'" },
  rates: { rate_table: "'retail'", prefix: "'49'", per_minute_micros: "1", connect_micros: "0", increment_s: "1" },
  calendars: { id: "'office'", name: "'a name'", time_zone: "'UTC'", weekly: "'[]'", holidays: "'[]'" },
  number_lists: { id: "'vip'", name: "'a name'" },
  number_list_entries: { list: "'vip'", number: "'+49*'" },
  trunks: {
    id: "'main'",
    name: "'a name'",
    kind: "'pbx'",
    auth: "'{token}'",
    dial_profile: "'{}'",
    sources: "'{}'",
    capabilities: "'{}'",
    toll: "'{}'",
  },
  destinations: { id: "'gateway'", name: "'a name'", enabled: "true", target: "'{}'", ring_timeout_ms: "1" },
  emergency_routes: { id: "'all'", destinations: "'{gateway}'", number_for_urn: "'112'" },
  profiles: {
    id: "'+4930'",
    name: "'a name'",
    blocked_callers: "'{}'",
    block_withheld: "false",
    do_not_disturb: "false",
  },
  decision_services: {
    id: "'crm'",
    name: "'a name'",
    url: "'https://crm.example.org'",
    deadline_ms: "500",
    cache_ms: "0",
    max_at_once: "32",
    enabled: "true",
    secret_version: "1",
  },
  routing_rules: { id: "'r'", enabled: "true", blocker: "false", precedence: "1", conditions: "'{}'", action: "'{}'" },
  config_versions: {
    version: "'v'",
    draft_revision: "1",
    published_at: "now()",
    published_by: "'somebody'",
    counts: "'{}'",
    added: "0",
    removed: "0",
    changed: "0",
  },
  uploads: { id: `'${UPLOAD}'` },
  staged_rows: { upload_id: `'${UPLOAD}'`, kind: "'rates'", key: "'k'", row: "'{}'" },
  sessions: { id: `'${UPLOAD}'`, lane: "'standard'", started_at: "now()", last_event_at: "now()" },
  roles: { id: "'night'", description: "'nights'", permissions: "'{sessions:read}'" },
  issuers: { id: "'idp'", config: "'{}'" },
  invitations: {
    id: "'one'",
    name: "'a name'",
    roles: "'{viewer}'",
    token_hash: "'00'",
    expires_at: "now()",
    created_by: "'somebody'",
  },
  webhook_endpoints: {
    id: "'one'",
    url: "'https://example.com'",
    description: "''",
    event_types: "'{}'",
    sealed_secrets: "'{sealed}'",
    created_by: "'somebody'",
  },
  audit_entries: {
    lane: "'standard'",
    sequence: "1",
    at: "now()",
    actor: "'somebody'",
    via: "'jwt'",
    action: "'roles.put'",
    resource: "'/v1/roles/night'",
    outcome: "'done'",
    status: "200",
    request_id: "'request'",
    previous_hash: "''",
    hash: "'00'",
  },
  deleted_sessions: { id: `'${UPLOAD}'`, deleted_at: "now()" },
  session_events: { id: `'${UPLOAD}'`, session_id: `'${UPLOAD}'`, event_type: "'dev.trunkline.call.received.v1'" },
};
/** What is in them is about the system and no tenant's. */
const OF_NO_TENANT = ["projection_positions"];

const DRAFT = [
  "settings",
  "rate_tables",
  "rates",
  "calendars",
  "number_lists",
  "number_list_entries",
  "trunks",
  "destinations",
  "emergency_routes",
  "profiles",
  "decision_services",
  "routing_rules",
];
const DELETABLE = new Set([
  ...DRAFT,
  "users",
  "uploads",
  "staged_rows",
  "roles",
  "issuers",
  "webhook_endpoints",
  "sessions",
  "session_events",
]);
const WRITTEN_ONCE = new Set(["config_versions", "audit_entries", "deleted_sessions"]);
const DENIED = "42501";
const CHECK_VIOLATED = "23514";

let server: TestDatabase;
let tables: string[];

const tenantColumn = (table: string) => (table === "tenants" ? "id" : "tenant_id");

/** The row of the table, of a tenant. */
function insertion(table: string, tenant: string): string {
  const columns = { [tenantColumn(table)]: `'${tenant}'`, ...ROWS[table] };
  return `insert into ${table} (${Object.keys(columns).join(", ")}) values (${Object.values(columns).join(", ")})`;
}

const clients = new Map<string, pg.Client>();

/** One connection per role for all tests of this file. */
async function clientOf(url: string): Promise<pg.Client> {
  const known = clients.get(url);
  if (known !== undefined) return known;
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.set(url, client);
  return client;
}

/** In a transaction that is undone, as a tenant or as none. */
async function rolledBack<T>(url: string, tenant: string | null, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await clientOf(url);
  await client.query("begin");
  if (tenant !== null) {
    // As adapters/postgres/client.ts does it for one tenant.
    const settings = "select set_config('trunkline.tenant', $1, true), set_config('trunkline.tenants', $1, true)";
    await client.query(settings, [tenant]);
  }
  try {
    return await use(client);
  } finally {
    await client.query("rollback");
  }
}

/** Whether the statement touched rows, or the SQLSTATE with which it was refused. */
async function effect(tenant: string | null, statement: string): Promise<string> {
  try {
    const { rowCount } = await rolledBack(server.appUrl, tenant, (client) => client.query(statement));
    return rowCount === 0 ? "none" : "some";
  } catch (error) {
    return String((error as pg.DatabaseError).code);
  }
}

beforeAll(async () => {
  server = await startTestDatabase();
  await applyMigrations(server.ownerUrl);
  await withClient(server.superuserUrl, async (client) => {
    const { rows } = await client.query(
      "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
    );
    tables = rows.map(({ relname }) => relname);
    for (const tenant of ["left", "right"])
      for (const table of Object.keys(ROWS)) await client.query(`${insertion(table, tenant)} on conflict do nothing`);
  });
});
afterAll(async () => {
  for (const client of clients.values()) await client.end();
  await server.stop();
});

describe("every table", () => {
  it("[CFG-6] is known here", () => {
    expect([...Object.keys(ROWS), ...OF_NO_TENANT].sort()).toEqual(tables);
  });

  it("[CFG-6] has a policy, has it forced on the owner, and has a key that begins with the tenant", async () => {
    const { rows } = await withClient(server.superuserUrl, (client) =>
      client.query(
        `select c.relname as name from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and c.relname <> all ($1) and not (c.relrowsecurity and c.relforcerowsecurity
          and exists (select from pg_policy p where p.polrelid = c.oid)
          and exists (select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
            where i.indrelid = c.oid and a.attname in ('tenant_id', 'id') and (a.attname = 'tenant_id' or c.relname = 'tenants')))`,
        [OF_NO_TENANT],
      ),
    );
    expect(rows).toEqual([]);
  });

  // An inverted index has no beginning.
  it("[CFG-6] has no ordered index that does not begin with the tenant", async () => {
    const { rows } = await withClient(server.superuserUrl, (client) =>
      client.query(
        `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
        join pg_class own on own.oid = i.indexrelid join pg_am am on am.oid = own.relam
        join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where c.relnamespace = 'public'::regnamespace and a.attname <> 'tenant_id' and c.relname <> 'tenants'
        and c.relname <> all ($1) and am.amname <> 'gin'`,
        [OF_NO_TENANT],
      ),
    );
    expect(rows).toEqual([]);
  });
});

describe.each(Object.keys(ROWS))("table %s", (table) => {
  const own = `${tenantColumn(table)} = 'left'`;
  const foreign = `${tenantColumn(table)} = 'right'`;
  const tenantsSeen = async (client: pg.Client) => {
    const { rows } = await client.query(`select distinct ${tenantColumn(table)} as tenant from ${table} order by 1`);
    return rows.map(({ tenant }) => tenant);
  };

  it("[CFG-6] shows a tenant its own rows alone", async () => {
    expect(await rolledBack(server.superuserUrl, null, tenantsSeen)).toEqual(["left", "right"]);
    expect(await rolledBack(server.appUrl, "left", tenantsSeen)).toEqual(["left"]);
    expect(await rolledBack(server.appUrl, "right", tenantsSeen)).toEqual(["right"]);
  });

  it("[CFG-6] shows nothing without a tenant, nor to its owner", async () => {
    expect(await rolledBack(server.appUrl, null, tenantsSeen)).toEqual([]);
    expect(await rolledBack(server.appUrl, "", tenantsSeen)).toEqual([]);
    expect(await rolledBack(server.ownerUrl, "left", tenantsSeen)).toEqual([]);
  });

  it("[CFG-6] takes no row of another tenant, and none without a tenant", async () => {
    for (const [url, tenant] of [
      [server.appUrl, "left"],
      [server.appUrl, null],
      [server.ownerUrl, "right"],
    ] as const)
      await expect(rolledBack(url, tenant, (client) => client.query(insertion(table, "right")))).rejects.toMatchObject({
        code: DENIED,
      });
  });

  it("[CFG-6] lets nobody change, give away or remove a row of another tenant", async () => {
    const column = tenantColumn(table);
    const change = (where: string, value = column) => `update ${table} set ${column} = ${value} where ${where}`;
    const isWrittenOnce = WRITTEN_ONCE.has(table);
    expect({
      own: await effect("left", change(own)),
      foreign: await effect("left", change(foreign)),
      withoutTenant: await effect(null, change("true")),
      givenAway: await effect("left", change(own, "'right'")),
    }).toEqual({
      own: isWrittenOnce ? DENIED : "some",
      foreign: isWrittenOnce ? DENIED : "none",
      withoutTenant: isWrittenOnce ? DENIED : "none",
      givenAway: DENIED,
    });
    const isDeletable = DELETABLE.has(table);
    expect({
      own: await effect("left", `delete from ${table} where ${own}`),
      foreign: await effect("left", `delete from ${table} where ${foreign}`),
    }).toEqual({ own: isDeletable ? "some" : DENIED, foreign: isDeletable ? "none" : DENIED });
  });
});

describe.each(DRAFT)("table %s of a draft", (table) => {
  const revision = async (client: pg.Client, tenant = "left") => {
    const { rows } = await client.query(
      "select coalesce(max(revision), 0)::int as revision from revision_heads where tenant_id = $1 and part = 'draft'",
      [tenant],
    );
    return rows[0].revision as number;
  };

  it("[CFG-1] counts every statement that changes it, and none that does not", async () => {
    const counted = await rolledBack(server.appUrl, "left", async (client) => {
      const steps: [string, number][] = [];
      let before = await revision(client);
      const step = async (name: string, statement: string) => {
        await client.query(statement);
        const after = await revision(client);
        steps.push([name, Math.sign(after - before)]);
        before = after;
      };
      await step("update", `update ${table} set tenant_id = tenant_id`);
      await step("update of nothing", `update ${table} set tenant_id = tenant_id where false`);
      await step("insert of what is there", `${insertion(table, "left")} on conflict do nothing`);
      await step("delete of nothing", `delete from ${table} where false`);
      await step("delete", `delete from ${table}`);
      await step("insert", insertion(table, "left"));
      return steps;
    });
    expect(counted).toEqual([
      ["update", 1],
      ["update of nothing", 0],
      ["insert of what is there", 0],
      ["delete of nothing", 0],
      ["delete", 1],
      ["insert", 1],
    ]);
  });

  it("[CFG-1] leaves the draft of others uncounted", async () => {
    const [before, after] = await rolledBack(server.superuserUrl, null, async (client) => {
      const first = await revision(client, "right");
      await client.query(`delete from ${table} where tenant_id = 'left'`);
      return [first, await revision(client, "right")];
    });
    expect(after).toBe(before);
  });
});

describe("checks", () => {
  it.each([
    ["routing_rules", "precedence = -1"],
    ["routing_rules", "precedence = 1001"],
    ["routing_rules", "conditions = '[]'"],
    ["routing_rules", `blocker = true, action = '{"type": "route"}'`],
    ["rates", "per_minute_micros = -1"],
    ["rates", "increment_s = 0"],
    ["destinations", "target = '3'"],
    ["trunks", "toll = 'null'"],
  ])("refuse what would never decide a call: %s with %s", async (table, change) => {
    expect(await effect("left", `update ${table} set ${change}`)).toBe(CHECK_VIOLATED);
  });
});

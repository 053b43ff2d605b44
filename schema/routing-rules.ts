import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import { MAX_PRECEDENCE, type Conditions, type RuleAction } from "../domain/configuration/model.ts";
import { entityColumns, sortedText } from "./columns.ts";
import { tenantPolicy } from "./tenant-policy.ts";

/**
 * There may be hundreds of thousands of a tenant. Conditions that most of those have stand in columns and not in `conditions`, which
 * keeps rows small. No foreign key: the head of the draft, which every change writes, has the one to the tenant.
 */
export const routingRules = pgTable(
  "routing_rules",
  {
    tenantId: text("tenant_id").notNull(),
    id: sortedText("id").notNull(),
    group: text("group_name"),
    enabled: boolean("enabled").notNull(),
    blocker: boolean("blocker").notNull(),
    precedence: integer("precedence").notNull(),
    activeFrom: timestamp("active_from", { withTimezone: true }),
    activeUntil: timestamp("active_until", { withTimezone: true }),
    /** Condition `trunk`. */
    trunks: text("trunks").array(),
    /** Condition `callee`, where that is one prefix and nothing else. */
    calleePrefix: text("callee_prefix"),
    /** The conditions that do not stand in `trunks` and `callee_prefix`. */
    conditions: jsonb("conditions").$type<Conditions>().notNull(),
    unless: jsonb("unless").$type<Conditions>(),
    action: jsonb("action").$type<RuleAction>().notNull(),
    /** For filtering; cannot disagree with the action. */
    actionType: text("action_type").generatedAlwaysAs(sql`action ->> 'type'`),
    maxDurationMs: bigint("max_duration_ms", { mode: "number" }),
    ...entityColumns(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index("routing_rules_by_group").on(table.tenantId, table.group, table.id),
    index("routing_rules_by_callee_prefix").on(table.tenantId, table.calleePrefix, table.id),
    index("routing_rules_disabled")
      .on(table.tenantId, table.id)
      .where(sql`not enabled`),
    index("routing_rules_blockers")
      .on(table.tenantId, table.id)
      .where(sql`blocker`),
    index("routing_rules_by_rare_action")
      .on(table.tenantId, table.actionType, table.id)
      .where(sql`action_type <> 'route'`),
    check("routing_rules_precedence", sql`${table.precedence} between 0 and ${sql.raw(String(MAX_PRECEDENCE))}`),
    check("routing_rules_blocker_rejects", sql`not ${table.blocker} or ${table.action} ->> 'type' = 'reject'`),
    check("routing_rules_conditions_is_object", sql`jsonb_typeof(${table.conditions}) = 'object'`),
    check("routing_rules_unless_is_object", sql`jsonb_typeof(${table.unless}) = 'object'`),
    check("routing_rules_action_is_object", sql`jsonb_typeof(${table.action}) = 'object'`),
    check("routing_rules_max_duration", sql`${table.maxDurationMs} > 0`),
    tenantPolicy("routing_rules_own_tenant", table.tenantId),
  ],
);

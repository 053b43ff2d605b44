/** Postgres that does not answer, told apart from Postgres that refuses. */
import { NeonDbError } from "@neondatabase/serverless";

/**
 * Postgres could not be reached, or did not answer in time. A write may have taken place all the same; writers that say which revision
 * they expect find out by writing again.
 */
export class DatabaseUnavailable extends Error {
  override readonly name = "DatabaseUnavailable";

  constructor(cause: unknown) {
    super("Postgres is not available", { cause });
  }
}

/**
 * SQLSTATEs after which the same query may succeed later, or elsewhere: connection, authorisation of the role, conflicts between
 * transactions, resources, operator (shutdown, cancelled by `statement_timeout`), `lock_not_available`, system.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const UNAVAILABLE = /^(?:08|28|40|53|57|58)|^55P03$/;

/** Connections, resources, an operator's shutdown, the system: of these nobody would be served. The rest concerns one query. */
const AWAY = /^(?:08|53|57P|58)/;

/** The SQLSTATE with which Postgres refused; null when it was not Postgres that failed. */
export function sqlState(error: unknown): string | null {
  return error instanceof NeonDbError && error.code !== undefined ? error.code : null;
}

/** Whether a failure says that Postgres is away, and not that it refused. */
export function isAway(error: unknown): boolean {
  const state = sqlState(error);
  return state === null || AWAY.test(state);
}

/** What a caller is told: a refusal as it is, everything else (no answer, none in time, one that breaks off) as unavailable. */
export function asFailure(error: unknown): unknown {
  const state = sqlState(error);
  return state === null || UNAVAILABLE.test(state) ? new DatabaseUnavailable(error) : error;
}

export const FOREIGN_KEY_VIOLATION = "23503";
export const UNIQUE_VIOLATION = "23505";
/** What the migrations' function `refuse` raises. */
export const REFUSED_BY_FUNCTION = "TL001";

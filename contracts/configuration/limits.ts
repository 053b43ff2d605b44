/** Bounds on what a tenant writes. What is above is a mistake or an attack; each keeps one entity small enough to decide by. */

/** Characters. */
export const MAX_ENTITY_ID = 64;
export const MAX_LABEL = 128;
export const MAX_URI = 256;
export const MAX_PREFIX = 32;
export const MAX_REPLACEMENT = 64;
export const MAX_METADATA_KEY = 64;
export const MAX_METADATA_TEXT = 256;

/** Entries of an array. */
export const MAX_SOURCES = 64;
export const MAX_DESTINATIONS = 16;
export const MAX_CONDITION_VALUES = 256;
export const MAX_METADATA_CONDITIONS = 16;
export const MAX_WEEKLY_HOURS = 64;
export const MAX_HOLIDAYS = 1_000;
export const MAX_HOLIDAY_HOURS = 8;
export const MAX_BLOCKED_CALLERS = 1_000;
export const MAX_COUNTRIES = 300;

export const MAX_TEST_NUMBERS = 8;
export const MAX_EXCEPTED_EXTENSIONS = 64;
export const MAX_AREA_POINTS = 512;
export const MAX_POSTAL_CODES = 256;

/** Calls at once; calls per second. */
export const MAX_CAPACITY_CALLS = 1_000_000;
export const MAX_CAPACITY_CALLS_PER_SECOND = 10_000;

/** 24 hours. */
export const MAX_CALLBACK_WINDOW_MS = 86_400_000;

/** Milliseconds. */
export const MIN_RING_TIMEOUT_MS = 1_000;
export const MAX_RING_TIMEOUT_MS = 180_000;
export const DEFAULT_RING_TIMEOUT_MS = 30_000;
export const MIN_DURATION_MS = 1_000;
/** 24 hours. */
export const MAX_DURATION_MS = 86_400_000;

/** Before the answer: networks let a call ring for minutes. 10 seconds to 1 hour. */
export const MIN_SETUP_SILENCE_MS = 10_000;
export const MAX_SETUP_SILENCE_MS = 3_600_000;
/** After the answer: 1 minute to 24 hours. */
export const MIN_ACTIVE_SILENCE_MS = 60_000;
export const MAX_ACTIVE_SILENCE_MS = 86_400_000;

/** From the question to the whole answer: a caller waits meanwhile. */
export const MIN_DECISION_DEADLINE_MS = 50;
export const MAX_DECISION_DEADLINE_MS = 2_000;
export const DEFAULT_DECISION_DEADLINE_MS = 500;
/** 1 hour. */
export const MAX_DECISION_CACHE_MS = 3_600_000;
/** Questions under way per isolate; a Worker has six connections at a time for each request, many requests share an isolate. */
export const MAX_DECISIONS_AT_ONCE = 256;
export const DEFAULT_DECISIONS_AT_ONCE = 32;
export const MAX_SECRET_VERSION = 1_000_000;
export const MAX_DECISION_URL = 2_048;

/** Micro-units of a currency: a thousand of the unit per minute. */
export const MAX_RATE_MICROS = 1_000_000_000;
/** Micro-units: a million of the unit in an hour. */
export const MAX_COST_PER_HOUR_MICROS = 1_000_000_000_000;
export const MAX_CALLS_PER_HOUR = 1_000_000;
/** Seconds. */
export const MAX_INCREMENT_S = 3_600;

/** Mistakes that are named; there may be more. */
export const MAX_REPORTED_ERRORS = 100;
/** Bytes of one entity as JSON: a calendar with all its holidays has room. */
export const MAX_ENTITY_BYTES = 1024 * 1024;
/** Rows of one upload. */
export const MAX_UPLOAD_ROWS = 1_000_000;
/** Bytes of one upload: 128 for each of so many rows. */
export const MAX_UPLOAD_BYTES = 128 * 1024 * 1024;
/** Characters of one row or line of an upload. */
export const MAX_UPLOAD_LINE = 65_536;

/** How much `POST /v1/events` takes. Texts are counted in UTF-16 code units, as JSON parsers of most languages do. */

export const MAX_BATCH_EVENTS = 1_000;
/** Of the body, after decompression. */
export const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Of one event as it is stored, UTF-8. */
export const MAX_EVENT_BYTES = 64 * 1024;

export const MAX_TYPE = 128;
export const MAX_SOURCE = 256;
export const MAX_CALL_ID = 256;
export const MAX_ORIGIN_ID = 256;
/** Of a caller's or callee's number or address. */
export const MAX_PARTY = 256;
/** Of `direction` and `status`. */
export const MAX_WORD = 64;
/** Of the name of an extension (CloudEvents 1.0 §3.1: "SHOULD NOT exceed 20"). */
export const MAX_EXTENSION_NAME = 20;
/** Of any other attribute or extension. */
export const MAX_ATTRIBUTE = 1_024;
/** Objects and arrays within one another in `data`. */
export const MAX_DATA_DEPTH = 32;

const DAY_MS = 24 * 3_600_000;
/** How long ago an event may have happened. */
export const MAX_LATE_MS = 365 * DAY_MS;
/** How far a sender's clock may be ahead. */
export const MAX_EARLY_MS = 5 * 60_000;

/** Problems that are told of one event, and of one request. */
export const MAX_ERRORS_PER_EVENT = 16;
export const MAX_REPORTED_ERRORS = 100;

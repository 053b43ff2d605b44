/** The client of the API: typed, without dependencies, for browsers and Node from version 22. */
export { type Trunkline, trunkline } from "./client.ts";
export { type EventFilters, type EventRecord, type EventStore, type NewEvent, type StoredId, eventStore } from "./events.ts";
export type * from "./generated.ts";
export type { Answered, BodyOf, CallOptions, InputOf, Operate, OperationId, QueryOf } from "./operations.ts";
export type { Page, Paged } from "./paged.ts";
export { DeadlinePassed, ExportBroken, RequestRefused } from "./refused.ts";
export type { ClientOptions } from "./requests.ts";
export { type FeedItem, type LiveFeed, type LiveFeedOptions, liveFeed } from "./live-feed.ts";
export {
  type CommandOptions,
  type LiveSession,
  type LiveSessionOptions,
  type SessionItem,
  liveSession,
} from "./live-session.ts";
export {
  CommandUnanswered,
  type ConnectionState,
  type Credentials,
  type LiveOptions,
  type LiveSocketOptions,
  LiveRefused,
  type WebSocketConstructor,
  type WebSocketLike,
} from "./options.ts";
export {
  CLOSE,
  type CommandBody,
  type CommandResult,
  type SessionEventRecord,
  type SessionRecord,
} from "../../contracts/live.ts";

/** Clients for live sockets and the event store: typed, without dependencies, for browsers and Node from version 22. */
export {
  type EventFilters,
  type EventRecord,
  type EventStore,
  type EventStoreOptions,
  EventStoreRefused,
  ExportBroken,
  type NewEvent,
  eventStore,
} from "./events.ts";
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

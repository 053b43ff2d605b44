/** What live clients need, and what they tell when they cannot go on. */
import type { CloseCode } from "../../contracts/live.ts";

/** What this client uses of a WebSocket: that of browsers and Node, and of the package `ws`. */
export type WebSocketLike = {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "message" | "close" | "error", listener: (event: SocketEvent) => void): void;
};
export type SocketEvent = { readonly data?: unknown; readonly code?: number; readonly reason?: string };
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/**
 * Asked before every connection, so that one whose credentials have expired is replaced by one with new ones. `token`: an access token or
 * API key. `ticket`: one from `POST /v1/live/tickets`, for pages that hold no token; a fresh one every time.
 */
export type Credentials = { readonly token: () => Promise<string> } | { readonly ticket: () => Promise<string> };

/** `connecting`: again, after `attempt` failures in a row. */
export type ConnectionState =
  | { readonly tag: "connecting"; readonly attempt: number }
  | { readonly tag: "open" }
  | { readonly tag: "waiting"; readonly delayMs: number; readonly code: CloseCode | number | null }
  | { readonly tag: "closed" };

export type LiveOptions = Credentials &
  LiveSocketOptions & {
    /** Of the deployment, e.g. `https://api.eu.trunkline.example`. */
    readonly url: string;
  };

export type LiveSocketOptions = {
  /** Ends the stream. */
  readonly signal?: AbortSignal;
  readonly onState?: (state: ConnectionState) => void;
  /** Instead of the global one. */
  readonly webSocket?: WebSocketConstructor;
  readonly fetch?: (url: string, init: { readonly headers: Record<string, string> }) => Promise<{ readonly status: number }>;
  /** Between 0 and 1. */
  readonly random?: () => number;
};

/** The stream cannot go on: who asks may not, or there is no such thing. */
export class LiveRefused extends Error {
  override readonly name = "LiveRefused";
  readonly status: number;

  constructor(status: number) {
    super(`refused with status ${status}`);
    this.status = status;
  }
}

/** A command was not answered in time, or its stream has ended. It may have been taken: the same id gives the same answer. */
export class CommandUnanswered extends Error {
  override readonly name = "CommandUnanswered";
  readonly commandId: string;

  constructor(commandId: string) {
    super("the command was not answered");
    this.commandId = commandId;
  }
}

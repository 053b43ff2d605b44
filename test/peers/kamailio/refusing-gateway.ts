/** A gateway that refuses every call and keeps what it was sent, so that a test can look at header fields. */
import { createSocket } from "node:dgram";

const LOOPBACK = "127.0.0.1";

export type RefusingGateway = {
  /** The INVITEs as they came, retransmissions left out. */
  readonly invites: () => readonly string[];
  readonly stop: () => Promise<void>;
};

/** One field of a SIP message; null when it is not there. */
export function field(message: string, name: string): string | null {
  return new RegExp(`^${name}: *(.*)\\r$`, "im").exec(message)?.[1] ?? null;
}

/** @param headers further lines of the refusal, such as a Reason. */
export async function startRefusingGateway(
  port: number,
  status: string,
  headers: readonly string[] = [],
): Promise<RefusingGateway> {
  const invites = new Map<string, string>();
  const socket = createSocket("udp4");
  socket.on("message", (data, peer) => {
    const message = data.toString("latin1");
    if (!message.startsWith("INVITE ")) return;
    invites.set(`${field(message, "Via")}`, message);
    const echoed = message.split("\r\n").filter((line) => /^(?:Via|Record-Route|From|Call-ID|CSeq):/i.test(line));
    const answer = [`SIP/2.0 ${status}`, ...echoed, `To: ${field(message, "To")};tag=refused`, ...headers, "Content-Length: 0"];
    socket.send(`${answer.join("\r\n")}\r\n\r\n`, peer.port, peer.address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, LOOPBACK, resolve);
  });
  return {
    invites: () => [...invites.values()],
    stop: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

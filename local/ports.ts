import { createServer } from "node:net";

const LOOPBACK = "127.0.0.1";

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

/** A port of the loopback interface that is free now; somebody else may take it before it is used. */
export const freePort = (): Promise<number> => listen(0);

/** The first of two free ports next to each other, at or above `first` and below `last`. @throws when there are none. */
export async function freePairOf(first: number, last: number): Promise<number> {
  for (let port = first; port < last; port += 2) if ((await isFree(port)) && (await isFree(port + 1))) return port;
  throw new Error("no two free ports");
}

/** Whether the port can be listened on now. */
export async function isFree(port: number): Promise<boolean> {
  try {
    await listen(port);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE" || code === "EACCES") return false;
    throw error;
  }
}

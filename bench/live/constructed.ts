/** How many objects were made or came back into memory: shows that idle ones have left it, and what wakes them. */

/** Not a route of the Worker. */
export const CONSTRUCTED_PATH = "/bench/constructed";

let objects = 0;

export function countConstructed(): void {
  objects += 1;
}

/** Since the isolate began. */
export const constructed = (): Response => Response.json({ objects });

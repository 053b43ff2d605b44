/** The least that a Worker can answer: what the load generator and the sockets can carry at most. */
import { Hono } from "hono";

const app = new Hono();
app.post("/", (c) => c.json({ hello: true }, 201));

export default app;

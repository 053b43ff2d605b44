import { describe, expect, it } from "vitest";
import { parseCommand } from "../../contracts/commands.ts";

const accepted = (body: Record<string, unknown>) => {
  const parsed = parseCommand(body);
  return parsed.ok ? parsed.value : parsed.error;
};
const pointers = (body: Record<string, unknown>) => {
  const parsed = parseCommand(body);
  return parsed.ok ? "accepted" : parsed.error.map(({ pointer }) => pointer);
};

describe("[CMD-1] a command", () => {
  it("is one of five, with what it needs", () => {
    expect(accepted({ command: "hangUp" })).toEqual({ id: null, command: { kind: "hangUp", reason: null } });
    expect(accepted({ command: "redirect", to: "+15551230001", id: "r-1" })).toEqual({
      id: "r-1",
      command: { kind: "redirect", to: { tag: "address", address: "+15551230001" } },
    });
    expect(accepted({ command: "redirect", to: { destination: "front-desk" } })).toMatchObject({
      command: { to: { tag: "destination", destination: "front-desk" } },
    });
    expect(accepted({ command: "note", text: "  calls back\nat five " })).toMatchObject({
      command: { text: "calls back\nat five" },
    });
    expect(accepted({ command: "tag", add: ["vip"] })).toMatchObject({ command: { add: ["vip"], remove: [] } });
    expect(accepted({ command: "setDisposition", disposition: "booked" })).toMatchObject({
      command: { kind: "setDisposition", disposition: "booked" },
    });
  });

  it.each([
    [{}, ["/command"]],
    [{ command: "transfer" }, ["/command"]],
    [{ command: "hangUp", reason: "a\u0000b" }, ["/reason"]],
    [{ command: "hangUp", force: true }, [""]],
    [{ command: "redirect" }, ["/to"]],
    [{ command: "redirect", to: { destination: "" } }, ["/to/destination"]],
    [{ command: "note", text: "   " }, ["/text"]],
    [{ command: "note", text: "\ud800" }, ["/text"]],
    [{ command: "note", text: "x".repeat(2_001) }, ["/text"]],
    [{ command: "tag", add: ["with space"] }, ["/add/0"]],
    [{ command: "tag", add: [], remove: [] }, [""]],
    [{ command: "setDisposition", disposition: "-" }, ["/disposition"]],
    [{ command: "hangUp", id: "with space" }, ["/id"]],
  ])("%j is refused, and what is wrong is named", (body, where) => {
    expect(pointers(body)).toEqual(where);
  });
});

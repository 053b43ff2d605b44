import { describe, expect, it } from "vitest";
import { groupAt, groupsOf } from "../../../domain/routing/groups.ts";
import { groups } from "../call/legs-fixture.ts";

const ids = (letters: string, index: number): string =>
  groupAt(groups(letters).destinations, index)
    .map(({ id }) => id)
    .join("");

describe("[EMG-9] destinations that ring together", () => {
  it("[EMG-9] belong to the one before them", () => {
    expect(groupsOf(groups("a bc d").destinations)).toEqual([0, 1, 1, 2]);
    expect(groupsOf(groups("abc").destinations)).toEqual([0, 0, 0]);
    expect(groupsOf([])).toEqual([]);
  });

  it("[EMG-9] are found from the place where they begin, to the next that rings alone", () => {
    expect([ids("a bc d", 0), ids("a bc d", 1), ids("a bc d", 3), ids("a bc d", 4)]).toEqual(["a", "bc", "d", ""]);
  });
});

/** `node test/domain/capacity/run.ts [histories] [seed]`: as the test does it, for as many histories as one likes. */
import fc from "fast-check";
import { histories, play } from "./histories.ts";

const [numRuns = 10_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
fc.assert(fc.property(histories, play), { numRuns, seed });
process.stdout.write(`${numRuns} histories, seed ${seed}: the bounds held\n`);

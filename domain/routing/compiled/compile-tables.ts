/** Compiles rates, number lists and profiles: tables of rows under a key. Small tables share chunks, large ones have several. */
import type { NumberListEntry, Profile, Rate } from "../../configuration/model.ts";
import { Float64Column, Uint32Column, UnitsColumn } from "../../packed/columns.ts";
import { type Section, packContainer } from "../../packed/container.ts";
import { packKeyTable } from "../../packed/key-table.ts";
import { packPrefixIndex } from "../../packed/prefix-index.ts";
import { packStrings } from "../../packed/strings.ts";
import { toUnits } from "../../packed/units.ts";
import type { Chunk } from "./compile-rules.ts";
import { type Directory, type TableDirectory, chunkName } from "./format.ts";
import { ancestorsOf, partition } from "./partition.ts";
import { KeyedRows } from "./sorted-rows.ts";

/** What a row takes besides its key: a node, and the figures of a rate. */
const ROW_BYTES = 32;

type Part = { readonly chunk: number; readonly number: number; readonly rows: readonly number[] };

/** Tables of one kind. */
abstract class TablesCompiler {
  protected readonly rows = new KeyedRows();
  readonly #numbers = new Map<string, number>();
  readonly #kind: string;

  constructor(kind: string) {
    this.#kind = kind;
  }

  protected addRow(table: string, units: string, isPrefix: boolean): void {
    const number = this.#numbers.get(table) ?? this.#numbers.size;
    this.#numbers.set(table, number);
    this.rows.add(number, units, isPrefix);
  }

  /** The sections of a part besides its index. @param rows in the order of the index's values. */
  protected abstract columns(name: string, rows: readonly number[]): Section[];

  finish(maxBytes: number): { readonly directory: TableDirectory; readonly chunks: () => Generator<Chunk> } {
    const { rows } = this;
    const sorted = rows.sorted();
    const parts: Part[] = [];
    let chunk = 0;
    let used = 0;
    let inChunk = 0;
    /** Adds a part to the chunk that is being filled, or to a new one. */
    const place = (own: readonly number[], bytes: number): Part => {
      if (inChunk > 0 && used + bytes > maxBytes) {
        chunk++;
        used = 0;
        inChunk = 0;
      }
      const part = { chunk, number: inChunk++, rows: own };
      used += bytes;
      parts.push(part);
      return part;
    };
    const directory: [string, TableDirectory[string]][] = [];
    let from = 0;
    for (const [table, number] of this.#numbers) {
      let to = from;
      while (to < sorted.length && rows.group(sorted[to]!) === number) to++;
      const cut = this.#cut(sorted.subarray(from, to), maxBytes);
      const placed = cut.parts.map(({ own, bytes }) => place(own, bytes));
      directory.push([
        table,
        {
          starts: cut.starts,
          chunks: placed.map((part) => chunkName(this.#kind, part.chunk)),
          parts: placed.map((part) => part.number),
        },
      ]);
      from = to;
    }
    const pack = ({ number, rows: own }: Part): Section[] => {
      const { sections, order } = packPrefixIndex(String(number), rows.select(own));
      return [
        ...sections,
        ...this.columns(
          String(number),
          Array.from(order, (at) => own[at]!),
        ),
      ];
    };
    const kind = this.#kind;
    function* chunks(): Generator<Chunk> {
      for (let at = 0; parts.length > 0 && at <= chunk; at++) {
        const own = parts.filter((part) => part.chunk === at);
        yield { name: chunkName(kind, at), bytes: packContainer(own.flatMap(pack)) };
      }
    }
    return { directory: Object.fromEntries(directory), chunks };
  }

  /** Cuts a table. Prefixes that reach into a later part are copied there, so that a look-up needs one part. */
  #cut(sorted: Uint32Array, maxBytes: number) {
    const { rows } = this;
    const bytesOf = (row: number): number => ROW_BYTES + rows.keys.size(row);
    const { starts, firstRows } = partition(
      {
        length: sorted.length,
        units: (at) => rows.keys.at(sorted[at]!),
        bytes: (at) => bytesOf(sorted[at]!),
      },
      maxBytes,
    );
    const ancestors = ancestorsOf(starts);
    const shallow =
      starts.length === 1 ? [] : [...sorted].filter((row) => rows.isPrefix(row) && ancestors.has(rows.keys.at(row)));
    const parts = firstRows.map((first, at) => {
      const start = starts[at]!;
      const copies = shallow.filter((row) => start.startsWith(rows.keys.at(row)) && rows.keys.size(row) < start.length);
      const own = [...copies, ...sorted.subarray(first, firstRows[at + 1] ?? sorted.length)];
      return { own, bytes: own.reduce((sum, row) => sum + bytesOf(row), 0) };
    });
    return { starts, parts };
  }
}

export class RatesCompiler extends TablesCompiler {
  readonly #perMinute = new Float64Column();
  readonly #connect = new Float64Column();
  readonly #increment = new Uint32Column();

  constructor() {
    super("rates");
  }

  add(rate: Rate): void {
    this.addRow(rate.table, toUnits(`+${rate.prefix}`), true);
    this.#perMinute.push(rate.perMinuteMicros);
    this.#connect.push(rate.connectMicros);
    this.#increment.push(rate.incrementS);
  }

  protected override columns(name: string, rows: readonly number[]): Section[] {
    return [
      { name: `${name}.minute`, data: Float64Array.from(rows, (row) => this.#perMinute.at(row)) },
      { name: `${name}.connect`, data: Float64Array.from(rows, (row) => this.#connect.at(row)) },
      { name: `${name}.step`, data: Uint32Array.from(rows, (row) => this.#increment.at(row)) },
    ];
  }
}

const PREFIX_MARK = "*";

export class ListsCompiler extends TablesCompiler {
  constructor() {
    super("lists");
  }

  add({ list, number }: NumberListEntry): void {
    const isPrefix = number.endsWith(PREFIX_MARK);
    this.addRow(list, toUnits(isPrefix ? number.slice(0, -1) : number), isPrefix);
  }

  protected override columns(): Section[] {
    return [];
  }
}

export class ProfilesCompiler {
  readonly #rows = new KeyedRows();
  readonly #json = new UnitsColumn();

  add(profile: Profile): void {
    this.#rows.add(0, toUnits(profile.id), false);
    this.#json.push(toUnits(JSON.stringify(profile)));
  }

  finish(maxBytes: number): { readonly directory: Directory; readonly chunks: () => Generator<Chunk> } {
    const rows = this.#rows;
    const json = this.#json;
    if (rows.length === 0) return { directory: { starts: [], chunks: [] }, chunks: function* () {} };
    const sorted = rows.sorted();
    const { starts, firstRows } = partition(
      {
        length: sorted.length,
        units: (at) => rows.keys.at(sorted[at]!),
        bytes: (at) => ROW_BYTES + rows.keys.size(sorted[at]!) + json.size(sorted[at]!),
      },
      maxBytes,
    );
    const names = starts.map((_, at) => chunkName("profiles", at));
    function* chunks(): Generator<Chunk> {
      for (const [at, name] of names.entries()) {
        const own = sorted.subarray(firstRows[at], firstRows[at + 1] ?? sorted.length);
        const texts = Array.from(own, (row) => json.bytes(row));
        const sections = [...packKeyTable("profile", rows.select(own)), ...packStrings("profile.json", texts)];
        yield { name, bytes: packContainer(sections) };
      }
    }
    return { directory: { starts, chunks: names }, chunks };
  }
}

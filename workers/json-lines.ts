/** Answers that grow while they are read: one JSON text per line. */

/** @param chunks as they are sent; nothing is made before it is asked for. What throws breaks the body off, which a reader notices. */
export function textStream(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    // Nobody reads any more: the generator ends where it stands.
    async cancel() {
      await chunks.return(undefined);
    },
  });
}

async function* withEnds(chunks: AsyncGenerator<string>): AsyncGenerator<string> {
  for await (const chunk of chunks) yield `${chunk}\n`;
}

/** @param chunks whole lines, one or more, without the last line's end; nothing is made before it is asked for. */
export const textLines = (chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> => textStream(withEnds(chunks));

async function* texts(values: AsyncGenerator<unknown>): AsyncGenerator<string> {
  for await (const value of values) yield JSON.stringify(value);
}

/** One line for each value. */
export const jsonLines = (values: AsyncGenerator<unknown>): ReadableStream<Uint8Array> => textLines(texts(values));

export const JSON_LINES = { "Content-Type": "application/x-ndjson" } as const;

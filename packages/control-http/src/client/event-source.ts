/** One event of a stream, before anybody has looked at its data. */
export interface StreamEvent {
  readonly id?: string;
  readonly type: string;
  readonly data: string;
}

/** Reads server-sent events (WHATWG HTML, 9.2.6) from a body; ends with it. Rejects when an event is longer than 16 MiB. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of chunksOf(body)) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > EVENT_LENGTH_MAX) throw new RangeError('an event of the stream is too long');
    const blocks = text.split(/\r?\n\r?\n/);
    text = blocks.pop()!;
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== undefined) yield event;
    }
  }
}

/** Not every browser lets a stream be iterated over. */
async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

function parseBlock(block: string): StreamEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of block.split(/\r?\n/)) {
    const [, name, value = ''] = /^([a-z]+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    fields.set(name, name === 'data' && fields.has(name) ? `${fields.get(name)}\n${value}` : value);
  }
  const data = fields.get('data');
  if (data === undefined) return undefined;
  const id = fields.get('id');
  return { type: fields.get('event') ?? 'message', data, ...(id === undefined ? {} : { id }) };
}

const EVENT_LENGTH_MAX: number = 16 * 1024 * 1024;

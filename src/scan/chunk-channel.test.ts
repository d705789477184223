import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { receiveChunks, sendChunks } from './chunk-channel.ts';

async function* source(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield chunk;
}

async function receive(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

test('sendChunks() and receiveChunks() carry any chunks, in order, whoever is slower', async () => {
  const sizes = fc.array(fc.nat(200_000), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.boolean(), async (lengths, isSlow) => {
      const parts = lengths.map((length, at) => Buffer.alloc(length, at + 1));
      const { port, done } = sendChunks(source(parts));
      const slow = async function* (): AsyncGenerator<Uint8Array> {
        for await (const chunk of receiveChunks(port)) {
          if (isSlow) await new Promise((resolve) => setImmediate(resolve));
          yield chunk;
        }
      };
      assert.ok((await receive(slow())).equals(Buffer.concat(parts)));
      await done;
    }),
    { numRuns: 20 },
  );
});

test('sendChunks() leaves the memory of its source alone', async () => {
  const shared = Buffer.alloc(200_000, 1);
  const { port, done } = sendChunks(source([shared, shared]));
  assert.equal((await receive(receiveChunks(port))).length, 400_000);
  await done;
  assert.equal(shared.length, 200_000);
});

test('sendChunks() stays only so far ahead of its receiver', async () => {
  let sent = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for (; sent < 200; sent += 1) yield new Uint8Array(200_000);
  }
  const { port, done } = sendChunks(counted());
  const receiver = receiveChunks(port);
  await receiver.next();
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(sent < 40, `${sent} chunks were read ahead`);
  await receiver.return(undefined);
  await done;
  assert.ok(sent < 40);
});

test('receiveChunks() fails when its source fails, and the sender says why', async () => {
  const reason = new Error('source');
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(300_000);
    throw reason;
  }
  const { port, done } = sendChunks(failing());
  const [sent, received] = await Promise.allSettled([done, receive(receiveChunks(port))]);
  assert.equal(sent.status === 'rejected' && sent.reason, reason);
  assert.equal(received.status === 'rejected' && received.reason.name, 'SenderFailed');
});

test('sendChunks() stops when its receiver goes, and closes its source', async () => {
  let isClosed = false;
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield new Uint8Array(200_000);
    } finally {
      isClosed = true;
    }
  }
  for (const leave of [
    async (chunks: AsyncGenerator<Uint8Array>) => {
      for await (const _ of chunks) break;
    },
    async (chunks: AsyncGenerator<Uint8Array>) => {
      await chunks.next();
      await assert.rejects(chunks.throw(new Error('reader')));
    },
  ]) {
    isClosed = false;
    const { port, done } = sendChunks(endless());
    await leave(receiveChunks(port));
    await done;
    assert.equal(isClosed, true);
  }
});

test('sendChunks() stops when the port closes before anybody received', async () => {
  const { port, done } = sendChunks(source(Array.from({ length: 100 }, () => new Uint8Array(200_000))));
  port.close();
  await done;
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PartHolder, PartMemory } from './part-memory.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An upload that may be told to send early, and which then does. */
class Upload implements PartHolder {
  isIdle = false;
  sentEarly = 0;
  readonly #memory: PartMemory;
  readonly #onEarly: () => void;
  /** What is on its way. */
  readonly sending: number[] = [];

  constructor(memory: PartMemory, onEarly: () => void = () => undefined) {
    this.#memory = memory;
    this.#onEarly = onEarly;
  }

  sendEarly(): void {
    this.isIdle = false;
    this.sentEarly += 1;
    this.send();
    this.#onEarly();
  }

  send(): void {
    this.sending.push(this.#memory.send(this));
  }

  arrive(): void {
    this.#memory.sent(this.sending.shift() ?? 0);
  }
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await turn();
  return settled;
}

test('PartMemory: who finds no room waits until what is on its way arrives', async () => {
  const memory = new PartMemory(10);
  const [one, other] = [new Upload(memory), new Upload(memory)];
  await memory.take(one, 8);
  one.send();
  const waiting = memory.take(other, 8);
  assert.equal(await isSettled(waiting), false);
  one.arrive();
  await waiting;
  assert.equal(memory.used, 8);
});

test('PartMemory: room goes to whoever has gathered most', async () => {
  const memory = new PartMemory(10);
  const [sender, small, large] = [new Upload(memory), new Upload(memory), new Upload(memory)];
  await memory.take(small, 1);
  await memory.take(large, 3);
  await memory.take(sender, 6);
  sender.send();
  const last = memory.take(small, 5);
  const first = memory.take(large, 5);
  sender.arrive();
  await first;
  assert.equal(await isSettled(last), false);
  large.send();
  large.arrive();
  await last;
});

test('PartMemory: one that waits for its client sends what it has, and one that does not is waited for', async () => {
  const memory = new PartMemory(10);
  const [silent, other] = [new Upload(memory), new Upload(memory)];
  await memory.take(silent, 9);
  const waiting = memory.take(other, 5);
  assert.equal(await isSettled(waiting), false);
  assert.equal(silent.sentEarly, 0, 'it is at work');
  silent.isIdle = true;
  memory.idle();
  assert.equal(silent.sentEarly, 1);
  silent.arrive();
  await waiting;
});

test('PartMemory: the one that has most goes beyond the bound when nothing is on its way', async () => {
  const memory = new PartMemory(10);
  const [one, other] = [new Upload(memory), new Upload(memory)];
  await memory.take(one, 6);
  await memory.take(other, 4);
  const behind = memory.take(other, 1);
  assert.equal(await isSettled(behind), false);
  await memory.take(one, 1);
  assert.equal(await isSettled(behind), false);
  one.send();
  one.arrive();
  await behind;
});

test('PartMemory: who gives up waiting is in nobody’s way', async () => {
  const memory = new PartMemory(10);
  const [one, two, three] = [new Upload(memory), new Upload(memory), new Upload(memory)];
  await memory.take(one, 10);
  one.send();
  const controller = new AbortController();
  const given = memory.take(two, 9, controller.signal);
  const kept = memory.take(three, 9);
  const reason = new Error('gone');
  controller.abort(reason);
  await assert.rejects(given, reason);
  await assert.rejects(memory.take(two, 1, controller.signal), reason);
  one.arrive();
  await kept;
  assert.equal(memory.used, 9);
});

test('PartMemory: however fast, slow and silent clients meet, all that go on come to their end within the bound', async () => {
  const [budget, part, piece] = [100, 40, 4];
  const clients = fc.array(fc.record({ bytes: fc.nat(200), pause: fc.nat(3), stopsAt: fc.option(fc.nat(150)) }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(clients, async (all) => {
      const memory = new PartMemory(budget);
      let most = 0;
      const run = async ({ bytes, pause, stopsAt }: (typeof all)[number]): Promise<void> => {
        const sends: Promise<void>[] = [];
        let held = 0;
        const arrive = (): void => {
          held = 0;
          sends.push(turn().then(() => upload.arrive()));
        };
        const upload = new Upload(memory, arrive);
        for (let done = 0; done < bytes; done += piece) {
          upload.isIdle = true;
          memory.idle();
          for (let at = 0; at < pause; at += 1) await turn();
          // It never comes back, and keeps what it has until it is asked.
          if (stopsAt !== null && done >= stopsAt) return;
          upload.isIdle = false;
          await memory.take(upload, piece);
          held += piece;
          most = Math.max(most, memory.used);
          if (held < part) continue;
          upload.send();
          arrive();
        }
        upload.send();
        arrive();
        await Promise.all(sends);
      };
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error('somebody waits for ever')), 5000);
      await Promise.race([Promise.all(all.map(run)), late.promise]).finally(() => clearTimeout(timer));
      assert.ok(most <= budget + part, `${most} bytes`);
    }),
    { numRuns: 200 },
  );
});

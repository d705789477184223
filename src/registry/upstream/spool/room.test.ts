import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { askRoom, type SpoolAnswer } from './room.ts';

test('askRoom() leaves others room where there are others', () => {
  for (const [all, own, bytes, isShared, answer] of [
    [0, 0, 100, true, 'room'],
    [0, 0, 101, true, 'full'],
    [30, 30, 20, true, 'room'],
    [30, 30, 21, true, 'share'],
    [30, 30, 21, false, 'room'],
    [30, 30, 70, false, 'room'],
    [30, 30, 71, false, 'full'],
    [50, 0, 50, true, 'room'],
    [50, 0, 51, true, 'full'],
    [60, 10, 15, true, 'room'],
    [60, 10, 16, true, 'share'],
  ] as const satisfies (readonly [number, number, number, boolean, SpoolAnswer])[]) {
    const title = `${bytes} more, with ${own} of ${all}`;
    assert.equal(askRoom({ all, own }, bytes, { most: 100, isShared }), answer, title);
  }
});

test('askRoom() lets no upstream but with a single blob hold more than it leaves free', () => {
  const asks = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.integer({ min: 1, max: 400 })), { maxLength: 200 });
  fc.assert(
    fc.property(asks, (all) => {
      const held = new Map<number, number[]>();
      const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0);
      for (const [upstream, bytes] of all) {
        const own = held.get(upstream) ?? [];
        const use = { all: sum([...held.values()].flat()), own: sum(own) };
        if (askRoom(use, bytes, { most: 1000, isShared: true }) !== 'room') continue;
        held.set(upstream, [...own, bytes]);
        const free = 1000 - use.all - bytes;
        assert.ok(free >= 0);
        assert.ok(own.length === 0 || use.own + bytes <= free);
      }
    }),
  );
});

test('askRoom() lets an upstream begin after any others of small blobs, however many these ask for', () => {
  for (const upstreams of [1, 2, 4]) {
    let all = 0;
    for (let upstream = 0; upstream < upstreams; upstream += 1) {
      let own = 0;
      while (askRoom({ all, own }, 1, { most: 1000, isShared: true }) === 'room') {
        own += 1;
        all += 1;
      }
    }
    assert.ok(1000 - all >= Math.floor(1000 / 2 ** upstreams), `${upstreams}: ${all}`);
  }
});

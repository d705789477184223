import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import test from 'node:test';
import { listenEarly } from './listen-early.ts';

test('listenEarly() ends at signals with the status of each, until somebody else listens', () => {
  const ended: number[] = [];
  const self = Object.assign(new EventEmitter(), { exit: (status: number) => void ended.push(status) });
  listenEarly(self);
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM']) self.emit(name);
  assert.deepEqual(ended, [129, 130, 143]);
  self.on('SIGTERM', () => undefined);
  self.emit('SIGTERM');
  assert.deepEqual(ended, [129, 130, 143]);
});

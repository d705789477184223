import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInward, isLoopback, listsHost } from './host.ts';

test('isLoopback() knows this machine and nobody who sounds like it', () => {
  for (const name of [
    'localhost',
    'LOCALHOST',
    'a.localhost',
    'localhost.',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '[::1]',
  ]) {
    assert.equal(isLoopback(name), true, name);
  }
  for (const name of [
    'localhost.example.com',
    'notlocalhost',
    '128.0.0.1',
    '127.0.0.1.example.com',
    '0.0.0.0',
    '::2',
    '',
  ]) {
    assert.equal(isLoopback(name), false, name);
  }
});

test('isInward() knows the addresses that stand for this machine and its links', () => {
  for (const [name, inward] of [
    ['localhost.', true],
    ['[::ffff:7f00:1]', true],
    ['0.0.0.0', true],
    ['[::]', true],
    ['[::ffff:0:0]', true],
    ['169.254.169.254', true],
    ['[::ffff:a9fe:a9fe]', true],
    ['[fe80::1]', true],
    ['169.255.0.1', false],
    ['[::2]', false],
    ['10.0.0.1', false],
    ['example.com', false],
  ] as const) {
    assert.equal(isInward(name), inward, name);
  }
});

test('listsHost() compares host and port', () => {
  const url = new URL('https://Registry.Example:5000/');
  for (const [entry, listed] of [
    ['registry.example', true],
    ['REGISTRY.example:5000', true],
    ['registry.example:443', false],
    ['example', false],
    ['*', false],
  ] as const) {
    assert.equal(listsHost([entry], url), listed, entry);
  }
  assert.equal(listsHost(['h:443'], new URL('https://h/')), true);
  assert.equal(listsHost(['::2'], new URL('https://[::2]:1/')), true);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { loggerOf } from './logger.ts';

/** Standard error that remembers. */
function memoryStderr() {
  const written: string[] = [];
  const write = (text: string): Promise<void> => Promise.resolve(void written.push(text));
  return { written, host: { stderr: { isTerminal: false, columns: undefined, write } } };
}

test('loggerOf() writes one harmless line for each message with --debug', () => {
  const { written, host } = memoryStderr();
  const logger = loggerOf({ debug: true }, host);
  logger.debug('request', { url: 'https://e.org/\u001B[2J\n', status: 200 });
  logger.warn('late');
  assert.deepEqual(written, ['debug: request url=https://e.org/\uFFFD[2J  status=200\n', 'warn: late\n']);
});

test('loggerOf() says nothing without --debug', () => {
  const { written, host } = memoryStderr();
  loggerOf({ debug: false }, host).error('anything');
  assert.deepEqual(written, []);
});

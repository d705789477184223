import assert from 'node:assert/strict';
import test from 'node:test';
import { describeCauses, describeError, describeProblem } from './describe-error.ts';
import { ConfigError } from './config/error.ts';

const hostile = 'a\u001B]0;title\u0007b\nc';

test('describeError() gives one harmless line with the code', () => {
  assert.equal(describeError(new ConfigError('SETTING_INVALID', 'no')), 'error SETTING_INVALID: no');
  assert.equal(describeError(new Error(hostile)), 'error: a\uFFFD]0;title\uFFFDb c');
  const first = new Error('first');
  assert.equal(describeError(new SuppressedError(new Error('tidying'), first)), 'error: first');
});

test('describeProblem() gives one harmless line', () => {
  assert.equal(describeProblem({ code: 'X', subject: 'p\n', message: hostile }), 'p : a\uFFFD]0;title\uFFFDb c');
});

test('describeCauses() follows causes once each, in harmless lines', () => {
  const error = new Error('outer', { cause: new Error(hostile) });
  const lines = describeCauses(error);
  assert.equal(lines[0], 'Error: outer');
  assert.ok(lines.includes('Error: a\uFFFD]0;title\uFFFDb'));
  for (const line of lines) assert.doesNotMatch(line, /\p{Cc}/u);
  error.cause = error;
  assert.equal(describeCauses(error).filter((line) => line === 'Error: outer').length, 1);
});

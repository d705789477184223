import assert from 'node:assert/strict';
import test from 'node:test';
import { OciError } from './error.ts';
import { isWordOfNone } from './word-of-none.ts';

const unknown = (cause?: unknown): OciError => new OciError('BLOB_UNKNOWN', 'There is no such blob', { cause });
const denied = new OciError('DENIED', 'It was answered 403');

const rows: readonly (readonly [what: string, error: unknown, isWord: boolean])[] = [
  ['that there is none', unknown(), true],
  ['that there is none, as somebody else said', unknown(unknown()), true],
  ['that there is none, for a reason of Node', unknown(new Error('ENOENT')), true],
  ['that it may not be seen', unknown(denied), false],
  ['that it may not be seen, as somebody else said', unknown(unknown(denied)), false],
  ['that nobody may look', denied, false],
  ['something else', new Error('BLOB_UNKNOWN'), false],
];

for (const [what, error, isWord] of rows) {
  test(`isWordOfNone() takes ${what} for ${isWord ? 'an answer' : 'none'}`, () => {
    assert.equal(isWordOfNone(error), isWord);
  });
}

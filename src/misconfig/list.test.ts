import assert from 'node:assert/strict';
import test from 'node:test';
import { configFormatNames } from './format-name.ts';
import { configFormats } from './list.ts';

test('configFormats has every format that can be asked for, and no other', () => {
  assert.deepEqual(
    configFormats.map(({ name }) => name),
    configFormatNames,
  );
});

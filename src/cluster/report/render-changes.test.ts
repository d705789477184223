import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintWith } from '../../report/text/style.ts';
import { renderChanges } from './render-changes.ts';

test('renderChanges() lets an earlier report write no lines of its own, and nothing that a terminal obeys', () => {
  const nothing = { appeared: [], gone: [], found: [], ended: [], unknown: [] };
  const hostile = '\u001B[2Ja\nNothing changed\u202E';
  const lines = renderChanges({ ...nothing, since: hostile, notes: [hostile] }, { width: 80, paint: paintWith(false) });
  const clean = '\uFFFD[2Ja Nothing changed\uFFFD';
  assert.deepEqual(lines, ['', `Changes since ${clean}`, `Note: ${clean}`, 'Nothing changed']);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { readChangeList } from './change-list.ts';

const since = '2024-05-01T00:00:00Z';

test('readChangeList() survives hostile bytes', () => {
  assertSurvives(
    [
      '2024-05-20T16:03:47Z,GO-2024-2611\n2024-05-19T16:03:47.123456Z,GHSA-aaaa\n2024-04-01T00:00:00Z,GO-2024-1\n',
      '2024-05-20T16:03:47Z,GO-2024-2611\r\n\n2024-05-20T16:03:47Z,GO-2024-2612',
    ],
    (bytes) => readChangeList(bytes, since),
    ({ changed, newest, malformed }) => {
      if (malformed) assert.equal(changed, undefined);
      for (const id of changed ?? []) assert.match(id, /^[\w.:+-]{1,200}$/);
      if ((changed ?? []).length > 0) assert.ok(newest !== undefined);
    },
  );
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { advisoryUpdate, withDatabase } from '../../testing/vulnerability-database.ts';
import type { Distro } from '../package/distro.ts';
import { lookUpFindings } from './scan-target.ts';

const amazon: Distro = { id: 'amzn', version: '2', idLike: [] };

test('lookUpFindings() says whether the release gets fixes at the time of the scan, where that is known', async () => {
  await withDatabase([advisoryUpdate([])], (database) => {
    const endOfLife = (distro: Distro | undefined, time: string): boolean | undefined =>
      lookUpFindings(
        { name: 'x', type: 'filesystem' },
        { ...(distro === undefined ? {} : { distro }), packages: [], problems: [] },
        database,
        { pkgTypes: ['os'], now: new Date(time) },
      ).endOfLife;
    assert.equal(endOfLife(amazon, '2026-06-30T12:00:00Z'), false);
    assert.equal(endOfLife(amazon, '2026-07-01T00:00:00Z'), true);
    assert.equal(endOfLife({ ...amazon, version: '9' }, '2026-07-01T00:00:00Z'), undefined);
    assert.equal(endOfLife(undefined, '2026-07-01T00:00:00Z'), undefined);
  });
});

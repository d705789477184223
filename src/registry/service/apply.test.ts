import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { serviceConfig, startOwnService } from '../../../testing/registry/own-service.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';
import { searchTrail } from '../audit/read-trail.ts';
import { compileAuditFilter } from '../audit/filter.ts';

test('a changed configuration is written down by the names of its settings, and one that fails changes nothing', async () => {
  using folder = temporaryDirectory();
  folder.write('secret', `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
  const settings = (more: string): string =>
    `registry:\n  listen: 127.0.0.1:0\n  metrics: {listen: 127.0.0.1:0}\n${more}`;
  const hook = (secret: string): string =>
    `  webhooks:\n    - {name: a, url: 'https://example.org/', events: [gc.ran], ${secret}}\n`;
  const before = await serviceConfig(folder, settings(''));
  {
    await using service = await startOwnService(before);
    await service.apply(before);
    const next = await serviceConfig(folder, settings(`  gc: {grace: 3h}\n${hook('secretFile: secret')}`));
    await service.apply(next);
    const broken = await serviceConfig(folder, settings(hook('secret: env:NOWHERE')));
    await assert.rejects(service.apply({ ...broken, delete: { enabled: false } }), { code: 'SECRET_UNREADABLE' });
    service.refused();
    const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    assert.match(metrics, /config_changes_total\{outcome="taken"\} 2\n/);
    assert.match(metrics, /config_changes_total\{outcome="refused"\} 1\n/);
  }
  await using database = await openSqliteDatabase({ path: join(folder.path, 'data', 'registry.db') });
  const found: unknown[] = [];
  for await (const { entry } of searchTrail(database, compileAuditFilter({ action: ['configure'] }, Date.now()))) {
    found.push([entry.actor, entry.outcome, entry.reason]);
  }
  assert.deepEqual(found, [[{ kind: 'system', name: 'registry' }, 'done', 'Settings changed: gc, webhooks']]);
});

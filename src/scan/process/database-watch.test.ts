import assert from 'node:assert/strict';
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
} from '../../../testing/vulnerability-database.ts';
import type { Logger } from '../../base/logger.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import { manifestPath, shardPath } from '../../vulndb/paths.ts';
import { readManifest } from '../../vulndb/read-manifest.ts';
import { DatabaseWatch } from './database-watch.ts';

const advisory = makeAdvisory({ id: 'CVE-1', affected: [makeAffected('npm a', ['0'])] });

test('a database that is missing, or cannot be used, is told once, and so is that it is there again', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'vulndb');
  const told: string[] = [];
  const say =
    (level: string) =>
    (_: string, fields: { readonly code?: string } = {}): void => {
      told.push(`${level} ${fields.code ?? ''}`.trim());
    };
  const logger: Logger = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const watch = new DatabaseWatch(path, logger);
  const look = (): readonly [number | undefined, readonly string[]] => {
    const found = watch.look();
    assert.equal(watch.look(), found);
    assert.equal(watch.builtAt, found);
    return [found, told.splice(0)];
  };
  assert.deepEqual(look(), [undefined, ['warn DATABASE_MISSING']]);
  assert.deepEqual(look(), [undefined, []]);
  const build = (time: string): Promise<unknown> =>
    buildDatabase(path, [advisoryUpdate([advisory])], { clock: () => new Date(time) });
  await build('2026-01-01T00:00:00Z');
  const builtAt = Date.parse('2026-01-01T00:00:00Z');
  assert.deepEqual(look(), [builtAt, ['info']]);
  const [shard] = readManifest(path).shards;
  assert.ok(shard !== undefined);
  const file = shardPath(path, shard.sha256);
  renameSync(file, `${file}.away`);
  assert.deepEqual(look(), [undefined, ['warn DATABASE_CORRUPT']]);
  renameSync(`${file}.away`, file);
  assert.deepEqual(look(), [builtAt, ['info']]);
  truncateSync(file, 100);
  assert.deepEqual(look(), [undefined, ['warn DATABASE_CORRUPT']]);
  writeFileSync(manifestPath(path), '{');
  assert.equal(look()[0], undefined);
  rmSync(path, { recursive: true });
  assert.deepEqual(look(), [undefined, ['warn DATABASE_MISSING']]);
});

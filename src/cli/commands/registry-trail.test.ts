import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import { buildImage, sha256 } from '../../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { runRegistryCommand } from '../../../testing/registry/run-command.ts';
import { someBytes } from '../../../testing/store/blob-data.ts';
import type { AuditEntry } from '../../registry/audit/entry.ts';
import { parseAuditLine } from '../../registry/audit/line.ts';

const image = buildImage({ layers: [{ tar: [file('large', someBytes(100_000))] }] });

/** Runs a command, asserts how it ends, and gives what it wrote into the trail. */
async function entriesOf(
  folder: TemporaryDirectory,
  args: readonly string[],
  status = 0,
  data = 'data',
): Promise<readonly AuditEntry[]> {
  const before = (await trailOf(folder, data)).length;
  const ended = await runRegistryCommand(folder, [...args, '--data', data]);
  assert.equal(ended.status, status, ended.stderr);
  return (await trailOf(folder, data)).slice(before);
}

async function trailOf(folder: TemporaryDirectory, data: string): Promise<readonly AuditEntry[]> {
  const { status, stdout } = await runRegistryCommand(folder, ['audit', '--format', 'jsonl', '--data', data]);
  if (status !== 0) return [];
  const verified = await runRegistryCommand(folder, ['audit', 'verify', '--data', data]);
  assert.equal(verified.status, 0, verified.stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseAuditLine(line).entry);
}

async function importImage(folder: TemporaryDirectory): Promise<readonly AuditEntry[]> {
  writeFiles(join(folder.path, 'layout'), layoutFiles([{ content: image, refName: 'v1' }]));
  return await entriesOf(folder, ['import', 'layout', '--repository', 'team/app']);
}

function blobPath(folder: TemporaryDirectory, digest: string): string {
  const hex = digest.slice('sha256:'.length);
  return join(folder.path, 'data/blobs/blobs/sha256', hex.slice(0, 2), hex);
}

const about = ({ actor, action, outcome, repository = '', reference, digest, reason = '' }: AuditEntry) =>
  [
    `${actor.kind}:${actor.name}`,
    `${action} ${outcome}`,
    reference === undefined ? `${repository}@${digest ?? ''}` : `${repository}:${reference}`,
    reason.split(';', 1)[0],
  ] as const;

describe('what a command does to a registry itself is in its audit trail', () => {
  test('registry import: each blob, manifest and tag', async () => {
    using folder = temporaryDirectory();
    const entries = await importImage(folder);
    const [layer] = image.layers;
    const wanted = [layer?.digest, image.config.digest, image.descriptor.digest].map(
      (digest) => ['system:registry import', 'import done', `team/app@${digest}`] as const,
    );
    const found = entries.map((entry) => about(entry).slice(0, 3));
    assert.deepEqual(found.slice(0, 3).map(String).sort(), wanted.map(String).sort());
    assert.deepEqual(found.slice(3), [['system:registry import', 'import done', 'team/app:v1']]);
    assert.match(entries[0]?.reason ?? '', /^run by \S.* on the machine itself$/);
    assert.equal((await importImage(folder)).length, 1, 'the tag alone is set again');
  });

  test('registry robot: that an account was made, has another secret, was ended, and no secret', async () => {
    using folder = temporaryDirectory();
    const entries = [
      ...(await entriesOf(folder, ['robot', 'create', 'ci', '--grant', 'team/**:pull'])),
      ...(await entriesOf(folder, ['robot', 'rotate', 'ci'])),
      ...(await entriesOf(folder, ['robot', 'create', 'ci', '--grant', 'team/**:pull'], 2)),
      ...(await entriesOf(folder, ['robot', 'list'])),
      ...(await entriesOf(folder, ['robot', 'revoke', 'ci'])),
    ];
    assert.deepEqual(entries.map(about), [
      ['system:registry robot create', 'configure done', '@', 'Robot account ci was made'],
      ['system:registry robot rotate', 'configure done', '@', 'Robot account ci has another secret'],
      ['system:registry robot revoke', 'configure done', '@', 'Robot account ci was ended'],
    ]);
  });

  test('registry gc: how much went, unless it is a rehearsal', async () => {
    using folder = temporaryDirectory();
    await importImage(folder);
    assert.deepEqual(await entriesOf(folder, ['gc', '--dry-run']), []);
    assert.deepEqual((await entriesOf(folder, ['gc'])).map(about), [
      ['system:registry gc', 'garbage-collection done', '@', '0 blobs with 0 B were removed'],
    ]);
  });

  test('registry scrub: each repair, and nothing where nothing is repaired', async () => {
    using folder = temporaryDirectory();
    await importImage(folder);
    const lost = image.layers[0]?.digest as string;
    rmSync(blobPath(folder, lost));
    const stray = sha256(Buffer.from('stray'));
    mkdirSync(join(blobPath(folder, stray), '..'), { recursive: true });
    writeFileSync(blobPath(folder, stray), 'stray');
    utimesSync(blobPath(folder, stray), 1, 1);
    assert.deepEqual(await entriesOf(folder, ['scrub'], 20), []);
    assert.deepEqual((await entriesOf(folder, ['scrub', '--repair'], 20)).map(about), [
      ['system:registry scrub', 'scrub done', `@${stray}`, 'Removed, since no record knew it'],
      [
        'system:registry scrub',
        'scrub done',
        `@${lost}`,
        'Hidden until it is pushed again, since its bytes are missing',
      ],
    ]);
    assert.deepEqual(await entriesOf(folder, ['scrub', '--repair'], 20), [], 'what is hidden already');
  });

  test('registry restore: behind all that the registry did before', async () => {
    using folder = temporaryDirectory();
    const before = await importImage(folder);
    assert.deepEqual(await entriesOf(folder, ['backup', 'copy']), []);
    const entries = await entriesOf(folder, ['restore', 'copy'], 0, 'restored');
    assert.deepEqual(entries.slice(0, -1), before);
    const [who, what, , why] = about(entries.at(-1) as AuditEntry);
    assert.deepEqual([who, what], ['system:registry restore', 'restore done']);
    assert.match(why ?? '', /^All is as it was at \S+Z, by a backup$/);
    assert.deepEqual(
      readdirSync(join(folder.path, 'restored')).filter((name) => name.includes('.tmp')),
      [],
    );
  });
});

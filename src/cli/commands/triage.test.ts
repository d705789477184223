import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { pushBlob, pushTestManifest } from '../../../testing/registry/push-content.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { keepTestScan, scannedPackage } from '../../../testing/store/metadata-scans.ts';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import { openAccess } from '../../registry/pipeline/open-access.ts';
import { RegistryError } from '../../registry/error.ts';
import type { Digest } from '../../oci/digest.ts';
import { addScan } from '../../store/metadata/scans.ts';
import { insertAudit } from '../../store/metadata/audit.ts';
import { triageCommand } from './triage.ts';

/** Hides what begins with `secret`, from the audit trail's reader too, and everything from who brings nothing. */
const access = {
  ...openAccess,
  allows: (_: unknown, __: unknown, repository: string) => !isBlind && !repository.startsWith('secret'),
  allowsCatalog: () => !isStranger,
  refuse: () => new RegistryError('DENIED', 'Log in first'),
};
let isStranger = false;
/** Whoever may log in, and pull from nowhere. */
let isBlind = false;
let own: OwnRegistry;

before(async () => {
  own = await startOwnRegistry({ access, now: () => Date.parse('2026-01-10T00:00:00Z') });
  const { content } = own.registry;
  for (const [repository, name, version, flaws] of [
    ['team/app', 'lodash', '4.17.20', ['CVE-2021-0001', 'GHSA-1']],
    ['team/web', 'lodash', '4.17.21', []],
    ['team/old', 'lodash', 'broken', []],
    ['secret/app', 'lodash', '4.17.19', ['CVE-2021-0001']],
  ] as const) {
    const config = await pushBlob(content, repository, Buffer.from(`{"of":"${repository}"}`));
    const note = `${repository} ${version}`;
    const { digest } = await pushTestManifest(content, repository, { blobs: [config], note });
    // Reached by the tag of an index alone.
    await pushTestManifest(content, repository, { manifests: [digest] }, ['v1', 'latest']);
    await content.database.run("UPDATE scans SET state = 'done' WHERE state <> 'done'");
    await keepTestScan(content.database, note, [scannedPackage(name, version, flaws)]);
    await content.database.run(
      'UPDATE scans SET digest = ? WHERE claim IS NULL AND digest NOT IN (SELECT digest FROM manifests)',
      digest,
    );
    const entry = { time: Date.parse('2026-01-09T00:00:00Z'), actor: { kind: 'robot', name: 'ci' }, digest };
    const row = { actor: 'robot:ci', action: 'pull', outcome: 'done', repository, entry: JSON.stringify(entry) };
    await insertAudit(content.database, 'c', { time: entry.time, ...row });
  }
});

after(() => own[Symbol.asyncDispose]());

async function triage(
  query: string,
  isTerminal = false,
  format?: 'table' | 'json',
): Promise<{ status: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const output = (to: string[]) => ({
    isTerminal,
    columns: 200,
    write: (text: string) => Promise.resolve(void to.push(text)),
  });
  const host = testHost({ stdout: output(out), stderr: output(err) });
  const resolved = { settings: testSettings({ plainHttp: [own.host] }), origins: new Map() };
  const status = await triageCommand(
    query,
    { registry: own.host, ...(format === undefined ? {} : { format }) },
    resolved,
    host,
  );
  return { status, out: out.join(''), err: err.join('') };
}

test('triage tells which images have a flaw, where they are, and who pulled them', async () => {
  const { status, out, err } = await triage('ghsa-1');
  assert.equal(status, 1);
  assert.match(err, /Hit: 1 image in 1 repository/);
  const { items } = JSON.parse(out) as { items: Record<string, unknown>[] };
  const [item, ...others] = items;
  assert.equal(others.length, 0);
  assert.deepEqual([item?.['repository'], item?.['tags']], ['team/app', ['latest', 'v1']]);
  assert.deepEqual(item?.['packages'], [{ name: 'lodash', version: '4.17.20', purl: 'pkg:npm/lodash@4.17.20' }]);
  assert.deepEqual(item?.['pullers'], [{ who: 'robot:ci', at: '2026-01-09T00:00:00.000Z' }]);
});

test('triage tells a table or JSON as it is asked for, wherever it writes to', async () => {
  const [table, json] = [await triage('ghsa-1', false, 'table'), await triage('ghsa-1', true, 'json')];
  const coloured = await triage('ghsa-1', true);
  assert.deepEqual([table.out, json.out], [stripVTControlCharacters(coloured.out), (await triage('ghsa-1')).out]);
  assert.notEqual(table.out, coloured.out);
});

test('triage compares versions, and says of which it cannot', async () => {
  const table = await triage('lodash@<4.17.21', true);
  assert.match(table.out, /team\/app +latest, v1 +sha256:[0-9a-f]{12} +lodash 4\.17\.20/);
  assert.doesNotMatch(table.out, /secret|team\/web/);
  assert.match(
    table.err,
    /warning: the versions of 1 package cannot be compared with "lodash@<4\.17\.21"; .*: lodash broken\n/,
  );
  assert.equal((await triage('lodash@>5')).status, 2);
  assert.equal((await triage('express@*')).status, 0);
  assert.equal((await triage('CVE-2000-0001')).status, 0);
  assert.equal((await triage('pkg:npm/lodash@4.17.21')).status, 1);
});

test('triage does not take a refusal for nothing', async () => {
  isStranger = true;
  try {
    await assert.rejects(triage('CVE-2021-0001'), /DENIED|refused|Log in/i);
  } finally {
    isStranger = false;
  }
  await assert.rejects(triage('lodash@<<'), /no range/);
});

test('triage does not take images that nobody looked into for such that are not hit', async () => {
  const { database } = own.registry.content;
  const image = "artifact_type = 'application/vnd.oci.image.config.v1+json'";
  await database.run(`UPDATE manifests SET ${image} WHERE digest IN (SELECT digest FROM scans)`);
  assert.deepEqual(await triage('CVE-2000-0001', true), { status: 0, out: '', err: 'No image is known to be hit\n' });
  const added: Digest[] = [];
  for (const repository of ['team/new', 'secret/new']) {
    const config = await pushBlob(own.registry.content, repository, Buffer.from(`{"of":"${repository}"}`));
    const { digest } = await pushTestManifest(own.registry.content, repository, { blobs: [config], note: repository });
    await database.run(`UPDATE manifests SET ${image} WHERE digest = ?`, digest);
    added.push(digest);
  }
  await database.run(`UPDATE scan_evidence SET incomplete = 1 WHERE scan IN
    (SELECT s.id FROM scans s JOIN manifests m ON m.digest = s.digest JOIN repositories r ON r.id = m.repository WHERE r.name = 'team/web')`);
  const none = await triage('CVE-2000-0001');
  assert.equal(none.status, 2);
  const both = 'warning: perhaps hit as well: 1 image not scanned, 1 image known in part only; in team/new, team/web\n';
  assert.equal(none.err, `${both}No image is known to be hit\n`);
  assert.deepEqual((JSON.parse(none.out) as { unknown: unknown }).unknown, {
    unscanned: 1,
    incomplete: 1,
    repositories: ['team/new', 'team/web'],
  });
  assert.equal((await triage('CVE-2021-0001')).status, 1);
  // What its findings lack says nothing of its packages.
  const named = await triage('express@*');
  assert.equal(named.status, 2);
  assert.match(named.err, /^warning: perhaps hit as well: 1 image not scanned; in team\/new\n/);
  // What turned out to be no image is none that could be hit.
  for (const digest of added) await addScan(database, digest, 'team/new', 1);
  await database.run("UPDATE scans SET state = 'failed', code = 'NOT_AN_IMAGE' WHERE state = 'waiting'");
  assert.equal((await triage('express@*')).status, 0);
});

test('triage does not tell who may look at nothing that nothing is hit', async () => {
  assert.equal((JSON.parse((await triage('lodash@*')).out) as { repositories: number }).repositories, 4);
  isBlind = true;
  try {
    const { status, err, out } = await triage('CVE-2021-0001');
    assert.deepEqual([status, (JSON.parse(out) as { repositories: number }).repositories], [2, 0]);
    assert.equal(
      err,
      `warning: ${own.host} has no repository that you may pull from, so that nothing was looked at\nNo image is known to be hit\n`,
    );
  } finally {
    isBlind = false;
  }
});

test('triage says what is wrong with a question and with a registry', async () => {
  for (const [query, sentence] of [
    ['lodash', /for a package write lodash@RANGE, such as lodash@<1\.2\.3, or lodash@\* for all versions/],
    ['lodash@^4', /"\^4" is no range of versions/],
    ['', /asks for nothing/],
  ] as const) {
    await assert.rejects(triage(query), sentence);
  }
  const host = testHost();
  const resolved = { settings: testSettings({ plainHttp: [own.host] }), origins: new Map() };
  for (const registry of ['', `http://${own.host}`, `${own.host}/team/app`, 'a b']) {
    await assert.rejects(
      triageCommand('CVE-2021-1', { registry }, resolved, host),
      /is not a registry's host; write HOST/,
    );
  }
  await using other = await startTestRegistry();
  await assert.rejects(
    triageCommand('CVE-2021-1', { registry: other.host }, resolved, host),
    /keeps no list of what is in its images/,
  );
});

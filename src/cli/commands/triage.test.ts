import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { pushBlob, pushTestManifest } from '../../../testing/registry/push-content.ts';
import { keepTestScan, scannedPackage } from '../../../testing/store/metadata-scans.ts';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import { openAccess } from '../../registry/pipeline/open-access.ts';
import { RegistryError } from '../../registry/error.ts';
import { insertAudit } from '../../store/metadata/audit.ts';
import { triageCommand } from './triage.ts';

/** Hides what begins with `secret`, from the audit trail's reader too, and everything from who brings nothing. */
const access = {
  ...openAccess,
  allows: (_: unknown, __: unknown, repository: string) => !repository.startsWith('secret'),
  allowsCatalog: () => !isStranger,
  refuse: () => new RegistryError('DENIED', 'Log in first'),
};
let isStranger = false;
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

async function triage(query: string, isTerminal = false): Promise<{ status: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  const output = (to: string[]) => ({
    isTerminal,
    columns: 200,
    write: (text: string) => Promise.resolve(void to.push(text)),
  });
  const host = testHost({ stdout: output(out), stderr: output(err) });
  const resolved = { settings: testSettings({ plainHttp: [own.host] }), origins: new Map() };
  const status = await triageCommand(query, own.host, resolved, host);
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

test('triage compares versions, and says of which it cannot', async () => {
  const table = await triage('lodash@<4.17.21', true);
  assert.match(table.out, /team\/app +latest, v1 +sha256:[0-9a-f]{12} +lodash 4\.17\.20/);
  assert.doesNotMatch(table.out, /secret|team\/web/);
  assert.match(table.err, /warning: versions of 1 package cannot be compared.*lodash broken/);
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

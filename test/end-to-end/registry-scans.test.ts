import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildProgram } from '../../src/cli/program/build-program.ts';
import { addVerifyingCommands } from '../../src/cli/program/verifying.ts';
import { encryptPrivateKey } from '../../src/signing/key/encrypted-key.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { apkDatabase, osRelease } from '../../testing/package-files.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { openScanWorld, scanned } from '../../testing/scanning/scan-world.ts';
import { testHost } from '../../testing/test-host.ts';
import { makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';

const zlib = makeAdvisory({ id: 'CVE-2026-0001', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3-r1'])] });
const layers = [[osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2', zlib: '1.3-r0' })]];

test('what a registry attaches with its key are attestations that verify-attestation takes', async () => {
  using folder = temporaryDirectory();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const file = folder.write('registry.key', await encryptPrivateKey(privateKey, Buffer.from('')));
  const pub = folder.write('registry.pub', publicKey.export({ type: 'spki', format: 'pem' }));
  const other = folder.write(
    'other.pub',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }),
  );
  await using world = await openScanWorld({ config: { attach: true, key: { file } } });
  await world.know([zlib]);
  const digest = await world.push('app', layers);
  await scanned(world, digest);
  for (let look = 0; look < 400; look += 1) {
    const rows = await world.content.database.all('SELECT kind FROM scan_attachments');
    if (rows.length === 2) break;
    await sleep(25);
  }
  await using own = await startOwnRegistry({ database: world.content.database, blobs: world.content.blobs });
  for (const [type, key, expected] of [
    ['cyclonedx', pub, 0],
    ['vuln', pub, 0],
    ['vuln', other, 12],
  ] as const) {
    let status: number | undefined;
    const host = testHost({ cwd: folder.path, home: folder.path });
    const program = buildProgram(host, (ended) => (status = ended), [addVerifyingCommands]);
    const args = [
      'verify-attestation',
      '--key',
      key,
      '--type',
      type,
      '--insecure-ignore-tlog',
      '--plain-http',
      own.host,
    ];
    await program.parseAsync([...args, `${own.host}/app@${digest}`], { from: 'user' });
    assert.equal(status, expected, host.said.join(''));
  }
});

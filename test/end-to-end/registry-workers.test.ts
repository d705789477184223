import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import test from 'node:test';
import { connect } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { makeCertificate, type TestCertificate } from '../../testing/registry/certificate.ts';
import { run } from './program.ts';
import {
  ask,
  isRunning,
  killWorker,
  needsProc,
  serve,
  settings,
  type SeveralProcesses,
  until,
} from './several-processes.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

async function push(registry: SeveralProcesses, tag: string): Promise<boolean> {
  const config = JSON.stringify({ tag });
  const digest = digestOf(config);
  const blob = await ask(registry, 'POST', `/v2/app/blobs/uploads/?digest=${digest}`, config);
  if (blob?.status !== 201) return false;
  const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: config.length };
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: descriptor, layers: [] });
  const answer = await ask(registry, 'PUT', `/v2/app/manifests/${tag}`, manifest, { 'content-type': imageType });
  return answer?.status === 201;
}

test('registry serve with two processes: what was answered survives their kills', needsProc, async () => {
  using folder = temporaryDirectory();
  await using registry = await serve(folder.path);
  assert.equal(registry.workers().length, 2);

  // An upload goes on at processes that saw nothing of its beginning.
  const [first, second] = ['a'.repeat(70_000), 'b'.repeat(70_000)];
  const begun = await ask(registry, 'POST', '/v2/app/blobs/uploads/');
  const more = await ask(registry, 'PATCH', begun?.location ?? '', first);
  assert.equal(more?.status, 202);

  const answered: string[] = [];
  let isOver = false;
  const pushing = Array.from({ length: 3 }, async (_, client) => {
    for (let at = 0; !isOver; at += 1) {
      const tag = `v${client}-${at}`;
      if (await push(registry, tag)) answered.push(tag);
    }
  });
  await killWorker(registry, 0);
  await killWorker(registry, 0);
  isOver = true;
  await Promise.all(pushing);
  assert.ok(answered.length > 10, `${answered.length} pushes were answered`);
  for (const tag of answered) assert.equal((await ask(registry, 'GET', `/v2/app/manifests/${tag}`))?.status, 200, tag);

  const digest = digestOf(first + second);
  const place = new URL(more?.location ?? '', registry.url);
  place.searchParams.set('digest', digest);
  const ended = await ask(registry, 'PUT', place.pathname + place.search, second);
  assert.equal(ended?.status, 201, ended?.body);
  assert.equal((await ask(registry, 'GET', `/v2/app/blobs/${digest}`))?.body, first + second);

  assert.match(registry.said(), /A process of the registry ended and is replaced/);
  assert.equal(registry.said().includes('STORE_BUSY'), false);
  const serving = registry.workers();
  assert.equal(await registry.end(), 143);
  for (const pid of serving) assert.throws(() => process.kill(pid, 0), 'nothing is left behind');
  const audit = await run(['registry', 'audit', 'verify', '--config', registry.config], { cwd: folder.path });
  assert.equal(audit.status, 0, audit.stderr);
});

test('registry serve with two processes: what is under way ends, and changes reach all', needsProc, async () => {
  using folder = temporaryDirectory();
  await using registry = await serve(folder.path);
  assert.ok(await push(registry, 'v1'));
  writeFileSync(registry.config, settings(folder.path, '  delete:\n    enabled: false\n'));
  await until(() => registry.said().includes('was read again'), 'the file was not read again');
  for (let at = 0; at < 6; at += 1)
    assert.equal((await ask(registry, 'DELETE', '/v2/app/manifests/v1'))?.status, 405, 'whichever process answers');

  const body = 'c'.repeat(200_000);
  const digest = digestOf(body);
  const slow = new Promise<number | undefined>((resolve, reject) => {
    const asked = request(
      new URL(`/v2/app/blobs/uploads/?digest=${digest}`, registry.url),
      { method: 'POST', agent: false, headers: { 'content-length': body.length } },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    );
    asked.on('error', reject);
    asked.write(body.slice(0, 1000));
    // Longer than a command has to end that said nothing.
    setTimeout(() => asked.end(body.slice(1000)), 1500);
  });
  await sleep(300);
  const ended = registry.end();
  assert.equal(await slow, 201);
  assert.equal(await ended, 143);
});

test(
  'registry serve with two processes: none outlives the first one, and another registry takes their place',
  needsProc,
  async (context) => {
    using folder = temporaryDirectory();
    const answered: string[] = [];
    let address: string;
    let place: string;
    {
      await using registry = await serve(folder.path);
      address = new URL(registry.url).host;
      const begun = await ask(registry, 'POST', '/v2/app/blobs/uploads/');
      place = (await ask(registry, 'PATCH', begun?.location ?? '', 'begun '))?.location ?? '';
      const serving = registry.workers();
      // Both have requests under way when it happens.
      let isOver = false;
      const pushing = Array.from({ length: 4 }, async (_, client) => {
        for (let at = 0; !isOver; at += 1)
          if (await push(registry, `v${client}-${at}`)) answered.push(`v${client}-${at}`);
      });
      await until(() => answered.length > 10, 'nothing was pushed');
      const since = performance.now();
      await registry.killFirst();
      await until(() => !serving.some(isRunning), 'a process was left behind');
      context.diagnostic(`none was left ${Math.round(performance.now() - since)} ms after the first one was killed`);
      isOver = true;
      await Promise.all(pushing);
    }
    // At the same address, with the same data, at once.
    await using next = await serve(folder.path, settings(folder.path, '', address));
    assert.equal(new URL(next.url).host, address);
    for (const tag of answered) assert.equal((await ask(next, 'GET', `/v2/app/manifests/${tag}`))?.status, 200, tag);
    assert.ok(await push(next, 'after'));
    const digest = digestOf('begun ended');
    assert.equal((await ask(next, 'PUT', `${place}?digest=${digest}`, 'ended'))?.status, 201);
    assert.equal((await ask(next, 'GET', `/v2/app/blobs/${digest}`))?.body, 'begun ended');
    // What the killed ones left in the audit trail gets its place within a minute; what has one is whole now.
    const audit = await run(['registry', 'audit', 'verify', '--config', next.config], { cwd: folder.path });
    assert.equal(audit.status, 0, audit.stderr);
  },
);

test(
  'registry serve with two processes: all serve a new certificate, and so does one that is started later',
  needsProc,
  async () => {
    using folder = temporaryDirectory();
    const [old, next] = ['old', 'next'].map((name) => makeCertificate(name, { ips: ['127.0.0.1'] }));
    assert.ok(old !== undefined && next !== undefined);
    const put = ({ cert, key }: TestCertificate): void => {
      folder.write('tls.crt', cert);
      folder.write('tls.key', key);
    };
    put(old);
    await using registry = await serve(
      folder.path,
      settings(folder.path, '  tls: { cert: tls.crt, key: tls.key, reload: 1s }\n'),
    );
    const wanted = async (): Promise<readonly string[]> => {
      const shown: string[] = [];
      // Each meets one of two: that none of forty meets the second one does not happen.
      for (let at = 0; at < 40; at += 1) shown.push(await certificateAt(registry.url));
      return [...new Set(shown)];
    };
    assert.deepEqual(await wanted(), [fingerprintOf(old)]);
    put(next);
    await until(async () => (await wanted()).join() === fingerprintOf(next), 'the old one is still served');
    assert.deepEqual(await wanted(), [fingerprintOf(next)]);
    await killWorker(registry, 0);
    assert.deepEqual(await wanted(), [fingerprintOf(next)]);
    // A key of another certificate is not served, by none.
    folder.write('tls.key', old.key);
    await until(() => registry.said().split('The new certificate is not served').length > 2, 'both say so');
    assert.deepEqual(await wanted(), [fingerprintOf(next)]);
  },
);

function fingerprintOf({ cert }: TestCertificate): string {
  return new X509Certificate(cert).fingerprint256;
}

/** The fingerprint of the certificate that a new connection is shown. */
function certificateAt(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false }, () => {
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      resolve(fingerprint256);
    });
    socket.on('error', reject);
  });
}

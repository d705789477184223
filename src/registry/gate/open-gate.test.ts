import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { buildImage, buildIndex, type BuiltContent } from '../../../testing/image/image-builder.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import type { OwnAnswer } from '../../../testing/registry/own-registry.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FindingFacts } from '../../policy/evidence.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';
import { localSigner } from '../../signing/key/local-signer.ts';
import type { ScanFacts } from './model.ts';

const file = (name: string, body: string): { name: string; body: string } => ({ name, body });

const pemOf = ({ publicKey }: Awaited<ReturnType<typeof generateKeyPair>>): string =>
  publicKey.key.export({ type: 'spki', format: 'pem' }).toString();

const image = (note: string, more: object = {}): BuiltContent =>
  buildImage({ layers: [{ tar: [file('note', note)] }], ...more });

const found = (findings: readonly FindingFacts[], revision = '1'): ScanFacts => ({
  state: 'known',
  facts: { findings, incomplete: [] },
  at: Date.now(),
  revision,
});

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly detail: unknown;
}

const refusalIn = (answer: OwnAnswer): Refusal => (answer.json() as { errors: [Refusal] }).errors[0];

const pull = (gated: GatedRegistry, name: string, repository = 'app'): Promise<OwnAnswer> =>
  gated.own.ask('GET', `${repository}/manifests/${name}`);

test('openPolicyGate() refuses what a rule forbids, and says which flaws and what mends them', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals], exceptionHelp: 'Ask in #images.' });
  const digest = await gated.push('app', 'v1', image('bad'));
  gated.scans.set(digest, found([makeFinding()]));
  for (const name of ['v1', digest]) {
    const answer = await pull(gated, name);
    assert.equal(answer.status, 403);
    const { code, message, detail } = refusalIn(answer);
    assert.equal(code, 'DENIED');
    for (const word of ['no-criticals', 'CVE-2026-1000', '3.0.9', 'Ask in #images.'])
      assert.ok(message.includes(word), word);
    assert.match(JSON.stringify(detail), /"rule":"no-criticals"/);
    assert.equal((await gated.own.ask('HEAD', `app/manifests/${name}`)).status, 403);
  }
  assert.equal(gated.events.at(-1)?.kind, 'denied');
  // A look into the database found the flaw gone, or the image is another one.
  gated.scans.set(digest, found([], '2'));
  assert.equal((await pull(gated, 'v1')).status, 200);
  // And there again, with the next advisory.
  gated.scans.set(digest, found([makeFinding()], '3'));
  assert.equal((await pull(gated, 'v1')).status, 403);
});

test('openPolicyGate() lets nobody have the layers of a refused image one by one', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const bad = buildImage({
    layers: [{ tar: [file('a', 'shared')] }, { tar: [file('b', 'bad')] }],
  });
  const good = buildImage({ layers: [{ tar: [file('a', 'shared')] }] });
  gated.scans.set(await gated.push('app', 'bad', bad), found([makeFinding()]));
  const [shared, own] = bad.layers.map(({ digest }) => digest);
  const statusOf = async (digest: Digest | undefined): Promise<number> =>
    (await gated.own.ask('GET', `app/blobs/${digest}`)).status;
  assert.deepEqual([await statusOf(shared), await statusOf(own)], [403, 403]);
  // Whoever pushes another image with the same layer must be able to ask for it.
  assert.equal((await gated.own.ask('HEAD', `app/blobs/${shared}`)).status, 200);
  gated.scans.set(await gated.push('app', 'good', good), found([]));
  assert.deepEqual([await statusOf(shared), await statusOf(own)], [200, 403]);
  const { digest } = await gated.own.pushBlob('app', 'nobody names this yet');
  assert.equal(await statusOf(digest as Digest), 200);
});

test('openPolicyGate() holds a client until the image is scanned', async () => {
  const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  await using gated = await startGatedRegistry({ rules: [noCriticals] }, { sleep });
  for (const [note, facts, status] of [
    ['good', found([]), 200],
    ['bad', found([makeFinding()]), 403],
  ] as const) {
    const digest = await gated.push('app', note, image(note));
    const pulls = Array.from({ length: 8 }, () => pull(gated, note));
    while (gated.scans.wishes.filter((wish) => wish.digest === digest).length < 8) await new Promise(setImmediate);
    gated.scans.set(digest, facts);
    assert.deepEqual(new Set((await Promise.all(pulls)).map((answer) => answer.status)), new Set([status]));
  }
});

test('openPolicyGate() sends clients away to try again when a scan takes too long, unless it may fail open', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const digest = await gated.push('app', 'v1', image('slow'));
  const answer = await pull(gated, 'v1');
  assert.equal(answer.status, 429);
  assert.equal(answer.headers.get('retry-after'), '5');
  assert.match(refusalIn(answer).message, /still being looked at/);
  assert.deepEqual(gated.events.at(-1), { kind: 'held', repository: 'app', digest, rules: ['no-criticals'] });
  gated.use({ rules: [noCriticals], unknown: 'allow' });
  assert.equal((await pull(gated, 'v1')).status, 200);
  assert.deepEqual(gated.events.at(-1), { kind: 'opened', repository: 'app', digest, rules: ['no-criticals'] });
});

test('openPolicyGate() never takes a scan that failed for one that found nothing', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const digest = await gated.push('app', 'v1', image('odd'));
  gated.scans.set(digest, { state: 'unavailable', reason: 'the worker was killed' });
  const answer = await pull(gated, 'v1');
  assert.equal(answer.status, 503);
  assert.match(refusalIn(answer).message, /the worker was killed/);
  const problem = {
    code: 'LAYER_UNREADABLE',
    subject: 'x',
    message: 'A layer could not be read',
    incomplete: true,
  } as const;
  gated.scans.set(digest, { state: 'known', facts: { findings: [], incomplete: [problem] }, at: 0, revision: '1' });
  assert.equal((await pull(gated, 'v1')).status, 403);
});

test('openPolicyGate() holds a client as well where a scan that failed is tried again', async () => {
  const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));
  await using gated = await startGatedRegistry({ rules: [noCriticals] }, { sleep });
  const digest = await gated.push('app', 'v1', image('late'));
  gated.scans.set(digest, { state: 'unavailable', reason: 'the upstream was away' });
  assert.equal((await pull(gated, 'v1')).status, 503);
  gated.scans.again.add(digest);
  const pulled = pull(gated, 'v1');
  while (gated.scans.waiting(digest) === 0) await new Promise(setImmediate);
  gated.scans.set(digest, found([]));
  assert.equal((await pulled).status, 200);
});

test('openPolicyGate() ends an exception at its time, whatever was decided before', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const digest = await gated.push('app', 'v1', image('excepted'));
  gated.scans.set(digest, found([makeFinding()]));
  const until = gated.clock.now() + 60_000;
  const exception = { name: 'soon-mended', owner: 'team', reason: 'not reachable', until, ids: ['CVE-2026-1000'] };
  gated.use({ rules: [noCriticals], exceptions: [exception] });
  assert.equal((await pull(gated, 'v1')).status, 200);
  assert.deepEqual(gated.events.at(-1), { kind: 'excepted', repository: 'app', digest, rules: ['soon-mended'] });
  gated.clock.skip(60_001);
  assert.equal((await pull(gated, 'v1')).status, 403);
});

test('openPolicyGate() verifies signatures, by keys that the policy names', async () => {
  const [mine, theirs] = await Promise.all([generateKeyPair(), generateKeyPair()]);
  const pem = pemOf(mine);
  const signers = [{ name: 'release', keys: [{ pem }], identities: [] }];
  const rule = { name: 'signed', action: 'deny', kind: 'signatures', signers: ['release'], atLeast: 1 } as const;
  await using gated = await startGatedRegistry({ rules: [rule], signers });
  const content = image('to be signed');
  await gated.push('app', 'v1', content);
  assert.equal((await pull(gated, 'v1')).status, 403);
  await gated.sign('app', content, localSigner(theirs.privateKey));
  const wrong = await pull(gated, 'v1');
  assert.equal(wrong.status, 403);
  assert.match(refusalIn(wrong).message, /release/);
  await gated.sign('app', content, localSigner(mine.privateKey));
  assert.equal((await pull(gated, 'v1')).status, 200);
  // The key is taken away: what was verified before does not count.
  const identities = [{ issuer: { exact: 'https://issuer.example' }, subject: { exact: 'somebody' } }];
  gated.use({ rules: [rule], signers: [{ name: 'release', keys: [], identities }] });
  const unnamed = await pull(gated, 'v1');
  assert.equal(unnamed.status, 403);
  // Who pulls has no command line to add flags to.
  assert.match(
    refusalIn(unnamed).message,
    /none counts: The signature was made with a key and carries no certificate \(found a bare key/,
  );
});

test('openPolicyGate() lets a signature of an index vouch for the images in it', async () => {
  const pair = await generateKeyPair();
  const pem = pemOf(pair);
  const rule = { name: 'signed', action: 'deny', kind: 'signatures', signers: ['release'], atLeast: 1 } as const;
  await using gated = await startGatedRegistry({
    rules: [rule],
    signers: [{ name: 'release', keys: [{ pem }], identities: [] }],
  });
  const child = image('child');
  const platform = { os: 'linux', architecture: 'amd64' } as const;
  const index = buildIndex([{ content: child, platform }]);
  await gated.push('app', 'v1', index);
  assert.equal((await pull(gated, child.descriptor.digest)).status, 403);
  await gated.sign('app', index, localSigner(pair.privateKey));
  assert.equal((await pull(gated, child.descriptor.digest)).status, 200);
});

test('openPolicyGate() judges an index by the platforms that nodes are of, and scans no others', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const amd = image('amd64');
  const arm = image('arm64', { platform: { os: 'linux', architecture: 'arm64' } });
  const index = buildIndex([
    { content: amd, platform: { os: 'linux', architecture: 'amd64' } },
    { content: arm, platform: { os: 'linux', architecture: 'arm64' } },
  ]);
  await gated.push('app', 'v1', index);
  // Nobody said which platforms count: each image is judged when it is pulled.
  assert.equal((await pull(gated, 'v1')).status, 200);
  assert.deepEqual(gated.scans.wishes, []);
  gated.use({ rules: [noCriticals] }, { platforms: ['linux/amd64'] });
  gated.scans.set(amd.descriptor.digest, found([makeFinding()]));
  assert.equal((await pull(gated, 'v1')).status, 403);
  gated.scans.set(amd.descriptor.digest, found([], '2'));
  assert.equal((await pull(gated, 'v1')).status, 200);
  assert.ok(!gated.scans.wishes.some(({ digest }) => digest === arm.descriptor.digest));
  assert.equal((await pull(gated, arm.descriptor.digest)).status, 429);
});

test('openPolicyGate() judges an index anew when images come that it named before they were there', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  gated.use({ rules: [noCriticals] }, { platforms: ['linux/amd64', 'linux/arm64'] });
  const amd = image('amd64');
  const arm = image('arm64', { platform: { os: 'linux', architecture: 'arm64' } });
  const { descriptor, blobs } = buildIndex([
    { content: amd, platform: { os: 'linux', architecture: 'amd64' } },
    { content: arm, platform: { os: 'linux', architecture: 'arm64' } },
  ]);
  const bare = { descriptor, blobs: new Map([...blobs].filter(([digest]) => digest === descriptor.digest)) };
  await gated.push('app', 'v1', { ...amd, ...bare });
  gated.scans.set(amd.descriptor.digest, found([]));
  gated.scans.set(arm.descriptor.digest, found([makeFinding()]));
  assert.equal((await pull(gated, 'v1')).status, 200);
  await gated.push('app', 'amd', amd);
  assert.equal((await pull(gated, 'v1')).status, 200);
  await gated.push('app', 'arm', arm);
  assert.equal((await pull(gated, 'v1')).status, 403);
});

test('openPolicyGate() judges what is pushed before it is kept, by rules that are about pushes', async () => {
  await using gated = await startGatedRegistry({ rules: [{ ...noCriticals, match: { gates: ['push'] } }] });
  const content = image('pushed');
  const digest = content.descriptor.digest;
  for (const [blob, bytes] of content.blobs) if (blob !== digest) await gated.own.pushBlob('app', bytes);
  const body = content.blobs.get(digest) as Buffer;
  const put = (): Promise<OwnAnswer> =>
    gated.own.ask('PUT', 'app/manifests/v1', { body, headers: { 'content-type': content.descriptor.mediaType } });
  assert.equal((await put()).status, 429);
  assert.deepEqual(gated.scans.wishes.at(-1), {
    repository: 'app',
    digest,
    offered: { mediaType: content.descriptor.mediaType, content: body },
  });
  gated.scans.set(digest, found([makeFinding()]));
  assert.equal((await put()).status, 403);
  gated.exempt = true;
  assert.equal((await gated.own.ask('GET', 'app/manifests/v1')).status, 404, 'nothing of it was kept');
  gated.exempt = false;
  gated.scans.set(digest, found([], '2'));
  assert.equal((await put()).status, 201);
  assert.equal((await pull(gated, 'v1')).status, 200);
});

test('openPolicyGate() takes nothing that could run for an artifact', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  const simple = 'application/vnd.dev.cosign.simplesigning.v1+json';
  const claimed = (bytes: string): BuiltContent => {
    const { descriptor, blobs, config } = buildImage({ layers: [] });
    const manifest = JSON.parse((blobs.get(descriptor.digest) as Buffer).toString()) as { layers: object[] };
    const text = Buffer.from(bytes);
    const { digest, size } = {
      digest: `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest,
      size: text.length,
    };
    manifest.layers = [{ mediaType: simple, digest, size }];
    const whole = Buffer.from(JSON.stringify(manifest));
    const own = `sha256:${createHash('sha256').update(whole).digest('hex')}` as Digest;
    return {
      descriptor: { ...descriptor, digest: own, size: whole.length },
      blobs: new Map([
        [config.digest, blobs.get(config.digest) as Buffer],
        [digest, text],
        [own, whole],
      ]),
    };
  };
  await gated.push('app', 'signature', claimed('{"critical":{}}'));
  assert.equal((await pull(gated, 'signature')).status, 200);
  await gated.push('app', 'dressed-up', claimed('no text in JSON, but an archive'));
  assert.equal((await pull(gated, 'dressed-up')).status, 429, 'it waits for a scan as any image');
});

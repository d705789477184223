import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { displayWidth } from '../../src/report/text/display-width.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import { type Ended, run, start } from './program.ts';

const env = { COSIGN_PASSWORD: 'hold-fast', NO_COLOR: '1' };
const unlogged = ['--insecure-ignore-tlog'];

const image = makeSyntheticImage([{ base: 'base' }, { app: 'app' }]);

describe('attachments', { concurrency: 2 }, () => {
  for (const referrers of [true, false]) {
    describe(`a registry ${referrers ? 'with' : 'without'} the referrers API`, { concurrency: 1 }, () => {
      let folder: TemporaryDirectory;
      let registry: TestRegistry;
      let mirror: TestRegistry;
      let digest: string;
      let name: string;

      const seaworthy = async (...args: readonly string[]): Promise<Ended> =>
        await run(args, { cwd: folder.path, env: { ...env, HOME: folder.path } });
      const ok = async (...args: readonly string[]): Promise<string> => {
        const { status, stdout, stderr } = await seaworthy(...args);
        assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
        return stdout;
      };

      before(async () => {
        folder = temporaryDirectory();
        registry = await startTestRegistry({ referrers });
        mirror = await startTestRegistry({ referrers: !referrers });
        digest = storeImage(registry.store, 'team/app', 'v1', image);
        name = `${registry.host}/team/app@${digest}`;
        await ok('generate-key-pair');
        folder.write('predicate.json', '{"a":1}');
        folder.write('app.cdx.json', '{"bomFormat":"CycloneDX","specVersion":"1.5"}');
        const sign = ['--key', 'cosign.key', '--tlog-upload=false', '--format', 'both'];
        await ok('sign', ...sign, name);
        await ok('attest', ...sign, '--predicate', 'predicate.json', '--type', 'custom', name);
        await ok('attach', 'sbom', '--sbom', 'app.cdx.json', name);
      });
      after(async () => {
        await registry.close();
        await mirror.close();
        folder[Symbol.dispose]();
      });

      test('tree shows what is attached within 80 columns', async () => {
        const text = await ok('tree', `${registry.host}/team/app:v1`);
        assert.equal(text.match(/^[├└]─ /gm)?.length, 5);
        assert.match(text, new RegExp(`^${registry.host}/team/app:v1\n${digest}\n├─ signature \\(tag ….sig`));
        assert.ok(Math.max(...text.split('\n').map(displayWidth)) <= 80, text);
        const { attachments } = JSON.parse(await ok('tree', '-o', 'json', name)) as { attachments: { kind: string }[] };
        assert.deepEqual(attachments.map(({ kind }) => kind).sort(), [
          'attestation',
          'attestation',
          'sbom',
          'signature',
          'signature',
        ]);
      });

      test('what is downloaded and attached to a bare copy verifies there', async () => {
        const bare = `${mirror.host}/bare/app@${storeImage(mirror.store, 'bare/app', 'v1', image)}`;
        assert.equal((await seaworthy('verify', '--key', 'cosign.pub', ...unlogged, bare)).status, 10);
        const signatures = (await ok('download', 'signature', name)).trim().split('\n');
        const attestations = await ok('download', 'attestation', '--predicate-type', 'custom', name);
        assert.deepEqual([signatures.length, attestations.trim().split('\n').length], [2, 2]);
        const [bundle, older] = signatures as [string, string];
        const { Base64Signature, Payload } = JSON.parse(older) as Record<string, string>;
        folder.write('bundle.json', bundle);
        folder.write('signature', Base64Signature as string);
        folder.write('payload.json', Buffer.from(Payload as string, 'base64'));
        folder.write('attestations.jsonl', attestations);
        await ok('attach', 'signature', '--bundle', 'bundle.json', bare);
        await ok('attach', 'signature', '--signature', 'signature', '--payload', 'payload.json', bare);
        await ok('attach', 'attestation', '--attestation', 'attestations.jsonl', bare);
        for (const format of ['bundle', 'legacy']) {
          const args = ['--key', 'cosign.pub', ...unlogged, '--format', format, bare];
          await ok('verify', ...args);
          await ok('verify-attestation', '--type', 'custom', ...args);
        }
        writeFileSync(join(folder.path, 'sbom.json'), await ok('download', 'sbom', name));
        assert.equal(
          readFileSync(join(folder.path, 'sbom.json'), 'utf8'),
          readFileSync(join(folder.path, 'app.cdx.json'), 'utf8'),
        );
      });

      test('a copy verifies in both forms, and is copied again for nothing', async () => {
        const to = `${mirror.host}/copy/app:v1`;
        await ok('copy', `${registry.host}/team/app:v1`, to);
        for (const format of ['bundle', 'legacy']) {
          await ok('verify', '--key', 'cosign.pub', ...unlogged, '--format', format, to);
          await ok(
            'verify-attestation',
            '--type',
            'custom',
            '--key',
            'cosign.pub',
            ...unlogged,
            '--format',
            format,
            to,
          );
        }
        const shapes = async (image: string): Promise<unknown> => {
          const { attachments } = JSON.parse(await ok('tree', '-o', 'json', image)) as {
            attachments: { digest: string }[];
          };
          return attachments.map((one) => one.digest).sort();
        };
        assert.deepEqual(await shapes(to), await shapes(name));
        const before = mirror.requests.length;
        const { stdout, stderr } = await seaworthy('copy', '--quiet', `${registry.host}/team/app:v1`, to);
        assert.equal(`${stdout}${stderr}`, '');
        const blobs = mirror.requests
          .slice(before)
          .filter(({ method, path }) => method !== 'HEAD' && /\/blobs\//.test(path));
        assert.deepEqual(blobs, []);
      });

      test('what is saved is loaded elsewhere, and verifies there', async () => {
        const to = `${mirror.host}/loaded/app:v1`;
        await ok('save', '--dir', 'saved', `${registry.host}/team/app:v1`);
        await ok('verify', '--key', 'cosign.pub', ...unlogged, '--local-image', '--offline', 'saved');
        await ok('load', '--dir', 'saved', to);
        await ok('verify', '--key', 'cosign.pub', ...unlogged, to);
        assert.match(await ok('tree', to), /sbom \(tag ….sbom/);
      });

      test('an index is copied with what is attached to its images', async () => {
        const images = { amd64: image, arm64: makeSyntheticImage([{ base: 'base' }], 'arm64') };
        storeIndex(registry.store, 'team/multi', 'v1', images);
        const multi = `${registry.host}/team/multi:v1`;
        await ok('sign', '--key', 'cosign.key', '--tlog-upload=false', '-r', multi);
        await ok('copy', multi, `${mirror.host}/copy/multi:v1`);
        await ok('copy', '--platform', 'linux/arm64', multi, `${mirror.host}/copy/one:v1`);
        const verify = ['verify', '--key', 'cosign.pub', ...unlogged];
        for (const reference of ['copy/multi:v1', 'copy/one:v1']) await ok(...verify, `${mirror.host}/${reference}`);
        const child = registry.store.manifest('team/multi', 'v1-arm64')?.digest;
        await ok(...verify, `${mirror.host}/copy/multi@${child}`);
        assert.match(
          await ok('tree', '--platform', 'linux/arm64', `${mirror.host}/copy/multi:v1`),
          /signature \(bundle/,
        );
      });

      test('what is cleaned is gone, and the image stays', async () => {
        const to = `${mirror.host}/clean/app:v1`;
        await ok('copy', `${registry.host}/team/app:v1`, to);
        const pipe = await seaworthy('clean', to);
        assert.match(pipe.stderr, /^error SETTING_INVALID: .+ agree with --force\n$/);
        assert.equal(pipe.status, 2);
        const verify = ['--key', 'cosign.pub', ...unlogged, to];
        await ok('verify', ...verify);
        await ok('clean', '--type', 'signature', '--force', to);
        // An attestation is no signature.
        assert.equal((await seaworthy('verify', ...verify)).status, 12);
        await ok('verify-attestation', '--type', 'custom', ...verify);
        await ok('clean', '--yes', to);
        assert.equal(await ok('tree', to), `${to}\n${digest}\n└─ nothing is attached\n`);
        assert.equal((await seaworthy('download', 'attestation', to)).status, 10);
        assert.equal((await seaworthy('verify', ...verify)).status, 10);
      });
    });
  }
});

test('seaworthy says which kind of failure it was', async () => {
  await using registry = await startTestRegistry({ faults: [{ kind: 'status', status: 503, path: '/referrers/' }] });
  const digest = storeImage(registry.store, 'team/app', 'v1', image);
  const name = `${registry.host}/team/app@${digest}`;
  for (const [args, status, code] of [
    [['tree', name], 14, 'SIGNATURES_UNAVAILABLE'],
    [['download', 'signature', name], 14, 'SIGNATURES_UNAVAILABLE'],
    [['tree', `${registry.host}/team/none:v1`], 11, 'IMAGE_NOT_FOUND'],
    [['copy', `${registry.host}/team/none:v1`, `${registry.host}/copy/app`], 11, 'IMAGE_NOT_FOUND'],
    [['tree', '--offline', name], 14, 'OFFLINE'],
    [['tree', 'not a name'], 2, 'REFERENCE_INVALID'],
    [['tree'], 2, 'COMMAND_LINE_INVALID'],
    [['triangulate', '--type', 'other', name], 2, 'COMMAND_LINE_INVALID'],
    [['attach', 'sbom', name], 2, 'COMMAND_LINE_INVALID'],
    [['save', name], 2, 'COMMAND_LINE_INVALID'],
  ] as const) {
    const ended = await run(args, { env });
    assert.match(ended.stderr, new RegExp(`^error ${code}: [^\\n]+\\n$`), args.join(' '));
    assert.deepEqual([ended.status, ended.stdout], [status, ''], args.join(' '));
  }
});

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`copy and save end by ${signal} and leave nothing half-written`, async () => {
    using folder = temporaryDirectory();
    const big = makeSyntheticImage([{ big: 'x'.repeat(1_000_000) }, { last: 'last' }]);
    await using registry = await startTestRegistry({
      faults: [{ kind: 'silence', path: /\/blobs\/sha256:/, method: 'GET' }],
    });
    await using target = await startTestRegistry();
    storeImage(registry.store, 'team/app', 'v1', big);
    const name = `${registry.host}/team/app:v1`;
    mkdirSync(join(folder.path, 'out'));
    for (const args of [
      ['copy', name, `${target.host}/copy/app:v1`],
      ['save', '--dir', 'out/image', name],
    ]) {
      const seen = registry.requests.length;
      const { child, ended } = start(args, { cwd: folder.path, env: { ...env, HOME: folder.path } });
      while (!registry.requests.slice(seen).some(({ method, path }) => method === 'GET' && path.includes('/blobs/'))) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      child.kill(signal);
      const result = await ended;
      assert.match(result.stderr, /^error INTERRUPTED: [^\n]+\n$/, args.join(' '));
      assert.equal(result.status, status);
    }
    assert.equal(target.store.manifest('copy/app', 'v1'), undefined);
    assert.equal(existsSync(join(folder.path, 'out', 'image')), false);
    assert.deepEqual(readdirSync(join(folder.path, 'out')), []);
  });
}

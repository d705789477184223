import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { simpleSigning } from '../../testing/registry/attached-image.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { attachWith, cosigns, type Lab, needsCosign, openLab, verifyWith } from '../../testing/registry/cosign-lab.ts';
import type { Cosign } from '../../testing/registry/find-cosign.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import { run } from '../end-to-end/program.ts';

/** A registry with an image, a second one of the other kind to copy to, and a cosign. */
interface Stage extends AsyncDisposable {
  readonly lab: Lab;
  readonly cosign: Cosign;
  readonly registry: TestRegistry;
  readonly mirror: TestRegistry;
  readonly digest: string;
  /** By its digest. */
  readonly image: string;
  /** What our program prints; rejects when it fails. */
  readonly ours: (...args: readonly string[]) => Promise<string>;
  readonly status: (...args: readonly string[]) => Promise<number | null>;
  readonly theirs: (...args: readonly string[]) => Promise<string>;
}

async function openStage(cosign: Cosign, referrers: boolean): Promise<Stage> {
  const lab = await openLab(cosign);
  // Cosign 3 pushes the manifest of a bundle before the bundle.
  const registry = await startTestRegistry({ referrers, checkReferences: false });
  const mirror = await startTestRegistry({ referrers: !referrers, checkReferences: false });
  const digest = storeImage(registry.store, 'team/app', 'v1', makeSyntheticImage([{ a: 'a' }, { b: 'b' }]));
  const surroundings = { cwd: lab.folder, env: { COSIGN_PASSWORD: '', HOME: lab.folder } };
  return {
    lab,
    cosign,
    registry,
    mirror,
    digest,
    image: `${registry.host}/team/app@${digest}`,
    ours: async (...args) => {
      const { status, stdout, stderr } = await run(args, surroundings);
      assert.equal(status, 0, `seaworthy ${args.join(' ')}: ${stdout}${stderr}`);
      return stdout;
    },
    status: async (...args) => (await run(args, surroundings)).status,
    theirs: async (...args) => (await cosign.run(lab.folder, ...args)).stdout,
    [Symbol.asyncDispose]: async () => {
      await registry.close();
      await mirror.close();
      await lab[Symbol.asyncDispose]();
    },
  };
}

/** Signs, attests and attaches as {@link attachWith} does, with our program and in both forms. */
async function attachOurs({ ours }: Stage, image: string): Promise<void> {
  const sign = ['--key', 'cosign.key', '--tlog-upload=false', '--format', 'both'];
  await ours('sign', ...sign, image);
  await ours('attest', ...sign, '--predicate', 'predicate.json', '--type', 'custom', image);
  await ours('attach', 'sbom', '--sbom', 'sbom.json', image);
}

async function verifyOurs({ ours }: Stage, image: string): Promise<void> {
  const args = ['--key', 'cosign.pub', '--insecure-ignore-tlog', image];
  await ours('verify', ...args);
  await ours('verify-attestation', '--type', 'custom', ...args);
}

function sortedLines(...texts: readonly string[]): unknown[] {
  const lines = new Set(texts.flatMap((text) => text.split('\n')).filter((line) => line !== ''));
  return [...lines].sort().map((line) => JSON.parse(line) as unknown);
}

for (const cosign of cosigns) {
  for (const referrers of [true, false]) {
    describe(
      `cosign ${cosign.major} and a registry ${referrers ? 'with' : 'without'} the referrers API`,
      needsCosign,
      () => {
        test('what cosign attached is shown, downloaded, copied, saved, loaded and cleaned', async () => {
          await using stage = await openStage(cosign, referrers);
          const { lab, image, ours, theirs, registry, mirror } = stage;
          const tagged = `${registry.host}/team/app:v1`;
          await attachWith(cosign, lab.folder, image);

          const form = cosign.major === 3 ? 'bundle' : 'tag';
          const { attachments } = JSON.parse(await ours('tree', '-o', 'json', tagged)) as {
            attachments: {
              kind: string;
              form: string;
              digest: string;
              tag: string | null;
              layers: { digest: string }[];
            }[];
          };
          assert.deepEqual(attachments.map((one) => `${one.kind} ${one.form}`).sort(), [
            `attestation ${form}`,
            'sbom tag',
            `signature ${form}`,
          ]);
          const shown = await theirs('tree', tagged);
          for (const one of attachments) {
            assert.ok(shown.includes(one.tag ?? one.digest), shown);
            for (const layer of one.layers) assert.ok(shown.includes(layer.digest), shown);
          }

          for (const type of ['signature', 'attestation', 'sbom', 'digest']) {
            const args = ['triangulate', '--type', type, tagged];
            assert.equal(await ours(...args), await theirs(...args), type);
          }
          // Cosign 3 prints all bundles whichever it is asked for.
          assert.deepEqual(
            sortedLines(await ours('download', 'signature', tagged), await ours('download', 'attestation', tagged)),
            sortedLines(await theirs('download', 'signature', tagged), await theirs('download', 'attestation', tagged)),
          );
          const custom = ['download', 'attestation', '--predicate-type', 'custom', tagged];
          assert.equal(await ours(...custom), await theirs(...custom));
          assert.equal(await ours('download', 'sbom', tagged), await theirs('download', 'sbom', tagged));

          await ours('copy', tagged, `${mirror.host}/copy/app:v1`);
          await verifyWith(cosign, lab.folder, `${mirror.host}/copy/app:v1`);
          await ours('save', '--dir', 'ours', tagged);
          await theirs('load', '--dir', 'ours', `${mirror.host}/loaded/ours:v1`);
          await verifyWith(cosign, lab.folder, `${mirror.host}/loaded/ours:v1`);
          await theirs('save', '--dir', 'theirs', tagged);
          await ours('load', '--dir', 'theirs', `${mirror.host}/loaded/theirs:v1`);
          await verifyWith(cosign, lab.folder, `${mirror.host}/loaded/theirs:v1`);
          await verifyOurs(stage, `${mirror.host}/loaded/theirs:v1`);

          await ours('clean', '--type', 'attestation', '--force', tagged);
          const verify = ['--key', 'cosign.pub', '--insecure-ignore-tlog', tagged];
          await theirs('verify', ...verify);
          await assert.rejects(theirs('verify-attestation', '--type', 'custom', ...verify));
          await ours('clean', '--force', tagged);
          await assert.rejects(theirs('verify', ...verify), { code: 10 });
          assert.match(await theirs('tree', tagged), /No Supply Chain Security Related Artifacts/);
        });

        test('what was attached here is shown, downloaded, copied, saved, loaded and cleaned by cosign', async () => {
          await using stage = await openStage(cosign, referrers);
          const { lab, image, ours, theirs, status, registry, mirror } = stage;
          const tagged = `${registry.host}/team/app:v1`;
          await attachOurs(stage, image);
          await verifyWith(cosign, lab.folder, tagged);

          const shown = await theirs('tree', tagged);
          const { attachments } = JSON.parse(await ours('tree', '-o', 'json', tagged)) as {
            attachments: { form: string; digest: string; tag: string | null }[];
          };
          assert.equal(attachments.length, 5);
          for (const { form, digest, tag } of attachments) {
            if (form === 'tag' || cosign.major === 3) assert.ok(shown.includes(tag ?? digest), shown);
          }
          const downloaded = [
            await theirs('download', 'signature', tagged),
            await theirs('download', 'attestation', tagged),
          ];
          const known = sortedLines(
            await ours('download', 'signature', tagged),
            await ours('download', 'attestation', tagged),
          );
          const lines = sortedLines(...downloaded);
          for (const line of lines)
            assert.ok(
              known.some((one) => isSame(one, line)),
              JSON.stringify(line),
            );
          // Cosign 3 prints the older form only where there are no bundles.
          assert.equal(lines.length, 2);
          assert.equal(await theirs('download', 'sbom', tagged), readFileSync(join(lab.folder, 'sbom.json'), 'utf8'));

          await theirs('copy', tagged, `${mirror.host}/copy/app:v1`);
          await verifyOurs(stage, `${mirror.host}/copy/app:v1`);
          await theirs('save', '--dir', 'theirs', tagged);
          await ours('load', '--dir', 'theirs', `${mirror.host}/loaded/app:v1`);
          await verifyOurs(stage, `${mirror.host}/loaded/app:v1`);

          await theirs('clean', '-f', tagged);
          const left = cosign.major === 3 ? 10 : 0;
          assert.equal(await status('verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', tagged), left);
          assert.equal(await status('download', 'sbom', tagged), 10);
        });

        test('what is downloaded from one is attached by the other', async () => {
          await using stage = await openStage(cosign, referrers);
          const { lab, image, ours, theirs, mirror, digest } = stage;
          await attachWith(cosign, lab.folder, image);
          storeImage(mirror.store, 'bare/app', 'v1', makeSyntheticImage([{ a: 'a' }, { b: 'b' }]));
          storeImage(mirror.store, 'back/app', 'v1', makeSyntheticImage([{ a: 'a' }, { b: 'b' }]));
          const bare = `${mirror.host}/bare/app@${digest}`;
          const back = `${mirror.host}/back/app@${digest}`;
          const signature = signatureIn(await theirs('download', 'signature', image));
          await write(
            lab,
            'attestations.jsonl',
            await theirs('download', 'attestation', '--predicate-type', 'custom', image),
          );
          await attachSignature(stage, ours, signature, bare);
          await ours('attach', 'attestation', '--attestation', 'attestations.jsonl', bare);
          await verifyWith(cosign, lab.folder, bare);
          await verifyOurs(stage, bare);

          const again = signatureIn(await ours('download', 'signature', bare));
          await write(lab, 'attestations.jsonl', await ours('download', 'attestation', bare));
          await attachSignature(stage, theirs, again, back);
          await theirs('attach', 'attestation', '--attestation', 'attestations.jsonl', back);
          await verifyOurs(stage, back);
        });
      },
    );
  }

  test(
    `certificates, promises and stamps that cosign ${cosign.major} attached are downloaded as it prints them`,
    needsCosign,
    async () => {
      await using stage = await openStage(cosign, true);
      const { lab, image, ours, theirs, digest } = stage;
      const authority = makeCertificate('authority');
      const { cert } = makeCertificate('leaf', { issuer: authority });
      const body = Buffer.from('{"apiVersion":"0.0.1","kind":"hashedrekord"}').toString('base64');
      const promise = {
        SignedEntryTimestamp: 'AAAA',
        Payload: { body, integratedTime: 1, logIndex: 2, logID: 'ab'.repeat(32) },
      };
      await write(lab, 'payload.json', simpleSigning(digest));
      await write(lab, 'signature', Buffer.from('not checked').toString('base64'));
      await write(lab, 'leaf.pem', cert);
      await write(lab, 'chain.pem', authority.cert);
      await write(lab, 'rekor.json', JSON.stringify(promise));
      await write(lab, 'tsr', 'a stamp');
      const args = ['attach', 'signature', '--payload', 'payload.json', '--signature', 'signature', '--tsr', 'tsr'];
      const more = ['--certificate', 'leaf.pem', '--certificate-chain', 'chain.pem'];
      await theirs(...args, ...more, image);
      // At an image of its own, and with the promise, which cosign does not take from a file without a word.
      const other = storeImage(stage.registry.store, 'team/other', 'v1', makeSyntheticImage([{ other: 'other' }]));
      const there = `${stage.registry.host}/team/other@${other}`;
      await ours(...args, ...more, '--rekor-response', 'rekor.json', there);
      for (const [name, bundle] of [
        [image, null],
        [there, promise],
      ] as const) {
        const [theirLine] = sortedLines(await theirs('download', 'signature', name)) as [Record<string, unknown>];
        const [ourLine] = sortedLines(await ours('download', 'signature', name));
        assert.deepEqual(theirLine['Bundle'], bundle);
        assert.notEqual(theirLine['RFC3161Timestamp'], null);
        const certificates = {
          Cert: rawOf(theirLine['Cert']),
          Chain: (theirLine['Chain'] as unknown[]).map(rawOf),
        };
        assert.deepEqual(ourLine, { ...theirLine, ...certificates });
      }
    },
  );
}

/** The signature among the lines: cosign 3 prints all bundles, in the registry's order. */
function signatureIn(text: string): string {
  const lines = text.trim().split('\n');
  const signs = lines.find((line) => {
    const { dsseEnvelope } = JSON.parse(line) as { readonly dsseEnvelope?: { readonly payload: string } };
    return Buffer.from(dsseEnvelope?.payload ?? '', 'base64').includes('https://sigstore.dev/cosign/sign/v1');
  });
  return signs ?? (lines[0] as string);
}

/** A bundle, or what cosign prints of a signature of the older form. */
async function attachSignature({ lab }: Stage, attach: Stage['ours'], line: string, image: string): Promise<void> {
  const { Base64Signature, Payload } = JSON.parse(line) as Record<string, string | undefined>;
  if (Base64Signature === undefined || Payload === undefined) {
    await write(lab, 'bundle.json', line);
    await attach('attach', 'signature', '--bundle', 'bundle.json', image);
    return;
  }
  await write(lab, 'signature', Base64Signature);
  await write(lab, 'payload.json', Buffer.from(Payload, 'base64').toString());
  await attach('attach', 'signature', '--signature', 'signature', '--payload', 'payload.json', image);
}

async function write({ folder }: Lab, name: string, text: string): Promise<void> {
  await writeFile(join(folder, name), text);
}

function rawOf(certificate: unknown): unknown {
  return { Raw: (certificate as { readonly Raw: string }).Raw };
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}

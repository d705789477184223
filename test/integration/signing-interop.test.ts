import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeSyntheticImage, storeImage, storeIndex } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import { type Case, type Desk, makers, openDesk, readers } from './signing-programs.ts';

const cases: Readonly<Record<string, Case>> = {
  'a key': { signer: 'key', log: 0 },
  'a key and Rekor v1': { signer: 'key', log: 1 },
  'an Ed25519 key': { signer: 'key', key: 'ed25519', log: 0 },
  'an Ed25519 key and Rekor v1': { signer: 'key', key: 'ed25519', log: 1 },
  'an Ed25519 key, Rekor v2 and a stamp': { signer: 'key', key: 'ed25519', log: 2, stamp: true },
  'an attestation by an Ed25519 key': { signer: 'key', key: 'ed25519', log: 1, attestation: true },
  'a P-384 key and Rekor v1': { signer: 'key', key: 'p384', log: 1 },
  'a P-384 key, Rekor v2 and a stamp': { signer: 'key', key: 'p384', log: 2, stamp: true },
  'an RSA key and Rekor v1': { signer: 'key', key: 'rsa', log: 1 },
  'a key, Rekor v2 and a stamp': { signer: 'key', log: 2, stamp: true },
  'a key and an annotation': { signer: 'key', log: 0, annotation: true },
  'a key, of an index and its images': { signer: 'key', log: 0, recursive: true },
  'an attestation by a key': { signer: 'key', log: 1, attestation: true },
  'an attestation by a key, with a stamp': { signer: 'key', log: 1, stamp: true, attestation: true },
  'no key and Rekor v1': { signer: 'keyless', log: 1 },
  'no key, Rekor v1 and a stamp': { signer: 'keyless', log: 1, stamp: true },
  'no key, Rekor v2 and a stamp': { signer: 'keyless', log: 2, stamp: true },
  'an attestation without a key': { signer: 'keyless', log: 1, attestation: true },
  'an attestation without a key, in Rekor v2': { signer: 'keyless', log: 2, stamp: true, attestation: true },
};

/**
 * What cosign cannot do, as `maker | case` and `maker | case | reader`: it signs with Ed25519 in one form and verifies another,
 * its older form knows logged SHA-256 alone, and envelopes of curves beyond P-256 it verifies over SHA-256 alone.
 */
const beyondCosign: readonly RegExp[] = [
  /^cosign 2 \| an Ed25519 key and Rekor v1$/,
  /^cosign 3 \| an? (?:.* an )?Ed25519 key/,
  /^cosign 3 \| a P-384 key and Rekor v1$/,
  /^cosign 3 in the older form \| an attestation by an Ed25519 key$/,
  /^cosign 3 in the older form \| an Ed25519 key \| cosign/,
  /in (?:the older form|both forms) \| an Ed25519 key and Rekor v1 \| cosign/,
  /^cosign 3 in the older form \| a P-384 key and Rekor v1 \| cosign/,
  /\| an Ed25519 key, Rekor v2 and a stamp \| cosign 3$/,
  /\| a P-384 key, Rekor v2 and a stamp \| cosign 3$/,
];

function isBeyondCosign(...names: readonly string[]): boolean {
  return beyondCosign.some((pattern) => pattern.test(names.join(' | ')));
}

const registries = {
  'a registry with the referrers API': { referrers: true },
  'a registry without it': { referrers: false, etag: true, conditional: true },
} as const;

for (const [where, options] of Object.entries(registries)) {
  describe(`in ${where}`, () => {
    let desk: Desk & AsyncDisposable;
    let registry: TestRegistry;
    before(async () => {
      desk = await openDesk();
      registry = await startTestRegistry(options);
    });
    after(async () => {
      await registry.close();
      await desk[Symbol.asyncDispose]();
    });

    let count = 0;
    const push = (what: Case): readonly string[] => {
      count += 1;
      const repository = `team/app${count}`;
      const image = (architecture: string) => makeSyntheticImage([{ [`a${count}`]: architecture }], architecture);
      if (what.recursive !== true) {
        return [`${registry.host}/${repository}@${storeImage(registry.store, repository, 'v1', image('amd64'))}`];
      }
      const images = { amd64: image('amd64'), arm64: image('arm64') };
      const digests = [storeIndex(registry.store, repository, 'v1', images)];
      for (const [arch, one] of Object.entries(images)) digests.push(storeImage(registry.store, repository, arch, one));
      return digests.map((digest) => `${registry.host}/${repository}@${digest}`);
    };

    for (const [makerName, maker] of Object.entries(makers)) {
      for (const [caseName, what] of Object.entries(cases)) {
        // Tags are the same in every registry.
        if (!options.referrers && maker.layout === 'legacy') continue;
        if (!maker.can(what) || isBeyondCosign(makerName, caseName)) continue;
        test(`${makerName} signs with ${caseName}, and all that read it verify`, { skip: maker.skip }, async () => {
          const images = push(what);
          await maker.sign(desk, images[0] as string, what);
          for (const [readerName, reader] of Object.entries(readers)) {
            if (reader.skip !== false || !reader.can(what) || !reader.layouts.includes(maker.layout)) continue;
            if (isBeyondCosign(makerName, caseName, readerName)) continue;
            for (const image of images) {
              await assert.doesNotReject(reader.verify(desk, image, what, 'signer'), `${readerName} takes it`);
            }
            const wrong = reader.verify(desk, images[0] as string, what, 'another');
            await assert.rejects(wrong, Error, `${readerName} refuses another signer`);
          }
        });
      }
    }
  });
}

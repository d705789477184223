import { formatPem } from '../../../src/codec/pem/pem.ts';
import { notationType } from '../../../src/signing/cosign/media-types.ts';
import { storeArtifact } from '../../registry/attached.ts';
import { makeSyntheticImage, storeImage } from '../../registry/synthetic-image.ts';
import type { TestRegistry } from '../../registry/test-registry.ts';
import type { NotationLab } from './lab.ts';
import { makeCose, makeJws, payloadOf } from './maker.ts';
import { type Case, chain, now, root } from './material.ts';

/** The repository in which cases are laid out. */
export const caseRepository = 'cases';

/** Puts an image of its own with its signature into a registry, and writes whom to trust; returns the image's digest. */
export function layOut(lab: NotationLab, { store }: TestRegistry, name: string, one: Case): string {
  const image = makeSyntheticImage([{ name }]);
  const digest = storeImage(store, caseRepository, 'latest', image);
  const payload = payloadOf(image.manifest) as { targetArtifact: Record<string, unknown> };
  const isCose = one.format === 'cose';
  const bytes = (isCose ? makeCose : makeJws)({
    chain,
    signingTime: new Date(now.getTime() - 1000),
    payload: one.payload?.(payload) ?? payload,
    ...one.envelope,
  });
  const mediaType = isCose ? 'application/cose' : 'application/jose+json';
  storeArtifact(store, caseRepository, {
    configType: notationType,
    subject: digest,
    layers: [{ mediaType, bytes: one.spoil === undefined ? bytes : Buffer.from(one.spoil(bytes.toString())) }],
  });
  lab.forget();
  for (const [folder, certificates] of Object.entries(one.stores ?? { 'ca/acme': [root] })) {
    certificates.forEach(({ der }, at) => {
      lab.write(`truststore/x509/${folder}/${at}.crt`, formatPem({ label: 'CERTIFICATE', bytes: der }));
    });
  }
  const statement = {
    name: 'all',
    registryScopes: ['*'],
    signatureVerification: one.level ?? { level: 'strict' },
    trustStores: ['ca:acme'],
    trustedIdentities: ['*'],
    ...one.statement,
  };
  lab.write('trustpolicy.json', JSON.stringify({ version: '1.0', trustPolicies: [statement] }));
  return digest;
}

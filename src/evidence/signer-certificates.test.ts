import { createPrivateKey, sign } from 'node:crypto';
import { test } from 'node:test';
import { checkSigners, pemOf, pemOfKey } from '../../testing/evidence/check-signers.ts';
import { openSignatureScene } from '../../testing/evidence/signature-scene.ts';
import {
  extension,
  generalName,
  type MadeCertificate,
  makeAuthority,
  makeSigner,
  purposes,
} from '../../testing/signing/certificate-maker.ts';
import type { Signer, SignerCertificate, SignerIdentity, SignerTrust } from '../policy/model.ts';
import { localSigner } from '../signing/key/local-signer.ts';
import type { CertifiedSigner, Signer as SigningKey } from '../signing/signer.ts';
import type { SignatureContext } from './context.ts';

const strange = makeAuthority('strange');

const around = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
const ca = makeAuthority('our root');
const middle = makeAuthority('our middle', { issuer: ca });

/** Signs by a certificate, which comes along with the signature, or not. */
function certified(certificate: MadeCertificate, ...chain: readonly MadeCertificate[]): CertifiedSigner {
  const key = certificate.keys.privateKey;
  const { publicKey, hash } = localSigner(createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' })));
  return {
    publicKey,
    hash,
    sign: (message) => Promise.resolve(sign('sha256', message, key)),
    certificates: [certificate, ...chain].map(({ der }) => der),
  };
}

test('a certificate counts by itself, by its authorities, and by whom it is for', async () => {
  const leaf = makeSigner(middle, around);
  const twin = makeSigner(middle, { ...around, keys: leaf.keys });
  await using scene = await openSignatureScene();
  await scene.signByTag(certified(leaf, middle));
  const nothing: Partial<SignatureContext> = { trust: { trust: undefined, logsForKeys: 0, timestamps: 0 } };
  const by = (certificate: SignerCertificate, trust: SignerTrust = { log: 'ignored' }): Partial<Signer> => ({
    certificates: [certificate],
    trust,
  });
  const subject = (text: string): readonly SignerIdentity[] => [{ subject: { exact: text } }];
  const name = 'https://example.com/signer';
  await checkSigners(
    scene,
    {
      itself: [by({ leaf: pemOf(leaf) }), 'verified'],
      'another of the same key': [by({ leaf: pemOf(twin) }), /another certificate than was named/],
      'its authority': [by({ authorities: pemOf(ca) }), 'verified'],
      'another authority': [
        by({ authorities: pemOf(makeAuthority('our root')) }),
        /CERTIFICATE|No trusted|Another key/,
      ],
      'both of it': [by({ leaf: pemOf(leaf), authorities: pemOf(ca, middle) }), 'verified'],
      'itself of another authority': [
        by({ leaf: pemOf(leaf), authorities: pemOf(makeAuthority('x')) }),
        /No trusted authority/,
      ],
      'for whom it is': [by({ authorities: pemOf(ca), identities: subject(name) }), 'verified'],
      'for another': [
        by({ authorities: pemOf(ca), identities: subject('x') }),
        /names somebody else.*\(found https:\/\/example\.com\/signer from no issuer, wanted x\)/,
      ],
      'itself for another': [by({ leaf: pemOf(leaf), identities: subject('x') }), /names somebody else/],
      'for nobody': [by({ authorities: pemOf(ca), identities: [] }), /names somebody else/],
      'with a log': [
        by({ leaf: pemOf(leaf) }, { log: 'required', logKeys: pemOfKey(strange.parsed.publicKey.spki) }),
        /Too few transparency/,
      ],
      'with a log of certificates': [
        by(
          { authorities: pemOf(ca) },
          { log: 'ignored', certificateLog: 'required', certificateLogKeys: pemOfKey(strange.parsed.publicKey.spki) },
        ),
        /publish the certificate/,
      ],
      'neither of it': [by({}), /^unavailable: A certificate of the signer .* names neither/],
      'two in one': [by({ leaf: pemOf(leaf, twin) }), /^unavailable: .* is more than one/],
    },
    nothing,
  );
  // A year later it is not valid any more, and nothing proves when it signed.
  const later = { ...nothing, now: () => Date.now() + 365 * 86_400_000 };
  await checkSigners(
    scene,
    {
      itself: [by({ leaf: pemOf(leaf) }), /was not valid/],
      'its authority': [by({ authorities: pemOf(ca) }), /was not valid/],
    },
    later,
  );
});

test('a pinned certificate counts for what its key signed without it, whatever it is for, and no key beside it does', async () => {
  const bare = makeSigner(ca, { ...around, extensions: [extension.names(generalName.email('dev@example.com'))] });
  const wrong = makeSigner(ca, { ...around, extensions: [extension.purposes([purposes.serverAuth])] });
  const byKey = (certificate: MadeCertificate): SigningKey => {
    const { certificates: _, ...key } = certified(certificate);
    return key;
  };
  const by = (certificate: SignerCertificate): Partial<Signer> => ({
    certificates: [certificate],
    trust: { log: 'ignored' },
  });
  for (const certificate of [bare, wrong]) {
    await using scene = await openSignatureScene();
    await scene.signByTag(byKey(certificate));
    await checkSigners(scene, {
      pinned: [by({ leaf: pemOf(certificate) }), 'verified'],
      another: [by({ leaf: pemOf(makeSigner(ca, around)) }), /not made with this key/],
      'by its authority alone': [by({ authorities: pemOf(ca) }), /carries no certificate/],
    });
  }
  // What came along decides, not what the policy has for it (GHSA-fx35-mq7g-6g98).
  await using scene = await openSignatureScene();
  await scene.signByTag(certified(makeSigner(ca, around)));
  await checkSigners(scene, { pinned: [by({ leaf: pemOf(bare) }), /another certificate than was named/] });
  await checkSigners(scene, {
    key: [{ keys: [{ pem: pemOfKey(bare.parsed.publicKey.spki) }] }, /with a certificate/],
  });
});

test('a certificate without names is nobody in particular, whatever a pattern lets in', async () => {
  const nameless = makeSigner(ca, { ...around, extensions: [extension.purposes([purposes.codeSigning])] });
  await using scene = await openSignatureScene();
  await scene.signByTag(certified(nameless));
  const by = (identities?: readonly SignerIdentity[]): Partial<Signer> => ({
    certificates: [{ authorities: pemOf(ca), ...(identities === undefined ? {} : { identities }) }],
    trust: { log: 'ignored' },
  });
  await checkSigners(scene, {
    anybody: [by(), 'verified'],
    'any name': [
      by([{ subject: { glob: '*' } }]),
      /names somebody else.*\(found no name in the certificate .*\w+ from no issuer, wanted a text like \*\)/,
    ],
    'any name by search': [by([{ subject: { search: '' } }]), /names somebody else/],
    'any issuer': [by([{ issuer: { glob: '*' } }]), /names somebody else/],
  });
});

import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { after, test } from 'node:test';
import {
  checkSigners,
  pemOf,
  pemOfKey,
  signerOutcomes,
  type WantedOutcomes,
} from '../../testing/evidence/check-signers.ts';
import {
  keySigner,
  openSignatureScene,
  outcomeOf,
  type SignatureScene,
} from '../../testing/evidence/signature-scene.ts';
import { makeAuthority } from '../../testing/signing/certificate-maker.ts';
import { signStatement as signKeyless, statementAbout, startTestSigstore } from '../../testing/sigstore.ts';
import { type Digest, digestHex } from '../oci/digest.ts';
import type { Signer, SignerIdentity, SignerTrust, TextSpec } from '../policy/model.ts';
import { localSigner } from '../signing/key/local-signer.ts';
import { generateKeyPair } from '../signing/key/private-key.ts';
import { formatPublicKey } from '../signing/key/public-key-pem.ts';
import type { Signer as SigningKey } from '../signing/signer.ts';
import { parseTrustedRoot } from '../signing/trust/parse-trusted-root.ts';
import type { SignatureContext } from './context.ts';

const sigstore = await startTestSigstore();
after(() => sigstore[Symbol.asyncDispose]());
const root = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'of the test');
const byRoot: Partial<SignatureContext> = { trust: { trust: root, logsForKeys: 0, timestamps: 0 } };
const services = { logs: [{ url: sigstore.url, version: 1 }], timestampAuthorities: [] } as const;

const [mine, theirs] = (await Promise.all([1, 2].map(() => generateKeyPair()))).map(({ privateKey }) =>
  localSigner(privateKey),
) as [SigningKey, SigningKey];

const check = (
  scene: SignatureScene,
  wanted: WantedOutcomes,
  context: Partial<SignatureContext> = byRoot,
): Promise<void> => checkSigners(scene, wanted, context);

const own = (parts: Partial<Signer>): Partial<Signer> => ({ ...keySigner('x', mine), ...parts });

test('a signer counts by its key alone, in whichever layout it signed', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  await scene.signByTag(mine);
  const keys = [theirs, mine].map(({ publicKey }) => ({ pem: formatPublicKey(publicKey) }));
  await check(scene, {
    mine: [own({}), 'verified'],
    theirs: [keySigner('x', theirs), /^2 signatures were found and none counts: .*not made with the key/],
    either: [{ keys }, 'verified'],
    'several blocks': [{ keys: [{ pem: keys.map(({ pem }) => pem).join('') }] }, 'verified'],
    'no key': [{ keys: [{ pem: 'x' }] }, /^unavailable: This holds no key/],
    'not read': [{ keys: [{ reference: 'k8s://a/b' }] }, /^unavailable: The key k8s:\/\/a\/b .* was not read/],
    'bundles alone': [own({ layouts: ['bundle'] }), 'verified'],
    'tags alone': [own({ layouts: ['legacy'] }), 'verified'],
    'another form': [own({ layouts: ['notation'] }), /^absent$/],
  });
  await using bundled = await openSignatureScene();
  await bundled.signByBundle(mine);
  await check(bundled, { legacy: [own({ layouts: ['legacy'] }), /^absent$/], any: [own({}), 'verified'] });
  await using tagged = await openSignatureScene();
  await tagged.signByTag(mine);
  await check(tagged, { bundle: [own({ layouts: ['bundle'] }), /^absent$/], any: [own({}), 'verified'] });
});

test('what one signer takes counts for no other that looks with it', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  await scene.signByTag(theirs);
  const checks = await scene.look([
    keySigner('a', mine, { layouts: ['bundle'] }),
    keySigner('b', mine, { layouts: ['legacy'] }),
    keySigner('c', theirs, { layouts: ['bundle'] }),
    keySigner('d', theirs, { layouts: ['legacy'] }),
  ]);
  const counts = Object.values(checks).map((check) => outcomeOf(check) === 'verified');
  assert.deepEqual(counts, [true, false, false, true]);
});

test('a key counts by the hash that is named, and by no other', async () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const hashes = ['sha224', 'sha256', 'sha384', 'sha512'] as const;
  for (const privateKey of [rsa, curve]) {
    const key = localSigner(privateKey);
    for (const hash of hashes) {
      // Nothing here signs SHA-224; others do.
      const by: SigningKey = { ...key, sign: (message) => Promise.resolve(sign(hash, message, privateKey)) };
      for (const attach of ['signByTag', 'signByBundle'] as const) {
        await using scene = await openSignatureScene();
        await scene[attach](by);
        for (const named of hashes) {
          const found = await signerOutcomes(scene, { one: { ...keySigner('one', key), hash: named } });
          if (named === hash) assert.equal(found['one'], 'verified', `${hash} ${attach}`);
          else assert.match(found['one'] ?? '', /not made with the key/, `${hash} as ${named} ${attach}`);
        }
        const usual = await signerOutcomes(scene, { one: keySigner('one', key) });
        // SHA-224 is never taken for what nobody named.
        if (hash === 'sha224') assert.match(usual['one'] ?? '', /not made with the key/);
        if (hash === 'sha256') assert.equal(usual['one'], 'verified');
      }
    }
  }
  const pss = localSigner(rsa, { padding: 'pss' });
  await using scene = await openSignatureScene();
  await scene.signByTag(pss);
  await check(scene, {
    'as key services sign': [{ keys: [{ pem: pemOfKey(pss.publicKey.spki) }] }, 'verified'],
    'with another hash': [{ keys: [{ pem: pemOfKey(pss.publicKey.spki) }], hash: 'sha512' }, /not made/],
  });
});

test('annotations must all be signed, in one signature that counts', async () => {
  await using scene = await openSignatureScene();
  const signed = new Map([
    ['env', 'prod'],
    ['team', 'core'],
  ]);
  await scene.signByBundle(mine, { annotations: signed });
  await scene.signByTag(mine, { annotations: new Map([['env', 'test']]) });
  // An untrusted signer may sign what it likes (Kyverno took the annotations of one and the identity of another).
  await scene.signByTag(theirs, { annotations: new Map([['who', 'theirs']]) });
  const exact = (...texts: readonly (readonly [string, string])[]): Partial<Signer> =>
    own({ annotations: Object.fromEntries(texts.map(([name, text]) => [name, { exact: text }])) });
  await check(scene, {
    both: [exact(['env', 'prod'], ['team', 'core']), 'verified'],
    'across signatures': [
      exact(['env', 'test'], ['team', 'core']),
      /"env" is not signed with that value|"team" is not signed/,
    ],
    'of another signer': [exact(['who', 'theirs']), /"who" is not signed with that value/],
    'another value': [exact(['env', 'dev']), /wanted env=dev/],
    glob: [own({ annotations: { env: { glob: 'pr?d' } } }), 'verified'],
    'no glob': [own({ annotations: { env: { glob: 'pr??d' } } }), /env/],
  });
});

test('signatures lie in another repository and behind a prefix only where the signer says so', async () => {
  await using scene = await openSignatureScene();
  const { host } = scene.registry;
  const repository = `${host}/team/signatures`;
  await scene.signByTag(mine, { repository: 'team/signatures', prefix: 'v-' });
  await scene.signByBundle(theirs, { repository: 'team/signatures' });
  const context = {
    ...byRoot,
    remoteFor: (name: string) => ({ client: scene.remote.client, repository: name.slice(host.length + 1) }),
  };
  await check(
    scene,
    {
      there: [own({ repository, tagPrefix: 'v-' }), 'verified'],
      'a bundle there': [{ ...keySigner('x', theirs), repository }, 'verified'],
      'without the prefix': [own({ repository }), /not made with the key/],
      'another prefix': [own({ repository, tagPrefix: 'w-' }), /not made with the key/],
      here: [own({ tagPrefix: 'v-' }), /^absent$/],
      elsewhere: [own({ repository: `${host}/other`, tagPrefix: 'v-' }), /^absent$/],
    },
    context,
  );
  await check(scene, { nowhere: [own({ repository }), /^unavailable: No signatures are looked for in/] });
  // Beside the image, a prefix is as exact.
  await using beside = await openSignatureScene();
  await beside.signByTag(mine, { prefix: 'v-' });
  const both = { a: own({ tagPrefix: 'v-' }), b: own({}) } as const;
  const checks = await beside.look(
    Object.entries(both).map(([name, parts]) => ({ ...keySigner(name, mine), ...parts, name })),
  );
  assert.deepEqual([outcomeOf(checks['a']), outcomeOf(checks['b'])], ['verified', 'absent']);
});

async function signedKeyless(scene: SignatureScene): Promise<void> {
  const bundle = await signKeyless(sigstore, statementAbout(digestHex(scene.digest)), { rekor: 1, issuer: 'github' });
  scene.attachBundle(Buffer.from(JSON.stringify(bundle)));
}

test('an identity counts by issuer, subject and claims together, each of which can fail (CVE-2025-29778)', async () => {
  await using scene = await openSignatureScene();
  await signedKeyless(scene);
  const found = await scene.look([{ name: 'x', keys: [], identities: [{}] }], byRoot);
  const by = found['x']?.state === 'known' && found['x'].value.verified ? (found['x'].value.by[0] ?? '') : '';
  const [subject, issuer] = by.split(' of ') as [string, string];
  assert.ok(subject.startsWith('https://github.com/') && issuer.startsWith('http'), by);
  const who = (identity: SignerIdentity): Partial<Signer> => ({ identities: [identity] });
  const whose = (text: TextSpec): Partial<Signer> => who({ issuer: { exact: issuer }, subject: text });
  const claims = (texts: Readonly<Record<string, TextSpec>>): Partial<Signer> =>
    who({ issuer: { exact: issuer }, claims: texts });
  const not = /IDENTITY|names somebody else|is not as it was asked for/;
  const all: TextSpec = { search: '' };
  await check(scene, {
    exact: [whose({ exact: subject }), 'verified'],
    'not exact': [whose({ exact: `${subject}x` }), not],
    'another issuer': [who({ issuer: { exact: `${issuer}/x` }, subject: { exact: subject } }), not],
    'an issuer by search': [who({ issuer: { search: '^ftp' }, subject: { exact: subject } }), not],
    'a whole match': [whose({ regex: 'https://github\\.com/.*' }), 'verified'],
    'not a whole match': [whose({ regex: 'github\\.com' }), not],
    'alternatives are one match': [whose({ regex: 'a|https://github\\.com/.*' }), 'verified'],
    'a search': [whose({ search: 'github\\.com/' }), 'verified'],
    'no such search': [whose({ search: 'gitlab' }), not],
    'a glob': [whose({ glob: 'https://github.com/*@refs/heads/*' }), 'verified'],
    'no glob': [whose({ glob: 'https://github.com/?' }), not],
    'both of two': [whose({ all: [{ search: 'github' }, { search: '^https' }] }), 'verified'],
    'one of two': [whose({ all: [{ search: 'github' }, { search: '^http:' }] }), not],
    'the workflow by its name': [claims({ githubWorkflowRepository: { glob: '*/*' } }), 'verified'],
    'the workflow by its number': [claims({ '1.3.6.1.4.1.57264.1.5': { glob: '*/*' } }), 'verified'],
    'in other capitals': [claims({ SourceRepositoryURI: { search: '^https' } }), 'verified'],
    'another workflow': [claims({ githubWorkflowRepository: { exact: 'x/y' } }), not],
    'another number': [claims({ '1.3.6.1.4.1.57264.1.5': { exact: 'x/y' } }), not],
    'a claim that is not there': [claims({ deploymentEnvironment: all }), /found none/],
    'a claim that nobody knows': [claims({ madeUp: all }), /found none/],
    'any of several': [{ identities: [{ subject: { exact: 'x' } }, { subject: { exact: subject } }] }, 'verified'],
    'halves of several': [
      {
        identities: [
          { subject: { exact: subject }, issuer: { exact: 'x' } },
          { subject: { exact: 'x' }, issuer: { exact: issuer } },
        ],
      },
      not,
    ],
    'a pattern that is none': [whose({ regex: '(' }), /^unavailable: The pattern/],
  });
});

test('a glob that others take exponential time for takes none', async () => {
  await using scene = await openSignatureScene();
  await signedKeyless(scene);
  const subject: TextSpec = { glob: `${'*a'.repeat(2000)}*b` };
  await check(scene, { slow: [{ identities: [{ subject }] }, /names somebody else/] });
});

test('what is trusted for a signer stands in the place of what the gate says', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine, { services });
  const [log] = root.logs;
  const strange = pemOfKey(theirs.publicKey.spki);
  const trust = (more: SignerTrust): Partial<Signer> => own({ trust: more });
  const nothing: Partial<SignatureContext> = { trust: { trust: undefined, logsForKeys: 0, timestamps: 0 } };
  const logs: Partial<SignatureContext> = { trust: { trust: root, logsForKeys: 1, timestamps: 0 } };
  const logKeys = pemOfKey(log?.key.spki as Buffer);
  await check(scene, { usual: [own({}), 'verified'], required: [trust({ log: 'required' }), 'verified'] });
  await check(scene, { usual: [own({}), 'verified'], ignored: [trust({ log: 'ignored' }), 'verified'] }, logs);
  await check(
    scene,
    {
      // The entry is of a log that nobody trusts here, and nobody asks for one.
      usual: [own({}), 'verified'],
      required: [trust({ log: 'required' }), /^unavailable: It is not known yet/],
      'by its key': [trust({ log: 'required', logKeys }), 'verified'],
      'by its key alone': [trust({ logKeys }), 'verified'],
      'by another key': [trust({ logKeys: strange }), /log that is not trusted/],
      'by another key that is ignored': [trust({ log: 'ignored', logKeys: strange }), 'verified'],
      'by no key': [trust({ logKeys: 'x' }), /^unavailable: The log keys of the signer/],
    },
    nothing,
  );
  await check(scene, { 'by another key': [trust({ logKeys: strange }), /log that is not trusted/] }, logs);
  await using unlogged = await openSignatureScene();
  await unlogged.signByBundle(mine);
  await check(unlogged, {
    required: [trust({ log: 'required' }), /Too few transparency logs/],
    usual: [own({}), 'verified'],
  });
  await check(unlogged, { ignored: [trust({ log: 'ignored' }), 'verified'], usual: [own({}), /Too few/] }, logs);
});

test('certificates of identities are vouched for by what the signer trusts', async () => {
  await using scene = await openSignatureScene();
  await signedKeyless(scene);
  const [log] = root.ctLogs;
  const [authority] = root.authorities;
  const strange = pemOfKey(theirs.publicKey.spki);
  const other = makeAuthority('other');
  const trust = (more: SignerTrust): Partial<Signer> => ({ identities: [{}], trust: more });
  await check(scene, {
    usual: [trust({}), 'verified'],
    'the log of certificates by its key': [
      trust({ certificateLogKeys: pemOfKey(log?.key.spki as Buffer) }),
      'verified',
    ],
    'another log of certificates': [trust({ certificateLogKeys: strange }), /publish the certificate/],
    'another that is ignored': [trust({ certificateLogKeys: strange, certificateLog: 'ignored' }), 'verified'],
    'its authorities': [trust({ authorities: pemOf(...(authority?.certificates ?? [])) }), 'verified'],
    'its authorities, with their log': [
      trust({ authorities: pemOf(...(authority?.certificates ?? [])), certificateLog: 'required' }),
      'verified',
    ],
    'other authorities': [trust({ authorities: pemOf(other) }), /No trusted authority issued/],
    'no authorities': [trust({ authorities: strange }), /^unavailable: The authorities of the signer/],
    'a timestamp that is not there': [trust({ timestampAuthorities: pemOf(other) }), /stamped the signature/],
  });
  const nothing: Partial<SignatureContext> = { trust: { trust: undefined, logsForKeys: 0, timestamps: 0 } };
  await check(scene, { unknown: [trust({}), /^unavailable: It is not known yet/] }, nothing);
});

test('a timestamp authority of its own must vouch for the time', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine, { services: { timestampAuthorities: [sigstore.tsaUrl] } });
  const certificates = root.timestampAuthorities.flatMap((one) => one.certificates);
  const nothing: Partial<SignatureContext> = { trust: { trust: undefined, logsForKeys: 0, timestamps: 0 } };
  await check(
    scene,
    {
      'nobody asks': [own({}), 'verified'],
      'its own': [own({ trust: { timestampAuthorities: pemOf(...certificates) } }), 'verified'],
      another: [
        own({ trust: { timestampAuthorities: pemOf(makeAuthority('other')) } }),
        /No trusted authority (?:made|issued)/,
      ],
    },
    nothing,
  );
  await using unstamped = await openSignatureScene();
  await unstamped.signByBundle(mine);
  await check(unstamped, {
    missing: [own({ trust: { timestampAuthorities: pemOf(...certificates) } }), /Too few trusted authorities/],
  });
});

test('a signature of another image counts for nobody, whatever vouches for it', async () => {
  await using scene = await openSignatureScene();
  const named = `sha256:${'00'.repeat(32)}` as Digest;
  await scene.signByBundle(mine, { named });
  await scene.signByTag(mine, { named });
  await scene.signByReferrer(mine, { named });
  await check(scene, { mine: [own({}), /^3 signatures were found and none counts: .*something else|another image/] });
});

import type { Attack } from './attack.ts';
import {
  attacks,
  cache,
  checks,
  cosign,
  entity,
  image,
  images,
  notation,
  tuf,
  verify,
} from './signing-attack-tests.ts';

/** What other verifiers take and this one does not. */
export const loose: readonly Attack[] = [
  {
    id: 'extended key usage',
    what: 'a leaf for servers, for nothing, or with an unknown critical extension; a leaf that is an authority',
    tests: [
      [entity, '`verifyEntity() refuses ${what}`'],
      [`${verify}/check-certificate-chain.test.ts`, 'is for signing code'],
    ],
  },
  {
    id: 'names',
    what: 'a DNS name, and the first of several names alone',
    tests: [
      [entity, '`verifyEntity() refuses ${what}`'],
      [entity, 'looks at every name of a certificate, not at the first alone'],
    ],
  },
  {
    id: 'unanchored patterns',
    what: 'a repository whose name only begins so, a dot for any letter, a line break, a pattern without end',
    tests: [
      [`${verify}/text-pattern.test.ts`, 'exactly() takes the text and no other'],
      [`${verify}/text-pattern.test.ts`, 'matching() matches the whole text'],
      [`${verify}/text-pattern.test.ts`, 'matching() cannot be made to hang'],
    ],
  },
  {
    id: 'subjects',
    what: 'a statement about something else',
    tests: [
      [image, 'takes no signature of another image, in either form'],
      ['src/signing/statement/statement.test.ts', 'checkSubject() finds the artifact among the subjects'],
      [attacks, 'a statement about something else'],
    ],
  },
  {
    id: 'media types',
    what: 'a version that nobody knows, and a tail',
    tests: [
      ['src/signing/bundle/parse.test.ts', 'parseBundle() refuses what breaks the format'],
      [`${cosign}/bundles.test.ts`, 'takes a bundle by its layer alone, from version 0.3 on'],
    ],
  },
  {
    id: 'log without a start',
    what: 'a log of the trusted root that is trusted from no day on',
    tests: [
      [`${verify}/check-log-entries.test.ts`, 'does not trust a log without a start'],
      ['src/signing/trust/parse-trusted-root.test.ts', 'leaves a log without a start untrusted'],
    ],
  },
  {
    id: 'no time',
    what: 'a certificate that nothing proves a time for',
    tests: [
      [entity, 'holds the certificate to its time with or without a log'],
      [entity, 'wants a time that somebody vouches for, whatever the clock says'],
    ],
  },
];

/** More that somebody may try. */
export const more: readonly Attack[] = [
  {
    id: 'predicate confusion',
    what: 'an image with a bill of materials alone is not signed',
    tests: [
      [image, 'takes no statement for a signature'],
      [image, 'takes no referrer of one kind in the older form for another'],
      [image, 'does not believe an attestation in the older form that it is a signature'],
      [images, 'attest --sbom and --scan state what we find ourselves'],
      [attacks, 'an attestation does not sign'],
    ],
  },
  {
    id: 'referrers',
    what: 'a referrer of another digest',
    tests: [[`${cosign}/bundles.test.ts`, 'takes nothing that is attached to another digest, whatever the list says']],
  },
  {
    id: 'annotations',
    what: 'the right image without the annotations',
    tests: [
      [image, 'wants annotations signed, not merely there'],
      [attacks, 'annotations that nobody signed'],
      [checks, 'the older form is held to the image'],
    ],
  },
  {
    id: 'index',
    what: 'an index that is signed, its images not',
    tests: [
      [image, 'does not take an index that is signed'],
      [attacks, 'an index that is signed does not sign'],
    ],
  },
  {
    id: 'JSON',
    what: 'names twice, `__proto__`, names in another case',
    tests: [
      ['src/codec/json/parse.test.ts', 'refuses what readers may understand differently'],
      ['src/signing/image/simple-signing.test.ts', 'another spelling of the digest'],
      ['src/signing/image/simple-signing.test.ts', 'a critical part of prototypes'],
      [attacks, 'payloads of the older form are read letter by letter'],
    ],
  },
  {
    id: 'sizes',
    what: 'a payload of another size than its descriptor says',
    tests: [[`${cosign}/bundles.test.ts`, "['another size'"]],
  },
  {
    id: 'DSSE',
    what: 'two signatures in one envelope',
    tests: [
      ['src/signing/bundle/parse.test.ts', 'parseBundle() refuses what breaks the format'],
      [`${cosign}/legacy-entity.test.ts`, 'refuses envelopes that are not exactly one signed payload'],
    ],
  },
  {
    id: 'checkpoints',
    what: 'a part of the name of a log',
    tests: [
      ['src/signing/log/checkpoint.test.ts', 'judgeCheckpoint() compares names whole'],
      ['src/signing/log/checkpoint.test.ts', 'wants a line of the log itself'],
    ],
  },
  {
    id: 'promises',
    what: 'an empty list of promises',
    tests: [[entity, "['fulcio.empty-sct-list'"]],
  },
  {
    id: 'scrypt',
    what: 'a key that takes all memory to open',
    tests: [['src/signing/key/encrypted-key.test.ts', 'refuses hostile scrypt parameters before any work']],
  },
  {
    id: 'downgrade',
    what: 'bundles hidden so that the older form counts',
    tests: [[image, 'does not fall back to the older form when bundles alone count']],
  },
  {
    id: 'could not look',
    what: 'a registry that does not answer',
    tests: [
      [images, 'verify does not call an image unsigned when the registry answers'],
      [image, 'says that it could not look'],
      [`${cosign}/bundles.test.ts`, 'never says that there are none where it could not look'],
    ],
  },
  {
    id: 'revocation',
    what: 'a certificate that may have been revoked, where the policy enforces that it was not',
    tests: [
      [notation, 'verify-notation accepts no certificate that may have been revoked, unless the policy says so'],
      ['src/signing/notation/cases.test.ts', 'a timestamp whose signer may have been revoked'],
    ],
  },
  {
    id: 'cache',
    what: 'what is kept of a key or an anchor that was changed',
    tests: [
      [tuf, 'does not take the cache of another root for its own'],
      [cache, 'what was found out about one authority says nothing about another'],
      [cache, 'a key that was replaced at its address verifies nothing more'],
      [cache, 'who was taken out of the trusted root is trusted no more'],
    ],
  },
];

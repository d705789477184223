/** An attack on signing that was or may be made, and the tests that make it here. */
export interface Attack {
  /** The advisory, or where the idea comes from. */
  readonly id: string;
  readonly what: string;
  /** A file, and the title of a test in it as its source has it. */
  readonly tests: readonly (readonly [file: string, title: string])[];
}

const verify = 'src/signing/verify';
const entity = `${verify}/verify-entity.test.ts`;
const image = 'src/signing/image/verify-image.test.ts';
const cosign = 'src/signing/cosign';
const tuf = 'src/signing/trust/tuf/open-targets.test.ts';
const images = 'test/end-to-end/signing.test.ts';
const keyless = 'test/end-to-end/signing-keyless.test.ts';
const notation = 'test/end-to-end/verify-notation.test.ts';
const attacks = 'test/hostile/signing-attacks.test.ts';
const tufAttacks = 'test/hostile/signing-tuf.test.ts';
const addresses = 'test/hostile/signing-addresses.test.ts';
const memory = 'test/hostile/signing-memory.test.ts';
const cache = 'test/hostile/signing-cache.test.ts';
const checks = 'test/hostile/signing-checks.test.ts';

/** Weaknesses that others had. */
export const known: readonly Attack[] = [
  {
    id: 'CVE-2022-23649',
    what: 'the log entry of another signature',
    tests: [
      [`${verify}/check-log-bodies.test.ts`, 'refuses entries of every kind with another signature (CVE-2022-23649)'],
      [entity, 'ties the log entry to this signature'],
    ],
  },
  {
    id: 'CVE-2022-35929, CVE-2022-35930',
    what: 'an attestation of another type',
    tests: [
      [image, 'takes no statement for a signature, and none for a statement of another type'],
      [images, 'verify-attestation wants its type and its condition'],
      [attacks, 'a statement of another type'],
      [checks, 'envelopes of another type of payload'],
    ],
  },
  {
    id: 'CVE-2022-36056',
    what: 'a blob with an unrelated entry, and a name that nobody checked',
    tests: [
      [entity, 'ties the log entry to this signature'],
      [keyless, 'verify-blob without a key checks who signed'],
      [checks, "another key's signature, and another's log entry"],
    ],
  },
  {
    id: 'CVE-2026-22703',
    what: 'any valid entry of the log',
    tests: [
      [`${verify}/check-log-bodies.test.ts`, 'about another artifact or envelope (CVE-2026-22703)'],
      [`${verify}/check-log-bodies.test.ts`, 'refuses entries of every kind by another key or certificate'],
    ],
  },
  {
    id: 'GHSA-fx35-mq7g-6g98',
    what: 'a key where a certificate is expected',
    tests: [
      [entity, 'takes the key where a certificate is wanted for nothing'],
      [`${verify}/check-log-bodies.test.ts`, 'does not take a key for a certificate of the same bytes'],
      [attacks, 'a certificate where a key was asked for'],
      [`${cosign}/legacy-entity.test.ts`, 'refuses what could be taken for a proof and is none'],
    ],
  },
  {
    id: 'CVE-2026-24122',
    what: 'an intermediate whose time is over, without a log',
    tests: [
      [entity, 'holds the certificate to its time with or without a log'],
      [`${verify}/check-certificate-chain.test.ts`, 'wants the chain to hold at every time'],
      ['src/signing/certificate/build-chain.test.ts', 'buildChain() holds issuers to theirs, the anchor too'],
      [attacks, 'without a log, a certificate must hold now'],
    ],
  },
  {
    id: 'CVE-2026-39395',
    what: 'a payload that cannot be read, a type that is not checked',
    tests: [
      ['src/signing/statement/statement.test.ts', 'parseStatement() refuses what is no statement'],
      [keyless, 'verify-blob-attestation wants the file, the type, the condition and a statement'],
      [attacks, 'a payload that is no statement'],
    ],
  },
  {
    id: 'CVE-2026-49834',
    what: 'one log, certificate log or authority counted several times',
    tests: [
      [`${verify}/check-log-entries.test.ts`, 'counts each log once (CVE-2026-49834)'],
      [`${verify}/check-certificate-transparency.test.ts`, 'counts a log once'],
      [`${verify}/check-timestamps.test.ts`, 'counts an authority once'],
      [checks, 'signers are counted once'],
    ],
  },
  {
    id: 'CVE-2026-54787',
    what: 'a key outside its time',
    tests: [
      [entity, 'keeps to the time of a key'],
      [attacks, 'a key outside its window'],
    ],
  },
  {
    id: 'CVE-2026-39984',
    what: 'wrong or additional certificates in a timestamp',
    tests: [
      ['src/signing/timestamp/verify.test.ts', 'checks the very certificate that signed'],
      ['src/signing/timestamp/verify.test.ts', 'wants a certificate for timestamps alone'],
      [checks, 'a stamp that was asked for must be there'],
    ],
  },
  {
    id: 'CVE-2026-48815, CVE-2025-29778',
    what: 'a field of the policy that is dropped',
    tests: [
      [entity, 'lets every field of a policy bite'],
      [entity, 'takes issuer and subject of one identity together'],
      [attacks, 'every wish of a policy bites'],
      [checks, 'conditions are asked'],
    ],
  },
  {
    id: '@sigstore/oci before 0.7.1',
    what: 'credentials for a part of a host',
    tests: [['src/oci/client/keychain/keychain.test.ts', 'findInAuthFile() finds the entry that a repository has']],
  },
  {
    id: 'CVE-2023-46737, CVE-2024-29902, CVE-2024-29903, CVE-2024-45395, CVE-2023-33958',
    what: 'signatures without end, huge ones',
    tests: [
      [image, 'looks at no more than a thousand attachments'],
      ['src/net/hostile-servers.test.ts', 'gives up bodies that are too long, too slow or broken'],
      [`${cosign}/bundles.test.ts`, 'gives up more than a thousand referrers, and more bytes than it holds'],
      [`${cosign}/legacy-signatures.test.ts`, 'gives up what no honest image has'],
      [checks, 'no signature has more of anything'],
    ],
  },
  {
    id: 'CVE-2023-33957, CVE-2023-25656, CVE-2023-42813 to 42816',
    what: 'memory, nesting and sizes',
    tests: [
      [entity, 'takes no more of anything than honest signatures have'],
      [image, 'judges each bundle by itself, however broken the others are'],
      ['src/codec/json/parse.test.ts', 'stops at a depth, and takes no names from strings'],
    ],
  },
  {
    id: 'CVE-2023-33959, CVE-2022-47633, CVE-2023-47630',
    what: 'another content at the second request',
    tests: [
      [`${cosign}/bundles.test.ts`, 'takes a swapped manifest or bundle for a problem'],
      [images, 'verify asks for a tag once, and believes its content and not its name'],
    ],
  },
  {
    id: 'CVE-2023-47122, CVE-2024-51746',
    what: "a log's key from the network",
    tests: [[`${verify}/check-log-entries.test.ts`, 'knows logs by their id alone']],
  },
  {
    id: 'CVE-2026-24137, CVE-2026-23991, CVE-2026-23992, CVE-2026-24686',
    what: 'a TUF repository that lies',
    tests: [
      [tuf, 'is not led back to older metadata'],
      [tuf, 'takes another root, whose signatures it wants'],
      [tuf, 'does not take the cache of another root for its own'],
      [tuf, '`openTargets() refuses ${what}, and keeps what it had`'],
      [attacks, 'a hostile TUF repository'],
      [tufAttacks, 'names in a TUF repository lead nowhere'],
      [tufAttacks, 'names of roles in a TUF repository lead nowhere'],
      [tufAttacks, 'as many keys as a role of a TUF repository needs must have signed it, each counted once'],
      [tufAttacks, 'what is no metadata is an error with a code'],
    ],
  },
  {
    id: 'CVE-2026-22772, CVE-2026-49478, CVE-2026-24117',
    what: 'an address of a key, a service or an issuer that leads into a private network, by itself or by a redirect',
    tests: [
      [addresses, 'a signing config that was fetched leads nowhere into this machine'],
      [addresses, 'a TUF repository elsewhere cannot have signatures sent into this machine'],
      [addresses, 'an issuer elsewhere cannot have secrets of a login sent into this machine, or unencrypted'],
      [addresses, 'services cannot send on what they were sent'],
      [addresses, 'a log that has an entry already says only which, not where'],
      [addresses, 'who verifies asks none of the addresses in a trusted root'],
      ['src/net/redirect.test.ts', 'redirectTarget() refuses downgrades, other schemes and ways into this machine'],
      ['src/signing/key/load-key.test.ts', 'a key is not taken from where a redirect into a private network led'],
      ['src/signing/key/load-key.test.ts', 'keys are not fetched from private addresses'],
    ],
  },
  {
    id: 'CVE-2025-66506, CVE-2025-66564',
    what: 'memory for tokens of many dots, huge object identifiers and requests',
    tests: [
      [memory, 'a token of many dots is refused before it is taken apart'],
      [memory, 'the development sigstore takes no token of many dots either'],
      [memory, 'an object identifier is as long as real ones, wherever it stands'],
      ['src/signing/keyless/token/identity-token.test.ts', 'parseIdentityToken() survives hostile bytes'],
      ['src/codec/der/read.test.ts', 'readOid() reads dotted forms'],
    ],
  },
  {
    id: 'CVE-2024-23332',
    what: 'a tag that leads back to an old image, whose signature is over',
    tests: [
      [notation, 'verify-notation is not led back to an image whose signature is over (CVE-2024-23332)'],
      ['src/signing/notation/verify-envelope.test.ts', 'a signature holds until the moment in which it expires'],
      ['src/signing/notation/cases.test.ts', 'an expiry that has passed'],
    ],
  },
  {
    id: 'GHSA-r2xv-vpr2-42m9',
    what: 'a second attestation that is believed for the sake of the first',
    tests: [[checks, 'each attestation is verified for itself, whatever others of the image are worth']],
  },
  {
    id: 'CVE-2026-32280',
    what: 'certificates that sign each other across',
    tests: [['src/signing/certificate/build-chain.test.ts', 'gives up on certificates that sign each other across']],
  },
];

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

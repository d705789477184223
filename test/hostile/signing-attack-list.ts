import type { Attack } from './attack.ts';
import {
  addresses,
  attacks,
  checks,
  cosign,
  entity,
  image,
  images,
  keyless,
  memory,
  notation,
  tuf,
  tufAttacks,
  verify,
} from './signing-attack-tests.ts';

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

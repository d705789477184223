/** An attack that happened to others, or that somebody will try, and the test that fails when the door is open again. */
export interface KnownAttack {
  readonly attack: string;
  readonly file: string;
  readonly test: string;
}

const verify = 'src/signing/verify';
const cosign = 'src/signing/cosign';
const here = 'test/hostile/signing-attacks.test.ts';
const checks = 'test/hostile/signing-checks.test.ts';

function at(file: string, ...rows: readonly (readonly [attack: string, test: string])[]): KnownAttack[] {
  return rows.map(([attack, test]) => ({ attack, file, test }));
}

/** Published flaws of signing tools by their number, and what else is known to be tried. */
export const knownAttacks: readonly KnownAttack[] = [
  ...at(
    `${verify}/check-log-bodies.test.ts`,
    ['CVE-2022-23649: an entry of another signature', 'with another signature (CVE-2022-23649)'],
    ['CVE-2022-36056: an entry of another key', 'by another key or certificate'],
    ['CVE-2026-22703: any entry of the log', 'about another artifact or envelope (CVE-2026-22703)'],
    ['CVE-2024-51746: an entry of another kind', 'not of the kind and version it is said to be'],
  ),
  ...at(
    `${verify}/check-log-entries.test.ts`,
    ['CVE-2026-49834: one log counted several times', 'counts each log once (CVE-2026-49834)'],
    ['CVE-2023-47122: the key of the log from elsewhere', 'knows logs by their id alone'],
    ['a log that was never said to hold from a time on', 'does not trust a log without a start'],
    ['a time that the log did not sign', 'counts a time only when the log signed it'],
  ),
  ...at(
    `${verify}/check-timestamps.test.ts`,
    ['CVE-2026-49834: one authority counted several times', 'counts an authority once'],
    ['endless timestamps', 'takes no more than a bundle may have'],
  ),
  ...at(
    `${verify}/check-certificate-transparency.test.ts`,
    ['CVE-2026-49834: one certificate log counted several times', 'counts a log once'],
    ['a promise of another certificate', 'refuses promises that do not hold'],
  ),
  ...at(
    'src/signing/timestamp/verify.test.ts',
    ['CVE-2026-39984: certificates in a timestamp', 'checks the very certificate that signed'],
    ['CVE-2026-39984: an authority for other things too', 'wants a certificate for timestamps alone'],
  ),
  ...at(
    `${verify}/text-pattern.test.ts`,
    ['SAN that only begins or ends as it should', 'matches the whole text'],
    ['a pattern that takes for ever', 'cannot be made to hang'],
  ),
  ...at(
    'src/signing/certificate/build-chain.test.ts',
    [
      'CVE-2026-32280: certificates that sign each other across',
      'gives up on certificates that sign each other across',
    ],
    ['CVE-2026-24122: an intermediate whose time is over', 'wants one chain for all times'],
  ),
  ...at(
    `${cosign}/legacy-entity.test.ts`,
    [
      'GHSA-fx35-mq7g-6g98: a bare key in the place of a certificate',
      'refuses what could be taken for a proof and is none',
    ],
    ['two signatures in one envelope', 'refuses envelopes that are not exactly one signed payload'],
  ),
  ...at(
    `${cosign}/bundles.test.ts`,
    ['CVE-2023-46737, CVE-2024-29902, CVE-2024-45395: endless signatures', 'gives up more than a thousand referrers'],
    ['CVE-2023-33959: another manifest at the second request', 'takes a swapped manifest or bundle for a problem'],
    ['a referrer of another image', 'takes nothing that is attached to another digest'],
    ['429 and 5xx told as unsigned', 'never says that there are none where it could not look'],
  ),
  ...at(
    `${cosign}/legacy-signatures.test.ts`,
    ['CVE-2024-29903: endless layers and bytes', 'gives up what no honest image has'],
    ['a payload that is not as long as its descriptor says', 'tells which layers it cannot use'],
    ['a downgrade by hiding what is attached', 'never says that there are none where it could not look'],
  ),
  ...at(
    'src/signing/bundle/parse.test.ts',
    ['CVE-2023-33957, CVE-2023-42813: bundles that exhaust memory', 'survives hostile bytes'],
    ['media types that only begin as they should', 'refuses what breaks the format'],
  ),
  ...at(
    'src/codec/json/parse.test.ts',
    ['names that are there twice, and __proto__', 'refuses what readers may understand differently'],
    ['CVE-2023-42814: nesting without end', 'stops at a depth'],
  ),
  ...at(
    'src/signing/log/checkpoint.test.ts',
    ['an origin that only begins as it should', 'compares names whole'],
    ['a note of other witnesses', 'wants a line of the log itself'],
  ),
  ...at('src/signing/key/encrypted-key.test.ts', [
    'scrypt parameters that take all memory',
    'refuses hostile scrypt parameters before any work',
  ]),
  ...at('src/signing/keyless/token/identity-token.test.ts', [
    'CVE-2025-66506: a token of points',
    'survives hostile bytes',
  ]),
  ...at('src/signing/key/load-key.test.ts', [
    'CVE-2026-22772, CVE-2026-24117: a key from a private network',
    'keys are not fetched from private addresses',
  ]),
  ...at('src/oci/client/keychain/keychain.test.ts', [
    '@sigstore/oci < 0.7.1: credentials of a host that only contains the name',
    'finds the entry that a repository has',
  ]),
  ...at(
    checks,
    ['CVE-2022-36056: a signature over something else', "another key's signature, and another's log entry"],
    ['a stamp of another signature', 'a stamp that was asked for must be there'],
    ['an envelope of another type', 'envelopes of another type of payload'],
    ['a payload of the older form about another image', 'the older form is held to the image'],
    ['one signer told as several', 'signers are counted once'],
    ['a condition that nobody asks', 'conditions are asked'],
  ),
  ...at(
    here,
    ['CVE-2022-35929, CVE-2022-35930: an attestation of another type', 'a statement of another type'],
    ['CVE-2026-39395: a payload that cannot be read', 'a payload that is no statement'],
    ['CVE-2026-54787: a key outside its time', 'a key outside its window'],
    ['CVE-2026-48815: a wish of the policy that is dropped', 'every wish of a policy'],
    ['CVE-2025-29778: a pattern that is dropped', 'every wish of a policy'],
    [
      'CVE-2026-24137, CVE-2026-23991, CVE-2026-23992, CVE-2026-24686: a hostile TUF repository',
      'a hostile TUF repository',
    ],
    ['cosign 3.1: an attestation told as a signature', 'an attestation does not sign'],
    ['an index that is signed and an image in it that is not', 'an index that is signed'],
    ['annotations that nobody signed', 'annotations that nobody signed'],
    ['Docker-Manifest-Digest', 'payloads of the older form'],
    ['a certificate where a key was asked for, and the reverse', 'a certificate where a key was asked for'],
    ['what @sigstore/verify is looser in, and what services may spoil', 'what services spoil'],
    ['a statement about something else', 'a statement about something else'],
    ['a certificate of the time to come, or past, without a log', 'without a log, a certificate must hold now'],
  ),
];

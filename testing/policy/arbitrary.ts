import * as fc from 'fast-check';
import { parseDigest } from '../../src/oci/digest.ts';
import { severities } from '../../src/finding/severity.ts';
import type { BySigner, Evidence, FindingFacts, Gathered, SignatureCheck } from '../../src/policy/evidence.ts';
import { gates } from '../../src/policy/evidence.ts';
import type { Policy, PolicyException, Rule, RuleScope, SignerChoice, SignerSet } from '../../src/policy/model.ts';
import { ruleActions } from '../../src/policy/model.ts';
import { day, makeFinding, makePolicy, makeSubject, testNow } from './make-evidence.ts';

/** A member that may be left out, as `exactOptionalPropertyTypes` wants it. */
function optional<Name extends string, Value>(
  name: Name,
  value: fc.Arbitrary<Value>,
): fc.Arbitrary<{ [Key in Name]?: Value }> {
  return fc.option(value, { nil: undefined }).map((given) => (given === undefined ? {} : { [name]: given })) as never;
}

function merged<Parts extends object[]>(
  ...parts: { [Index in keyof Parts]: fc.Arbitrary<Parts[Index]> }
): fc.Arbitrary<object> {
  return fc.tuple(...parts).map((all) => Object.assign({}, ...(all as object[])) as object);
}

const ids = ['CVE-2026-1', 'CVE-2026-2', 'CVE-2026-3', 'GHSA-1'];
const packageNames = ['openssl', 'curl', 'zlib'];
const predicateTypes = ['https://a', 'https://b'];
const signerNames = ['release', 'ci', 'security'];

/** A time within some days of {@link testNow}, on a coarse grid so that times meet. */
const time: fc.Arbitrary<number> = fc.integer({ min: -20, max: 20 }).map((days) => testNow + days * day);
const span: fc.Arbitrary<number> = fc.integer({ min: 1, max: 20 }).map((days) => days * day);

function gathered<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Gathered<Value>> {
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ state: fc.constant('known' as const), value, at: fc.constant(testNow - day) }),
    },
    fc.constant({ state: 'absent', at: testNow } as const),
    fc.constant({ state: 'pending' } as const),
    fc.constantFrom('away', 'slow').map((reason) => ({ state: 'unavailable', reason }) as const),
  );
}

/** A finding among a few flaws, packages and dates, so that rules and exceptions meet it. */
export const finding: fc.Arbitrary<FindingFacts> = merged(
  fc.record({
    id: fc.constantFrom(...ids),
    aliases: fc.subarray(ids),
    vendorIds: fc.subarray(['DSA-1', 'DSA-2']),
    severity: fc.constantFrom(...severities),
    fixedVersions: fc.subarray(['1', '2']),
    status: fc.constantFrom('fixed', 'affected', 'will_not_fix'),
    package: fc.constantFrom(...packageNames).map((name) => ({ ...makeFinding().package, name })),
    published: time.map((at) => new Date(at).toISOString()),
  }),
  optional('knownExploited', fc.constant({ dateAdded: '2026-05-01', ransomware: false })),
  optional('knownSince', time),
) as fc.Arbitrary<FindingFacts>;

const scope: fc.Arbitrary<RuleScope> = merged(
  optional('gates', fc.subarray([...gates], { minLength: 1 })),
  optional('repositories', fc.subarray(['team/*', 'docker.io/**'], { minLength: 1 })),
  optional('tags', fc.subarray(['1.*', 'latest'], { minLength: 1 })),
);

function signersOf(depth: number): fc.Arbitrary<SignerSet> {
  const choice = fc.subarray(signerNames, { minLength: 1 });
  const choices: fc.Arbitrary<readonly SignerChoice[]> =
    depth === 0
      ? choice
      : fc
          .tuple(choice, fc.array(signersOf(depth - 1), { maxLength: 2 }))
          .map(([names, sets]): SignerChoice[] => [...names, ...sets]);
  return choices.chain((all) =>
    fc.record({ signers: fc.constant(all), atLeast: fc.integer({ min: 1, max: all.length }) }),
  );
}

const signers: fc.Arbitrary<SignerSet> = signersOf(1);

/** Some decide with less than they ask for. */
const expressions = [
  'image.user == "app" || signatures.release.verified',
  'signatures.exists(name, signatures[name].verified) && attestations.one.size() > 0',
  'vulnerabilities.findings.all(f, f.severity != "CRITICAL") || sbom.exists(s, s.format == "spdx")',
  'now - image.created < duration("240h")',
  'attestations.one.all(s, s.predicate == true) ? subject.gate == "pull" : signatures.ci.verified',
];

const kinds: readonly fc.Arbitrary<object>[] = [
  merged(
    fc.constant({ kind: 'vulnerabilities' }),
    optional('severity', fc.constantFrom(...severities)),
    optional('fixable', fc.boolean()),
    optional('exploited', fc.boolean()),
    optional('ids', fc.subarray(ids, { minLength: 1 })),
    optional('packages', fc.subarray(packageNames, { minLength: 1 })),
    optional('ignoreStatuses', fc.subarray(['will_not_fix', 'affected'])),
    optional('grace', fc.record({ for: span, since: fc.constantFrom('published', 'known') })),
    optional('maxDatabaseAge', span),
    optional('maxScanAge', span),
    optional('incomplete', fc.constantFrom('deny', 'allow')),
  ),
  merged(fc.constant({ kind: 'signatures' }), signers),
  merged(fc.constant({ kind: 'sbom' }), optional('signers', fc.subarray(signerNames, { minLength: 1 }))),
  merged(
    fc.constant({ kind: 'attestation' }),
    signers,
    fc.record({ predicateType: fc.constantFrom(...predicateTypes) }),
    optional(
      'condition',
      fc.constantFrom(
        { cel: 'predicate.good' },
        { cel: 'predicate == true || now < timestamp("2026-06-03T00:00:00Z")' },
        { kyverno: [{ any: [{ key: '{{ good }}', operator: 'Equals', value: true }] }], exact: false },
      ),
    ),
    optional('which', fc.constantFrom('any', 'all')),
    optional('maxAge', span),
  ),
  merged(
    fc.constant({ kind: 'source' }),
    optional('allow', fc.subarray(['docker.io/**', '**/team/*'])),
    optional('deny', fc.subarray(['ghcr.io/**', '**/app'])),
  ),
  merged(fc.constant({ kind: 'age' }), optional('maxSinceCreated', span), optional('minSinceFirstSeen', span)),
  fc.constant({ kind: 'endOfLife' }),
  merged(
    fc.constant({ kind: 'config' }),
    optional('nonRoot', fc.boolean()),
    optional('labels', fc.constant({ team: 'a*' })),
    optional('forbiddenEnvironment', fc.constant(['*TOKEN*'])),
    optional('healthcheck', fc.boolean()),
  ),
  merged(fc.constant({ kind: 'digest' }), fc.record({ pin: fc.boolean(), required: fc.boolean() })),
  merged(
    fc.constant({ kind: 'expression' }),
    fc.record({ condition: fc.constantFrom(...expressions.map((cel) => ({ cel }))) }),
    fc.record({
      statements: signersOf(1).map((set) => ({ one: { predicateType: 'https://a', ...set } })),
    }),
  ),
];

const ruleName = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6');

/** Any rule; its name is one of a few. */
export const rule: fc.Arbitrary<Rule> = merged(
  fc.record({ name: ruleName, action: fc.constantFrom(...ruleActions, 'deny'), match: scope }),
  optional('unknown', fc.constantFrom('deny', 'allow')),
  fc.oneof(...kinds),
) as fc.Arbitrary<Rule>;

/** Any exception; its name is one of a few, and it may name rules of {@link rule}. */
export const exception: fc.Arbitrary<PolicyException> = merged(
  fc.record({
    name: fc.constantFrom('e1', 'e2', 'e3', 'e4'),
    owner: fc.constant('o'),
    reason: fc.constant('r'),
    until: time,
  }),
  fc.oneof(
    fc.record({ rules: fc.subarray(['r1', 'r2', 'r3', 'r4'], { minLength: 1 }) }),
    fc.record({ ids: fc.subarray(ids, { minLength: 1 }) }),
    fc.record({ packages: fc.subarray(packageNames, { minLength: 1 }) }),
  ),
  optional('repositories', fc.subarray(['team/*', 'other/**'], { minLength: 1 })),
  optional('digests', fc.constant([makeSubject().digest])),
) as fc.Arbitrary<PolicyException>;

/** Any policy with some rules and exceptions. */
export const policy: fc.Arbitrary<Policy> = fc
  .record({
    rules: fc.uniqueArray(rule, { maxLength: 6, selector: ({ name }) => name }),
    exceptions: fc.uniqueArray(exception, { maxLength: 4, selector: ({ name }) => name }),
    unknown: fc.constantFrom('deny' as const, 'allow' as const),
  })
  .map(({ rules, exceptions, unknown }) => {
    const names = new Set(rules.map(({ name }) => name));
    const kept = exceptions.map((each) =>
      each.rules === undefined ? each : { ...each, rules: each.rules.filter((name) => names.has(name)) },
    );
    return makePolicy(rules, { exceptions: kept, unknown });
  });

const check: fc.Arbitrary<SignatureCheck> = fc.oneof(
  fc.record({ verified: fc.constant(true as const), by: fc.subarray(['k1', 'k2']) }),
  fc.constantFrom('bad', 'worse').map((why) => ({ verified: false, why }) as const),
);

function bySigner<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<BySigner<Value>> {
  return fc.dictionary(fc.constantFrom(...signerNames), gathered(value), { maxKeys: 3 });
}

const problem = fc
  .constantFrom('a', 'b')
  .map((subject) => ({ code: 'X', subject, message: 'm', incomplete: true as const }));

const attestation = fc.record({
  predicate: fc.constantFrom(true, false, { good: true }, { good: false }, {}),
  by: fc.constantFrom('k1', 'k2'),
  signedAt: time,
});

/** Any evidence about the image of `makeSubject`. */
export const evidence: fc.Arbitrary<Evidence> = merged(
  fc.record({
    now: time,
    subject: fc
      .record({
        gate: fc.constantFrom(...gates),
        tags: fc.subarray(['1.4', 'latest', 'x']),
        named: fc.constantFrom('tag', 'digest'),
        pins: fc.boolean(),
      })
      .map(makeSubject),
  }),
  optional(
    'image',
    gathered(
      merged(
        fc.constant({ labels: { team: 'ab' }, user: 'app' }),
        optional('created', time),
        optional('healthcheck', fc.boolean()),
        optional('environment', fc.subarray(['PATH', 'A_TOKEN'])),
      ),
    ),
  ),
  optional('firstSeen', gathered(time)),
  optional(
    'vulnerabilities',
    gathered(
      merged(
        fc.record({ findings: fc.array(finding, { maxLength: 6 }), incomplete: fc.array(problem, { maxLength: 2 }) }),
        optional('databaseBuiltAt', time),
        optional('databaseWholeAt', time),
        optional(
          'distribution',
          merged(fc.constant({ name: 'Debian' }), optional('supportEnd', fc.oneof(time, fc.constant('open' as const)))),
        ),
      ),
    ),
  ),
  optional(
    'sbom',
    gathered(
      fc.array(
        fc.record({
          format: fc.constantFrom('spdx', 'cyclonedx'),
          digest: fc.constantFrom('1', '2').map((digit) => parseDigest(`sha256:${digit.repeat(64)}`)),
          signatures: bySigner(check),
        }),
        { maxLength: 3 },
      ),
    ),
  ),
  optional('signatures', bySigner(check)),
  optional(
    'attestations',
    fc.dictionary(
      fc.constantFrom(...predicateTypes),
      bySigner(fc.record({ verified: fc.array(attestation, { maxLength: 3 }) })),
      { maxKeys: 2 },
    ),
  ),
) as fc.Arbitrary<Evidence>;

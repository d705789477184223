import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { assertReadsAny } from '../../../testing/policy/edited-policy.ts';
import { documentOf, mistakesOf, policyOf } from '../../../testing/policy/policy-text.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { compilePolicy } from '../compile.ts';
import { policyJsonSchema } from './document/schema.ts';
import { readPolicy } from './read-policy.ts';

const pem = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE6a0EuKaz4pByVTL+NxdErF39zuPU
dys84vAFZlsgy3pEv4ZDui1bIQVAoqETbLdIm5udIQjezl//uCVwTn1//Q==
-----END PUBLIC KEY-----`;

const whole = documentOf(`unknown: deny
exceptionHelp: 'ask #security'
signers:
  - name: release
    keys:
      - file: keys/release.pub
      - pem: |
${pem.replaceAll(/^/gm, '          ')}
  - name: ci
    identities:
      - issuer: https://token.actions.githubusercontent.com
        subjectRegex: https://github\\.com/org/.+
rules:
  - name: no-critical
    help: rebuild
    match:
      gates: [push, pull]
      repositories: ['**', {regex: 'team/.*'}]
      exceptRepositories: [sandbox/**]
      sources: [docker.io/**]
      exceptSources: [docker.io/evil/*]
      tags: [v*]
      platforms: [linux/amd64]
    vulnerabilities:
      severity: critical
      fixable: true
      exploited: false
      epss: 0.1
      ids: [CVE-2021-44228]
      packages: [{wildcard: '*log4j*'}]
      ignoreStatuses: [will_not_fix]
      grace: 14d
      graceSince: known
      maxDatabaseAge: 2d
      incomplete: allow
  - {name: signed, action: warn, unknown: allow, signatures: {signers: [release, ci]}}
  - {name: any, signatures: {signers: [release, ci], require: any}}
  - {name: listed, sbom: {signers: [ci], formats: [spdx]}}
  - {name: built, attestation: {predicateType: slsaprovenance1, signers: [ci], condition: predicate.x == 1, which: all, maxAge: 30d, require: 1}}
  - {name: from, source: {allow: [docker.io/library/*], deny: [quay.io/**]}}
  - {name: old, age: {maxSinceCreated: 90d, minSinceFirstSeen: 3d}}
  - {name: dead, endOfLife: {}}
  - {name: shape, config: {nonRoot: true, labels: {org.opencontainers.image.source: https://github.com/**}}}
exceptions:
  - name: log4j
    owner: team-a
    reason: moves next month
    until: 2026-12-31
    rules: [no-critical]
    ids: [CVE-2021-44228]
    packages: ['log4j*']
    repositories: [team/legacy]
    sources: [docker.io/**]
    digests: ['sha256:${'a'.repeat(64)}']`);

test('readPolicy() reads everything that there is', async () => {
  const policy = await policyOf(whole);
  assert.deepEqual(policy, {
    unknown: 'deny',
    exceptionHelp: 'ask #security',
    signers: [
      { name: 'release', keys: [{ file: '/policies/keys/release.pub' }, { pem: `${pem}\n` }], identities: [] },
      {
        name: 'ci',
        keys: [],
        identities: [
          {
            issuer: { exact: 'https://token.actions.githubusercontent.com' },
            subject: { regex: 'https://github\\.com/org/.+' },
          },
        ],
      },
    ],
    rules: [
      {
        kind: 'vulnerabilities',
        name: 'no-critical',
        action: 'deny',
        help: 'rebuild',
        match: {
          gates: ['push', 'pull'],
          repositories: ['**', { regex: 'team/.*' }],
          exceptRepositories: ['sandbox/**'],
          sources: ['docker.io/**'],
          exceptSources: ['docker.io/evil/*'],
          tags: ['v*'],
          platforms: ['linux/amd64'],
        },
        severity: 'CRITICAL',
        fixable: true,
        exploited: false,
        epss: 0.1,
        ids: ['CVE-2021-44228'],
        packages: [{ wildcard: '*log4j*' }],
        ignoreStatuses: ['will_not_fix'],
        grace: { for: 14 * 86_400_000, since: 'known' },
        maxDatabaseAge: 2 * 86_400_000,
        incomplete: 'allow',
      },
      { kind: 'signatures', name: 'signed', action: 'warn', unknown: 'allow', signers: ['release', 'ci'], atLeast: 2 },
      { kind: 'signatures', name: 'any', action: 'deny', signers: ['release', 'ci'], atLeast: 1 },
      { kind: 'sbom', name: 'listed', action: 'deny', signers: ['ci'], formats: ['spdx'] },
      {
        kind: 'attestation',
        name: 'built',
        action: 'deny',
        predicateType: 'https://slsa.dev/provenance/v1',
        signers: ['ci'],
        condition: { cel: 'predicate.x == 1' },
        which: 'all',
        maxAge: 30 * 86_400_000,
        atLeast: 1,
      },
      { kind: 'source', name: 'from', action: 'deny', allow: ['docker.io/library/*'], deny: ['quay.io/**'] },
      { kind: 'age', name: 'old', action: 'deny', maxSinceCreated: 90 * 86_400_000, minSinceFirstSeen: 3 * 86_400_000 },
      { kind: 'endOfLife', name: 'dead', action: 'deny' },
      {
        kind: 'config',
        name: 'shape',
        action: 'deny',
        nonRoot: true,
        labels: { 'org.opencontainers.image.source': 'https://github.com/**' },
      },
    ],
    exceptions: [
      {
        name: 'log4j',
        owner: 'team-a',
        reason: 'moves next month',
        until: Date.parse('2026-12-31T00:00:00Z'),
        rules: ['no-critical'],
        ids: ['CVE-2021-44228'],
        packages: ['log4j*'],
        repositories: ['team/legacy'],
        sources: ['docker.io/**'],
        digests: [`sha256:${'a'.repeat(64)}`],
      },
    ],
  });
  assert.match(compilePolicy(policy).hash, /^[0-9a-f]{64}$/);
});

test('policyJsonSchema() takes what readPolicy() takes', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(policyJsonSchema());
  assert.ok(validate(JSON.parse(JSON.stringify(load(whole)))), JSON.stringify(validate.errors));
  assert.ok(!validate({ apiVersion: 'seaworthy.dev/v1alpha1', kind: 'Policy', spec: { rulse: [] } }));
});

const signer = 'signers: [{name: s, keys: [{file: k}]}]\n';

test('readPolicy() joins documents and files, in whatever order', async () => {
  const signers = documentOf(signer.trim());
  const rules = documentOf('unknown: allow\nrules: [{name: a, signatures: {signers: [s]}}]');
  const exceptions = documentOf(
    'unknown: allow\nexceptions: [{name: e, owner: o, reason: r, until: 2026-01-01, rules: [a]}]',
  );
  const one = await policyOf(`---\n${signers}---\n${rules}---\n# nothing\n---\n${exceptions}`);
  assert.equal(one.unknown, 'allow');
  const { hash } = compilePolicy(one);
  // The file with the signers, which names a key beside it, is the first in both.
  const split = await policyOf(`${signers}---\n${exceptions}`, rules);
  assert.equal(compilePolicy(split).hash, hash);
  assert.equal(compilePolicy(await policyOf(`${exceptions}---\n${rules}---\n${signers}`)).hash, hash);
});

test('readPolicy() tells where documents contradict each other', async () => {
  const first = documentOf('unknown: deny\nrules: [{name: a, endOfLife: {}}]');
  const second = documentOf('unknown: allow\nrules: [{name: b, endOfLife: {}}, {name: a, endOfLife: {}}]');
  const expected = [
    /^\d:\d+:3: spec.unknown: is another than in a document before; keep one/,
    /^\d:\d+:\d+: spec.rules\[1\].name: is "a", which another has too/,
  ];
  for (const told of [await mistakesOf(first, second), await mistakesOf(`${first}---\n${second}`)]) {
    assert.equal(told.length, 2, told.join('\n'));
    for (const [index, wanted] of expected.entries()) assert.match(told[index] ?? '', wanted);
  }
});

test('readPolicy() says where a part of the policy stands', async () => {
  const reading = await readPolicy([
    { file: 'a', text: documentOf('rules: [{name: a, endOfLife: {}}]') },
    { file: 'b', text: documentOf('signers:\n  - name: s\n    keys:\n      - file: k') },
  ]);
  assert.ok(reading.mistakes === undefined);
  const mistake = reading.mistakeAt(['signers', 0, 'keys', 0, 'file'], 'x');
  assert.equal(formatMistake(mistake.file, mistake), 'b:7:11: spec.signers[0].keys[0].file: x');
});

test('readPolicy() bounds what it reads', async () => {
  assert.match((await mistakesOf('---\na\n'.repeat(101)))[0] ?? '', /more than 100 documents/);
  const many = Array.from({ length: 201 }, (_, index) => `  - {name: r${index}, endOfLife: {}}`).join('\n');
  assert.match(
    (await mistakesOf(documentOf(`rules:\n${many}`)))[0] ?? '',
    /rules: is a list of more than 200; write fewer/,
  );
  const halves = [0, 1].map((half) =>
    documentOf(
      `rules:\n${Array.from({ length: 101 }, (_, index) => `  - {name: r${half}-${index}, endOfLife: {}}`).join('\n')}`,
    ),
  );
  assert.match((await mistakesOf(...halves))[0] ?? '', /rules are more than 200|rules: are more than 200/);
  const patterns = Array.from({ length: 101 }, () => 'a').join();
  assert.match(
    (await mistakesOf(documentOf(`rules: [{name: a, source: {allow: [${patterns}]}}]`)))[0] ?? '',
    /more than 100/,
  );
});

test('readPolicy() throws nothing, whatever it is given', async () => {
  await assertReadsAny(
    whole,
    ['  - a', '    x: {}', 'spec:', '[]', '---', '  rules: 5', '      severity:', '- [*a]'],
    150,
  );
});

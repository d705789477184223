import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import test from 'node:test';
import { lintTexts } from './lint-texts.ts';
import { lintChecks } from './list.ts';

const now = Date.UTC(2026, 5, 1);

async function found(...texts: readonly string[]): Promise<readonly string[]> {
  const results = await lintTexts(
    texts.map((text, at) => ({ file: String(at), text })),
    now,
  );
  return results.map(({ id, path }) => `${id} ${path}`);
}

const good = 'mutateDigest: true, verifyDigest: true';
const signer = 'attestors: [{entries: [{keyless: {issuer: "https://i.example", subject: "https://g.example/org/*"}}]}]';
const kyverno = (entry: string, spec: string = 'validationFailureAction: Enforce'): string => `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: k}
spec:
  ${spec}
  rules:
    - name: r
      verifyImages: [{${entry}}]
`;
const images = (...patterns: readonly string[]): string =>
  kyverno(`imageReferences: ${JSON.stringify(patterns)}, ${signer}`);
const keyless = (members: string): string =>
  kyverno(`imageReferences: ["*"], attestors: [{entries: [{keyless: {${members}}}]}]`);
const skips = (wanted: string, skipped: string): string =>
  kyverno(`imageReferences: ["${wanted}"], skipImageReferences: ["${skipped}"], ${signer}`);
const own = (spec: string, name: string = 'o'): string =>
  `apiVersion: seaworthy.dev/v1\nkind: ImagePolicy\nmetadata: {name: ${name}}\nspec: {${spec}}\n`;
/** A rule that validates. */
const ruleWith = (members: string, spec: string = 'admission: true'): string =>
  `apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: k}\nspec:\n  ${spec}\n  rules: [{name: r, ${members}}]\n`;
const shadowed = (one: string, other: string): string => {
  const rule = (name: string, pattern: string): string =>
    `{name: ${name}, match: {any: [{resources: {kinds: [Pod]}}]}, verifyImages: [{imageReferences: ["${pattern}"], ${signer}}]}`;
  return `apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: k}\nspec: {applyRules: One, validationFailureAction: Enforce, rules: [${rule('a', one)}, ${rule('b', other)}]}\n`;
};
const identity = (members: string): string => own(`signers: [{name: s, identities: [{${members}}]}]`);
const cip = (spec: string): string =>
  `apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: c}\nspec: {${spec}}\n`;
const ivpol = (spec: string): string =>
  `apiVersion: policies.kyverno.io/v1\nkind: ImageValidatingPolicy\nmetadata: {name: i}\nspec: {${spec}}\n`;
const first = 'spec.rules[0].verifyImages[0]';
const entry = `${first}.attestors[0].entries[0]`;

const never = (list: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `image-never spec.${list}[${at}]`);

const cases: readonly (readonly [text: string, ...wanted: readonly string[]])[] = [
  [images('*')],
  [images('ghcr.io/org/*')],
  [images('ghcr.io/org*'), `image-prefix-open ${first}.imageReferences[0]`],
  [images('ghcr.io/org/app*'), `image-prefix-open ${first}.imageReferences[0]`],
  [
    skips('*', 'ghcr.io/org*'),
    `image-prefix-open ${first}.skipImageReferences[0]`,
    `skips-enforced ${first}.skipImageReferences[0]`,
  ],
  [own('exceptImages: ["ghcr.io/org/app*"]'), 'image-prefix-open spec.exceptImages[0]'],
  [own('sources: {allow: ["ghcr.io/org/**"]}')],
  [own('sources: {allow: [{wildcard: "ghcr.io/org*"}]}'), 'image-prefix-open spec.sources.allow[0]'],
  [images('*.trusted.io/org/*'), `image-host-open ${first}.imageReferences[0]`],
  [images('*/*')],
  [images('*/org/app:1'), `image-digest-missed ${first}.imageReferences[0]`],
  [
    skips('*', '*/org/app:*'),
    `image-host-open ${first}.skipImageReferences[0]`,
    `skips-enforced ${first}.skipImageReferences[0]`,
  ],
  [own('references: [{wildcard: "ghcr.io/org/app:*"}]'), 'image-digest-missed spec.references[0]'],
  [own('references: ["ghcr.io/org/app:*", "ghcr.io/org/app@*"]')],
  [identity('issuer: i, subject: {search: org}'), 'regexp-unanchored spec.signers[0].identities[0].subject.search'],
  [cip('images: [{glob: "*.trusted.io/org/*"}]')],
  [cip('images: [{glob: "**.trusted.io/org/*"}]'), 'image-host-open spec.images[0].glob'],
  [ivpol('matchImageReferences: [{glob: "*.trusted.io/org/*"}]'), 'image-host-open spec.matchImageReferences[0].glob'],
  [images('ghcr.io/org/app:*'), `image-digest-missed ${first}.imageReferences[0]`],
  [images('ghcr.io/org/app:*', 'ghcr.io/org/app@*')],
  [images('localhost:5000/app')],
  [keyless('issuer: "https://i.example", subjectRegExp: "^https://g\\\\.example/org/.*$"')],
  [
    keyless('issuer: "https://i.example", subjectRegExp: "https://g\\\\.example/org/.*$"'),
    `regexp-unanchored ${entry}.keyless.subjectRegExp`,
  ],
  [keyless('issuerRegExp: "^https://i\\\\.example", subject: a'), `regexp-unanchored ${entry}.keyless.issuerRegExp`],
  [keyless('issuerRegExp: "^https://i.example$", subject: a'), `regexp-host-dot ${entry}.keyless.issuerRegExp`],
  [keyless('issuerRegExp: "^https://.+[.]example/a$", subject: a')],
  [keyless('subject: "https://g.example/org/*"'), `identity-anyone ${entry}.keyless`],
  [keyless('issuer: "https://i.example", subject: "*"'), `identity-anyone ${entry}.keyless`],
  [keyless('issuer: "https://i.example", subjectRegExp: "^.*$"'), `identity-anyone ${entry}.keyless`],
  [keyless('roots: x')],
  [
    kyverno('imageReferences: ["*"], attestors: [{entries: [{attestor: {entries: [{keyless: {issuer: a}}]}}]}]'),
    `identity-anyone ${entry}.attestor.entries[0].keyless`,
  ],
  [
    kyverno('imageReferences: ["*"], attestations: [{type: t, conditions: [{all: []}]}]'),
    `identity-anyone ${first}.attestations[0]`,
  ],
  [cip('authorities: [{keyless: {url: u}}]'), 'identity-anyone spec.authorities[0].keyless'],
  [cip('authorities: [{keyless: {url: u, identities: [{issuer: a, subject: b}]}}]')],
  [
    cip('authorities: [{keyless: {identities: [{issuer: a, subjectRegExp: "b"}]}}]'),
    'regexp-unanchored spec.authorities[0].keyless.identities[0].subjectRegExp',
  ],
  [
    ivpol('attestors: [{name: a, cosign: {keyless: {identities: [{issuer: a}]}}}]'),
    'identity-anyone spec.attestors[0].cosign.keyless.identities[0]',
  ],
  [identity('issuer: a, subject: {regex: "https://g[.]example/.*"}')],
  [
    identity('issuer: a, subject: {regex: "https://g.example/.*"}'),
    'regexp-host-dot spec.signers[0].identities[0].subject.regex',
  ],
  [identity('issuer: a, subject: {glob: "*"}'), 'identity-anyone spec.signers[0].identities[0]'],
  [keyless('issuer: a, subject: b, rekor: {ignoreTlog: true}'), `log-ignored ${entry}.keyless.rekor.ignoreTlog`],
  [keyless('issuer: a, subject: b, rekor: {ignoreTlog: true}, ctlog: {tsaCertChain: x}')],
  [
    own('signers: [{name: s, identities: [{issuer: a, subject: b}], trust: {log: ignored}}]'),
    'log-ignored spec.signers[0].trust.log',
  ],
  [own('signers: [{name: s, keys: [{file: a}], trust: {log: ignored}}]')],
  [kyverno(`imageReferences: ["*"], ${signer}`, 'background: true'), 'never-denies spec.validationFailureAction'],
  [kyverno(`imageReferences: ["*"], failureAction: Enforce, ${signer}`, 'background: true')],
  [ivpol('validationActions: [Audit, Warn]'), 'never-denies spec.validationActions'],
  [ivpol('validationActions: [Deny]')],
  [cip('mode: warn'), 'never-denies spec.mode'],
  [own('enforcement: warn, signatures: [{signers: [s]}]'), 'never-denies spec.enforcement'],
  [own('enforcement: warn, endOfLife: {}')],
  [skips('ghcr.io/org/*', 'ghcr.io/*'), `skips-all ${first}.skipImageReferences[0]`],
  [skips('ghcr.io/*', 'ghcr.io/org/*'), `skips-enforced ${first}.skipImageReferences[0]`],
  // One name that both match says nothing of the others.
  [skips('ghcr.io/*', 'ghcr.io/zz9'), `skips-enforced ${first}.skipImageReferences[0]`],
  [skips('ghcr.io/*', 'ghcr.io/org/*').replace('Enforce', 'Audit'), 'never-denies spec.validationFailureAction'],
  [
    skips('ghcr.io/*', 'ghcr.io/org/*')
      .replace('Action: Enforce', 'Action: Audit')
      .replace('[{', '[{failureAction: Enforce, '),
    `skips-enforced ${first}.skipImageReferences[0]`,
  ],
  [own('images: [ghcr.io/org/**], exceptImages: [ghcr.io/**]'), 'skips-all spec.exceptImages[0]'],
  [own('images: [ghcr.io/**], exceptImages: [ghcr.io/org/**]')],
  [
    kyverno(`imageReferences: ["*"], ${signer}`, 'validationFailureAction: Enforce\n  failurePolicy: Ignore'),
    'fails-open spec.failurePolicy',
  ],
  [own('unknown: allow, signatures: [{signers: [s]}]'), 'fails-open spec.unknown'],
  [own('unknown: allow, endOfLife: {}')],
  [
    kyverno(`imageReferences: ["*"], mutateDigest: false, verifyDigest: false, ${signer}`),
    `tag-movable ${first}.mutateDigest`,
  ],
  [kyverno(`imageReferences: ["*"], mutateDigest: false, ${signer}`)],
  [kyverno(`imageReferences: ["*"], ${good}, ${signer}`)],
  [
    ivpol('validationConfigurations: {mutateDigest: false, verifyDigest: false}'),
    'tag-movable spec.validationConfigurations.mutateDigest',
  ],
  [
    kyverno(`imageReferences: ["*"], attestations: [{type: t, ${signer}}]`),
    `attestation-unconditional ${first}.attestations[0]`,
  ],
  [own('attestations: [{type: t, signers: [s]}]'), 'attestation-unconditional spec.attestations[0]'],
  [own('attestations: [{type: t, signers: [s], condition: "true"}]')],
  ['apiVersion: kyverno.io/v2\nkind: PolicyException\nmetadata: {name: e}\nspec: {}\n', 'exception-long spec'],
  [own('exceptions: [{name: e, until: "2028-01-01"}]'), 'exception-long spec.exceptions[0].until'],
  [own('exceptions: [{name: e, until: "2026-05-01"}]'), 'exception-long spec.exceptions[0].until'],
  [own('exceptions: [{name: e, until: "2026-07-01"}]')],
  ['apiVersion: v1\nkind: ConfigMap\nspec: {failurePolicy: Ignore}\n'],
  [images('nginx:*'), `image-host-open ${first}.imageReferences[0]`, `image-never ${first}.imageReferences[0]`],
  [
    images('library/nginx*'),
    `image-never ${first}.imageReferences[0]`,
    `image-prefix-open ${first}.imageReferences[0]`,
  ],
  [images('team/app/*'), `image-never ${first}.imageReferences[0]`],
  [own('images: [nginx, "team/**", docker.io/nginx, "index.docker.io/**", "ghcr.io:443/x/*"]'), ...never('images', 5)],
  [own('sources: {deny: ["registry-1.docker.io/**", "*"]}'), ...never('sources.deny', 2)],
  [own('images: ["**", "*/x", "docker.io/*/*", "docker.io/**", "registry:443/x", localhost/x, "localhost:5000/x"]')],
  [own('sources: {allow: [nginx]}, references: ["index.docker.io/nginx@*"], exceptImages: [nginx]')],
  [images('docker.io/nginx@*')],
  [images('localhost/app/*')],
  [images('host:5000/app/*')],
  [images('*/app/*')],
  [kyverno(`imageReferences: ["*"], required: false, ${signer}`), `not-required ${first}.required`],
  [kyverno(`imageReferences: ["*"], required: true, ${signer}`)],
  [ivpol('validationConfigurations: {required: false}'), 'not-required spec.validationConfigurations.required'],
  [
    ruleWith('exclude: {any: [{resources: {selector: {matchLabels: {skip: "yes"}}}}]}'),
    'exempt-by-labels spec.rules[0].exclude.any[0].resources.selector',
  ],
  [
    ruleWith(
      'exclude: {any: [{resources: {names: [a], namespaces: [b]}}, {resources: {names: [a]}}, {subjects: [], resources: {names: [a]}}]}',
    ),
    'exempt-by-labels spec.rules[0].exclude.any[1].resources.names',
  ],
  [
    ivpol('matchConstraints: {objectSelector: {matchLabels: {a: b}}}'),
    'exempt-by-labels spec.matchConstraints.objectSelector',
  ],
  [ivpol('matchConstraints: {objectSelector: {}}')],
  [
    ruleWith('preconditions: {all: [{key: "{{ request.userInfo.username }}", operator: Equals, value: a}]}'),
    'background-user spec.rules[0].preconditions.all[0].key',
  ],
  [
    ruleWith('validate: {message: "{{ to_upper(serviceAccountName) }}"}'),
    'background-user spec.rules[0].validate.message',
  ],
  [
    ruleWith(
      'preconditions: {all: [{key: "{{ request.userInfo.username }}", operator: Equals, value: a}]}',
      'background: false',
    ),
  ],
  [ruleWith('validate: {message: "request.userInfo is told"}')],
  [
    kyverno(`imageReferences: ["*"], ${signer}`).replace(
      '- name: r',
      '- name: r\n      match: {any: [{resources: {kinds: [Pod], operations: [DELETE]}}]}',
    ),
    'never-about spec.rules[0].match.any[0].resources.operations',
  ],
  [
    kyverno(`imageReferences: ["*"], ${signer}`).replace(
      '- name: r',
      '- name: r\n      match: {any: [{resources: {kinds: [Pod], operations: [DELETE, CREATE]}}]}',
    ),
  ],
  [ruleWith('match: {any: [{resources: {kinds: [Pod], operations: [DELETE]}}]}')],
  [ruleWith('exclude: {any: [{resources: {kinds: ["*"]}}]}'), 'never-about spec.rules[0].exclude.any[0]'],
  [ruleWith('exclude: {any: [{resources: {kinds: ["*"], namespaces: [a]}}]}')],
  [
    ruleWith('validate: {}', 'validationFailureAction: Enforce\n  failurePolicy: Ignore'),
    'fails-open spec.failurePolicy',
  ],
  [ruleWith('validate: {}', 'failurePolicy: Ignore')],
  [shadowed('ghcr.io/*', 'ghcr.io/org/*'), 'rule-shadowed spec.rules[1]'],
  [shadowed('ghcr.io/org/*', 'ghcr.io/*')],
  [shadowed('ghcr.io/*', 'ghcr.io/org/*').replace('One', 'All')],
  [shadowed('ghcr.io/*', 'ghcr.io/org/*').replace('{name: a,', '{name: a, preconditions: {all: [{key: a}]},')],
  [
    shadowed('ghcr.io/*', 'ghcr.io/org/*').replace(
      '{name: b, match: {any: [{resources: {kinds: [Pod]}}]}',
      '{name: b, match: {}',
    ),
  ],
  ['a: [1'],
  ['x'],
  [''],
];

for (const [text, ...wanted] of cases) {
  test(`lintTexts(): ${wanted.join(', ') || 'nothing'} in ${JSON.stringify(text).slice(0, 300)}`, async () => {
    assert.deepEqual(await found(text), wanted);
  });
}

test('lintTexts() finds keys that are too weak, and lets good ones be', async () => {
  const pem = (key: { export(options: { type: 'spki'; format: 'pem' }): string | Buffer }): string =>
    JSON.stringify(key.export({ type: 'spki', format: 'pem' }));
  const weak = pem(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey);
  const odd = pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey);
  const strong = pem(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);
  const keys = (each: string): string => own(`signers: [{name: s, keys: [{pem: ${each}}]}]`);
  assert.deepEqual(await found(keys(weak)), ['key-weak spec.signers[0].keys[0].pem']);
  assert.deepEqual(await found(keys(odd)), ['key-weak spec.signers[0].keys[0].pem']);
  assert.deepEqual(await found(keys(strong)), []);
  assert.deepEqual(
    await found(kyverno(`imageReferences: ["*"], attestors: [{entries: [{keys: {publicKeys: ${weak}}}]}]`)),
    [`key-weak ${entry}.keys.publicKeys`],
  );
});

test('lintTexts() compares policies with each other, where they are about the same', async () => {
  const allow = own('sources: {allow: ["ghcr.io/org/**"]}', 'a');
  const deny = own('sources: {deny: ["ghcr.io/**"]}', 'b');
  assert.deepEqual(await found(allow, deny), ['sources-contradict spec.sources.allow[0]']);
  assert.deepEqual(await found(allow, own('sources: {deny: ["ghcr.io/org/old/**"]}', 'b')), []);
  assert.deepEqual(await found(allow, own('images: ["ghcr.io/x/**"], sources: {deny: ["ghcr.io/**"]}', 'b')), []);
  assert.deepEqual(await found(allow, own('enforcement: warn, sources: {deny: ["ghcr.io/**"]}', 'b')), []);
});

test('lintTexts() says nothing of images that are left out of one rule and verified by another', async () => {
  const skip = skips('ghcr.io/*', 'ghcr.io/org/*');
  assert.deepEqual(await found(skip, images('ghcr.io/org/*').replace('name: k', 'name: l')), []);
  assert.deepEqual(await found(skip, own('images: [ghcr.io/**], signatures: [{signers: [s]}]')), []);
  const elsewhere = images('ghcr.io/other/*').replace('name: k', 'name: l');
  assert.deepEqual(await found(skip, elsewhere), [`skips-enforced ${first}.skipImageReferences[0]`]);
});

test('lintTexts() tells places of the whole text, in the order of the texts', async () => {
  const text = `${own('endOfLife: {}')}---\n${images('ghcr.io/org*')}`;
  const line = text.split('\n').findIndex((each) => each.includes('org*')) + 1;
  const [result] = await lintTexts([{ file: 'a', text }], now);
  assert.deepEqual([result?.file, result?.line, result?.severity], ['a', line, 'warning']);
});

test('checks have ids of their own, in order', () => {
  const ids = lintChecks.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)].sort());
});

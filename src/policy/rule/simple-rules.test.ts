import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePolicy } from '../compile.ts';
import { evaluate } from '../evaluate.ts';
import {
  day,
  judgeOne,
  known,
  makeEvidence,
  makePolicy,
  makeScan,
  makeSubject,
  testNow,
} from '../../../testing/policy/make-evidence.ts';
import type { Evidence, ImageFacts } from '../evidence.ts';
import type { ConfigRule, DigestRule, Rule } from '../model.ts';
import type { Outcome } from '../verdict.ts';

function source(rule: { readonly allow?: readonly string[]; readonly deny?: readonly string[] }): Rule {
  return { kind: 'source', name: 'r', action: 'deny', ...rule };
}

function age(rule: { readonly maxSinceCreated?: number; readonly minSinceFirstSeen?: number }): Rule {
  return { kind: 'age', name: 'r', action: 'deny', ...rule };
}

function config(rule: Omit<ConfigRule, 'kind' | 'name' | 'action'>): Rule {
  return { kind: 'config', name: 'r', action: 'deny', ...rule };
}

function from(name: string, kind: 'image' | 'artifact' = 'image'): Partial<Evidence> {
  return { subject: makeSubject({ source: name, kind }) };
}

function image(facts: Partial<ImageFacts>): Partial<Evidence> {
  return { image: known({ labels: {}, ...facts }) };
}

function digest(rule: Pick<DigestRule, 'pin' | 'required'>): Rule {
  return { kind: 'digest', name: 'r', action: 'deny', ...rule };
}

function named(by: 'tag' | 'digest', pins = false): Partial<Evidence> {
  return { subject: makeSubject({ named: by, pins }) };
}

const ports = [{ from: 1024, to: 65_535, protocol: 'tcp' } as const, { from: 53, to: 53 }];

const endOfLife: Rule = { kind: 'endOfLife', name: 'r', action: 'deny' };
const unreadable = { code: 'X', subject: 'a', message: 'b', incomplete: true } as const;
const debian = { name: 'Debian GNU/Linux 10' };

const cases: readonly (readonly [what: string, rule: Rule, evidence: Partial<Evidence>, Outcome, sentence?: RegExp])[] =
  [
    ['an allowed source', source({ allow: ['docker.io/library/*'] }), from('docker.io/library/nginx'), 'passed'],
    [
      'no allowed source',
      source({ allow: ['docker.io/library/*'] }),
      from('docker.io/evil/nginx'),
      'violated',
      /no source that is allowed/,
    ],
    [
      'a neighbour by its name',
      source({ allow: ['docker.io/library/**'] }),
      from('docker.io/library-evil/nginx'),
      'violated',
    ],
    [
      'a host that ends alike',
      source({ allow: ['*.trusted.io/org/**'] }),
      from('evil.io/x.trusted.io/org/a'),
      'violated',
    ],
    ['a denied source', source({ deny: ['quay.io/**', '**'] }), from('quay.io/a/b'), 'violated', /that "\*\*" denies/],
    ['a source that is both', source({ allow: ['**'], deny: ['quay.io/**'] }), from('quay.io/a/b'), 'violated'],
    ['a source that is not denied', source({ deny: ['quay.io/**'] }), from('ghcr.io/a/b'), 'passed'],
    ["an artifact's source", source({ allow: ['ghcr.io/**'] }), from('quay.io/a/b', 'artifact'), 'violated'],
    ['a young image', age({ maxSinceCreated: 30 * day }), image({ created: testNow - 30 * day + 1 }), 'passed'],
    [
      'an old image',
      age({ maxSinceCreated: 30 * day }),
      image({ created: testNow - 30 * day }),
      'violated',
      /counted until 2026-06-01T00:00:00Z/,
    ],
    ['an image of no date', age({ maxSinceCreated: day }), image({}), 'violated', /does not say when/],
    [
      'an image of no config',
      age({ maxSinceCreated: day }),
      { image: { state: 'absent', at: 0 } },
      'violated',
      /does not say when/,
    ],
    ['a clock that is ahead', age({ maxSinceCreated: day }), image({ created: testNow + day }), 'passed'],
    [
      'a day to come',
      age({ maxSinceCreated: day }),
      image({ created: testNow + day + 1 }),
      'violated',
      /still to come/,
    ],
    ['a pending config', age({ maxSinceCreated: day }), { image: { state: 'pending' } }, 'undecided'],
    [
      'an image out of quarantine',
      age({ minSinceFirstSeen: 7 * day }),
      { firstSeen: known(testNow - 7 * day) },
      'passed',
    ],
    [
      'an image in quarantine',
      age({ minSinceFirstSeen: 7 * day }),
      { firstSeen: known(testNow - day) },
      'violated',
      /first seen on 2026-05-31T00:00:00Z and counts from 2026-06-07T00:00:00Z on/,
    ],
    [
      'an image never seen',
      age({ minSinceFirstSeen: day }),
      { firstSeen: { state: 'absent', at: 0 } },
      'violated',
      /never seen before/,
    ],
    ['who knows when it was seen', age({ minSinceFirstSeen: day }), {}, 'undecided'],
    [
      'a quarantine beside an age',
      age({ maxSinceCreated: day, minSinceFirstSeen: day }),
      { firstSeen: known(testNow) },
      'violated',
    ],
    [
      'a distribution that gets fixes',
      endOfLife,
      { vulnerabilities: makeScan([], { distribution: { ...debian, supportEnd: testNow + 1 } }) },
      'passed',
    ],
    [
      'a distribution that gets none',
      endOfLife,
      { vulnerabilities: makeScan([], { distribution: { ...debian, supportEnd: testNow } }) },
      'violated',
      /Debian GNU\/Linux 10 gets no more fixes since 2026-06-01T00:00:00Z/,
    ],
    [
      'a distribution that rolls on',
      endOfLife,
      { vulnerabilities: makeScan([], { distribution: { ...debian, supportEnd: 'open' } }) },
      'passed',
    ],
    [
      'a distribution nobody knows',
      endOfLife,
      { vulnerabilities: makeScan([], { distribution: debian }) },
      'undecided',
      /not known whether Debian/,
    ],
    ['no distribution', endOfLife, { vulnerabilities: makeScan([]) }, 'passed'],
    [
      'no distribution that could be read',
      endOfLife,
      { vulnerabilities: makeScan([], { incomplete: [unreadable] }) },
      'undecided',
    ],
    ['no scan', endOfLife, { vulnerabilities: { state: 'absent', at: 0 } }, 'violated'],
    ['a pending scan', endOfLife, { vulnerabilities: { state: 'pending' } }, 'undecided'],
    ['a user', config({ nonRoot: true }), image({ user: 'app' }), 'passed'],
    ['a number', config({ nonRoot: true }), image({ user: '1000:0' }), 'passed'],
    ['the highest number', config({ nonRoot: true, numericUser: true }), image({ user: '2147483647' }), 'passed'],
    ['no user', config({ nonRoot: true }), image({}), 'violated', /it names no user/],
    ...['root', '0', '0:0', 'root:app', '00', '+0', '-0', ' 0', '', ':1000', '4294967296', '2147483648:1', '-1'].map(
      (user) => [`the user "${user}"`, config({ nonRoot: true }), image({ user }), 'violated'] as const,
    ),
    ['root where that says nothing', config({ nonRoot: false }), image({ user: 'root' }), 'passed'],
    ['a label', config({ labels: { team: 'a*' } }), image({ labels: { team: 'ab' } }), 'passed'],
    [
      'another value',
      config({ labels: { team: 'a*' } }),
      image({ labels: { team: 'b' } }),
      'violated',
      /its label team is "b"/,
    ],
    ['no label', config({ labels: { team: '**' } }), image({}), 'violated', /it has no label team/],
    ['a label that every object has', config({ labels: { constructor: '**' } }), image({}), 'violated'],
    ['no config', config({ nonRoot: true }), { image: { state: 'absent', at: 0 } }, 'violated', /it has no config/],
    ['no gathered config', config({ nonRoot: true }), {}, 'undecided'],
    ['a number', config({ numericUser: true }), image({ user: '1000:app' }), 'passed'],
    ['a name', config({ numericUser: true }), image({ user: 'app' }), 'violated', /its user is "app", which is no num/],
    ['root', config({ numericUser: true }), image({ user: '0' }), 'violated', /its user is "0"/],
    ['a health check', config({ healthcheck: true }), image({ healthcheck: true }), 'passed'],
    ['no health check', config({ healthcheck: true }), image({ healthcheck: false }), 'violated', /no health check/],
    ['a health check that nobody looked for', config({ healthcheck: true }), image({}), 'undecided'],
    [
      'no health check where none is asked for',
      config({ healthcheck: false }),
      image({ healthcheck: false }),
      'passed',
    ],
    [
      'a variable',
      config({ forbiddenEnvironment: ['*_TOKEN', 'DEBUG'] }),
      image({ environment: ['PATH', 'NPM_TOKEN'] }),
      'violated',
      /it sets the variable NPM_TOKEN\.$/,
    ],
    ['no variable', config({ forbiddenEnvironment: ['DEBUG'] }), image({ environment: ['PATH'] }), 'passed'],
    ['variables that nobody looked for', config({ forbiddenEnvironment: ['DEBUG'] }), image({}), 'undecided'],
    ['ports', config({ ports }), image({ ports: ['8080/tcp', '8443', '53/udp', '53'] }), 'passed'],
    ...['80/tcp', '8080/udp', '80', 'x', '99999/tcp', '1024-1030/tcp'].map(
      (port) =>
        [`the port ${port}`, config({ ports }), image({ ports: [port] }), 'violated', /it listens at port/] as const,
    ),
    ['no port', config({ ports }), image({ ports: [] }), 'passed'],
    ['ports that nobody looked for', config({ ports }), image({}), 'undecided'],
    ['a tag', digest({ pin: false, required: true }), named('tag'), 'violated', /named by a tag/],
    ['a tag that the gate would pin', digest({ pin: false, required: true }), named('tag', true), 'violated'],
    ['a tag that the gate pins', digest({ pin: true, required: true }), named('tag', true), 'passed'],
    ['a tag that the gate cannot pin', digest({ pin: true, required: true }), named('tag'), 'violated'],
    ['a tag where that is let pass', digest({ pin: true, required: false }), named('tag'), 'passed'],
    ['a digest', digest({ pin: true, required: true }), named('digest'), 'passed'],
    ['nobody who names it', digest({ pin: true, required: true }), {}, 'passed'],
  ];

for (const [what, rule, evidence, outcome, sentence] of cases) {
  test(`a rule about ${rule.kind} is ${outcome} by ${what}`, () => {
    const verdict = judgeOne(rule, evidence);
    assert.equal(verdict.outcome, outcome);
    if (sentence !== undefined) assert.match(verdict.sentence, sentence);
  });
}

test('a verdict asks for the digest to be put in where a rule does and the gate can', () => {
  const pinOf = (rule: Rule, evidence: Partial<Evidence>): boolean =>
    evaluate(compilePolicy(makePolicy([rule])), makeEvidence(evidence)).pin;
  assert.equal(pinOf(digest({ pin: true, required: false }), named('tag', true)), true);
  assert.equal(pinOf(digest({ pin: true, required: false }), named('tag')), false);
  assert.equal(pinOf(digest({ pin: false, required: true }), named('tag', true)), false);
  const elsewhere: Rule = { ...digest({ pin: true, required: false }), match: { gates: ['ci'] } };
  assert.equal(pinOf(elsewhere, named('tag', true)), false);
});

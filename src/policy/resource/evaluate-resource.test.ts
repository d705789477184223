import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { subjectOf } from '../../../testing/policy/kyverno.ts';
import type { Digest } from '../../oci/digest.ts';
import { evaluateResource } from './evaluate-resource.ts';
import type { JsonObject } from '../../lang/jmespath/value.ts';
import { denialText, warningTexts } from './explain.ts';
import type { ImageResult, ResourceInput, ResourcePolicy, ResourceRule, RuleAnswer, RuleDecision } from './policy.ts';
import type { ResourceVerdict, RuleResult } from './verdict.ts';

const input: ResourceInput = {
  subject: subjectOf('Pod', {}),
  now: 0,
  pins: true,
  lookups: new Map(),
  images: new Map(),
};

function decided(outcome: RuleDecision['outcome'], more: Partial<RuleDecision> = {}): RuleDecision {
  return { kind: 'decided', outcome, action: 'deny', message: outcome === 'passed' ? '' : 'why', images: [], ...more };
}

function policyOf(id: string, answers: readonly RuleAnswer[], more: Partial<ResourcePolicy> = {}): ResourcePolicy {
  return {
    id,
    dialect: 'kyverno',
    hash: '',
    unknown: 'deny',
    admission: true,
    background: true,
    firstRuleOnly: false,
    matchConditions: [],
    rules: answers.map((answer, at) => ({ name: `r${at}`, kinds: [], judge: () => answer })),
    ...more,
  };
}

function verdictOf(policies: readonly ResourcePolicy[], subject = input.subject): ResourceVerdict {
  const { verdict } = evaluateResource(policies, { ...input, subject });
  assert.ok(verdict !== undefined);
  return verdict;
}

describe('evaluateResource()', () => {
  const cases: readonly (readonly [what: string, policy: ResourcePolicy, allowed: boolean])[] = [
    ['nothing is about it', policyOf('a', [{ kind: 'notAbout' }]), true],
    ['a rule passes', policyOf('a', [decided('passed')]), true],
    ['a rule fails', policyOf('a', [decided('failed')]), false],
    ['a rule fails that only warns', policyOf('a', [decided('failed', { action: 'warn' })]), true],
    ['a rule fails that only tells reports', policyOf('a', [decided('failed', { action: 'audit' })]), true],
    ['a rule is skipped', policyOf('a', [decided('skipped')]), true],
    ['a rule is undecided', policyOf('a', [decided('undecided')]), false],
    ['a rule is undecided and fails open', policyOf('a', [decided('undecided')], { unknown: 'allow' }), true],
    ['a rule fails, and others would fail open', policyOf('a', [decided('failed')], { unknown: 'allow' }), false],
    ['the second rule fails', policyOf('a', [decided('passed'), decided('failed')]), false],
    [
      'the second of which the first counts',
      policyOf('a', [decided('passed'), decided('failed')], { firstRuleOnly: true }),
      true,
    ],
    [
      'the second of which the first is skipped',
      policyOf('a', [decided('skipped'), decided('failed')], { firstRuleOnly: true }),
      false,
    ],
    [
      'the second of which the first is not about it',
      policyOf('a', [{ kind: 'notAbout' }, decided('failed')], { firstRuleOnly: true }),
      false,
    ],
    [
      'the second of which the first is undecided',
      policyOf('a', [decided('undecided'), decided('failed')], { firstRuleOnly: true, unknown: 'allow' }),
      false,
    ],
    ['it is not asked about what comes', policyOf('a', [decided('failed')], { admission: false }), true],
  ];
  for (const [what, policy, allowed] of cases) {
    test(what, () => assert.equal(verdictOf([policy]).allowed, allowed));
  }

  test('tells every policy, by their ids', () => {
    const { results, message } = verdictOf([
      policyOf('b', [decided('failed')]),
      policyOf('a', [decided('passed'), decided('failed')]),
    ]);
    assert.deepEqual(
      results.map(({ policy, rule, denies }) => [policy, rule, denies]),
      [
        ['a', 'r0', false],
        ['a', 'r1', true],
        ['b', 'r0', true],
      ],
    );
    assert.equal(
      message,
      "\n\nresource Pod/shop/web was blocked due to the following policies\n\na:\n  r1: 'why'\nb:\n  r0: 'why'\n",
    );
  });

  test('asks what is there already of policies that are about that', () => {
    const audit = { ...input.subject, operation: 'audit' } as const;
    const policy = policyOf('a', [decided('failed')], { background: false });
    assert.deepEqual([verdictOf([policy], audit).results.length, verdictOf([policy]).results.length], [0, 1]);
  });

  test('asks for all that rules need, once, and gives no verdict before', () => {
    const lookup = { key: 'k', kind: 'roles' } as const;
    const needs: RuleAnswer = { kind: 'needs', lookups: [lookup], images: [] };
    const { verdict, needs: asked } = evaluateResource(
      [policyOf('a', [needs, needs]), policyOf('b', [decided('failed'), needs])],
      input,
    );
    assert.deepEqual([verdict, asked?.lookups, asked?.images], [undefined, [lookup], []]);
  });

  test('asks a rule again only as long as it needs to know more', () => {
    const asked = { told: 0, passedOver: 0, needing: 0 };
    const lookup = { key: 'k', kind: 'roles' } as const;
    const judges: readonly (readonly [string, ResourceRule['judge']])[] = [
      ['told', () => ((asked.told += 1), decided('failed'))],
      ['passedOver', () => ((asked.passedOver += 1), { kind: 'notAbout' })],
      [
        'needing',
        ({ lookups }) => {
          asked.needing += 1;
          return lookups.has('k') ? decided('passed') : { kind: 'needs', lookups: [lookup], images: [] };
        },
      ],
    ];
    const rules = judges.map(([name, judge]): ResourceRule => ({ name, kinds: [], judge }));
    const policies = [policyOf('a', [], { rules })];
    const settled = new Map<ResourceRule, RuleAnswer>();
    assert.equal(evaluateResource(policies, input, settled).verdict, undefined);
    const known = { ...input, lookups: new Map([['k', { state: 'absent', at: 0 } as const]]) };
    const { verdict } = evaluateResource(policies, known, settled);
    assert.deepEqual(asked, { told: 1, passedOver: 1, needing: 2 });
    assert.deepEqual(verdict, evaluateResource(policies, known).verdict);
  });

  test('asks no further rule where it is not known whether the first counts', () => {
    const needs: RuleAnswer = { kind: 'needs', lookups: [{ key: 'k', kind: 'roles' }], images: [] };
    const other: RuleAnswer = { kind: 'needs', lookups: [{ key: 'l', kind: 'roles' }], images: [] };
    const { needs: asked } = evaluateResource([policyOf('a', [needs, other], { firstRuleOnly: true })], input);
    assert.deepEqual(
      asked?.lookups.map(({ key }) => key),
      ['k'],
    );
  });

  test('tells of what rules leave out, whatever came of them', () => {
    const notes = ['skipping image reference image a'];
    const { warnings } = verdictOf([
      policyOf('a', [decided('skipped', { notes })]),
      policyOf('b', [decided('failed', { action: 'warn', notes })]),
    ]);
    assert.deepEqual(warnings, [
      'policy a.r0: skipping image reference image a',
      'policy b.r0: why',
      'policy b.r0: skipping image reference image a',
    ]);
  });

  test('puts each digest in once, and none that a rule found wrong', () => {
    const image = (at: number, outcome: ImageResult['outcome'], pinned?: string): ImageResult => ({
      image: { group: 'containers', name: `c${at}`, image: `a:${at}`, pointer: `/spec/containers/${at}/image` },
      name: `docker.io/a:${at}`,
      outcome,
      message: '',
      digest: `sha256:${'0'.repeat(64)}` as Digest,
      ...(pinned === undefined ? {} : { pinned }),
    });
    const images = [
      image(0, 'passed', 'a:0@sha256:0'),
      image(1, 'failed', 'a:1@sha256:1'),
      image(2, 'passed', 'a:2'),
      image(3, 'passed'),
      // What a rule leaves out is called by its digest all the same.
      image(4, 'skipped', 'a:4@sha256:4'),
    ];
    const { pins } = verdictOf([
      policyOf('a', [decided('passed', { images })]),
      policyOf('b', [decided('passed', { images })]),
    ]);
    assert.deepEqual(pins, [
      { pointer: '/spec/containers/0/image', from: 'a:0', to: 'a:0@sha256:0' },
      { pointer: '/spec/containers/4/image', from: 'a:4', to: 'a:4@sha256:4' },
    ]);
  });
});

function result(more: Partial<RuleResult>): RuleResult {
  return {
    policy: 'p',
    rule: 'r',
    outcome: 'failed',
    action: 'deny',
    message: 'why',
    images: [],
    denies: true,
    ...more,
  };
}

describe('denialText()', () => {
  test('names what is yet to get a name by what that begins with', () => {
    const placeOf = (object: JsonObject, name = ''): string | undefined =>
      /^resource (\S+) was/m.exec(denialText({ ...input.subject, name, object }, [result({})]))?.[1];
    assert.equal(placeOf({ metadata: { generateName: 'app-' } }), 'Pod/shop/app-*');
    assert.equal(placeOf({ metadata: { generateName: 'app-', name: 'app-x1' } }), 'Pod/shop/app-x1');
    assert.equal(placeOf({ metadata: { generateName: 'app-' } }, 'web'), 'Pod/shop/web');
    assert.equal(placeOf({ metadata: { generateName: ['app'] } }), 'Pod/shop/');
    assert.equal(placeOf({ metadata: { generateName: 'a\u001b[31m' } }), 'Pod/shop/a\uFFFD[31m*');
  });

  const cases: readonly (readonly [what: string, results: readonly RuleResult[], lines: readonly string[]])[] = [
    ['quotes', [result({ message: "it's  wrong\nhere" })], ['p:', "  r: 'it''s wrong here'"]],
    ['several rules of one policy', [result({}), result({ rule: 's' })], ['p:', "  r: 'why'", "  s: 'why'"]],
    ['marks that a terminal would heed', [result({ message: 'a\u001b[31mb' })], ['p:', "  r: 'a\uFFFD[31mb'"]],
    [
      'names that YAML would read otherwise',
      [result({ policy: 'shop/p', rule: 'yes' })],
      ["'shop/p':", "  'yes': 'why'"],
    ],
    [
      'many',
      Array.from({ length: 12 }, (_, at) => result({ rule: `r${at}` })),
      ['p:', ...Array.from({ length: 10 }, (_, at) => `  r${at}: 'why'`), '# and 2 more rules'],
    ],
  ];
  for (const [what, results, lines] of cases) {
    test(what, () =>
      assert.equal(
        denialText(input.subject, results),
        `\n\nresource Pod/shop/web was blocked due to the following policies\n\n${lines.join('\n')}\n`,
      ),
    );
  }
  test('an object without a namespace', () => {
    assert.match(
      denialText({ ...input.subject, kind: 'Node', namespace: '' }, [result({})]),
      /^\n\nresource Node\/web was/,
    );
  });
});

describe('warningTexts()', () => {
  test('tells what only warns, and what could not be decided', () => {
    const texts = warningTexts([
      result({ action: 'warn', denies: false }),
      result({ outcome: 'undecided', denies: false, message: 'no answer' }),
      result({ outcome: 'undecided', denies: false, action: 'audit' }),
      result({}),
      result({ action: 'audit', denies: false }),
      result({ outcome: 'passed', denies: false }),
    ]);
    assert.deepEqual(texts, ['policy p.r: why', 'policy p.r: no answer']);
  });
  test('tells how images were judged', () => {
    const texts = warningTexts([result({ action: 'warn', denies: false })], ['its registry\nis down']);
    assert.deepEqual(texts, ['policy p.r: why', 'its registry is down']);
  });
  test('is as long as the API server passes on', () => {
    const texts = warningTexts(Array.from({ length: 50 }, () => result({ action: 'warn', message: 'x'.repeat(5000) })));
    assert.deepEqual([texts.length, texts[0]?.length], [16, 256]);
  });
});

import assert from 'node:assert/strict';
import test from 'node:test';
import { parseDigest } from '../../oci/digest.ts';
import type { ResourceVerdict } from '../../policy/resource/verdict.ts';
import { AdmissionError } from '../error.ts';
import { answerProvider, type JudgeProviderKey, type ProviderQuestion } from './answer.ts';
import type { ScanFacts } from './judge/scan-facts.ts';
import { parseProviderKey } from './key.ts';
import { gatekeeperLimits } from './limits.ts';
import { parseProviderRequest } from './parse-request.ts';

const apiVersion = 'externaldata.gatekeeper.sh/v1beta1';
const digest = parseDigest(`sha256:${'a'.repeat(64)}`);
const never = new AbortController().signal;

function verdictOf(parts: Partial<ResourceVerdict> = {}): ResourceVerdict {
  return { allowed: true, results: [], message: '', warnings: [], pins: [], ...parts };
}

function result(outcome: 'passed' | 'failed' | 'undecided', message: string): ResourceVerdict['results'][number] {
  const image = { group: 'containers', name: 'image', image: 'a', pointer: '/spec/containers/0/image' };
  return {
    policy: 'signed',
    rule: 'check',
    outcome,
    action: 'deny',
    message,
    denies: outcome !== 'passed',
    images: [{ image, name: 'a', outcome, message, digest }],
  };
}

const flaws: ScanFacts = {
  scannedAt: '2026-01-01T00:00:00.000Z',
  complete: true,
  problems: [],
  counts: { UNKNOWN: 0, LOW: 0, MEDIUM: 0, HIGH: 0, CRITICAL: 1 },
  total: 1,
  fixable: 1,
  exploited: 0,
  worst: 'CRITICAL',
  flaws: [{ id: 'CVE-1', severity: 'CRITICAL', package: 'a', version: '1', fixedVersions: ['2'], exploited: false }],
  more: 0,
};

function judgedBy(image: string, namespace: string): ResourceVerdict {
  const pins = [{ pointer: '/spec/containers/0/image', from: image, to: `${image}@${digest}` }];
  if (image.includes('@')) return verdictOf({ results: [result('passed', '')] });
  if (image.startsWith('good')) return verdictOf({ results: [result('passed', '')], pins });
  const message = `\n\n${image} in ${namespace} is not signed`;
  if (image.startsWith('bad')) return verdictOf({ allowed: false, message, results: [result('failed', 'not signed')] });
  if (image.startsWith('both')) {
    const results = [result('undecided', '429'), result('failed', 'not signed')];
    return verdictOf({ allowed: false, message, results });
  }
  if (image.startsWith('slow')) {
    return verdictOf({ allowed: false, message: 'x', results: [result('undecided', '429')] });
  }
  throw new AdmissionError('POLICY_UNDECIDABLE', 'Too much');
}

const judge: JudgeProviderKey = async ({ image, namespace }, question) => {
  const verdict = judgedBy(image, namespace);
  if (question !== 'scan' || image.includes('noname')) return { verdict };
  return { verdict, scan: image.includes('unscanned') ? { reason: 'it is being scanned' } : flaws };
};

/** A value of `verify`; that of `mutate` is a text. */
interface AnsweredValue {
  readonly succeeded: boolean;
  readonly isSuccess: boolean;
  readonly message: string;
  readonly digest: string;
  readonly vulnerabilities?: ScanFacts;
  readonly verifierReports: readonly { readonly isSuccess: boolean }[];
  readonly artifactReports: readonly {
    readonly results: readonly { readonly verifierName: string; readonly errorReason: string }[];
  }[];
}

/** What is looked at in an answer. */
interface Answered {
  readonly idempotent: boolean;
  readonly systemError?: string;
  readonly items: readonly { readonly key: string; readonly value: AnsweredValue; readonly error: string }[];
}

async function ask(question: ProviderQuestion, ...keys: readonly string[]): Promise<Answered> {
  const { body } = await answerProvider(question, { apiVersion, keys }, judge, never);
  const answer = JSON.parse(body.toString()) as {
    readonly apiVersion: string;
    readonly kind: string;
    readonly response: Answered;
  };
  assert.deepEqual([answer.apiVersion, answer.kind], [apiVersion, 'ProviderResponse']);
  return answer.response;
}

test('each key has its item, in order, also when it is asked for twice', async () => {
  const { items, idempotent, systemError } = await ask('verify', 'good:1', 'bad:1', 'good:1');
  assert.deepEqual(
    items.map(({ key, value, error }) => [key, value.succeeded, value.isSuccess, error]),
    [
      ['good:1', true, true, ''],
      ['bad:1', false, false, ''],
      ['good:1', true, true, ''],
    ],
  );
  assert.deepEqual([idempotent, systemError], [true, undefined]);
});

test('a value says what Ratify says of both versions, and why', async () => {
  const { items } = await ask('verify', '[team-a]bad:1');
  const value = items[0]?.value;
  assert.ok(value);
  assert.equal(value.message, 'bad:1 in team-a is not signed');
  assert.equal(value.artifactReports[0]?.results[0]?.verifierName, 'signed');
  assert.equal(value.artifactReports[0]?.results[0]?.errorReason, 'not signed');
  assert.equal(value.verifierReports[0]?.isSuccess, false);
  assert.equal(value.digest, digest);
});

test('what may be otherwise in a moment is an error of the system and no item, since items are kept with their errors', async () => {
  const { items, systemError } = await ask('verify', 'good:1', 'slow:1', 'throws:1');
  assert.equal(systemError, 'slow:1: 429; throws:1: Too much');
  assert.deepEqual(
    items.map(({ key, error }) => [key, error]),
    [['good:1', '']],
  );
});

test('what is wrong with an image stays so, whatever else could not be looked at', async () => {
  const { items, systemError } = await ask('verify', 'both:1');
  assert.deepEqual([items[0]?.value.succeeded, systemError], [false, undefined]);
});

test('an image is mutated to its digest, which stays what it is, and not when it is denied', async () => {
  const { items } = await ask('mutate', 'good:1', 'bad:1', '[x', `good:1@${digest}`, '[team-a]good:1');
  assert.deepEqual(
    items.map(({ value, error }) => [value, error === '']),
    [
      [`good:1@${digest}`, true],
      [null, false],
      [null, false],
      [`good:1@${digest}`, true],
      [`good:1@${digest}`, true],
    ],
  );
});

test('a scan has the verdict and the flaws, and what is not scanned yet is nothing final', async () => {
  const { items, systemError } = await ask('scan', 'good:1', 'bad:1', 'good:unscanned', 'good:noname');
  assert.equal(systemError, 'good:unscanned: it is being scanned');
  assert.deepEqual(
    items.map(({ key, value, error }) => [key, value?.succeeded, value?.vulnerabilities?.worst, error]),
    [
      ['good:1', true, 'CRITICAL', ''],
      ['bad:1', false, 'CRITICAL', ''],
      ['good:noname', undefined, undefined, 'the key is no name of an image'],
    ],
  );
});

test('what is told of failures has an end, however many there are', async () => {
  const { items, systemError = '' } = await ask('verify', ...Array.from({ length: 500 }, (_, at) => `slow:${at}`));
  assert.equal(items.length, 0);
  assert.match(systemError, /^slow:0: 429; .*slow:9: 429; and 490 more$/);
});

test('a judge that fails in a way that nobody foresaw fails the whole, and does not let the rest pass', async () => {
  const broken: JudgeProviderKey = () => Promise.reject(new TypeError('secret'));
  await assert.rejects(answerProvider('verify', { apiVersion, keys: ['a'] }, broken, never), TypeError);
});

const keys: readonly (readonly [text: string, image: string | undefined, namespace?: string])[] = [
  ['nginx', 'nginx', ''],
  ['[team-a]ghcr.io/a:1', 'ghcr.io/a:1', 'team-a'],
  ['[::1]:5000/a:1', '[::1]:5000/a:1', ''],
  ['[fe80]x', 'x', 'fe80'],
  ['', undefined],
  ['[Team]a', undefined],
  ['[]a', undefined],
  ['a'.repeat(gatekeeperLimits.keyLength + 1), undefined],
];

for (const [text, image, namespace] of keys) {
  test(`the key ${JSON.stringify(text.slice(0, 30))} is ${image === undefined ? 'none' : `the image ${image}`}`, () => {
    assert.deepEqual(parseProviderKey(text), image === undefined ? undefined : { image, namespace });
  });
}

const bodies: readonly (readonly [what: string, body: string, code: string])[] = [
  ['no JSON', '{', 'REVIEW_MALFORMED'],
  ['no request', '{}', 'REVIEW_MALFORMED'],
  ['null', 'null', 'REVIEW_MALFORMED'],
  ['a review', JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }), 'REVIEW_MALFORMED'],
  ['another version', JSON.stringify({ apiVersion: 'x/v9', kind: 'ProviderRequest' }), 'REVIEW_UNSUPPORTED'],
  [
    'keys that are none',
    JSON.stringify({ apiVersion, kind: 'ProviderRequest', request: { keys: [1] } }),
    'REVIEW_MALFORMED',
  ],
  [
    'too many keys',
    JSON.stringify({ apiVersion, kind: 'ProviderRequest', request: { keys: Array.from({ length: 501 }, () => 'a') } }),
    'REVIEW_TOO_LARGE',
  ],
  ['too many bytes', ' '.repeat(gatekeeperLimits.requestBytes + 1), 'REVIEW_TOO_LARGE'],
];

for (const [what, body, code] of bodies) {
  test(`a request of ${what} is refused as ${code}`, () => {
    assert.throws(() => parseProviderRequest(Buffer.from(body)), { code });
  });
}

test('a request is read', () => {
  const body = { apiVersion, kind: 'ProviderRequest', request: { keys: ['a', 'b'] } };
  assert.deepEqual(parseProviderRequest(Buffer.from(JSON.stringify(body))), { apiVersion, keys: ['a', 'b'] });
});

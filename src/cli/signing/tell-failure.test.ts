import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import { OciError } from '../../oci/error.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import { tellFailure, type TellOptions } from './tell-failure.ts';

const unmet = new VerificationError('ARTIFACT_MISMATCH', 'It is of another image', {
  check: 'subject',
  found: 'sha256:a\u001b[2J',
  wanted: 'sha256:b',
});
const late = new OciError('IMAGE_NOT_FOUND', 'It is not there');

interface Row {
  readonly name: string;
  readonly error: unknown;
  readonly options?: TellOptions;
  readonly timeUp?: unknown;
  readonly says: readonly string[];
  readonly status: number;
}

const rows: readonly Row[] = [
  { name: 'an error', error: late, says: ['error IMAGE_NOT_FOUND: It is not there\n'], status: 11 },
  { name: 'no facts', error: unmet, says: ['error ARTIFACT_MISMATCH: It is of another image\n'], status: 12 },
  {
    name: 'facts where they are wanted',
    error: unmet,
    options: { facts: true },
    says: [
      'error ARTIFACT_MISMATCH: It is of another image\n',
      '  found:  sha256:a\uFFFD[2J\n',
      '  wanted: sha256:b\n',
    ],
    status: 12,
  },
  {
    name: 'another status',
    error: unmet,
    options: { statusOf: () => 2 },
    says: ['error ARTIFACT_MISMATCH: It is of another image\n'],
    status: 2,
  },
  {
    name: 'that the time is up',
    error: unmet,
    timeUp: late,
    says: ['error IMAGE_NOT_FOUND: It is not there\n'],
    status: 11,
  },
];

for (const { name, error, options, timeUp, says, status } of rows) {
  test(`tellFailure() tells ${name}`, async () => {
    const host = testHost();
    const signal = timeUp === undefined ? new AbortController().signal : AbortSignal.abort(timeUp);
    const work = { settings: testSettings(), host, session: { signal } };
    assert.equal(await tellFailure(error, work, options), status);
    assert.deepEqual(host.said, says);
  });
}

test('tellFailure() tells causes where they are wanted, and nothing after an interruption', async () => {
  const session = { signal: new AbortController().signal };
  const host = testHost();
  const caused = new OciError('IMAGE_NOT_FOUND', 'It is not there', { cause: new Error('no such host') });
  await tellFailure(caused, { settings: testSettings({ debug: true }), host, session });
  assert.match(host.said.join(''), /no such host/);
  const reason = new Error('interrupted');
  const interrupted = testHost({ signal: AbortSignal.abort(reason) });
  const told = tellFailure(late, { settings: testSettings(), host: interrupted, session });
  await assert.rejects(told, (error) => error === reason);
  assert.deepEqual(interrupted.said, []);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { AdvisoryError } from '../error.ts';
import { feedLimits } from '../limits.ts';
import { parseEpss } from './parse.ts';

const head = '#model_version:v2023.03.01,score_date:2025-02-20T00:00:00+0000\ncve,epss,percentile\n';

function parse(bytes: string | Buffer): ReturnType<typeof parseEpss> {
  return parseEpss({ name: 'epss.csv', bytes: Buffer.from(bytes) });
}

for (const [what, wrap] of [
  ['plain', (text: string) => Buffer.from(text)],
  ['gzip', (text: string) => gzipSync(text)],
  ['with Windows line ends', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
] as const) {
  test(`parseEpss() reads scores ${what}, and drops bad lines`, () => {
    const text = `${head}CVE-1999-0001,0.00383,0.73075\nCVE-1999-0002,1.5,0.1\n${'x'.repeat(2000)}\n\nCVE-1999-0003,1.0,0`;
    const { items, dropped } = parse(wrap(text));
    assert.deepEqual(items, [
      { cve: 'CVE-1999-0001', epss: { score: 0.00383, percentile: 0.73075, date: '2025-02-20' } },
      { cve: 'CVE-1999-0003', epss: { score: 1, percentile: 0, date: '2025-02-20' } },
    ]);
    assert.deepEqual(
      dropped.map(({ reason }) => reason),
      ['MALFORMED', 'LIMIT_EXCEEDED'],
    );
  });
}

test('parseEpss() refuses what is not the table of scores', () => {
  const whole = gzipSync(`${head}CVE-1999-0001,0.1,0.1\n`);
  const cases: readonly (string | Buffer)[] = [
    '',
    '<html>',
    'cve,epss,percentile\nCVE-1999-0001,0.1,0.1\n',
    '#model_version:v2023.03.01\ncve,epss,percentile\nCVE-1999-0001,0.1,0.1\n',
    '#score_date:2025-02-20\n',
    whole.subarray(0, whole.length - 10),
  ];
  for (const bytes of cases) assert.throws(() => parse(bytes), { code: 'FEED_MALFORMED' });
});

test('parseEpss() refuses to unpack without end', () => {
  const bomb = gzipSync(Buffer.alloc(feedLimits.scoreBytes + 1), { level: 9 });
  assert.throws(() => parse(bomb), { code: 'LIMIT_EXCEEDED' });
});

test('parseEpss() ends in a coded error for any bytes', () => {
  const bytes = fc.oneof(
    fc.uint8Array().map((array) => Buffer.from(array)),
    fc.string().map((text) => Buffer.from(head + text)),
    fc.uint8Array().map((array) => gzipSync(Buffer.concat([Buffer.from(head), array]))),
    fc.uint8Array().map((array) => Buffer.concat([Buffer.from([0x1f, 0x8b]), array])),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        parse(input);
      } catch (error) {
        assert.ok(error instanceof AdvisoryError);
      }
    }),
  );
});

test('parseEpss() reads a published file', needsSharedData('feeds', 'epss'), () => {
  const { items, dropped } = parse(readFileSync(sharedData('feeds', 'epss', 'example-1.csv') as string));
  assert.deepEqual([items.length, dropped.length, items[4]?.epss.score], [5, 0, 0.91963]);
});

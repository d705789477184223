import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { ImageConfig } from './config.ts';
import { OciError } from './error.ts';
import { parseImageConfig } from './parse-config.ts';

const diffId = `sha256:${'1'.repeat(64)}`;

function bytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

test('parseImageConfig() reads what is used', () => {
  const config = parseImageConfig(
    bytes({
      created: '2024-05-10T07:46:24Z',
      architecture: 'arm',
      variant: 'v7',
      os: 'linux',
      config: { User: '1000:1000', Env: ['PATH=/bin', 1], Labels: { a: 'b', c: 2 } },
      rootfs: { type: 'layers', diff_ids: [diffId] },
      history: [
        { created_by: 'COPY', created: 'then', comment: 'kit' },
        { created_by: 'CMD', empty_layer: true },
      ],
    }),
  );
  assert.deepEqual(config.platform, { os: 'linux', architecture: 'arm', variant: 'v7' });
  assert.equal(config.created, '2024-05-10T07:46:24Z');
  assert.equal(config.user, '1000:1000');
  assert.deepEqual(config.env, ['PATH=/bin']);
  assert.deepEqual({ ...config.labels }, { a: 'b' });
  assert.deepEqual(config.diffIds, [diffId]);
  assert.deepEqual(config.history, [
    { createdBy: 'COPY', created: 'then', comment: 'kit', emptyLayer: false },
    { createdBy: 'CMD', emptyLayer: true },
  ]);
});

test('parseImageConfig() accepts what Go programs write for nothing', () => {
  const config = parseImageConfig(
    bytes({ config: { Env: null, Labels: null, User: '' }, rootfs: { type: 'layers', diff_ids: null }, history: null }),
  );
  assert.deepEqual(config.platform, { os: 'unknown', architecture: 'unknown' });
  assert.deepEqual([config.exposedPorts, config.healthcheck], [undefined, undefined]);
  assert.deepEqual([config.env, config.diffIds, config.history, config.user], [[], [], [], undefined]);
});

test('parseImageConfig() reads names in whatever case, as Go programs do', () => {
  const config = parseImageConfig(
    bytes({ OS: 'linux', Architecture: 'arm64', Config: { user: '7', ENV: ['A=1'] }, RootFS: { Diff_Ids: [diffId] } }),
  );
  assert.deepEqual(config.platform, { os: 'linux', architecture: 'arm64' });
  assert.deepEqual([config.user, config.env, config.diffIds], ['7', ['A=1'], [diffId]]);
});

const refused: readonly { title: string; input: Buffer; code: string }[] = [
  { title: 'what is no JSON', input: Buffer.from('x'), code: 'CONFIG_INVALID' },
  { title: 'bytes that are no UTF-8', input: Buffer.from('{"os":"\xff"}', 'latin1'), code: 'CONFIG_INVALID' },
  { title: 'a list', input: bytes([]), code: 'CONFIG_INVALID' },
  { title: 'another kind of root', input: bytes({ rootfs: { type: 'image' } }), code: 'CONFIG_INVALID' },
  { title: 'a diffID that is none', input: bytes({ rootfs: { diff_ids: ['sha256:1'] } }), code: 'CONFIG_INVALID' },
  { title: 'diffIDs that are no list', input: bytes({ rootfs: { diff_ids: diffId } }), code: 'CONFIG_INVALID' },
  {
    title: 'a name that is there twice',
    input: Buffer.from('{"config":{"User":"0"},"config":{}}'),
    code: 'CONFIG_INVALID',
  },
  {
    title: 'two forms of a name',
    input: bytes({ config: { User: '1' }, Config: { User: '0' } }),
    code: 'CONFIG_INVALID',
  },
  { title: 'two forms of a setting', input: bytes({ config: { User: '1', user: '0' } }), code: 'CONFIG_INVALID' },
  { title: 'a form with a long s', input: bytes({ os: 'linux', 'o\u017f': 'windows' }), code: 'CONFIG_INVALID' },
  {
    title: 'two forms of the DiffIDs',
    input: bytes({ rootfs: { diff_ids: [], DIFF_IDS: [] } }),
    code: 'CONFIG_INVALID',
  },
  {
    title: 'more variables than are looked at',
    input: bytes({ config: { Env: Array<string>(20_000).fill('A=1') } }),
    code: 'LIMIT_EXCEEDED',
  },
  {
    title: 'more ports than are looked at',
    input: bytes({ config: { ExposedPorts: Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [at, {}])) } }),
    code: 'LIMIT_EXCEEDED',
  },
  { title: 'too many bytes', input: Buffer.alloc(8 * 1024 * 1024 + 1, 0x20), code: 'LIMIT_EXCEEDED' },
];

for (const { title, input, code } of refused) {
  test(`parseImageConfig() refuses ${title}`, () => {
    assert.throws(() => parseImageConfig(input), { name: 'OciError', code });
  });
}

test('parseImageConfig() throws nothing but coded errors', () => {
  const key = fc.constantFrom('os', 'config', 'rootfs', 'type', 'diff_ids', 'history', 'Labels', 'Env', '__proto__');
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, 1, 'layers', diffId, true),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(key, tie('node')),
    ),
  })).node;
  fc.assert(
    fc.property(
      fc.oneof(
        value.map(bytes),
        fc.uint8Array().map((array) => Buffer.from(array)),
      ),
      (input) => {
        try {
          parseImageConfig(input);
        } catch (error) {
          assert.ok(error instanceof OciError, String(error));
        }
      },
    ),
  );
});

test('parseImageConfig() reads ports and whether there is a health check', () => {
  const parse = (config: object): ImageConfig => parseImageConfig(Buffer.from(JSON.stringify({ config })));
  assert.deepEqual(parse({ ExposedPorts: { '80/tcp': {}, 53: {} } }).exposedPorts?.toSorted(), ['53', '80/tcp']);
  assert.equal(parse({ Healthcheck: { Test: ['CMD', 'true'] } }).healthcheck, true);
  for (const Healthcheck of [undefined, null, 'x', {}, { Test: [] }, { Test: ['NONE'] }, { Test: 'x' }]) {
    assert.equal(parse({ Healthcheck }).healthcheck, undefined);
  }
  for (const ExposedPorts of [undefined, null, [], 'x', {}])
    assert.equal(parse({ ExposedPorts }).exposedPorts, undefined);
});

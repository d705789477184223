import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { clientNames } from '../../registry/config/names.ts';
import { ConfigError } from './error.ts';
import { parseSettingsFile } from './parse-settings-file.ts';
import { readSettingsFile } from './settings-file.ts';
import { settingKeys, settingTable } from './table.ts';

test('parseSettingsFile() reads nested settings with their lines', async () => {
  const text = `# how we scan
severity: [HIGH, CRITICAL]
cache:
  dir: "/var/cache"
  size:
output:
  - json=a.json
  - out.txt
image: {docker: {host: 'unix:///x'}}
scan:
exit-code: 010
`;
  assert.deepEqual(
    [...(await parseSettingsFile(text, 'f.yaml'))],
    [
      ['severity', { texts: ['HIGH', 'CRITICAL'], place: 'f.yaml:2' }],
      ['cacheDir', { texts: ['/var/cache'], place: 'f.yaml:4' }],
      ['output', { texts: ['json=a.json', 'out.txt'], place: 'f.yaml:6' }],
      ['dockerHost', { texts: ['unix:///x'], place: 'f.yaml:9' }],
      ['exitCode', { texts: ['010'], place: 'f.yaml:11' }],
    ],
  );
});

test('parseSettingsFile() passes over the settings of a registry, in the section that says how to speak to others', async () => {
  const text = 'registry:\n  listen: 127.0.0.1:5000\n  username: bob\n  auth: {htpasswd: users, oidc: [{a: b}]}\n';
  assert.deepEqual([...(await parseSettingsFile(text, 'f'))], [['username', { texts: ['bob'], place: 'f:3' }]]);
  const inSection = settingKeys.map((key) => settingTable[key].path).filter(([first]) => first === 'registry');
  assert.deepEqual(
    inSection.map(([, ...rest]) => rest.join('.')),
    [...clientNames],
  );
});

for (const text of ['', '# nothing\n', '---\n', '{}', '~']) {
  test(`parseSettingsFile() finds nothing in ${JSON.stringify(text)}`, async () => {
    assert.equal((await parseSettingsFile(text, 'f')).size, 0);
  });
}

const refused: readonly (readonly [text: string, code: string, message: RegExp])[] = [
  ['severty: HIGH', 'SETTING_UNKNOWN', /^f:1: The setting "severty" does not exist; did you mean "severity"\?$/],
  ['\ncache:\n  dirr: x', 'SETTING_UNKNOWN', /^f:3: .+"cache\.dirr".+did you mean "cache\.dir"\?$/],
  ['ignore-unfixed: true', 'SETTING_UNKNOWN', /did you mean "vulnerability\.ignore-unfixed"\?$/],
  ['something-else-entirely: 1', 'SETTING_UNKNOWN', /see "seaworthy settings"/],
  ['config: other.yaml', 'SETTING_UNKNOWN', /"config"/],
  ['__proto__: {a: 1}', 'SETTING_UNKNOWN', /__proto__/],
  ['cache: x', 'SETTINGS_FILE_MALFORMED', /^f:1: "cache" holds settings/],
  ['registry: {listne: x}', 'SETTING_UNKNOWN', /did you mean "registry\.listen"\?$/],
  ['- a', 'SETTINGS_FILE_MALFORMED', /^f:1: A settings file holds settings/],
  ['timeout: {a: 1}', 'SETTINGS_FILE_MALFORMED', /^f:1: "timeout" takes plain values/],
  ['timeout: 1m\ntimeout: 2m', 'SETTINGS_FILE_MALFORMED', /^f:2: "timeout" stands twice; keep one$/],
  ['a: &x [b]\nskip: *x', 'SETTINGS_FILE_MALFORMED', /^f:2: Aliases are not taken/],
  ['quiet: true\n---\nquiet: false', 'SETTINGS_FILE_MALFORMED', /^f:3: This holds several documents/],
  ['quiet: [1\nx', 'SETTINGS_FILE_MALFORMED', /^f:\d: This is not YAML/],
  ['[a]: b', 'SETTINGS_FILE_MALFORMED', /^f:1: Names are plain words/],
  ['['.repeat(1000), 'SETTINGS_FILE_MALFORMED', /not YAML/],
];

for (const [text, code, message] of refused) {
  test(`parseSettingsFile() refuses ${JSON.stringify(text.slice(0, 40))}`, async () => {
    await assert.rejects(
      parseSettingsFile(text, 'f'),
      (error: unknown) => error instanceof ConfigError && error.code === code && message.test(error.message),
    );
  });
}

test('parseSettingsFile() throws nothing but ConfigError, whatever the file', async () => {
  const words = ['cache', 'dir', 'severity', 'image', ':', ': ', '\n', '\n  ', '- ', '[', ']', '{', '}', ','];
  const marks = ['&a', '*a', '!!map', '"', "'", '|', '>', '#', '---', '...', '? ', '<<', '\t', '\0', '\uFEFF', 'é'];
  const piece = fc.constantFrom(...words, ...marks);
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 30 }).map((parts) => parts.join('')),
  );
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      try {
        for (const { texts } of (await parseSettingsFile(given, 'f')).values()) {
          assert.ok(texts.every((each) => typeof each === 'string'));
        }
      } catch (error) {
        assert.ok(error instanceof ConfigError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('readSettingsFile() takes seaworthy.yaml when there is one, and a named file always', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'settings-'));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.equal(await readSettingsFile(undefined, folder), undefined);
  await assert.rejects(readSettingsFile('ci.yaml', folder), /The settings file ci\.yaml does not exist/);
  await assert.rejects(readSettingsFile('.', folder), { code: 'SETTINGS_FILE_UNREADABLE' });

  writeFileSync(join(folder, 'seaworthy.yaml'), 'quiet: true\n');
  writeFileSync(join(folder, 'ci.yaml'), 'debug: true\n');
  assert.deepEqual(
    [...((await readSettingsFile(undefined, folder)) ?? [])],
    [['quiet', { texts: ['true'], place: 'seaworthy.yaml:1' }]],
  );
  assert.deepEqual(
    [...((await readSettingsFile('ci.yaml', folder)) ?? [])],
    [['debug', { texts: ['true'], place: 'ci.yaml:1' }]],
  );
  writeFileSync(join(folder, 'ci.yaml'), '#'.repeat(2 ** 20 + 1));
  await assert.rejects(readSettingsFile('ci.yaml', folder), /larger than 1 MiB/);
});

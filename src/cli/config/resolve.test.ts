import assert from 'node:assert/strict';
import { isAbsolute } from 'node:path';
import test from 'node:test';
import { ConfigError } from './error.ts';
import { resolveSettings, type GivenValues } from './resolve.ts';
import { environmentName } from './setting.ts';
import type { SettingKey, Settings } from './settings.ts';
import { settingKeys, settingTable } from './table.ts';

function given(place: string, values: Partial<Record<SettingKey, string | readonly string[]>>): GivenValues {
  return new Map(
    Object.entries(values).map(([key, texts]) => [
      key as SettingKey,
      { texts: typeof texts === 'string' ? [texts] : texts, place },
    ]),
  );
}

const home = '/home/user';
const none: GivenValues = new Map();

/** Settings from flags alone. */
function fromFlags(values: Partial<Record<SettingKey, string | readonly string[]>>): Settings {
  return resolveSettings({ flags: given('flag', values), env: {}, home }).settings;
}

test('resolveSettings() gives every default', () => {
  const { settings, origins } = resolveSettings({ flags: none, env: {}, home });
  assert.deepEqual(settings, {
    pkgTypes: ['os', 'library'],
    skipDirs: [],
    skipFiles: [],
    includeDevDeps: false,
    sbomKey: [],
    sbomOnly: false,
    severity: ['CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'UNKNOWN'],
    ignoreUnfixed: false,
    vex: [],
    misconfigScanners: ['dockerfile', 'kubernetes'],
    skipCheck: [],
    includeNonFailures: false,
    listAllPkgs: true,
    format: 'table',
    output: [],
    exitCode: 0,
    exitOnEol: 0,
    timeout: 300_000,
    quiet: false,
    noProgress: false,
    debug: false,
    parallel: 0,
    cacheDir: '/home/user/.cache/seaworthy',
    cacheSize: 2_147_483_648,
    noCache: false,
    dbSource: 'https://osv-vulnerabilities.storage.googleapis.com',
    dbMaxAge: 432_000_000,
    offline: false,
    passwordStdin: false,
    insecure: [],
    plainHttp: [],
    caCert: [],
    key: [],
    certificateIdentity: [],
    certificateIdentityRegexp: [],
    certificateOidcIssuer: [],
    certificateOidcIssuerRegexp: [],
    allowCertificateChain: false,
    insecureIgnoreTlog: false,
    insecureIgnoreSct: false,
    useSignedTimestamps: false,
    useSigningConfig: true,
    tlogUpload: true,
    oidcClientId: 'sigstore',
    oidcDisableAmbientProviders: false,
  });
  assert.deepEqual([...origins.keys()], settingKeys);
  assert.ok([...origins.values()].every(({ kind, place }) => kind === 'default' && place === 'default'));
});

test('resolveSettings() prefers flags, then variables, then the file, then defaults', () => {
  const file = given('seaworthy.yaml:1', { exitCode: '3', timeout: '1m', quiet: 'true', parallel: '4' });
  const env = { SEAWORTHY_EXIT_CODE: '2', SEAWORTHY_TIMEOUT: '2m', SEAWORTHY_QUIET: '' };
  const { settings, origins } = resolveSettings({ flags: given('--exit-code', { exitCode: '1' }), env, home, file });
  assert.deepEqual([settings.exitCode, settings.timeout, settings.quiet, settings.parallel], [1, 120_000, true, 4]);
  assert.deepEqual(
    (['exitCode', 'timeout', 'quiet', 'debug'] as const).map((key) => origins.get(key)),
    [
      { kind: 'flag', place: '--exit-code' },
      { kind: 'environment', place: 'SEAWORTHY_TIMEOUT' },
      { kind: 'file', place: 'seaworthy.yaml:1' },
      { kind: 'default', place: 'default' },
    ],
  );
});

for (const [cache, expected] of [
  ['/var/cache', '/var/cache/seaworthy'],
  ['relative', '/home/user/.cache/seaworthy'],
  ['', '/home/user/.cache/seaworthy'],
] as const) {
  test(`resolveSettings() puts the cache for XDG_CACHE_HOME="${cache}" into ${expected}`, () => {
    const { cacheDir } = resolveSettings({ flags: none, env: { XDG_CACHE_HOME: cache }, home }).settings;
    assert.equal(cacheDir, expected);
    assert.ok(isAbsolute(cacheDir));
  });
}

const read: readonly (readonly [SettingKey, string | readonly string[], unknown])[] = [
  ['severity', 'high,CRITICAL', ['CRITICAL', 'HIGH']],
  ['severity', ['LOW', 'LOW, medium'], ['MEDIUM', 'LOW']],
  ['pkgTypes', 'library', ['library']],
  ['skipDirs', ['a,b', ' c ,'], ['a', 'b', 'c']],
  ['failOn', 'medium', 'MEDIUM'],
  ['format', 'SARIF', 'sarif'],
  ['format', 'cyclonedx', 'cyclonedx-json'],
  ['platform', 'linux/arm64/v8', { os: 'linux', architecture: 'arm64' }],
  ['ignoreUnfixed', 'T', true],
  ['offline', '0', false],
  ['timeout', '0', 0],
  ['cacheSize', '1KiB', 1024],
  [
    'output',
    ['json=a,b.json', 'sarif', 'x.txt', 'table=-', '-', './a=b'],
    [
      { format: 'json', file: 'a,b.json' },
      { format: 'sarif' },
      { file: 'x.txt' },
      { format: 'table' },
      {},
      { file: './a=b' },
    ],
  ],
];

for (const [key, texts, value] of read) {
  test(`resolveSettings() reads ${key} from ${JSON.stringify(texts)}`, () => {
    assert.deepEqual(fromFlags({ [key]: texts })[key], value);
  });
}

const refused: readonly (readonly [SettingKey, string, RegExp])[] = [
  ['severity', 'HIHG', /cannot be "HIHG"; write one of CRITICAL, HIGH, .+ \(did you mean HIGH\?\)$/],
  ['severity', '', /write at least one of/],
  ['exitCode', '256', /write a whole number from 0 to 255$/],
  ['exitCode', '1.5', /write a whole number/],
  ['timeout', '5', /write a duration such as/],
  ['cacheSize', 'much', /write a size such as/],
  ['quiet', 'maybe', /write true or false$/],
  ['platform', 'linux', /write a platform such as linux\/arm64$/],
  ['input', '', /write a file$/],
  ['dockerHost', '', /write an address$/],
  ['output', 'jsno=x', /one of table, json, .+ \(did you mean json\?\), or \.\/jsno=x for a file/],
  ['output', 'syft-json', /write one of table, json, .+, or \.\/syft-json for a file of that name$/],
  ['output', 'json=', /write json=FILE with a file name/],
  ['registryToken', '', /^flag cannot be a value; write a token$/],
  ['exitCode', '\u001b[31m', /cannot be "\uFFFD\[31m"/],
];

for (const [key, text, message] of refused) {
  test(`resolveSettings() refuses ${key} = ${JSON.stringify(text)}`, () => {
    assert.throws(
      () => fromFlags({ [key]: text }),
      (error: unknown) =>
        error instanceof ConfigError && error.code === 'SETTING_INVALID' && message.test(error.message),
    );
  });
}

test('resolveSettings() names the setting and its line when the file is wrong', () => {
  const file = given('seaworthy.yaml:7', { timeout: 'soon' });
  assert.throws(() => resolveSettings({ flags: none, env: {}, home, file }), {
    message: /^"timeout" in seaworthy\.yaml:7 cannot be "soon"; write a duration/,
  });
});

test('resolveSettings() refuses several values for one setting, and wrong values that are overridden', () => {
  assert.throws(() => fromFlags({ input: ['a', 'b'] }), /takes one value, not 2/);
  assert.throws(
    () => resolveSettings({ flags: given('--exit-code', { exitCode: '1' }), env: { SEAWORTHY_EXIT_CODE: 'x' }, home }),
    /^ConfigError: SEAWORTHY_EXIT_CODE cannot be "x"/,
  );
});

test('settingTable has no name twice', () => {
  const settings = settingKeys.map((key) => settingTable[key]);
  for (const names of [
    settings.map(({ flag }) => flag),
    settings.map(({ path }) => path.join('.')),
    settings.flatMap(({ short }) => short ?? []),
  ]) {
    assert.equal(new Set(names).size, names.length);
  }
  assert.equal(environmentName('--cache-dir'), 'SEAWORTHY_CACHE_DIR');
});

for (const [texts, globs] of [
  ['a,b', ['a', 'b']],
  ['opt/{a,b{c,d}}/x,**/*.jar', ['opt/{a,b{c,d}}/x', '**/*.jar']],
  [String.raw`a\{,b`, [String.raw`a\{`, 'b']],
  ['a}', 'GLOB'],
  ['{a', 'GLOB'],
  ['[z-a]', 'GLOB'],
] as const) {
  test(`resolveSettings() reads the globs ${texts}`, () => {
    if (globs !== 'GLOB') return assert.deepEqual(fromFlags({ skipDirs: texts }).skipDirs, globs);
    const message = /^flag cannot be ".+"; write a path with \*/;
    return assert.throws(() => fromFlags({ skipDirs: texts }), { code: 'SETTING_INVALID', message });
  });
}

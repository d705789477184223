import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { testHost } from '../../../testing/test-host.ts';
import { PolicySet } from '../../admission/policies/policy-set.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { systemClock } from '../../net/clock.ts';
import { compileTexts } from '../../policy/dialects/compile-texts.ts';
import { usualNaming } from '../../policy/kyverno/image-name.ts';
import { strictStyle } from '../../policy/kyverno/style.ts';
import { type LoadedPolicies, loadPolicies } from './load-policies.ts';

const kyverno = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };
const hasty = { ...systemClock, sleep: (_: number, signal?: AbortSignal) => systemClock.sleep(5, signal) };

function policyOf(name: string): string {
  const spec = `{sources: {allow: ['ghcr.io/example/**']}}`;
  return `apiVersion: seaworthy.dev/v1\nkind: ImagePolicy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
}

const older = 'apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec: {rules: [RULE]}\n';

interface Loaded {
  readonly loaded: LoadedPolicies | undefined;
  readonly set: PolicySet;
  readonly told: string;
  readonly log: string[];
}

async function load(policy: readonly string[], cwd: string): Promise<Loaded> {
  const log: string[] = [];
  const write = (message: string, fields?: object): void => void log.push(`${message} ${JSON.stringify(fields)}`);
  const logger: Logger = { ...silentLogger, warn: write, error: write };
  const set = new PolicySet((texts) => compileTexts(texts, { kyverno }), logger);
  const host = testHost({ cwd });
  const loaded = await loadPolicies({ policy }, set, undefined, host, logger, hasty);
  return { loaded, set, told: host.said.join(''), log };
}

const refused: readonly (readonly [what: string, text: string, told: RegExp])[] = [
  ['is empty', '', /p\/a\.yaml:1:1: is empty; write a policy into it, or leave it out\n$/],
  ['holds no policy', 'apiVersion: v1\nkind: ConfigMap\n', /^There is no policy in p, so that everything would be/],
  [
    'holds comments alone',
    '# nothing\n',
    /p\/a\.yaml:1:1: has nothing in it but comments; write a policy into it, or leave it out\n$/,
  ],
  [
    'holds a list of none',
    'kind: List\napiVersion: v1\nitems: []\n',
    /^There is no policy in p, so that everything would be admitted/,
  ],
  [
    'holds policies alone that count elsewhere',
    `${policyOf('a').replace('{sources', '{gates: [push], sources')}---\n${older.replace('RULE', '{name: a, match: {gates: [pull]}, config: {nonRoot: true}}')}`,
    /^No policy in p counts in a cluster \(gates\), so that everything would be admitted/,
  ],
  [
    'holds a policy that cannot be judged by beside one that can',
    `${policyOf('a')}---\napiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: {name: b}\n`,
    /a\.yaml:6: ValidatingPolicy of policies\.kyverno\.io\/v1 cannot be judged by here; leave it out/,
  ],
];

for (const [what, text, told] of refused) {
  test(`loadPolicies() serves by nothing where a file ${what}`, async () => {
    using folder = temporaryDirectory();
    await mkdir(`${folder.path}/p`);
    folder.write('p/a.yaml', text);
    const found = await load(['p'], folder.path);
    assert.equal(found.loaded, undefined);
    assert.match(found.told, told);
    assert.deepEqual(found.log, [], 'it is told once');
  });
}

test('loadPolicies() tells of a document that is no policy, and goes on with the others', async () => {
  using folder = temporaryDirectory();
  folder.write('a.yaml', `${policyOf('a')}---\napiVersion: v1\nkind: ConfigMap\n`);
  const { loaded, log } = await load(['a.yaml'], folder.path);
  assert.ok(loaded !== undefined);
  assert.match(log.join('\n'), /it is left out .*"kind":"ConfigMap"/);
});

test('loadPolicies() follows files that come into a folder, change, and go', async () => {
  using folder = temporaryDirectory();
  await mkdir(`${folder.path}/p`);
  const first = folder.write('p/a.yaml', policyOf('a'));
  const { loaded, set, log } = await load(['p'], folder.path);
  await using following = new AsyncDisposableStack();
  const over = new AbortController();
  const kept = loaded?.keep(over.signal);
  following.defer(async () => {
    over.abort();
    await kept;
  });
  const names = (): string => set.policies.map(({ id }) => id).join();
  const until = async (wanted: () => boolean): Promise<void> => {
    for (let times = 0; times < 400 && !wanted(); times += 1) await sleep(5);
    assert.ok(wanted(), `${names()} ${log.join('\n')}`);
  };
  assert.equal(names(), 'a');
  folder.write('p/b.yaml', policyOf('b'));
  await until(() => names() === 'a,b');
  // As it is for a moment while an editor writes.
  folder.write('p/b.yaml', '');
  await until(() => set.mistakes.length > 0);
  assert.equal(names(), 'a,b');
  folder.write('p/b.yaml', policyOf('c'));
  await until(() => names() === 'a,c');
  await rm(first);
  await until(() => names() === 'c');
  await rm(`${folder.path}/p`, { recursive: true });
  await until(() => log.some((each) => each.includes('those in use stay')));
  assert.equal(names(), 'c');
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openNetwork } from '../../src/net/open-network.ts';
import { openTargets } from '../../src/signing/trust/tuf/open-targets.ts';
import { refreshTufRepository } from '../../src/signing/trust/tuf/refresh.ts';
import { makeDevKey } from '../../src/sigstore-dev/key/dev-key.ts';
import type { TufRole } from '../../src/sigstore-dev/tuf/metadata.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { listen } from '../../testing/registry/listen.ts';
import { type MadeRepositoryParts, type MadeRole, makeTufRepository } from '../../testing/signing/tuf-maker.ts';

const name = 'trusted_root.json';
const bytes = Buffer.from('{"mediaType":"a trusted root"}');

/** What a client makes of a repository: the code of its error or `held`, and every file that it then has. */
async function look(
  parts: MadeRepositoryParts,
): Promise<{ readonly outcome: string; readonly files: readonly string[]; readonly asked: readonly string[] }> {
  const { root, listener, asked } = makeTufRepository({ targets: { [name]: bytes }, ...parts });
  await using server = await listen(listener);
  await using network = openNetwork({ clock: instantClock() });
  using folder = temporaryDirectory();
  const repository = { mirror: server.url, folder: join(folder.path, 'a', 'b', 'tuf'), root };
  let outcome = 'held';
  try {
    const { targets } = await refreshTufRepository(repository, network, new Date());
    const read = await openTargets({ repository, now: new Date(), warn: () => undefined });
    for (const one of ['../../../../stray', '/etc/hostname', '..%2fstray', 'current.json']) {
      assert.equal(await read(one), undefined, one);
    }
    if (targets.has(name)) assert.deepEqual(await read(name), bytes);
    else outcome = 'nothing';
  } catch (error) {
    outcome = (error as { code?: string }).code ?? String(error);
  }
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.path.length + 1)
        .replace(/^(a\/b\/tuf\/)\d+-[0-9a-f]+/, '$1*'),
    );
  return { outcome, files: files.toSorted(), asked };
}

const kept = ['first-root.json', 'root.json', 'snapshot.json', 'targets.json', `targets/${name}`, 'timestamp.json'];
const whole = [...kept.map((file) => `a/b/tuf/*/${file}`), 'a/b/tuf/current.json'].toSorted();

test('names in a TUF repository lead nowhere: only known targets are fetched, into one folder', async () => {
  assert.deepEqual((await look({})).files, whole);
  const strays = [
    '../../../stray',
    '../current.json',
    '/tmp/stray',
    'a/../../stray',
    '..\\stray',
    '..%2f..%2fstray',
    '.',
    '..',
  ];
  const targets = Object.fromEntries(strays.map((stray) => [stray, Buffer.from('stray')]));
  const { outcome, files, asked } = await look({ targets: { ...targets, [name]: bytes } });
  assert.equal(outcome, 'held');
  assert.deepEqual(files, whole);
  assert.deepEqual(asked.filter((path) => path.startsWith('targets/')).length, 1);
});

test('names of roles in a TUF repository lead nowhere', async () => {
  // The target is not listed where it should be, so that a client goes through all roles to find it.
  for (const role of ['../../../../stray', '/tmp/stray', '../timestamp', '..%2fstray', 'current']) {
    const { files } = await look({ targets: {}, delegated: [role] });
    const strange = files.filter((file) => !/^a\/b\/tuf\/(?:\*\/[^/]+|current\.json)$/.test(file));
    assert.deepEqual(strange, [], role);
    assert.equal(
      files.some((file) => file.endsWith('stray')),
      false,
      role,
    );
  }
});

test('as many keys as a role of a TUF repository needs must have signed it, each counted once', async () => {
  const [one, two, stranger] = ['a', 'b', 'c'].map(() => makeDevKey('ecdsa-p256')) as [MadeKey, MadeKey, MadeKey];
  const keys = [one, two];
  for (const role of ['root', 'targets', 'snapshot', 'timestamp'] as const satisfies readonly TufRole[]) {
    for (const [what, changes, outcome] of [
      ['both', { threshold: 2 }, 'held'],
      ['one of two, one needed', { threshold: 1, signers: [two] }, 'held'],
      ['one of two', { threshold: 2, signers: [one] }, 'TRUSTED_ROOT_INVALID'],
      ['one, twice', { threshold: 2, signers: [one, one] }, 'TRUSTED_ROOT_INVALID'],
      ['one and a stranger', { threshold: 2, signers: [one, stranger] }, 'TRUSTED_ROOT_INVALID'],
      ['nobody', { threshold: 1, signers: [] }, 'TRUSTED_ROOT_INVALID'],
      ['nobody, none needed', { threshold: 0, signers: [] }, 'TRUSTED_ROOT_INVALID'],
      ['fewer than none needed', { threshold: -1, signers: [] }, 'TRUSTED_ROOT_INVALID'],
      ['more needed than there are', { threshold: 3 }, 'TRUSTED_ROOT_INVALID'],
    ] as const satisfies readonly (readonly [string, Partial<MadeRole>, string])[]) {
      assert.equal((await look({ roles: { [role]: { keys, ...changes } } })).outcome, outcome, `${role}: ${what}`);
    }
  }
});

type MadeKey = ReturnType<typeof makeDevKey>;

test('what is no metadata is an error with a code, whatever it is', async () => {
  const texts = ['', 'null', '[]', '{}', '"x"', '{"signatures":[],"signed":{}}', '{"signatures":{},"signed":null}'];
  const deep = '['.repeat(200_000);
  for (const path of ['timestamp.json', '1.snapshot.json', '1.targets.json', '2.root.json']) {
    for (const text of [
      ...texts,
      deep,
      '{"signed":{"_type":"timestamp","__proto__":{"expires":"x"}},"signatures":[]}',
    ]) {
      const { outcome, files } = await look({ files: { [path]: Buffer.from(text) } });
      assert.match(outcome, /^TRUSTED_ROOT_(?:INVALID|UNAVAILABLE)$/, `${path} ${text.slice(0, 40)}`);
      assert.deepEqual(files, []);
    }
  }
});

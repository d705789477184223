import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { dockerArchive } from '../../../testing/image/image-files.ts';
import { apkDatabase, osRelease } from '../../../testing/package-files.ts';
import { named, openPipelineScene, own } from '../../../testing/policy/pipeline-scene.ts';
import { makeSyntheticImage, storeImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { buildDatabase } from '../../vulndb/build.ts';

const { scene, folder, image, files, policy, check } = await openPipelineScene();
const { registry } = scene;

const cases: readonly (readonly [what: string, files: string, status: number, out: RegExp])[] = [
  ['a signature of one of the signers', 'signed.yaml', 0, /^signed\/signatures +passed +-\nAllowed$/m],
  [
    'a signature of somebody else, with what the policy says to do',
    'others.yaml',
    40,
    /^others\/signatures +violated +not signed by theirs \(2 signatures[^]*let them sign it\. For an exception: ask security@example\.com\nDenied$/m,
  ],
  [
    'a rule that only warns',
    'warns.yaml',
    0,
    /^warns\/signatures +violated \(warn\)[^]*\nwarning: Rule "warns\/signatures" is broken[^]*\nAllowed$/m,
  ],
  ['a statement whose condition holds', 'provenance.yaml', 0, /^provenance\/attestations +passed/m],
  ['a rule of another gate', 'elsewhere.yaml', 0, /\nAllowed: no rule is about it\n$/],
  ['a name by tag where a digest is wanted', 'pinned.yaml', 40, /Name it by its digest: [^]*@sha256:/],
  [
    'findings without a database, which are not known',
    'critical.yaml',
    41,
    /undecided +its scan report could not be looked at \(There is no vulnerability database[^]*\nUndecided, so it does not pass$/m,
  ],
  [
    'a key of a cluster, which is not asked',
    'kms.yaml',
    41,
    /Undecided, so it does not pass: .*k8s:\/\/signing\/key.*lies in a cluster/,
  ],
  [
    'an exception, and until when it holds',
    'excepted.yaml',
    0,
    /excepted[^]*exception: "soon" of team-a holds until 2027-01-01T00:00:00\.000Z\nAllowed$/m,
  ],
  ['a policy of Kyverno that it meets', 'kyverno.yaml', 0, /^kyverno-signed\/rule +passed +-\nAllowed$/m],
  ['a policy of Kyverno that it does not meet', 'kyverno-theirs.yaml', 40, /^kyverno-theirs\/rule +violated/m],
  ['a policy of policy-controller that it meets', 'controller.yaml', 0, /^cip\/cip +passed/m],
  ['a policy of policy-controller that it does not meet', 'controller-theirs.yaml', 40, /^cip\/cip +violated/m],
  ['a pattern of Kyverno', 'kyverno-tag.yaml', 40, /violated +validation error: v1 is old/],
  [
    'a policy that wants to know of a cluster',
    'kyverno-map.yaml',
    41,
    /undecided[^]*cannot be looked up without a connection to the cluster/,
  ],
  [
    'a policy of Kyverno about the config of an image',
    'kyverno-data.yaml',
    40,
    /kyverno-data\/rule +violated +.*no variables/,
  ],
];

for (const [what, file, status, out] of cases) {
  test(`policy check ends with ${status} for ${what}`, async () => {
    const said = await check(file, image);
    assert.match(said.out, out, said.err);
    assert.deepEqual([said.status, said.err], [status, '']);
  });
}

test('policy check asks policies of a cluster in the namespace that is named', async () => {
  const { status, out } = await policy('check', '--policy', 'kyverno-tag.yaml', image);
  assert.deepEqual([status, /no rule is about it/.test(out)], [0, true]);
});

test('policy check lets a denial count before what is not known, whatever other images and policies say', async () => {
  const { status, out } = await check('critical.yaml', '--policy', 'others.yaml', image);
  assert.match(out, /critical\/vulnerabilities +undecided[^]*others\/signatures +violated[^]*\nDenied\n$/);
  assert.equal(status, 40);
  const mixed = await check('critical.yaml', ...named('kyverno-tag.yaml'), `${registry.host}/team/app:none`, image);
  assert.match(mixed.out, /no such image\n[^]*undecided[^]*violated[^]*\nDenied\n$/);
  assert.equal(mixed.status, 40);
  const both = await check('signed.yaml', image, `${registry.host}/team/app:none`);
  assert.match(both.out, /\nAllowed\n\n[^]*\nUndecided, so it does not pass: its registry has no such image\n$/);
  assert.equal(both.status, 41);
});

test('policy check speaks of the digest that the tag stood for, and of one image alone though the tag moves', async () => {
  const before = registry.requests.length;
  const { out } = await check('signed.yaml', ...named('kyverno.yaml', 'kyverno-data.yaml'), image);
  assert.match(out, new RegExp(`\\(${scene.digest}\\)`));
  const asked = registry.requests.slice(before).filter(({ path }) => path.endsWith('/manifests/v1'));
  assert.equal(asked.length, 1);
});

test('policy check does not take a registry that does not answer for one without signatures', async () => {
  using _fault = { [Symbol.dispose]: () => registry.faults.clear() };
  registry.faults.add({ kind: 'status', path: '/referrers/', status: 503 });
  const { status, out } = await check('signed.yaml', image);
  assert.equal(status, 41, out);
  assert.match(out, /undecided/);
});

test('policy check writes JSON whose members stay, into a file where one is named', async () => {
  const { status, out } = await check('others.yaml', '--policy', 'kyverno.yaml', '-f', 'json', '-o', 'r.json', image);
  assert.deepEqual([status, out], [40, '']);
  const report = JSON.parse(readFileSync(join(folder.path, 'r.json'), 'utf8')) as Record<string, unknown>;
  const { policies, images, ...head } = report as {
    policies: { dialect: string; id?: string; hash: string }[];
    images: Record<string, unknown>[];
  };
  assert.deepEqual(head, { schemaVersion: 1, gate: 'ci', decision: 'deny' });
  assert.deepEqual(
    policies.map(({ dialect, id, hash }) => [dialect, id, hash.length]),
    [
      ['seaworthy', undefined, 64],
      ['kyverno', 'kyverno-signed', 64],
    ],
  );
  const [{ rules, ...rest } = {}] = images;
  assert.deepEqual(rest, {
    name: image,
    from: 'registry',
    reference: image,
    digest: scene.digest,
    decision: 'deny',
    warnings: [],
    exceptions: [],
    exceptionHelp: 'ask security@example.com',
  });
  const [first, second] = rules as Record<string, unknown>[];
  const { why, help, facts, ...more } = first ?? {};
  assert.match(`${String(why)} ${String(help)} ${JSON.stringify(facts)}`, /is broken.*let them sign it.*"signature"/);
  assert.deepEqual(more, {
    dialect: 'seaworthy',
    rule: 'others/signatures',
    kind: 'signatures',
    action: 'deny',
    outcome: 'violated',
    denies: true,
    exceptions: [],
    ended: [],
    signers: ['theirs'],
  });
  assert.deepEqual([second?.['policy'], second?.['outcome']], ['kyverno-signed', 'passed']);
});

test('policy check judges each platform of an index, or the one that is named', async () => {
  const [user, root] = [{ a: '1' }, { a: '2' }].map((files) => makeSyntheticImage([files]));
  storeIndex(registry.store, 'team/app', 'many', {
    amd64: user as never,
    arm64: makeSyntheticImage([{ a: '3' }], 'arm64'),
  });
  assert.ok(root !== undefined);
  folder.write('user.yaml', own('user', 'config: {nonRoot: true}'));
  const many = `${registry.host}/team/app:many`;
  const all = await check('user.yaml', many);
  assert.match(all.out, /user\/config \(linux\/amd64, linux\/arm64\) +violated/);
  const one = await check('user.yaml', '--platform', 'linux/arm64', many);
  assert.match(one.out, /user\/config \(linux\/arm64\) +violated/);
});

const alpine = {
  'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
  'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n',
};

async function buildFindings(): Promise<void> {
  const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
  const advisory = makeAdvisory({
    id: 'CVE-2026-1',
    affected,
    cvss: [{ version: '3.1', vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', source: 'test' } as never],
  });
  await buildDatabase(join(folder.path, '.cache', 'seaworthy', 'vulndb'), [advisoryUpdate([advisory])], {
    clock: () => new Date('2026-11-27T07:00:00Z'),
  });
}

test('policy check scans when a rule wants findings, in registries and files, and says what to update', async () => {
  folder.write('any.yaml', own('any', 'vulnerabilities: [{severity: UNKNOWN}]'));
  const content = buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2' })] }] });
  folder.write('image.tar', dockerArchive([{ image: content, repoTags: ['shop/app:2'] }]));
  storeImage(registry.store, 'team/app', 'alpine', makeSyntheticImage([alpine]));
  await buildFindings();
  for (const name of [`${registry.host}/team/app:alpine`, `docker-archive:${join(folder.path, 'image.tar')}`]) {
    const { status, out, err } = await check('any.yaml', name);
    assert.match(out, /violated +CVE-2026-1 in musl 1\.2\.4-r2[^]*Update musl 1\.2\.4-r2 to 1\.2\.4-r3/, err);
    assert.equal(status, 40);
  }
});

test('policy check takes nothing that a scan was told to leave out for nothing', async () => {
  storeImage(registry.store, 'team/app', 'alpine', makeSyntheticImage([alpine]));
  await buildFindings();
  const name = `${registry.host}/team/app:alpine`;
  folder.write('any.yaml', own('any', 'vulnerabilities: [{severity: UNKNOWN}]'));
  folder.write('open.yaml', own('open', 'vulnerabilities: [{severity: UNKNOWN, incomplete: allow}]'));
  folder.write('cel.yaml', own('cel', 'rules: [{cel: vulnerabilities.findings.size() == 0}]'));
  const leftOut = /scan\.skip-(?:dirs|files): The scan left out \S+; scan without --skip-(?:dirs|files)/;
  for (const flags of [
    ['--skip-dirs', 'lib/apk'],
    ['--skip-files', '**/installed'],
  ]) {
    const { status, out } = await check('any.yaml', ...flags, name);
    assert.deepEqual([status, leftOut.test(out.replaceAll(/\s+/g, ' '))], [40, true], out);
    assert.equal((await check('cel.yaml', ...flags, name)).status, 41);
    const opened = await check('open.yaml', ...flags, name);
    assert.equal(opened.status, 0, opened.out);
    assert.match(opened.out, /warning: Rule "open\/vulnerabilities" lets it pass although not all is known/);
  }
  folder.write('narrow.yaml', 'pkg: {types: [library]}\nscan: {skip-dirs: [lib/apk]}\n');
  assert.equal((await check('any.yaml', '--config', 'narrow.yaml', name)).status, 40);
  folder.write('library.yaml', 'pkg: {types: [library]}\n');
  assert.match((await check('open.yaml', '--config', 'library.yaml', name)).out, /violated +CVE-2026-1 in musl/);
});

test('policy check cannot tell whether an image that is in no registry is signed, and takes the name that is given', async () => {
  const content = buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1')] }] });
  folder.write('nameless.tar', dockerArchive([{ image: content }]));
  const nameless = `docker-archive:${join(folder.path, 'nameless.tar')}`;
  const without = await check('signed.yaml', nameless);
  assert.match(without.err, /has no name that policies could mean; give it one with --as/);
  assert.equal(without.status, 2);
  const { status, out } = await check('signed.yaml', '--as', 'shop.example/app:1', nameless);
  assert.match(out, /undecided[^]*it is in no registry, where signatures and statements would be attached/);
  assert.equal(status, 41);
  folder.write('from.yaml', own('from', "sources: {allow: ['shop.example/**']}"));
  assert.equal((await check('from.yaml', '--as', 'shop.example/app:1', nameless)).status, 0);
  assert.equal((await check('from.yaml', '--as', 'other.example/app:1', nameless)).status, 40);
});

test('policy check lets nobody get around a policy by another spelling of a host, as admission does not', async () => {
  folder.write('not.yaml', own('not', "sources: {deny: ['ghcr.io/evil/**', 'docker.io/library/*']}"));
  const hub = ['nginx', 'DOCKER.IO/nginx', 'Index.docker.io/library/nginx', 'registry-1.docker.io/library/nginx'];
  for (const name of ['ghcr.io/evil/x', 'GHCR.io/evil/x', 'ghcr.io:443/evil/x', ...hub, 'docker.io:443/nginx']) {
    const { status, out } = await policy('check', ...named('not.yaml'), name);
    assert.deepEqual([status, /not\/sources +violated/.test(out)], [40, true], `${name}: ${out}`);
  }
  assert.equal((await policy('check', ...named('not.yaml'), 'ghcr.io:444/evil/x')).status, 0);
  const content = buildImage({ layers: [{ tar: [osRelease('alpine', '3.19.1')] }] });
  folder.write('spelled.tar', dockerArchive([{ image: content }]));
  const file = `docker-archive:${join(folder.path, 'spelled.tar')}`;
  folder.write('root.yaml', own('root', "images: ['ghcr.io/evil/**']\n  config: {nonRoot: true}"));
  for (const name of ['ghcr.io/evil/x:1', 'GHCR.io/evil/x:1', 'ghcr.io:443/evil/x:1']) {
    const { status, out } = await policy('check', ...named('root.yaml'), '--as', name, file);
    assert.deepEqual([status, /root\/config +violated/.test(out)], [40, true], out);
  }
});

test('policy check decides by names what names tell, and asks no registry for that', async () => {
  folder.write('ours.yaml', own('ours', "sources: {allow: ['127.0.0.1:1/team/*']}"));
  folder.write('kyverno-names.yaml', files['kyverno-tag.yaml'] ?? '');
  // Nobody listens there.
  const [good, bad] = ['127.0.0.1:1/team/app:v2', '127.0.0.1:1/other/app:v1'];
  const statuses = async (
    image: string,
    ...names: readonly string[]
  ): Promise<readonly [number | undefined, string]> => {
    const { status, out, err } = await policy('check', ...named(...names), '--namespace', 'shop', image);
    assert.equal(err, '');
    return [status, out];
  };
  assert.equal((await statuses(good, 'ours.yaml'))[0], 0);
  assert.equal((await statuses(bad, 'ours.yaml'))[0], 40);
  assert.equal((await statuses(good, 'kyverno-names.yaml'))[0], 0);
  assert.equal((await statuses(bad, 'kyverno-names.yaml'))[0], 40);
  // What needs the image is not known then, and what its name breaks counts all the same.
  const [undecided, why] = await statuses(good, 'ours.yaml', 'signed.yaml', 'signers.yaml');
  assert.equal(undecided, 41);
  assert.match(why, /signed\/signatures +undecided[^]*Undecided, so it does not pass/);
  const [denied, told] = await statuses(bad, 'ours.yaml', 'signed.yaml', 'signers.yaml');
  assert.equal(denied, 40);
  assert.match(told, /ours\/sources +violated/);
});

test('policy check puts the registry of a cluster before names without one', async () => {
  const { status, out } = await check('signed.yaml', '--default-registry', registry.host, 'team/app:v1');
  assert.equal(status, 0, out);
});

const wrong: readonly (readonly [what: string, args: readonly string[], err: RegExp])[] = [
  ['no policy', [image], /Nothing says by which policies; add --policy FILE.*policy lint/],
  ['a file that is not there', ['--policy', 'none.yaml', image], /none\.yaml is not there; name files/],
  ['no policy in a file', ['--policy', 'map.yaml', image], /There is no rule in these files/],
  ['signers alone', ['--policy', 'signers.yaml', image], /There is no rule in these files/],
  [
    'a file of comments alone beside a policy',
    [...named('signed.yaml', 'signers.yaml', 'comments.yaml'), image],
    /^\S*comments\.yaml:1:1: has nothing in it but comments; write a policy into it, or leave it out\n$/,
  ],
  [
    'a file of blanks alone beside a policy',
    [...named('signed.yaml', 'signers.yaml', 'blank.yaml'), image],
    /^\S*blank\.yaml:1:1: is empty; write a policy into it, or leave it out\n$/,
  ],
  [
    'a policy of a kind that cannot be judged by',
    ['--policy', 'unknown.yaml', image],
    /unknown\.yaml:1: MutatingPolicy/,
  ],
  ['a name that is none', ['--policy', 'signed.yaml', 'A B'], /error REFERENCE_INVALID/],
  ['a folder', ['--policy', 'signed.yaml', 'dir:.'], /is a folder, and policies are about images/],
  [
    'a namespace that is none',
    ['--policy', 'signed.yaml', '--namespace', 'A', image],
    /no name of a namespace; write letters/,
  ],
  [
    'another name of what has one',
    [...named('signed.yaml', 'signers.yaml'), '--as', 'a:1', image],
    /--as is for images that are in no/,
  ],
  [
    'a trusted root that is not there',
    [...named('signed.yaml', 'signers.yaml'), '--trusted-root', 'none.json', image],
    /none\.json cannot be read/,
  ],
];

for (const [what, args, err] of wrong) {
  test(`policy check ends with 2 for ${what}`, async () => {
    const said = await policy('check', ...args);
    assert.match(said.err, err);
    assert.deepEqual([said.status, said.out], [2, '']);
  });
}

test('policy check tells the mistakes of policies of all kinds, and leaves other documents out', async () => {
  folder.write('bad.yaml', `${files['kyverno.yaml']?.replace('rules:', 'rulse:')}---\n${own('x', 'signaturs: []')}`);
  const { status, err } = await check('bad.yaml', image);
  assert.match(err, /bad\.yaml:5:3: .*rulse[^]*|bad\.yaml:.*signaturs/);
  assert.match(err, /signaturs/);
  assert.equal(status, 2);
  const beside = await check('signed.yaml', '--policy', 'map.yaml', image);
  assert.match(beside.err, /map\.yaml:1: ConfigMap of v1 is no policy; it is left out/);
  assert.equal(beside.status, 0);
});

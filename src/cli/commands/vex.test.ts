import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { apkDatabase, npmPackage, osRelease } from '../../../testing/package-files.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { csafVex, cycloneDxVex, openVex, openVexStatement } from '../../../testing/vex-documents.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../../testing/vulnerability-database.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { buildDatabase } from '../../vulndb/build.ts';
import type { Settings } from '../config/settings.ts';
import { imageCommand, rootfsCommand } from './image.ts';
import { sbomCommand, scanSbomCommand } from './sbom.ts';

const image = buildImage({
  layers: [{ tar: [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2' }), npmPackage('axios', '0.20.0')] }],
});
const { digest } = image.descriptor;
const [musl, axios] = ['CVE-2026-1', 'CVE-2026-2'] as const;

async function openPlace(): Promise<TemporaryDirectory> {
  const folder = temporaryDirectory();
  const advisories = [
    makeAdvisory({ id: musl, affected: [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])] }),
    makeAdvisory({ id: axios, severity: 'HIGH', affected: [makeAffected('npm axios', ['0 1.0.0'])] }),
  ];
  await buildDatabase(join(folder.path, 'vulndb'), [advisoryUpdate(advisories)], {
    clock: () => new Date('2026-11-27T07:00:00Z'),
  });
  writeFiles(join(folder.path, 'image'), layoutFiles([{ content: image, refName: '1' }]));
  const manifest = join(folder.path, 'rootfs/app/node_modules/axios/package.json');
  mkdirSync(dirname(manifest), { recursive: true });
  writeFileSync(manifest, JSON.stringify({ name: 'axios', version: '0.20.0' }));
  return folder;
}

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  { path }: TemporaryDirectory,
  target: 'image' | 'rootfs' | 'sbom',
  changes: Partial<Settings>,
): Promise<Ended> {
  const { host, out, err } = plainHost(path);
  const resolved = plainSettings({ cacheDir: path, noCache: true, quiet: true, exitCode: 7, ...changes });
  const commands = {
    image: () => imageCommand([`oci-dir:${path}/image`], resolved, host),
    rootfs: () => rootfsCommand([`${path}/rootfs`], resolved, host),
    sbom: () => scanSbomCommand(`${path}/image.cdx.json`, resolved, host),
  };
  const status = await commands[target]();
  return { status, out: out(), err: err() };
}

test('image --vex sets aside what documents of any format clear, and tells by which', async () => {
  using place = await openPlace();
  place.write('open.json', JSON.stringify(openVex([openVexStatement(axios, ['pkg:npm/axios'])])));
  const flaw = { id: musl, analysis: { state: 'resolved' }, affects: [{ ref: 'pkg:apk/alpine/musl@1.2.4-r2' }] };
  place.write('cyclone.json', JSON.stringify(cycloneDxVex([flaw])));
  const tree = {
    full_product_names: [
      { product_id: 'app', name: 'app', product_identification_helper: { purl: `pkg:oci/app@${digest}` } },
      { product_id: 'axios', name: 'axios', product_identification_helper: { purl: 'pkg:npm/axios' } },
    ],
    relationships: [
      {
        category: 'default_component_of',
        product_reference: 'axios',
        relates_to_product_reference: 'app',
        full_product_name: { product_id: 'app:axios', name: 'axios of app' },
      },
    ],
  };
  place.write('csaf.json', JSON.stringify(csafVex(tree, [{ cve: axios, product_status: { fixed: ['app:axios'] } }])));

  const none = await run(place, 'image', {});
  assert.equal(none.status, 7);
  assert.doesNotMatch(none.out, /Set aside/);
  const one = await run(place, 'image', { vex: ['open.json'] });
  assert.equal(one.status, 7);
  assert.match(one.out, /Set aside: 1 finding \(1 by open\.json\)/);
  assert.doesNotMatch(one.out, new RegExp(axios));
  const both = await run(place, 'image', { vex: ['open.json', 'cyclone.json'], failOn: 'LOW' });
  assert.deepEqual([both.status, both.err], [0, '']);
  assert.match(
    both.out,
    /Set aside: 2 findings \(1 by cyclone\.json, 1 by open\.json\)|Set aside: 2 findings \(1 by open\.json, 1 by cyclone\.json\)/,
  );

  const { out } = await run(place, 'image', { vex: ['csaf.json'], format: 'json' });
  const { Results } = JSON.parse(out) as { Results: { ExperimentalModifiedFindings?: object[] }[] };
  const [modified] = Results.flatMap(({ ExperimentalModifiedFindings = [] }) => ExperimentalModifiedFindings);
  const { Finding, ...rest } = modified as { Finding: { VulnerabilityID: string } };
  assert.deepEqual(
    [Finding.VulnerabilityID, rest],
    [axios, { Type: 'vulnerability', Status: 'fixed', Source: 'csaf.json' }],
  );
});

test('image --vex has nothing to do with other images, and ignore files come first', async () => {
  using place = await openPlace();
  const other = `pkg:oci/app@sha256:${'0'.repeat(64)}`;
  place.write(
    'other.json',
    JSON.stringify(openVex([openVexStatement(axios, [other]), openVexStatement(musl, [other])])),
  );
  place.write('this.json', JSON.stringify(openVex([openVexStatement(axios, [`pkg:oci/app@${digest}`])])));
  const { status, out } = await run(place, 'image', { vex: ['other.json'] });
  assert.equal(status, 7);
  assert.doesNotMatch(out, /Set aside/);
  place.write('.trivyignore', `${axios}\n`);
  assert.match((await run(place, 'image', { vex: ['this.json'] })).out, /Set aside: 1 finding \(1 by \.trivyignore\)/);
});

test('rootfs --vex and scan --vex set aside as image does', async () => {
  using place = await openPlace();
  place.write('open.json', JSON.stringify(openVex([openVexStatement(axios, ['pkg:npm/axios@0.20.0'])])));
  const folder = await run(place, 'rootfs', { vex: ['open.json'] });
  assert.equal(folder.status, 0);
  assert.match(folder.out, /Set aside: 1 finding/);

  const { host } = plainHost(place.path);
  const output = [{ format: 'cyclonedx-json', file: 'image.cdx.json' }];
  await sbomCommand(
    `oci-dir:${place.path}/image`,
    plainSettings({ cacheDir: place.path, noCache: true, output }),
    host,
  );
  place.write('digest.json', JSON.stringify(openVex([openVexStatement(axios, [`pkg:oci/app@${digest}`])])));
  for (const vex of ['open.json', 'digest.json']) {
    const { out } = await run(place, 'sbom', { vex: [vex] });
    assert.match(out, /Set aside: 1 finding/, vex);
  }
});

test('scan --vex understands what a document says of the parts of the one that is scanned', async () => {
  using place = await openPlace();
  const { host } = plainHost(place.path);
  const output = [{ format: 'cyclonedx-json', file: 'image.cdx.json' }];
  await sbomCommand(
    `oci-dir:${place.path}/image`,
    plainSettings({ cacheDir: place.path, noCache: true, output }),
    host,
  );
  const { serialNumber, components } = JSON.parse(readFileSync(join(place.path, 'image.cdx.json'), 'utf8')) as {
    serialNumber: string;
    components: { name: string; 'bom-ref': string }[];
  };
  const ref = components.find(({ name }) => name === 'axios')?.['bom-ref'] ?? '';
  const link = `urn:cdx:${serialNumber.slice('urn:uuid:'.length)}/1#${encodeURIComponent(ref)}`;
  const flaw = {
    id: axios,
    analysis: { state: 'not_affected', justification: 'code_not_reachable' },
    affects: [{ ref: link }],
  };
  place.write('vex.json', JSON.stringify(cycloneDxVex([flaw])));
  assert.match((await run(place, 'sbom', { vex: ['vex.json'] })).out, /Set aside: 1 finding \(1 by vex\.json\)/);
  // The image is not that document.
  assert.doesNotMatch((await run(place, 'image', { vex: ['vex.json'] })).out, /Set aside/);
});

test('image --vex tells of statements that no package can be held against', async () => {
  using place = await openPlace();
  const said = [openVexStatement(axios, ['https://example.org/app']), openVexStatement(musl, [])];
  place.write('a.json', JSON.stringify(openVex(said.slice(1))));
  place.write('b.json', JSON.stringify(openVex(said)));
  const { err } = await run(place, 'image', { vex: ['a.json', 'b.json'] });
  assert.equal(
    err,
    'a.json: 1 statement names a product without a package URL that can be read, and sets nothing aside for it\n' +
      'b.json: 2 statements name products without a package URL that can be read, and set nothing aside for them\n',
  );
});

test('image --vex sets nothing aside for a statement that does not say why, and tells so', async () => {
  using place = await openPlace();
  const bare = { justification: null };
  const statements = [openVexStatement(axios, ['pkg:npm/axios'], bare)];
  place.write('one.json', JSON.stringify(openVex(statements)));
  place.write('two.json', JSON.stringify(openVex([...statements, ...statements])));
  const { status, out, err } = await run(place, 'image', { vex: ['one.json', 'two.json'] });
  assert.equal(
    err,
    'one.json: 1 statement not_affected without a justification or an impact_statement, of which OpenVEX demands one, sets nothing aside\n' +
      'two.json: 2 statements not_affected without a justification or an impact_statement, of which OpenVEX demands one, set nothing aside\n',
  );
  assert.equal(status, 7);
  assert.match(out, /CVE-2026-2/);
});

const refused: readonly (readonly [vex: string, code: string, message: RegExp])[] = [
  ['nowhere.json', 'SETTING_INVALID', /The VEX document .*nowhere\.json cannot be read .*--vex$/],
  ['image', 'SETTING_INVALID', /cannot be read/],
  ['broken.json', 'VEX_MALFORMED', /broken\.json/],
  ['other.json', 'VEX_UNRECOGNISED', /other\.json is neither/],
  ['repo', 'SETTING_INVALID', /repositories of VEX documents are not asked.*\.\/repo/],
  ['oci', 'SETTING_INVALID', /attestations of images are not looked for.*verify-attestation --type openvex/],
  ['sbom-ref', 'SETTING_INVALID', /are not fetched/],
];

test('image --vex refuses what it cannot read before anything is scanned', async () => {
  using place = await openPlace();
  place.write('broken.json', '{"@context":');
  place.write('other.json', '{}');
  place.write('good.json', JSON.stringify(openVex([])));
  for (const [vex, code, message] of refused) {
    await assert.rejects(run(place, 'image', { vex: ['good.json', vex], cacheDir: '/nowhere' }), (error) => {
      assert.ok(isSeaworthyError(error), String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  }
});

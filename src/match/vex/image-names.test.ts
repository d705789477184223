import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOf, sampleReport } from '../../../testing/scan-report.ts';
import type { Artifact, ImageFacts } from '../../finding/scan-report.ts';
import { parsePackageUrl } from '../../package/package-url.ts';
import { imageNamesOf, purlSpeaksOfImage } from './image-names.ts';

const { artifact } = sampleReport();
const facts = artifact.image as ImageFacts;
const [manifest, index, other] = [digestOf('2'), digestOf('3'), digestOf('4')];

function image(changes: Partial<ImageFacts>): Artifact {
  return { ...artifact, image: { ...facts, ...changes } };
}

const hub = image({ repoTags: ['nginx:1.27'], repoDigests: [`nginx@${index}`] });
const own = image({
  repoTags: ['registry.example:5000/team/app:1'],
  repoDigests: [`registry.example:5000/team/app@${index}`],
});
const layout = image({ repoTags: [], repoDigests: [] });
const daemon = image({ repoTags: ['built:latest'], repoDigests: [] });
const listed: Artifact = {
  name: 'app.cdx.json',
  type: 'cyclonedx',
  document: {
    subject: { purl: `pkg:oci/app@${index}?repository_url=ghcr.io/team/app`, repoTags: [], repoDigests: [] },
  },
};

const table: readonly (readonly [stated: string, artifact: Artifact, speaks: boolean])[] = [
  [`pkg:oci/nginx@${manifest}`, hub, true],
  [`pkg:oci/nginx@${index}`, hub, true],
  [`pkg:oci/nginx@${encodeURIComponent(index)}`, hub, true],
  [`pkg:oci/nginx@${other}`, hub, false],
  ['pkg:oci/nginx', hub, true],
  ['pkg:oci/apache', hub, false],
  ['pkg:docker/nginx', hub, false],
  ['pkg:oci/nginx?repository_url=docker.io/library/nginx', hub, true],
  ['pkg:oci/nginx?repository_url=index.docker.io%2Flibrary%2Fnginx', hub, true],
  ['pkg:oci/nginx?repository_url=https://docker.io/library/nginx/', hub, true],
  ['pkg:oci/nginx?repository_url=ghcr.io/evil/nginx', hub, false],
  [`pkg:oci/nginx@${index}?repository_url=ghcr.io/evil/nginx`, hub, false],
  [`pkg:oci/nginx@${index}?repository_url=docker.io/library`, hub, true],
  ['pkg:oci/nginx?repository_url=docker.io/library', hub, false],
  ['pkg:oci/nginx?tag=1.27', hub, true],
  ['pkg:oci/nginx?tag=1.26', hub, false],
  [`pkg:oci/nginx@${index}?tag=gone`, hub, true],
  ['pkg:oci/nginx?arch=amd64&os=linux', hub, true],
  ['pkg:oci/nginx?arch=arm64', hub, false],
  ['pkg:oci/nginx?os=windows', hub, false],
  ['pkg:oci/nginx?flavour=mint', hub, false],
  ['pkg:oci/app?repository_url=registry.example:5000/team/app', own, true],
  ['pkg:oci/app?repository_url=registry.example/team/app', own, false],
  ['pkg:oci/app?repository_url=registry.example:5000/other/app', own, false],
  [`pkg:oci/anything@${manifest}`, layout, true],
  [`pkg:oci/anything@${other}`, layout, false],
  ['pkg:oci/anything', layout, false],
  ['pkg:oci/built', daemon, true],
  ['pkg:oci/app?repository_url=ghcr.io/team/app', listed, true],
  [`pkg:oci/app@${index}`, listed, true],
  ['pkg:oci/app?repository_url=ghcr.io/evil/app', listed, false],
  ['pkg:oci/app?arch=amd64', listed, false],
];

for (const [stated, scanned, expected] of table) {
  const name = scanned.image?.repoDigests[0] ?? scanned.image?.repoTags[0] ?? scanned.name;
  test(`purlSpeaksOfImage() finds that ${stated} ${expected ? 'speaks' : 'does not speak'} of ${name}`, () => {
    const names = imageNamesOf(scanned);
    assert.ok(names !== undefined);
    assert.equal(purlSpeaksOfImage(parsePackageUrl(stated), names), expected);
  });
}

test('imageNamesOf() knows none of a folder', () => {
  assert.equal(imageNamesOf({ name: '/mnt', type: 'filesystem' }), undefined);
  const nameless = image({ repoTags: ['???'], repoDigests: [] });
  const { manifestDigest: _, ...rest } = nameless.image as ImageFacts;
  assert.equal(imageNamesOf({ ...nameless, image: rest }), undefined);
});

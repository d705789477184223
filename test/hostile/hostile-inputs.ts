import { deflateRawSync } from 'node:zlib';
import { buildImage, encode, sha256, type BuiltContent } from '../../testing/image/image-builder.ts';
import { headerBlock, sealHeader } from '../../testing/image/tar-header.ts';
import { directory, file, hardlink, opaque, symlink, whiteout, writeTar } from '../../testing/image/tar-writer.ts';
import { buildZip } from '../../testing/zip-builder.ts';

/** What would take over a terminal: colours, a window title, a bidirectional override, a C1 control. */
export const escapes = '\u001B[31m\u001B]0;owned\u0007\u202E\u009B1m';

/** A plain release file, so that an image stands for a distribution. */
const base = file('etc/os-release', 'ID=alpine\nVERSION_ID=3.19.1\n');

function layer(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function entries(...list: Parameters<typeof writeTar>[0]): Buffer {
  return writeTar(list, { trailer: false });
}

/** A header whose size field holds these bytes. */
function sized(name: string, size: readonly number[]): Buffer {
  const block = entries(file(name)).subarray(0, 512);
  Buffer.from(size).copy(block, 124);
  return sealHeader(block);
}

/** A sparse file of GNU's old format that is one hole of `size` bytes. */
function hole(name: string, size: number): Buffer {
  const tail = Buffer.alloc(109);
  tail.write(`${size.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 0, 'latin1');
  tail.writeBigUInt64BE(BigInt(size), 101);
  tail[97] = 0x80;
  return headerBlock({
    name,
    prefix: '',
    linkName: '',
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: 0,
    base256Size: false,
    type: 'S',
    magic: 'ustar  \0',
    tail,
  });
}

/** An archive whose directory lists one nested archive `times` times under different names. */
function overlapping(nested: Buffer, times: number): Buffer {
  return buildZip([
    { name: '0.jar', content: nested, deflate: true },
    ...Array.from({ length: times }, (_, at) => ({
      name: `${at + 1}.jar`,
      shares: 0,
    })),
  ]);
}

function nestedArchive(levels: number): Buffer {
  let bytes = buildZip([{ name: 'META-INF/MANIFEST.MF', content: 'Implementation-Version: 1\n' }]);
  for (let level = 0; level < levels; level += 1) bytes = buildZip([{ name: 'lib/n.jar', content: bytes }]);
  return bytes;
}

const hostileNames = [
  escapes,
  'a\nb',
  'a\\..\\b',
  '../../../../escaped',
  '/absolute',
  '__proto__',
  'constructor',
  'n'.repeat(16_000),
];

/** Layers that each attack one reader, by what they do. */
export const hostileLayers: ReadonlyMap<string, Buffer> = new Map([
  [
    'names of every evil kind',
    layer(
      ...hostileNames.flatMap((name) => [
        entries(file(`${name}/package.json`, JSON.stringify({ name, version: `1${escapes}` }))),
        entries(file(`lib/${name}.jar`, 'PK\u0003\u0004 and nothing more')),
      ]),
    ),
  ],
  [
    'package databases full of escape sequences',
    layer(
      entries(
        file(
          'etc/os-release',
          `ID="debian${escapes}"\nVERSION_ID='12${escapes}'\nPRETTY_NAME="${'\\"'.repeat(9999)}\n`,
        ),
        file('var/lib/dpkg/status', `Package: a${escapes}\nStatus: install ok installed\nVersion: 1${escapes}\n\n`),
        file('lib/apk/db/installed', `P:b${escapes}\nV:1${escapes}\n\n`),
      ),
    ),
  ],
  ['a size of 2^62', layer(entries(base), sized('x', [0x80, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0]))],
  [
    'a negative size',
    layer(
      entries(base),
      sized(
        'x',
        Array.from({ length: 12 }, () => 0xff),
      ),
    ),
  ],
  ['a size beyond the end', layer(entries(base), sized('package.json', [...Buffer.from('77777777777\0')]))],
  [
    'holes of a terabyte',
    layer(...['usr/lib/os-release', 'a/package.json', 'var/lib/dpkg/status'].map((name) => hole(name, 2 ** 40))),
  ],
  ['links in a circle', layer(entries(...ring(20_000)))],
  ['hard links to what is not there and to themselves', layer(entries(hardlink('a', 'b'), hardlink('b.jar', 'b.jar')))],
  [
    'a path of 5,000 folders',
    layer(entries(file(`${'d/'.repeat(5000)}package.json`, '{"name":"deep","version":"1"}'))),
  ],
  [
    'whiteouts of everything and of nothing',
    layer(entries(base, opaque(''), opaque('no/where'), whiteout('etc'), whiteout('..'), directory('etc'))),
  ],
  ['archives nested 40 deep', layer(entries(file('a.jar', nestedArchive(40))))],
  [
    'an archive that lists one archive a thousand times',
    layer(entries(file('a.jar', overlapping(buildZip([{ name: 'x', content: Buffer.alloc(50_000) }]), 1000)))),
  ],
  [
    'an archive whose manifest is 64 MiB of zeros',
    layer(
      entries(
        file('a.jar', buildZip([{ name: 'META-INF/MANIFEST.MF', content: Buffer.alloc(64 * 2 ** 20), deflate: true }])),
      ),
    ),
  ],
  [
    'documents nested a million deep',
    layer(
      entries(
        file('a/package.json', `{"name":"a","version":"1","x":${'['.repeat(1_000_000)}`),
        file('vendor/composer/installed.json', '['.repeat(1_000_000)),
        file('a.deps.json', '{"a":'.repeat(200_000)),
      ),
    ),
  ],
  ['noise', layer(deflateRawSync(Buffer.alloc(4096, 'noise')).subarray(0, 20), Buffer.alloc(2000, 0xff))],
]);

/** Links to links that end nowhere, each under a name that a cataloger wants. */
function ring(count: number): ReturnType<typeof symlink>[] {
  return Array.from({ length: count }, (_, at) => symlink(`l/${at}.jar`, `${(at * 7919) % count}.jar`));
}

/** An image of one layer, which may be anything. */
export function imageOf(tar: Buffer): BuiltContent {
  return buildImage({ layers: [{ tar }] });
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const config = encode({ os: `linux${escapes}`, architecture: escapes, rootfs: { type: 'layers', diff_ids: [] } });
const manifest = encode({
  schemaVersion: 2,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
  layers: [],
});
const descriptor = { mediaType: manifestType, digest: sha256(manifest), size: manifest.length };

/** The blobs that {@link hostileIndexes} speak of. */
export const indexBlobs: readonly Buffer[] = [config, manifest];

function index(...manifests: readonly unknown[]): string {
  return JSON.stringify({ schemaVersion: 2, manifests });
}

/** Texts for the `index.json` of a layout, by what they do. */
export const hostileIndexes: ReadonlyMap<string, string> = new Map([
  ['nests a million lists', `{"schemaVersion":2,"manifests":${'['.repeat(1_000_000)}`],
  ['sets prototypes', index(descriptor).replace('{', '{"__proto__":{"polluted":true},')],
  ['repeats keys with huge numbers', index(descriptor).replace('{', '{"schemaVersion":1e999,')],
  ['has a digest that is a path', index({ ...descriptor, digest: 'sha256:../../../../../etc/passwd' })],
  ['has a digest in capitals', index({ ...descriptor, digest: descriptor.digest.toUpperCase() })],
  ['has an unknown digest algorithm', index({ ...descriptor, digest: `md5:${escapes}` })],
  ['has a size that is no number of bytes', index({ ...descriptor, size: -1 })],
  ['has a wrong size', index({ ...descriptor, size: descriptor.size + 1 })],
  ['has a media type with escape sequences', index({ ...descriptor, mediaType: `text/${escapes}` })],
  ['has a platform with escape sequences', index({ ...descriptor, platform: { os: escapes, architecture: escapes } })],
  ['names an image with escape sequences', index(descriptor)],
]);

function components(...list: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components: list });
}

/** Bills of materials, by what they do. */
export const hostileDocuments: ReadonlyMap<string, string> = new Map([
  [
    'nests components without end',
    `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"components":'.repeat(200_000)}`,
  ],
  [
    'is full of escape sequences',
    components(
      { type: 'operating-system', name: `alpine${escapes}`, version: escapes },
      { type: 'library', name: `lodash${escapes}`, version: escapes, purl: `pkg:npm/lodash@1${escapes}` },
    ),
  ],
  [
    'has broken package URLs',
    components(
      ...['pkg:', 'pkg:npm/%', 'pkg:npm/%ff@1', `pkg:${'a/'.repeat(50_000)}b@1`, `pkg:npm/a@${'%'.repeat(50_000)}`].map(
        (purl) => ({ type: 'library', name: 'a', version: '1', purl }),
      ),
    ),
  ],
  [
    'has an endless licence expression',
    components({ type: 'library', name: 'a', version: '1', licenses: [{ expression: '('.repeat(500_000) }] }),
  ],
]);

/** Lists in lists in lists: a few hundred bytes that stand for a billion values. */
const aliases = ['a: &a [x,x,x,x,x,x,x,x,x]']
  .concat(
    Array.from(
      'bcdefghij',
      (name, at) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${'abcdefghi'[at] ?? ''}`)
          .join(',')}]`,
    ),
  )
  .join('\n');

/** Ignore files in YAML, by what they do. */
export const hostileIgnoreFiles: ReadonlyMap<string, string> = new Map([
  ['is an alias bomb', `${aliases}\nvulnerabilities: *j\n`],
  ['nests without end', `vulnerabilities: ${'['.repeat(500_000)}`],
  [
    'has globs that backtrack',
    `vulnerabilities:\n${`  - id: CVE-1\n    paths: ["${'**/*a*a*/'.repeat(90)}b"]\n`.repeat(500)}`,
  ],
  ['has braces for 2^100 patterns', `vulnerabilities:\n  - id: CVE-1\n    paths: ["${'{a,b}'.repeat(100)}"]\n`],
  ['has keys with escape sequences', '"\\e[31m": 1\nvulnerabilities:\n  - id: "\\e]0;owned\\a"\n    "__proto__": {}\n'],
]);

/** VEX documents, by what they do. */
export const hostileVexDocuments: ReadonlyMap<string, string> = new Map([
  ['nests without end', `{"@context":"https://openvex.dev/ns","statements":${'['.repeat(500_000)}`],
  [
    'has millions of values',
    `{"bomFormat":"CycloneDX","specVersion":"1.6","vulnerabilities":[${'[],'.repeat(3_000_000)}[]]}`,
  ],
  ['has ids with escape sequences', '{"@context":"https://openvex.dev/ns/\u001b[31m","statements":[]}'],
  [
    'has relationships in a ring',
    JSON.stringify({
      document: { csaf_version: '2.0' },
      product_tree: {
        relationships: [0, 1].map((at) => ({
          category: 'installed_on',
          product_reference: `p${1 - at}`,
          relates_to_product_reference: `p${at}`,
          full_product_name: { product_id: `p${at}`, name: '' },
        })),
      },
      vulnerabilities: [{ cve: 'CVE-1', product_status: { fixed: ['p0', 'p1'] } }],
    }),
  ],
  ['sets prototypes', '{"@context":"https://openvex.dev/ns","statements":[],"__proto__":{"bomFormat":"CycloneDX"}}'],
]);

/** Settings files, by what they do. */
export const hostileSettings: ReadonlyMap<string, string> = new Map([
  ['is an alias bomb', `${aliases}\nseverity: *j\n`],
  ['nests without end', `severity: ${'['.repeat(500_000)}`],
  ['has keys with escape sequences', '"sever\\e[31mity": x\n'],
  ['sets prototypes', '__proto__: {quiet: true}\n'],
]);

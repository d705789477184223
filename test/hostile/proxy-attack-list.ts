import type { Attack } from './attack.ts';

const upstreams = 'src/registry/upstream/hostile.test.ts';
const credentials = 'src/registry/upstream/credentials.test.ts';
const spool = 'src/registry/upstream/spool.test.ts';
const names = 'src/registry/upstream/names.test.ts';
const shared = 'src/registry/upstream/share.test.ts';
const gate = 'src/registry/gate/open-gate.test.ts';
const carried = 'src/registry/gate/carried.test.ts';
const tags = 'src/registry/gate/tags.test.ts';
const mounts = 'src/registry/gate/mount.test.ts';
const mounted = 'src/registry/service/mounts.test.ts';
const cached = 'src/registry/service/images.test.ts';
const places = 'src/registry/scanning/other-place.test.ts';
const scans = 'src/registry/scanning/scanning.test.ts';

/** Attacks on a registry by its upstreams, and ways around its gate. */
export const proxied: readonly Attack[] = [
  {
    id: 'CVE-2026-33540',
    what: 'a hostile upstream that sends its challenge to a token service of its own',
    tests: [
      [upstreams, 'credentials go to no token service but the upstream’s own, and to no other host by a redirect'],
      [upstreams, 'private addresses are refused unless the settings allow them, wherever they are named'],
    ],
  },
  {
    id: 'CVE-2026-49349',
    what: 'credentials that follow a redirect of an upstream',
    tests: [[upstreams, 'a redirect to another host brings it no credentials']],
  },
  {
    id: 'CVE-2025-48374',
    what: 'an upstream that tells in its errors what it was shown, for logs and clients to repeat',
    tests: [
      [credentials, 'nothing of what ${name} said, nor of tokens for it, reaches a log, a client or another host'],
    ],
  },
  {
    id: 'GO-2024-3038',
    what: 'other bytes than the digest that a pull is pinned to',
    tests: [[upstreams, 'is not kept when the upstream sends ${title}']],
  },
  {
    id: 'cache poisoning',
    what: 'an upstream that lies about bytes, digests, sizes and types',
    tests: [
      [upstreams, 'a blob is not kept when the upstream sends ${title}'],
      [upstreams, 'blobs that no kept manifest names are not asked for'],
      [upstreams, 'what HEAD says of a tag is taken for nothing without the manifest of that digest'],
      [spool, 'the last bytes of a blob with another digest reach nobody'],
      [spool, 'a part of the end of a blob that comes wrong, or whose upstream dies, reaches nobody'],
    ],
  },
  {
    id: 'CVE-2021-41190',
    what: 'a manifest of an upstream that is an image to one and an index to another',
    tests: [[upstreams, 'a manifest that is not clearly an image or an index is refused']],
  },
  {
    id: 'lists of an upstream',
    what: 'pages of another host, pages without end, and names that are none',
    tests: [[upstreams, 'a list is not kept when the upstream sends ${title}']],
  },
  {
    id: 'slow upstreams',
    what: 'manifests that come byte by byte, so that clients wait without end',
    tests: [[upstreams, 'a manifest that comes too slowly is given up, once, before its clients do']],
  },
  {
    id: 'names of an upstream',
    what: 'one repository under two names, or two under one, by encodings, case, ports, dots and other letters',
    tests: [
      [names, 'renameRoute() takes ${url} for ${repository}'],
      [names, 'renameRoute() refuses ${url.slice(0, 60)}'],
    ],
  },
  {
    id: 'CVE-2024-39897',
    what: 'a manifest of an upstream that names the digest of a private blob, which the registry has',
    tests: [
      [shared, 'a repository whose manifest names a blob that the upstream has elsewhere gets nothing of it'],
      [
        shared,
        'an upstream that says it has what it never had gets nothing out: a private blob, or one of another upstream',
      ],
      [shared, 'what clients attach to the repositories of an upstream is no blob of the upstream'],
      [shared, 'a blob on its way for one repository is none of another that the upstream does not have it for'],
    ],
  },
  {
    id: 'Harbor #13242',
    what: 'the first pull of a vulnerable image through the cache, and its layers one by one',
    tests: [
      [
        cached,
        'a vulnerable image of an upstream is never served, not the first time either, and its fixed rebuild is',
      ],
      [gate, 'openPolicyGate() lets nobody have the layers of a refused image one by one'],
    ],
  },
  {
    id: 'mounts around the gate',
    what: 'a layer of a refused image that is mounted into another repository and read there',
    tests: [
      [mounts, 'openPolicyGate() lets nobody mount a layer of an image that ${what}, with a source or without'],
      [mounts, 'openPolicyGate() lets a blob be mounted from anywhere only where an image of that repository passes'],
      [mounted, 'a mount that the gate refuses is written down as what it is, and its client uploads'],
    ],
  },
  {
    id: 'signatures that are only there',
    what: 'a signature of anybody, where a signer is asked for',
    tests: [[gate, 'openPolicyGate() verifies signatures, by keys that the policy names']],
  },
  {
    id: 'images dressed as artifacts',
    what: 'an image that claims to be a signature',
    tests: [[gate, 'openPolicyGate() takes nothing that could run for an artifact']],
  },
  {
    id: 'images within an index',
    what: 'an index that carries a refused image in itself (`data`), or more images than anybody can look through',
    tests: [
      [carried, 'a manifest that an index carries is judged with it, whatever its platform is said to be'],
      [carried, 'a manifest that an index carries and nobody else has is judged from there'],
      [carried, 'a carried manifest is refused that others may read otherwise than the gate'],
      [carried, 'an index of more images than anybody looks through is refused, and each is looked at once'],
    ],
  },
  {
    id: 'tags around the gate',
    what: 'an image of a tag that rules are about, asked for by its digest',
    tests: [
      [tags, 'a rule about tags is about the images of an index that has the tag, by whatever name they are pulled'],
      [
        tags,
        'what an upstream calls an image that is only asked for by its digest is not known, so that rules about tags are about it',
      ],
    ],
  },
  {
    id: 'scans of what another sent',
    what: 'an upstream that sends other bytes for an image of another upstream, so that nobody gets that image any more',
    tests: [[places, 'an upstream that sends ${what} says nothing of an image, and keeps nobody from it elsewhere']],
  },
  {
    id: 'decompression bombs in scans',
    what: 'an image that is made to exhaust who scans it',
    tests: [[scans, 'a bomb ends as a layer that was not read, and the rest of its image is known']],
  },
];

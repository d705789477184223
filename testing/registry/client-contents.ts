import {
  attestationEntry,
  type BuiltContent,
  type BuiltImage,
  buildImage,
  buildIndex,
} from '../image/image-builder.ts';
import { file } from '../image/tar-writer.ts';

const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 2_654_435_761) >>> 11));
const base = { tar: [file('etc/os-release', 'ID=test\n')] };
const zstd = { tar: [file('opt/noise', noise)], compression: 'zstd' } as const;
const plain = { tar: [file('opt/plain', 'plain')], compression: 'none' } as const;
const dockerImage = buildImage({ layers: [base], docker: true });

/** An image with a layer in each form that OCI defines. */
export const image: BuiltImage = buildImage({ layers: [base, zstd, plain] });

/** An image for another machine, of gzip alone. */
export const arm: BuiltImage = buildImage({
  layers: [base],
  platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
});

/** An image of gzip alone. */
export const small: BuiltImage = buildImage({ layers: [base] });

/** What clients push and pull, by the name of its repository. */
export const contents: Readonly<Record<string, BuiltContent>> = {
  image,
  'gzip-image': arm,
  'docker-image': dockerImage,
  index: buildIndex([{ content: image }, { content: arm }, attestationEntry(image)]),
  'docker-list': buildIndex([{ content: dockerImage }], { docker: true }),
  nested: buildIndex([{ content: buildIndex([{ content: image }, { content: arm }]), platform: null }]),
};

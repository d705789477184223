import { buildImage } from './build-image.ts';
import type { PinnedPackage } from './pinned-packages.ts';
import { unpackPackage } from './unpack-package.ts';

/** A base of nobody's distribution: what is found in the image comes from the packages above it. */
const baseFiles: Readonly<Record<string, string>> = {
  'etc/os-release': `ID=seaworthy-example
NAME="Seaworthy example"
PRETTY_NAME="Seaworthy example image 1"
VERSION_ID=1
`,
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n',
};

/**
 * Builds the image that the first scan looks at, as the files of an OCI image layout by their paths.
 *
 * @param tarballs of `pins`, in their order
 */
export function buildFirstScanImage(pins: readonly PinnedPackage[], tarballs: readonly Buffer[]): Map<string, Buffer> {
  const base = Object.entries(baseFiles).map(([path, text]) => ({ path, mode: 0o644, bytes: Buffer.from(text) }));
  const app = pins.flatMap(({ into }, at) => unpackPackage(tarballs[at] as Buffer, into));
  return buildImage('first-scan:latest', [
    { createdBy: 'COPY base /', files: base },
    { createdBy: 'COPY packages /', files: app },
  ]);
}

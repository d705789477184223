import type { SourcePackage } from '../../../package/package.ts';

/** `[epoch:]version[-release]`, epoch 0 left out: how rpm versions are written and compared throughout. */
export function formatEvr(epoch: number, version: string, release: string): string {
  const tail = release === '' ? version : `${version}-${release}`;
  return epoch === 0 ? tail : `${epoch}:${tail}`;
}

/**
 * The source package named by a source rpm's file name, `NAME-VERSION-RELEASE.ARCH.rpm` with ARCH `src` or `nosrc`.
 * The file name has no epoch, so the binary package's is taken.
 */
export function parseSourceRpm(fileName: string, epoch: number): SourcePackage | undefined {
  const match = /^(.+)-([^-]+)-([^-]+)\.[^-.]+\.rpm$/.exec(fileName);
  if (match === null) return undefined;
  const [, name, version, release] = match;
  return { name: name as string, version: formatEvr(epoch, version as string, release as string) };
}

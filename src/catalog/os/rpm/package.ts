import type { RpmHeader } from '../../../codec/rpm-database/header.ts';
import type { Package } from '../../../package/package.ts';
import { cleanText, textLimits, tryIdentity } from '../../document/text.ts';
import { formatEvr, parseSourceRpm } from './evr.ts';
import { rpmTag } from './tags.ts';

/**
 * The package that a header describes, its needs left out; undefined when it has no usable name or version.
 *
 * The vendor stands as maintainer, since it tells whose advisories speak for the package; the packager, who is only
 * whom to write to, takes its place where there is none.
 *
 * @throws CodecError when a tag is damaged
 */
export function toPackage(header: RpmHeader): Package | undefined {
  const epoch = header.number(rpmTag.epoch) ?? 0;
  const version = header.string(rpmTag.version);
  if (version === undefined || version === '') return undefined;
  const evr = formatEvr(epoch, version, header.string(rpmTag.release) ?? '');
  const identity = tryIdentity(header.string(rpmTag.name), evr);
  if (identity === undefined) return undefined;
  const arch = cleanText(header.string(rpmTag.arch), textLimits.name);
  const sourceRpm = cleanText(header.string(rpmTag.sourceRpm), textLimits.name);
  const source = sourceRpm === undefined ? undefined : parseSourceRpm(sourceRpm, epoch);
  const license = cleanText(header.string(rpmTag.license), textLimits.license);
  const maintainer =
    cleanText(header.string(rpmTag.vendor), textLimits.maintainer) ??
    cleanText(header.string(rpmTag.packager), textLimits.maintainer);
  const modularityLabel = cleanText(header.string(rpmTag.modularityLabel), textLimits.name);
  const digest = digestOf(header);
  return {
    type: 'rpm',
    ...identity,
    ...(arch !== undefined && { arch }),
    ...(source !== undefined && { source }),
    licenses: license === undefined ? [] : [license],
    ...(maintainer !== undefined && { maintainer }),
    ...(modularityLabel !== undefined && { modularityLabel }),
    ...(digest !== undefined && { digest }),
    cataloger: 'rpm',
  };
}

/** The strongest digest there: of the header by SHA-256, of header and payload by MD5, of the header by SHA-1. */
function digestOf(header: RpmHeader): string | undefined {
  const sha256 = header.string(rpmTag.headerSha256);
  if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) return `sha256:${sha256}`;
  const md5 = header.bytes(rpmTag.signatureMd5);
  if (md5?.length === 16) return `md5:${md5.toString('hex')}`;
  const sha1 = header.string(rpmTag.headerSha1);
  return sha1 !== undefined && /^[0-9a-f]{40}$/.test(sha1) ? `sha1:${sha1}` : undefined;
}

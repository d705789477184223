import { z } from 'zod';
import { OciError } from '../../../oci/error.ts';
import { formatPlatform, parsePlatform } from '../../../oci/platform.ts';
import { judged } from '../../../codec/yaml/schema.ts';
import { subject } from '../auth/subject.ts';
import { configLimits } from '../limits.ts';
import { duration, flag, httpUrl, listOf, path, type Paths, repositoryPattern, text } from '../value/schema.ts';
import type { ExemptConfig, GateConfig } from './model.ts';

const platform = judged(whyNoPlatform);

const exempt: z.ZodType<ExemptConfig> = z.strictObject({
  repositories: listOf(repositoryPattern, 1)
    .prefault(['**'])
    .describe('patterns of repositories in which they are not held back'),
  to: listOf(
    text('subject', subject, 'user:NAME, group:NAME, robot:NAME, workload:NAME, certificate:NAME or authenticated'),
    1,
  ).describe('who may pull and push what the policy refuses, as in `permissions`'),
});

/** {@link GateConfig}. */
export function gateSchema(paths: Paths): z.ZodType<GateConfig> {
  return z
    .strictObject({
      policies: listOf(path(paths), 0, configLimits.policies)
        .prefault([])
        .describe('files with the policy; several count together; without any, everything passes'),
      hold: duration(0, 600_000).prefault('20s').describe('how long a client is held while an image is looked at'),
      retryAfter: duration(1000, 3_600_000)
        .prefault('10s')
        .describe('when a client may try again that was held for so long'),
      platforms: listOf(platform, 0, configLimits.platforms)
        .prefault([])
        .describe(
          'platforms by whose images an index is judged, as `linux/amd64`; others are judged when they are pulled',
        ),
      exempt: listOf(exempt, 0, configLimits.permissions).prefault([]),
      trustedRoot: path(paths)
        .exactOptional()
        .describe('`trusted_root.json` that vouches for certificates, logs and timestamps of signatures'),
      tufMirror: httpUrl
        .exactOptional()
        .describe('TUF repository that has the trusted root, where no file is named (default: that of Sigstore)'),
      tufRoot: path(paths)
        .exactOptional()
        .describe('root metadata by which that repository is trusted, needed for all but that of Sigstore'),
      logKeys: flag.prefault('true').describe('whether signatures by keys must be in a transparency log'),
    })
    .transform(({ hold, retryAfter, ...rest }): GateConfig => ({
      ...rest,
      holdMs: hold,
      retryAfterMs: retryAfter,
    }))
    .prefault({});
}

function whyNoPlatform(given: string): string | undefined {
  try {
    return formatPlatform(parsePlatform(given)) === given ? undefined : `write ${formatPlatform(parsePlatform(given))}`;
  } catch (error) {
    if (error instanceof OciError) return 'write a platform such as linux/amd64';
    throw error;
  }
}

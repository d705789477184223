import { z } from 'zod';
import { isDigest, type Digest } from '../../oci/digest.ts';
import { backupLimits } from './limits.ts';
import type { BackupManifest } from './manifest.ts';

const count = z.int().min(0);

/** {@link BackupManifest}. */
export const backupManifestSchema: z.ZodType<BackupManifest> = z.object({
  format: z.literal('seaworthy-registry-backup'),
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  createdAt: z.iso.datetime(),
  program: z.string().max(100),
  records: z.object({
    file: z.string().regex(/^records-[0-9a-f]{16}\.db$/),
    size: count,
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  blobs: z.object({ count, bytes: count }),
  damaged: z.array(z.custom<Digest>((value) => typeof value === 'string' && isDigest(value))).max(backupLimits.damaged),
});

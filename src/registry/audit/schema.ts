import { z } from 'zod';
import { isDigest, type Digest } from '../../oci/digest.ts';
import { isChainName, type SealedEntry } from './chain.ts';
import { auditActions, auditOutcomes } from './entry.ts';
import { auditLimits } from './limits.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const text = (most: number): z.ZodOptional<z.ZodString> => z.string().max(most).optional();

/**
 * A record as it is exported. No field more is let in: what is not in the hash must not be shown as if it were.
 */
export const sealedEntry: z.ZodType<SealedEntry> = z.strictObject({
  chain: z.string().refine(isChainName),
  sequence: z.int().min(1),
  previous: hash,
  hash,
  entry: z.strictObject({
    time: z.int(),
    actor: z.strictObject({
      kind: z.enum(['user', 'robot', 'workload', 'certificate', 'anonymous', 'system']),
      name: z.string().max(auditLimits.name),
    }),
    action: z.enum(auditActions),
    outcome: z.enum(auditOutcomes),
    repository: text(auditLimits.repository),
    reference: text(auditLimits.reference),
    digest: z
      .string()
      .refine((value): value is Digest => isDigest(value))
      .optional(),
    reason: text(auditLimits.reason),
    address: text(auditLimits.address),
    userAgent: text(auditLimits.userAgent),
    requestId: text(auditLimits.requestId),
    traceId: text(auditLimits.traceId),
    before: z.int().optional(),
  }),
}) as z.ZodType<SealedEntry>;

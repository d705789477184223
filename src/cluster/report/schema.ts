import { z } from 'zod';
import { type Severity, severities } from '../../finding/severity.ts';
import { isDigest } from '../../oci/digest.ts';

/** What is read of an earlier report: its images with what was found in them. */
export interface EarlierReport {
  readonly ClusterName: string;
  readonly Seaworthy: {
    readonly CreatedAt: string;
    /** What it left out; absent where it is about all. */
    readonly Part?: readonly string[] | undefined;
    readonly Images: readonly EarlierImage[];
  };
}

/** An image of an earlier report. */
export interface EarlierImage {
  readonly Name: string;
  readonly Digest?: string | undefined;
  readonly State: 'scanned' | 'failed' | 'skipped' | 'left';
  readonly Platforms: readonly {
    /** Absent where that platform could not be read. */
    readonly Flaws?: readonly EarlierFlaw[] | undefined;
    readonly Problems?: readonly { readonly Incomplete?: boolean | undefined }[] | undefined;
  }[];
}

/** A flaw of an earlier report. */
export interface EarlierFlaw {
  readonly ID: string;
  readonly Package: string;
  readonly Version: string;
  readonly Fixed?: string | undefined;
  readonly Severity: Severity;
}

const flaw: z.ZodType<EarlierFlaw> = z.object({
  ID: z.string(),
  Package: z.string(),
  Version: z.string(),
  Fixed: z.string().optional(),
  Severity: z.enum(severities as [Severity, ...Severity[]]),
});

const image: z.ZodType<EarlierImage> = z.object({
  Name: z.string(),
  Digest: z.string().refine(isDigest).optional(),
  State: z.enum(['scanned', 'failed', 'skipped', 'left']),
  Platforms: z.array(
    z.object({
      Flaws: z.array(flaw).optional(),
      Problems: z.array(z.object({ Incomplete: z.boolean().optional() })).optional(),
    }),
  ),
});

const report: z.ZodType<EarlierReport> = z.object({
  ClusterName: z.string(),
  Seaworthy: z.object({ CreatedAt: z.string(), Part: z.array(z.string()).optional(), Images: z.array(image) }),
});

/** Reads the JSON of an earlier report; undefined for what is none. */
export function readEarlierReport(value: unknown): EarlierReport | undefined {
  return report.safeParse(value).data;
}

import { z } from 'zod';

/** CISA's catalogue, as far as it is used (https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json). */
export const kevCatalogue: z.ZodType<{ readonly vulnerabilities: readonly unknown[] }> = z.object({
  vulnerabilities: z.array(z.unknown()).max(1_000_000),
});

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** One entry of the catalogue. */
export const kevEntry: z.ZodType<KevEntry> = z.object({
  cveID: z.string().regex(/^CVE-\d{4}-\d{4,19}$/),
  dateAdded: date,
  dueDate: date.optional().nullable().catch(undefined),
  knownRansomwareCampaignUse: z.string().optional().nullable().catch(undefined),
});

/** {@link kevEntry}, as read. */
export interface KevEntry {
  readonly cveID: string;
  readonly dateAdded: string;
  readonly dueDate?: string | null | undefined;
  readonly knownRansomwareCampaignUse?: string | null | undefined;
}

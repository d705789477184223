import type { KnownExploited } from '../../finding/vulnerability.ts';
import { checkShape } from '../check-shape.ts';
import { AdvisoryError } from '../error.ts';
import type { DroppedRecord, FeedDocument, ParsedDocument } from '../feed.ts';
import { kevCatalogue, kevEntry } from './schema.ts';

/** A flaw that CISA lists as exploited. */
export interface KevItem {
  readonly cve: string;
  readonly exploited: KnownExploited;
}

/**
 * Reads CISA's Known Exploited Vulnerabilities catalogue.
 *
 * @throws AdvisoryError FEED_MALFORMED when the document is not the catalogue
 */
export function parseKev({ name, bytes }: FeedDocument): ParsedDocument<KevItem> {
  const { value: catalogue } = checkShape(kevCatalogue, parseJson(bytes ?? new Uint8Array()));
  if (catalogue === undefined) {
    throw new AdvisoryError(
      'FEED_MALFORMED',
      `${name} is not CISA's catalogue of exploited vulnerabilities; fetch it again`,
    );
  }
  const items: KevItem[] = [];
  const dropped: DroppedRecord[] = [];
  for (const [index, raw] of catalogue.vulnerabilities.entries()) {
    const { value: entry } = checkShape(kevEntry, raw);
    if (entry === undefined) {
      dropped.push({ subject: `${name}, entry ${index + 1}`, reason: 'MALFORMED' });
      continue;
    }
    const { cveID, dateAdded, dueDate, knownRansomwareCampaignUse } = entry;
    items.push({
      cve: cveID,
      exploited: {
        dateAdded,
        ...(dueDate == null ? {} : { dueDate }),
        ransomware: knownRansomwareCampaignUse === 'Known',
      },
    });
  }
  return { items, dropped };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}

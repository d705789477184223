import type { EvidenceContent } from '../../scan/process/evidence-content.ts';
import { UnscannableError } from '../../scan/process/error.ts';
import { unpack } from '../../scan/process/worker/pack.ts';

/** Unpacks what a worker found, and takes it at its word only as far as it has the form of that. @throws UnscannableError RESULT_INVALID */
export async function readEvidence(packed: Uint8Array | undefined): Promise<EvidenceContent> {
  try {
    const value: unknown = JSON.parse((await unpack(packed ?? new Uint8Array())).toString('utf8'));
    if (isContent(value)) return value;
  } catch (cause) {
    throw new UnscannableError('RESULT_INVALID', 'The process that scanned gave no result that can be read', { cause });
  }
  throw new UnscannableError('RESULT_INVALID', 'The process that scanned gave no result that can be read');
}

function isContent(value: unknown): value is EvidenceContent {
  if (typeof value !== 'object' || value === null) return false;
  const { problems, findings, lacking, databaseWholeAt } = value as Readonly<Record<string, unknown>>;
  return (
    Array.isArray(problems) &&
    (findings === null || Array.isArray(findings)) &&
    (lacking === undefined || Array.isArray(lacking)) &&
    (databaseWholeAt === undefined || Number.isSafeInteger(databaseWholeAt))
  );
}

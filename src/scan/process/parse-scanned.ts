import type { Parts } from './channel/parts.ts';
import { UnscannableError } from './error.ts';
import { processLimits } from './limits.ts';
import type { ScannedImage, ScannedPackage } from './worker/tasks.ts';

/** What a worker gave back of an image. */
export interface ScanResult extends ScannedImage {
  /** Packed: an `EvidenceContent`, and a `KeptInventory`. */
  readonly content: Uint8Array;
  readonly inventory: Uint8Array;
}

/**
 * Takes a worker at its word only as far as it has the form of one: it has read what strangers wrote.
 *
 * @throws UnscannableError RESULT_INVALID
 */
export function parseScanned({ value, parts }: Parts): ScanResult {
  const [content, inventory] = parts;
  if (content === undefined || inventory === undefined || !isObject(value)) throw invalid();
  const { signature, builtAt, isIncomplete, facts, packages } = value;
  if (!isText(signature) || typeof isIncomplete !== 'boolean' || !isObject(facts)) throw invalid();
  if (builtAt !== null && !Number.isSafeInteger(builtAt)) throw invalid();
  if (!Array.isArray(facts['problems']) || !Array.isArray(packages)) throw invalid();
  if (packages.length > processLimits.packages || !packages.every(isPackage)) throw invalid();
  return { ...(value as unknown as ScannedImage), content, inventory };
}

function isPackage(value: unknown): value is ScannedPackage {
  if (!isObject(value)) return false;
  const texts = ['key', 'type', 'name', 'version', 'distro', 'purl', 'record'].every((name) => isText(value[name]));
  const { source, flaws } = value;
  const sourced = source === undefined || (isObject(source) && isText(source['name']) && isText(source['version']));
  return texts && sourced && Array.isArray(flaws) && flaws.every(isText);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function invalid(): UnscannableError {
  return new UnscannableError('RESULT_INVALID', 'The process that scanned gave no result that can be read');
}

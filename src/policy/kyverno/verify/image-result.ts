import type { ResourceImage } from '../../resource/images.ts';
import type { ImageResult } from '../../resource/policy.ts';
import { formatKyvernoImage, type KyvernoImage } from '../image-name.ts';
import { type EntryResult, entryResult, repositoryOf } from './judge-answer.ts';

const worst = ['failed', 'undecided', 'passed', 'skipped'] as const;

/** What all entries together say of an image: the worst of it, and how it is to be called where none says anything against it. */
export function combineResults(
  image: ResourceImage,
  named: KyvernoImage,
  results: readonly EntryResult[],
): ImageResult {
  const name = formatKyvernoImage(named);
  const digests = new Set(results.flatMap(({ digest }) => digest ?? []));
  const [digest] = digests;
  if (digest === undefined || digests.size > 1) {
    // What was verified by one digest must not be run by another (CVE-2022-47633).
    const differ =
      digests.size > 1 ? `failed to verify image ${name}: it was looked at by different digests; try again` : undefined;
    const all = differ === undefined ? results : [...results, entryResult({ outcome: 'failed', message: differ })];
    return { image, name, ...summaryOf(all) };
  }
  const summary = summaryOf(results);
  const isGood = summary.outcome === 'passed' || summary.outcome === 'skipped';
  const pinned = `${repositoryOf(named)}:${named.tag}@${digest}`;
  return {
    image,
    name,
    ...summary,
    digest,
    ...(isGood && results.some(({ pin }) => pin) ? { pinned } : {}),
  };
}

function summaryOf(results: readonly EntryResult[]): Pick<ImageResult, 'outcome' | 'message'> {
  const outcome = worst.find((each) => results.some((result) => result.outcome === each)) ?? 'passed';
  const told = outcome === 'passed' ? [] : results.filter((result) => result.outcome !== 'passed');
  const messages = told.filter((result) => outcome === 'skipped' || result.outcome !== 'skipped');
  return { outcome, message: [...new Set(messages.map(({ message }) => message))].join('; ') };
}

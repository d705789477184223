import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Where packages are kept. */
interface Places {
  readonly checkout: string;
  /** For temporary files. */
  readonly temporary: string;
}

/**
 * Hands out the folder that keeps packages for the next time: in the checkout, so that nothing is left in the home of whoever tries
 * this; a temporary folder where that cannot be made, which is gone afterwards, whatever happens.
 */
export async function withPackageFolder<Result>(
  { checkout, temporary }: Places,
  use: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = join(checkout, '.cache', 'whole-chain');
  try {
    await mkdir(folder, { recursive: true });
  } catch {
    const passing = await mkdtemp(join(temporary, 'seaworthy-packages-'));
    try {
      return await use(passing);
    } finally {
      await rm(passing, { recursive: true, force: true });
    }
  }
  return await use(folder);
}

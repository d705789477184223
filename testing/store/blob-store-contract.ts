import { test } from 'node:test';
import { registerFiles } from './blob-file-cases.ts';
import { registerInterruptions } from './blob-interruption-cases.ts';
import type { BlobPlace, CheckBlobStore } from './blob-place.ts';
import { registerBlobs, registerUpkeep } from './blob-reading-cases.ts';
import { registerReplacement } from './blob-replacement-cases.ts';
import { registerUploads } from './blob-upload-cases.ts';

/** How a driver is tested. */
export interface BlobContractOptions {
  readonly skip?: string | false;
}

/** Registers the tests that every `BlobStore` passes. */
export function testBlobStore(
  name: string,
  makePlace: () => Promise<BlobPlace>,
  { skip = false }: BlobContractOptions = {},
): void {
  const check: CheckBlobStore = (title, run) => {
    test(`${name}: ${title}`, { skip }, async () => {
      await using place = await makePlace();
      await using store = await place.open();
      await run(store, place);
    });
  };
  registerUploads(check);
  registerInterruptions(check);
  registerBlobs(check);
  registerUpkeep(check);
  registerReplacement(check);
  registerFiles(check);
}

import { uploadConflict } from '../check-upload.ts';
import type { S3Client } from './client.ts';
import type { Keys } from './keys.ts';
import { getWhole } from './objects.ts';
import type { Pieces } from './pieces.ts';

/** The small pieces of an upload, joined; less than a part. @throws StoreError UPLOAD_CONFLICT */
export async function getRest(client: S3Client, keys: Keys, id: string, { rest }: Pieces): Promise<Buffer[]> {
  const found: Buffer[] = [];
  for (const [token, size] of rest) {
    const bytes = await getWhole(client, keys.piece(id, token), size);
    if (bytes?.length !== size) throw uploadConflict(id);
    found.push(bytes);
  }
  return found;
}

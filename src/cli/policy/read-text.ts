import { readCappedFile } from '../../base/capped-file.ts';

/** Why a file has no text. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  EISDIR: 'is a folder; name a file in it',
  EACCES: 'may not be read by you',
};

/** The text of a file, or why there is none, to complete a sentence. @param most bytes */
export async function readText(file: string, most: number): Promise<string | { readonly why: string }> {
  try {
    const bytes = await readCappedFile(file, most);
    return bytes === undefined ? { why: `has more than ${most} bytes` } : bytes.toString('utf8');
  } catch (error) {
    const { code = 'it failed' } = error as NodeJS.ErrnoException;
    return { why: reasons[code] ?? `cannot be read (${code})` };
  }
}

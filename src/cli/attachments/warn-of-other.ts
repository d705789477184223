import { cleanText } from '../../report/text/clean-text.ts';
import type { Host } from '../host.ts';
import type { ExistingImage } from './existing-image.ts';

/** Says so when what is attached is about something else: nobody will be able to verify it as being about this image. */
export async function warnOfOther(
  about: readonly string[],
  { name, digest }: ExistingImage,
  host: Host,
): Promise<void> {
  if (about.includes(digest)) return;
  const [first = 'nothing'] = about;
  const sentence = `What is attached is about ${first.slice(0, 200)}, not about ${name} (${digest}), and will not verify there`;
  await host.stderr.write(`${cleanText(sentence)}\n`);
}

import { cleanText } from '../../report/text/clean-text.ts';
import { cleanAttachments, type CleanType } from '../../signing/cosign/clean.ts';
import { existingImage } from '../attachments/existing-image.ts';
import { guarded } from '../attachments/guarded.ts';
import { tellDone, tellProblems } from '../attachments/tell.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';

/** What `clean` removes, besides the settings. */
export interface CleanOptions {
  readonly type: CleanType;
  /** Does not ask. */
  readonly yes: boolean;
  readonly tagPrefix?: string;
}

/** `clean`: removes what is attached to an image, and never the image. */
export async function cleanCommand(
  name: string,
  { type, yes, tagPrefix: prefix }: CleanOptions,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  if (!yes && host.ask === undefined) {
    const message = 'What is removed cannot be brought back, and nobody can be asked; agree with --force';
    throw new ConfigError('SETTING_INVALID', message);
  }
  return guarded(settings, host, async (session) => {
    const { signal } = session;
    const { digest, attachments } = await existingImage(session, name);
    if (!yes) await agree(type, `${name} (${digest})`, host);
    const options = { signal, ...(prefix === undefined ? {} : { prefix }) };
    const { removed, problems } = await cleanAttachments(attachments, digest, type, options);
    for (const { kind, form, tag, descriptor } of removed) {
      await tellDone(`Removed ${kind} (${form}) ${tag ?? descriptor.digest} of ${name}`, settings, host);
    }
    if (removed.length === 0) await tellDone(`Nothing of that kind is attached to ${name}`, settings, host);
    // What is not there any more was taken off the list.
    return await tellProblems(
      problems.filter(({ code }) => code !== 'REFERRER_IMAGE_NOT_FOUND'),
      host,
    );
  });
}

async function agree(type: CleanType, name: string, host: Host): Promise<void> {
  const what = type === 'all' ? 'everything' : `every ${type}`;
  const answer = await host.ask?.(cleanText(`Remove ${what} that is attached to ${name}? [y/N] `), false);
  if (!/^y(?:es)?$/i.test((answer ?? '').trim())) throw new ConfigError('SETTING_INVALID', 'Nothing was removed');
}

import type { SettingKey } from '../config/settings.ts';
import type { LooseRegistries } from './cosign-options.ts';
import { everyCommand, network, registryOnly } from './setting-groups.ts';

/** The settings of commands about what is attached to images. */
export const attachedSettings: readonly SettingKey[] = [
  'signatureRepository',
  ...everyCommand,
  ...network,
  ...registryOnly,
];

/** What the argument of these commands is, for help. */
export const anImage = 'a reference, best by digest';

/** The option that commands know as `tagPrefix`. */
export const tagPrefix = ['--attachment-tag-prefix <prefix>', 'stands before tags of the older form'] as const;

/** What all of these commands may be given, as commander calls it. */
export interface AttachedGiven extends LooseRegistries {
  readonly attachmentTagPrefix?: string;
}

/** The prefix of tags as commands call it. */
export function prefixIn({ attachmentTagPrefix }: AttachedGiven): { readonly tagPrefix?: string } {
  return attachmentTagPrefix === undefined ? {} : { tagPrefix: attachmentTagPrefix };
}

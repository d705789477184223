import { isSeaworthyError } from '../../base/error.ts';
import { formatPlatform, parsePlatform, type Platform } from '../../oci/platform.ts';
import { single } from './kinds.ts';
import { UnreadableValue, type ValueKind } from './value-kind.ts';

/** `os/architecture[/variant]`. */
export const platformKind: ValueKind<Platform> = single('platform', formatPlatform, (text) => {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (isSeaworthyError(error)) throw new UnreadableValue(text, 'a platform such as linux/arm64');
    throw error;
  }
});

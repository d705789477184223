import type { Distro } from '../../../package/distro.ts';
import { cleanText, textLimits } from '../../document/text.ts';

/** What a release file says, as written. */
export interface ReleaseFields {
  readonly id?: string | undefined;
  readonly version?: string | undefined;
  readonly prettyName?: string | undefined;
  readonly codename?: string | undefined;
  /** Ids parted by blanks. */
  readonly idLike?: string | undefined;
}

/** The fields that hold something usable; undefined when none does. Ids are compared in lower case everywhere. */
export function toDistro(fields: ReleaseFields): Partial<Distro> | undefined {
  const id = cleanText(fields.id, textLimits.name)?.toLowerCase();
  const version = cleanText(fields.version, textLimits.version);
  const prettyName = cleanText(fields.prettyName, textLimits.name);
  const codename = cleanText(fields.codename, textLimits.name);
  const idLike = cleanText(fields.idLike, textLimits.name)?.toLowerCase().split(/\s+/);
  const distro = {
    ...(id !== undefined && { id }),
    ...(version !== undefined && { version }),
    ...(prettyName !== undefined && { prettyName }),
    ...(codename !== undefined && { codename }),
    ...(idLike !== undefined && { idLike }),
  };
  return Object.keys(distro).length === 0 ? undefined : distro;
}

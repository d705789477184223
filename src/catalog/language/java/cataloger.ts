import { CodecError, type CodecErrorCode } from '../../../codec/error.ts';
import { isZipMagic } from '../../../codec/zip/archive.ts';
import type { CatalogFile, CatalogResult, Cataloger } from '../../cataloger.ts';
import { CatalogError, type CatalogErrorCode } from '../../error.ts';
import { archiveExtensions, parseArchiveName } from './archive-name.ts';
import { javaLimits } from './limits.ts';
import { ArchiveWalk } from './walk.ts';

const id = 'java-archive';

/**
 * Java archives (jar, war, ear, Jenkins plugins and the like), those inside them to any depth, and what was merged into
 * them as far as Maven's descriptors say so.
 *
 * A package is named `group:artifact`. Where nothing trustworthy tells the group, the name is the artifact's alone:
 * such a package is listed but stands for no artifact of any repository, so it matches no advisory by accident. Its
 * `digest` (SHA-1 of the archive, as repositories index them) can tell what it is.
 */
export const javaArchive: Cataloger = {
  id,
  version: 3,
  wants: archiveExtensions.map((extension) => ({ extension })),
  maxBytes: javaLimits.file,
  read,
};

const codes = {
  TRUNCATED: 'MALFORMED',
  MALFORMED: 'MALFORMED',
  UNSUPPORTED: 'UNSUPPORTED',
  LIMIT_EXCEEDED: 'LIMIT_EXCEEDED',
} as const satisfies Record<CodecErrorCode, CatalogErrorCode>;

function read(file: CatalogFile): CatalogResult {
  const name = parseArchiveName(file.path);
  // Builds leave empty files as markers; other formats share some extensions.
  if (name === undefined || file.bytes.length === 0) return { facts: [] };
  if (!name.unmistakable && !isZipMagic(file.bytes)) return { facts: [] };
  try {
    const { packages, problems } = new ArchiveWalk(file.path, id, file.bytes.length).walk(file.bytes, name);
    return { facts: packages.map((each) => ({ kind: 'package', package: each })), problems };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    throw new CatalogError(codes[error.code], error.message, { cause: error });
  }
}

import type { CheckedFile } from '../../finding/misconfiguration.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { parseDockerfile } from '../../lang/dockerfile/parse-dockerfile.ts';
import type { ConfigFormat } from '../format.ts';
import { runChecks } from '../run-checks.ts';
import { makeDocument } from './document.ts';
import { readIgnores } from './ignores.ts';
import { dockerfileChecks } from './list.ts';

/** Breaches of one check in one file that are told. */
const mostBreaches = 1000;

/** Endings of programs and documents: `dockerfile.go` is about Dockerfiles, and is none. */
const otherEndings =
  /\.(?:adoc|c|cc|cjs|cpp|cs|css|go|h|html?|java|jsx?|json|kt|lock|lua|md|mjs|mts|php|png|pyi?|rb|rs|rst|scss|svg|swift|toml|tsx?|xml|ya?ml)$/;

/** Files that images are built of, by Docker, BuildKit, Podman or Buildah. */
export const dockerfileFormat: ConfigFormat = {
  name: 'dockerfile',
  mayBe(path) {
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    // "Dockerfile.dockerignore" says what a build is not given (Docker documentation, "Build context").
    if (name.endsWith('.dockerignore') || name.endsWith('.containerignore')) return false;
    if (otherEndings.test(name)) return false;
    return /^(?:dockerfile|containerfile)(?:\..+)?$|\.(?:dockerfile|containerfile)$/.test(name);
  },
  check(path, bytes, options): CheckedFile {
    const none = { path, type: 'dockerfile', failures: [], ignored: [], passed: [], problems: [] };
    try {
      const source = new TextDecoder().decode(bytes);
      const parsed = parseDockerfile(source);
      const commentOf = readIgnores(source, parsed.instructions, options.now);
      return {
        ...none,
        ...runChecks({
          checks: dockerfileChecks,
          documents: [makeDocument(parsed)],
          skipped: options.skipped,
          unread: [],
          most: { ofCheck: mostBreaches, ofFile: Infinity },
          setAside: (info, breach) => {
            const found = commentOf(info, breach);
            return found === undefined ? undefined : `${path}:${found.line}: ${found.rule.text}`;
          },
        }),
      };
    } catch (error) {
      if (!isSeaworthyError(error)) throw error;
      return { ...none, problems: [error.message] };
    }
  },
};

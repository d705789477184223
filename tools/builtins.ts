import type { Plugin } from 'rolldown';

/** Modules of Node that most runs never use, though something that they load imports them. */
const seldomUsed: ReadonlySet<string> = new Set(['node:child_process', 'node:fs/promises', 'node:timers/promises']);

const prefix = '\0late:';

/** Loads the modules of Node that are seldom used when one of their functions is first called. */
export const lateBuiltins: Plugin = {
  name: 'late-builtins',
  resolveId: {
    filter: { id: /^node:/ },
    handler: (source, importer) =>
      importer !== undefined && seldomUsed.has(source) ? `${prefix}${source}` : undefined,
  },
  load: {
    filter: { id: /^\0late:/ },
    handler(id) {
      const name = id.slice(prefix.length);
      // What is not a function cannot be put off; the build fails where it is imported.
      const functions = Object.entries(process.getBuiltinModule(name) as Record<string, unknown>)
        .filter(([, value]) => typeof value === 'function' && !/^class\b/.test(String(value)))
        .map(([key]) => `export const ${key} = (...args) => load().${key}(...args);`);
      return [
        `const load = () => process.getBuiltinModule('${name}');`,
        ...functions,
        'export default new Proxy({}, { get: (_, key) => load()[key] });',
      ].join('\n');
    },
  },
};

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An `import` of one reads every export it has, and with `node:http`
 * that loads a whole HTTP client that is never used (undici, for `WebSocket`), with `node:fs` all of the streams: together
 * some 50 ms of each start.
 */
export const builtinsAtOnce: Plugin = {
  name: 'builtins-at-once',
  renderChunk(code: string): string {
    return code
      .replaceAll(/^import (.+) from "(node:[\w/]+)";$/gm, (_, names: string, name: string) => {
        const [, whole, parts] = /^(?:(?:\* as )?([\w$]+)(?:, )?)?(?:\{(.+)\})?$/.exec(names) ?? [];
        // As a namespace too, which differs from the module in its `default` alone.
        const module = `process.getBuiltinModule("${name}")`;
        const lines = [
          ...(whole === undefined ? [] : [`const ${whole} = ${module};`]),
          ...(parts === undefined ? [] : [`const {${parts.replaceAll(' as ', ': ')}} = ${module};`]),
        ];
        if (lines.length === 0)
          throw new Error(`The import of ${name} is written in a way that the build does not know`);
        return lines.join(' ');
      })
      .replaceAll(/\bimport\("(node:[\w/]+)"\)/g, 'Promise.resolve(process.getBuiltinModule("$1"))');
  },
};

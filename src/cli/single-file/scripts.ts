import { createRequire } from 'node:module';
import { constants, Script } from 'node:vm';

/** Where scripts come from, and what is kept of them. */
export interface ScriptSource {
  /** The text of a script. */
  readonly text: (name: string) => string;
  /** What V8 made of it, where that was kept. */
  readonly code: (name: string) => Buffer | undefined;
}

/** Scripts that were loaded. */
export interface LoadedScripts {
  /** Runs a script that none has asked for before, and gives what it exports. */
  load(name: string): unknown;
  /** What V8 has made by now of all whose code was not kept, or is of no use. */
  newCode(): Map<string, Buffer>;
}

/**
 * Runs modules of CommonJS that lie in one folder, none of which is a file. They know each other as `./NAME`; what else they want is
 * Node's own, or a package beside the executable.
 */
export function openScripts(source: ScriptSource): LoadedScripts {
  const modules = new Map<string, { exports: unknown }>();
  const fresh = new Map<string, Script>();
  const outside = createRequire(process.execPath);
  const load = (name: string): unknown => {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const module = { exports: {} as unknown };
    modules.set(name, module);
    const filename = `/seaworthy/${name}`;
    const cachedData = source.code(name);
    const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source.text(name)}\n})`, {
      filename,
      ...(cachedData === undefined ? {} : { cachedData }),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    if (cachedData === undefined || script.cachedDataRejected === true) fresh.set(name, script);
    const folder = name.slice(0, name.lastIndexOf('/') + 1);
    const require = (id: string): unknown => {
      if (id.startsWith('./')) return load(`${folder}${id.slice(2)}`);
      return process.getBuiltinModule(id) ?? outside(id);
    };
    const run = script.runInThisContext() as (...parts: readonly unknown[]) => void;
    run(module.exports, require, module, filename, '/seaworthy');
    return module.exports;
  };
  return { load, newCode: () => new Map([...fresh].map(([name, script]) => [name, script.createCachedData()])) };
}

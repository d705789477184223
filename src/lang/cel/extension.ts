import type { Environment } from '@marcbachmann/cel-js';

/** What expressions of one kind may use besides the language itself. */
export interface CelExtension {
  /** Types by their names, with the classes of their values. */
  readonly types?: Readonly<Record<string, new (...values: never[]) => object>>;
  /** Functions by their signatures: `image(string): Image`, `Image.registry(): string`. Where one throws, there is no value. */
  readonly functions: Readonly<Record<string, (...values: never[]) => unknown>>;
}

/** Adds an extension to an environment. */
export function registerExtension(environment: Environment, { types = {}, functions }: CelExtension): void {
  for (const [name, type] of Object.entries(types)) environment.registerType(name, type);
  for (const [signature, call] of Object.entries(functions)) {
    environment.registerFunction(signature, call, { async: false });
  }
}
